"""Data files and texts inside archives, read from the members as they stream by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from glob import has_magic
from pathlib import PurePosixPath
from typing import Any

from textprep.datasets.formats.delimited import checked_names, read_csv_file
from textprep.datasets.formats.delimited_dialect import CSV, TSV, checked_dialect
from textprep.datasets.formats.json_document import read_json_file
from textprep.datasets.formats.jsonl import read_jsonl_file
from textprep.datasets.formats.members import (
    OTHER,
    Choice,
    Patterns,
    Reader,
    choice_of,
    ending_of,
    listed,
    parts_of,
    read_members,
    read_text,
)
from textprep.datasets.rows import Rows
from textprep.datasets.schema.columns import GUESS
from textprep.datasets.sources.archives import Limits, members
from textprep.datasets.sources.encodings import checked_encoding
from textprep.datasets.sources.paths import OneOrMore, Records, read_paths
from textprep.datasets.sources.source import Source
from textprep.errors import DatasetError

DATA = (".csv", ".tsv", ".jsonl", ".ndjson", ".json")
BESIDE_DATA = "beside data files"


def read_archive(
    path: OneOrMore,
    *,
    members: Patterns | Mapping[str, Patterns] | None = None,
    encoding: str = "utf-8",
    delimiter: str | None = None,
    quote: str | None = GUESS,
    escape: str | None = None,
    skip_lines: int = 0,
    comment: str | None = None,
    names: Sequence[str] | None = None,
    header: bool | None = None,
    key: str | None = None,
    endings: Patterns = ".txt",
    recursive: bool = False,
    exclude: Patterns = (),
    limits: Mapping[str, int] | None = None,
) -> Rows | dict[str, Rows]:
    """Members of .tar, .tar.gz, .tar.bz2, .tar.xz, .tar.zst and .zip archives, never unpacked to disk.

    Members that end in .csv, .tsv, .jsonl, .ndjson or .json are read as the data sets of these names do; one
    that ends in .txt is a text, its folder the label, and the column ``file`` its path. They come in the
    order of the archive. Class folders are those at the depth at which most texts lie; what is neither data
    nor a text in one of them (such as a README beside them) is counted in ``corpus.notes``. For that, the
    names in a .tar are gone through first, unless each pattern of ``members`` names a folder.

    >>> import io, tarfile, tempfile, textprep as tp
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "reviews.tar.gz")
    ...     with tarfile.open(file, "w:gz") as archive:
    ...         for name, text in {"all/neg/1.txt": b"Dull.", "all/pos/1.txt": b"Great."}.items():
    ...             member = tarfile.TarInfo(name)
    ...             member.size = len(text)
    ...             archive.addfile(member, io.BytesIO(text))
    ...     corpus = tp.load_dataset("archive", path=file, members={"train": "all/*/*.txt"})
    >>> corpus["train"][1]
    {'text': 'Great.', 'label': 1, 'row_id': 1, 'file': 'all/pos/1.txt'}

    Args:
        path: an archive, a glob, a URL, or a list of these.
        members: which ones: a pattern such as ``"train/*/*.txt"`` (of the end of the path; ``*`` is part of
            one name), a list of patterns, or a mapping of split names to them; by default every readable one.
        encoding: of the members.
        delimiter, quote, escape, skip_lines, comment, names, header: of .csv and .tsv members, as of the data
            sets ``csv`` and ``tsv``.
        key: of the list in .json members, as of the data set ``json``.
        endings: what names of texts end in, in upper or lower case, one or a list: ``""`` for names without
            an ending, ``"*"`` for any, data files too.
        recursive: whether texts in folders below a class folder are of that class; class folders are then
            the first ones that lie beside each other.
        exclude: patterns of members or folders to leave out, such as ``"README*"`` or ``"drafts"``.
        limits: ``entries``, ``bytes`` and ``ratio`` that an archive may have at most
            (`textprep.datasets.sources.archives.Limits`).

    Raises:
        DatasetError: an archive is missing or damaged, passes a limit, or no member is wanted. A member of
            its own that cannot be read is a bad row.
    """
    try:
        checked = Limits(**(limits or {}))
    except TypeError as error:
        raise DatasetError(
            f"limits= takes {', '.join(Limits._fields)}; given: {limits!r:.100}", option="limits"
        ) from error
    readers = _readers(
        {"escape": escape, "skip_lines": skip_lines, "comment": comment}
        | ({"delimiter": delimiter} if delimiter is not None else {})
        | ({"quote": quote} if quote != GUESS else {}),
        {"names": checked_names(names), "header": header},
        key,
        checked_encoding(encoding),
    )
    choice = choice_of(endings, recursive, exclude)
    read = partial(_read, choice=choice, readers=readers, encoding=encoding, limits=checked)
    if isinstance(members, Mapping):
        parts = {
            split: read_paths(path, partial(read, patterns=listed("members", wanted)), strip=True)
            for split, wanted in members.items()
        }
        return {split: rows for split, rows in parts.items() if isinstance(rows, Rows)}
    patterns = listed("members", "*" if members is None else members)
    return read_paths(path, partial(read, patterns=patterns), strip=True)


def _readers(
    dialect: dict[str, Any], header: dict[str, Any], key: str | None, encoding: str
) -> dict[str, Reader]:
    """What reads a member, by what its name ends in."""
    of_commas, of_tabs = (checked_dialect(kind._replace(**dialect)) for kind in (CSV, TSV))
    lines = partial(read_jsonl_file, encoding=encoding)
    return {
        ".csv": partial(read_csv_file, dialect=of_commas, encoding=encoding, **header),
        ".tsv": partial(read_csv_file, dialect=of_tabs, encoding=encoding, **header),
        ".jsonl": lines,
        ".ndjson": lines,
        ".json": partial(read_json_file, key=key, encoding=encoding),
    }


def _read(
    source: Source,
    *,
    patterns: list[str],
    choice: Choice,
    readers: Mapping[str, Reader],
    encoding: str,
    limits: Limits,
) -> Records:
    """The rows of the members that the patterns mean."""
    found: list[Choice | str] = []  # once the first text asks for it

    def reader_of(name: str) -> Reader | str:
        if not _matches(name, patterns):
            return ""
        if reason := choice.passed_over(name):
            return reason
        if not choice.fits(name):
            return readers.get(ending_of(name), OTHER)
        if not found:
            found.append(_placed(source, patterns, choice, limits))
        placed = found[0]
        if isinstance(placed, str):
            return placed
        return placed.misplaced(name) or partial(read_text, row=placed.row(name), encoding=encoding)

    none = f"no member that can be read is called {' or '.join(patterns)}"
    return read_members(source.name, members(source, limits), reader_of, none)


def _matches(name: str, patterns: list[str]) -> bool:
    return any(pattern == "*" or PurePosixPath(name).match(pattern) for pattern in patterns)


def _placed(source: Source, patterns: list[str], choice: Choice, limits: Limits) -> Choice | str:
    """Where the class folders lie, unless each pattern names a folder; or why the texts are none."""
    if all(any(part and not has_magic(part) for part in pattern.split("/")[:-1]) for pattern in patterns):
        return choice
    folders: Counter[tuple[str, ...]] = Counter()
    data = ""
    for name, _ in members(source, limits):
        if not _matches(name, patterns) or choice.passed_over(name):
            continue
        if choice.fits(name):
            folders[tuple(parts_of(name)[:-1])] += 1
        elif ending_of(name) in DATA:
            data = data or name
    depth = _depth(folders, choice.recursive)
    if data and depth and sum(len(folder) == depth for folder in folders) > 1:
        folder = "/".join(next(folder for folder in folders if len(folder) == depth))
        raise DatasetError(
            f"{source.name} holds data files ({data!r:.80}) and folders of texts ({folder!r:.80})",
            option="members",
            hint=f"say which are meant, such as members={f'*{PurePosixPath(data).suffix}'!r}",
        )
    return BESIDE_DATA if data else choice._replace(depth=depth)


def _depth(folders: Counter[tuple[str, ...]], recursive: bool) -> int:
    """How many folders lead to the texts of a class.

    >>> _depth(Counter({("all",): 1, ("all", "neg"): 9, ("all", "neg", "old"): 2, ("all", "pos"): 9}), False)
    2
    """
    texts: Counter[int] = Counter()
    for folder, count in folders.items():
        texts[len(folder)] += count
    most = max(texts, key=lambda depth: (texts[depth], depth))
    beside = (
        depth for depth in range(1, max(texts) + 1) if len({f[:depth] for f in folders if f[depth - 1 :]}) > 1
    )
    return next(beside, most) if recursive else most
