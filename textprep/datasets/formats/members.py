"""Which files of a folder or an archive are texts, of which class, and what is said of all others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath
from typing import Any, NamedTuple, TypeAlias

from textprep.datasets.rows import Record, Rejected
from textprep.datasets.sources.archives import Named, Refused
from textprep.datasets.sources.encodings import problem_of, whole_text
from textprep.datasets.sources.left_out import SYSTEM, LeftOut, left_by_system
from textprep.datasets.sources.paths import Records
from textprep.datasets.sources.source import COMPRESSED, Source
from textprep.errors import DatasetError
from textprep.storage.contents import TEXTS

LONGEST_TEXT = 64 * 2**20  # bytes
HIDDEN, EXCLUDED = "in hidden folders", "matched by exclude="
ABOVE, BELOW = "beside the class folders", "below the class folders"
OTHER = "of other endings"
ADVICE = {BELOW: "recursive=True adds those to their class", OTHER: "endings= says which endings texts have"}

Patterns: TypeAlias = "str | Iterable[str]"
Reader: TypeAlias = "Callable[[Source], Records]"


class Choice(NamedTuple):
    """Which files are texts; their names are paths below the folder or the archive.

    Attributes:
        endings: of their names; ``""`` for those without an ending, ``"*"`` for any.
        recursive: whether those below class folders belong to the class.
        exclude: patterns of paths, or of folders, that are passed over.
        depth: how many folders lead to a class's texts; ``None`` if the folder of each is its class.
    """

    endings: tuple[str, ...]
    recursive: bool
    exclude: tuple[str, ...]
    depth: int | None = None

    def row(self, name: str) -> dict[str, Any]:
        """What the name of a text says of it: its class is that of its class folder, if it lies in one."""
        folders = parts_of(name)[:-1]
        if self.depth == 0:
            return {"file": name}
        label = folders[self.depth - 1 if self.depth else -1] if folders else None
        return {"label": label, "file": name}

    def passed_over(self, name: str) -> str | None:
        """Why a file, or a folder (its name ends in ``/``), is no text wherever it lies."""
        if left_by_system(name):
            return SYSTEM
        if any(part.startswith(".") for part in parts_of(name)[: None if name.endswith("/") else -1]):
            return HIDDEN
        parts = PurePosixPath(name) if self.exclude else None
        hit = parts and any(part.match(of) for part in (parts, *parts.parents) for of in self.exclude)
        return EXCLUDED if hit else None

    def misplaced(self, name: str) -> str | None:
        """Why a file or a folder is not among those of the classes."""
        folders = len(parts_of(name)) - (not name.endswith("/"))
        if self.depth is None or folders == self.depth or (folders > self.depth and self.recursive):
            return None
        return BELOW if folders > self.depth else ABOVE

    def fits(self, name: str) -> bool:
        """Whether it is called as texts are."""
        plain = plain_name(name)
        return any(
            ending == "*" or (plain.endswith(ending) if ending else not ending_of(name))
            for ending in self.endings
        )

    def left_out(self, name: str) -> str | None:
        """Why a file or a folder is no text."""
        other = None if name.endswith("/") or self.fits(name) else OTHER
        return self.passed_over(name) or self.misplaced(name) or other


def choice_of(endings: Patterns, recursive: bool, exclude: Patterns) -> Choice:
    """The options as people write them.

    >>> choice_of("TXT", False, "drafts")
    Choice(endings=('.txt',), recursive=False, exclude=('drafts',), depth=None)

    Raises:
        DatasetError: one is no pattern and no list of patterns.
    """
    given = [ending.lower() for ending in listed("endings", endings)]
    dotted = tuple(ending if ending[:1] in ("", ".", "*") else f".{ending}" for ending in given)
    return Choice(dotted, recursive, tuple(listed("exclude", exclude)))


def listed(option: str, patterns: Patterns) -> list[str]:
    """One or several, as a list.

    Raises:
        DatasetError: it is neither.
    """
    several = isinstance(patterns, Iterable) and not isinstance(patterns, str)
    found: list[Any] = list(patterns) if several else [patterns]
    if not all(isinstance(pattern, str) and (pattern or option == "endings") for pattern in found):
        raise DatasetError(f"{option}= is a pattern or a list of them, not {patterns!r:.60}", option=option)
    return found


def parts_of(name: str) -> list[str]:
    """Folders and file of a path in an archive, which may be written ``./neg//1.txt``."""
    return [part for part in name.split("/") if part not in ("", ".")]


def plain_name(name: str) -> str:
    """A path in lower case, without the ending of a compressed file."""
    plain = name.lower()
    return plain[: plain.rindex(".")] if plain.endswith(COMPRESSED) else plain


def ending_of(name: str) -> str:
    """What a name ends in, that of a compressed file aside.

    >>> ending_of("pos/1.TXT.gz"), ending_of("sci.space/60154")
    ('.txt', '')
    """
    stem, dot, ending = plain_name(name).rpartition("/")[2].rpartition(".")
    return f".{ending}" if stem and dot else ""


def read_members(
    where: str, walk: Iterable[Named], reader_of: Callable[[str], Reader | str], none: str
) -> Records:
    """The rows of all files that have a reader, then a note on the others.

    Args:
        where: names the folder or the archive.
        walk: goes through its files.
        reader_of: what reads a file, or why it is left out; an empty reason is not worth a note.
        none: says that nothing could be read.

    Raises:
        DatasetError: nothing could be.
    """
    left, empty, others = LeftOut(), True, Counter[str]()
    for name, source in walk:
        reader = reader_of(name)
        if isinstance(reader, str):
            left.add(reader, name)
            others[ending_of(name)] += reader == OTHER
        else:
            empty = False
            yield from rows_of(source, reader, name)
    if empty:
        said = f"{where}: {none}{f'; {left}' if left.counts else ''}"
        if OTHER not in left.counts:
            raise DatasetError(said, option="endings")
        ending = max(others, key=others.__getitem__)
        hint = f"endings={ending!r} if those are the texts"
        raise DatasetError(said, option="endings", value=ending, hint=hint)
    yield from left.note(where, ADVICE)


def rows_of(source: Source, reader: Reader, name: str = "") -> Records:
    """What a file holds; one that cannot be read is a bad row; ``exclude`` takes its ``name``."""
    try:
        yield from reader(source)
    except Refused:
        raise
    except DatasetError as error:
        reason = error.message.removeprefix(source.name).lstrip(":, ")
        reason = reason.removeprefix(f"line {error.line or 1}: ")
        hint = error.hint
        if name and hint and error.option in (None, "key"):  # it is something else
            hint += f", or leave it out with exclude={name!r}"
        yield Rejected(
            source.name, error.line or 1, error.column, reason, source.name,
            option=error.option, hint=hint, value=error.value,
        )  # fmt: skip


def read_text(source: Source, *, row: dict[str, Any], encoding: str) -> Records:
    """A whole file as the text of a row."""
    with source.open(*TEXTS) as stream:
        content = stream.read(LONGEST_TEXT + 1)
    if len(content) > LONGEST_TEXT:
        yield Rejected(source.name, 1, "text", f"the text has over {LONGEST_TEXT:,} bytes", content[:1000])
        return
    try:
        text = whole_text(content, encoding)
    except UnicodeDecodeError as error:
        line = 1 + content.count(b"\n", 0, error.start)
        reason, option, value = problem_of(error, encoding, "file")
        yield Rejected(source.name, line, "text", reason, content, source=content, option=option, value=value)
    else:
        yield Record({"text": text, **row}, source.name, 1, source=content)
