"""``tags``: a row has a class for each of its tokens, given on the words or on spans of its raw text."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import BeforeValidator

from textprep.errors import DatasetError
from textprep.targets.base import Target
from textprep.targets.class_counts import described
from textprep.targets.class_names import checked_class_names
from textprep.targets.coding import are_good, ruled
from textprep.targets.problems import BadValueError, Problem
from textprep.targets.tag_problems import tag_problems
from textprep.targets.tag_schemes import (
    Scheme,
    Span,
    entities,
    prefixes_of,
    scheme_of,
    tags_of,
    taken_apart,
    written,
)
from textprep.targets.tagged import (
    Pieces,
    Tagged,
    check_apart,
    entity_of,
    gathered,
    trimmed,
    words_in,
)
from textprep.targets.tagged_words import block_of_words, pieces_of

if TYPE_CHECKING:
    import pyarrow as pa

    from textprep.targets.base import Array, Good

ROWS_LOOKED_AT = 2_000  # for the scheme of tags


class TagsTarget(Target):
    """A class for each token. ``labels`` (B, T) int64; -100 on padding, special tokens and later pieces.

    A row has a list of words, and a tag for each of them; or a text, and labelled spans of it. What is stored
    are tagged pieces of the raw text: every word where rows have words, those in spans otherwise; all else is
    ``O``, no entity.

    >>> target = TagsTarget()
    >>> target.check_row("Ada in Rome", ["spans"], [[[7, 11, "LOC"]]])
    Pieces(starts=[7], stops=[11], tags=['B-LOC'], trimmed=0)
    >>> target.check_row(["Ada", "in", "Rome"], ["tags"], [["I-PER", "O", "I-LOC"]]).tags
    ['B-PER', 'O', 'B-LOC']

    Attributes:
        scheme: how tags say where entities begin and end (`textprep.targets.tag_schemes`): ``"iob1"``,
            ``"iob2"``, ``"bioes"``; or ``"plain"``, a class for each word, without entities. Found from the
            first rows if not given; of spans ``"iob2"``. IOB1 becomes IOB2, and so does BIOES with
            ``pieces="all"``.
        repair: whether tags that break the rules of their scheme are read as ``conlleval`` reads them, not
            refused.
        pieces: of a word that is several tokens, ``"first"`` tags the first, and the others have -100;
            ``"all"`` gives the others the tag that goes on with its entity.
        class_names: the tags, or the labels of spans, that rows may have, in the order of their ids where
            rows have whole numbers; ``None`` allows any.
        tags: the classes of tokens in the order of their ids; found in the data.

    Raises:
        DatasetError: an option cannot be used.
    """

    name: ClassVar[str] = "tags"
    objective: ClassVar[str] = "textprep.training.targets.tags:TagsObjective"
    per_token: ClassVar[bool] = True
    takes_words: ClassVar[bool] = True
    needs_spans: ClassVar[bool] = True
    found_in_data: ClassVar[tuple[str, ...]] = ("tags",)
    for_reading: ClassVar[tuple[str, ...]] = ("repair", "class_names")

    scheme: Scheme | None = None
    repair: bool = False
    pieces: Literal["first", "all"] = "first"
    class_names: Annotated[tuple[str, ...] | None, BeforeValidator(checked_class_names)] = None
    tags: tuple[str, ...] = ()

    # What it is

    @property
    def column(self) -> str:
        """``tags``."""
        return "tags"

    @property
    def classes(self) -> tuple[str, ...]:
        """The types of entities; of plain tags the tags."""
        return self.tags if self.scheme == "plain" else _types(self.tags)

    def knowing(self, classes: Sequence[str]) -> Target:
        """With ``classes`` as the only tags, unless it has its own."""
        return self.but(class_names=tuple(classes)) if classes and not self.class_names else self

    @classmethod
    def agreed(cls, targets: Sequence[Target]) -> Target:
        """The first, with the scheme that the tags of all splits show.

        Raises:
            DatasetError: they show different ones.
        """
        schemes = {target.scheme for target in targets if isinstance(target, TagsTarget)} - {None}
        if len(schemes) > 1:
            raise DatasetError(
                f"the splits have tags of different schemes: {' and '.join(sorted(map(str, schemes)))}",
                option="target",
                hint='target={"name": "tags", "scheme": "iob2", "repair": True} reads all of them as IOB2',
                value={"name": "tags", "scheme": "iob2", "repair": True},
            )
        return super().agreed([t.but(scheme=next(iter(schemes), None)) for t in targets])

    def continuing(self, tag: int) -> int:
        """The tag of the later pieces of a word that has ``tag``, by ``pieces="all"``.

        >>> target = TagsTarget(scheme="iob2", tags=("O", "B-PER", "I-PER"))
        >>> target.continuing(0), target.continuing(1), target.continuing(2)
        (0, 2, 2)
        """
        prefix, kind = (None if self.scheme == "plain" else taken_apart(self.tags[tag])) or (0, "")
        return self.tags.index(f"I-{kind}") if prefix else tag

    def entities(self, pieces: Iterable[Any]) -> list[Span]:
        """(start, stop, type) of each entity of a row, by its value in the column; of plain tags each piece.

        >>> target = TagsTarget(scheme="iob2", tags=("O", "B-LOC", "I-LOC"))
        >>> target.entities([{"start": 0, "stop": 3, "tag": 1}, {"start": 4, "stop": 8, "tag": 2}])
        [(0, 8, 'LOC')]
        """
        each = [tuple(piece.values()) if isinstance(piece, Mapping) else tuple(piece) for piece in pieces]
        return self.decode([tag for _, _, tag in each], [(start, stop) for start, stop, _ in each])

    def decode(self, tag_ids: Sequence[int], spans: Sequence[tuple[int, int]]) -> list[Span]:
        """(start, stop, type) of each entity, by a tag for each token; read as ``conlleval`` reads them.

        >>> target = TagsTarget(scheme="iob2", tags=("O", "B-PER", "I-PER"))
        >>> target.decode([2, 2, 0], [(0, 3), (4, 9), (10, 12)])
        [(0, 9, 'PER')]

        Args:
            tag_ids: (tokens,) places in ``tags``; -100 where a token belongs to the word of the one before.
            spans: (tokens, 2) start and stop in the raw text.
        """
        names = [self.tags[tag] if tag >= 0 else "" for tag in map(int, tag_ids)]
        places = [(int(start), int(stop)) for start, stop in spans]
        if self.scheme != "plain":
            return list(entities(names, places))
        found: list[Span] = []
        for name, (start, stop) in zip(names, places, strict=True):
            if name:
                found.append((start, stop, name))
            elif found:
                found[-1] = (found[-1][0], stop, found[-1][2])
        return found

    # Reading

    def seen(self, values: Iterable[Any]) -> Target:
        """With the scheme that the tags of the first rows show, unless it has one."""
        if self.scheme is not None:
            return self
        rows = ([ruled(self._tag, "", tag) for tag in value] for value in values if _is_tags(value))
        scheme = scheme_of([tag for tag in row if tag] for row in islice(rows, ROWS_LOOKED_AT))
        return self.but(scheme=scheme) if scheme else self

    def check_row(self, text: Any, columns: Sequence[str], values: Sequence[Any]) -> Pieces:
        """The tagged pieces of a text, or of words joined by spaces."""
        (column,), (value,) = columns, values
        if not isinstance(value, (list, tuple)):
            what = "missing" if value is None else f"{type(value).__name__}, not a list: {value!r:.40}"
            raise BadValueError(column, f"the tags are {what}")
        if isinstance(text, (list, tuple)):
            tags = [self._tag(column, tag, place) for place, tag in enumerate(value)]
            scheme = self.scheme or scheme_of([tags]) or "iob2"
            return pieces_of(column, text, tags, scheme, self.repair)
        return self._of_spans(text, column, value)

    def check_block(
        self, text: pa.ChunkedArray, columns: Sequence[str], values: Sequence[pa.ChunkedArray], strip: bool
    ) -> tuple[Tagged | None, Good]:
        """The pieces of all rows: at Arrow's speed where they have words of a scheme that is known."""
        (column,) = values
        if self.scheme and _is_list(text.type) and _is_list(column.type):
            return block_of_words(text, column, partial(self._tag, columns[0]), self.scheme, self.repair)
        rows = zip(text.to_pylist(), column.to_pylist(), strict=True)
        checked = [None if raw is None else ruled(self.check_row, raw, columns, [each]) for raw, each in rows]
        good = are_good(checked)
        return self.gathered(checked) if good.all() else None, good

    def gathered(self, checked: Sequence[Pieces]) -> Tagged:
        """The pieces of all rows as arrays."""
        return gathered(checked)

    def settled(self, blocks: Sequence[Tagged], columns: Sequence[str]) -> tuple[Target, list[str]]:
        """With the tags of all rows, in their order."""
        found = [name for block in blocks for name in block.names]
        names = dict.fromkeys([*found, *(self.class_names or ())])
        scheme = self.scheme or ("iob2" if all(map(taken_apart, found)) else "plain")
        cut = sum(block.trimmed for block in blocks)
        notes = [f"white space at the ends of {cut:,} spans is left out"] if cut else []
        if scheme == "plain":
            return self.meaning(scheme=scheme, tags=tuple(sorted(names))), notes
        apart = ((taken_apart(name) or (0, name))[1] for name in names)
        kept: Scheme = "bioes" if scheme == "bioes" and self.pieces == "first" else "iob2"
        return self.meaning(scheme=kept, tags=tags_of({kind for kind in apart if kind}, kept)), notes

    def stored(self, blocks: Sequence[Tagged]) -> pa.ChunkedArray:
        """Lists of ``{start, stop, tag}``."""
        import pyarrow as pa

        arrays = [self._stored(block) for block in blocks if len(block.lengths)]
        return pa.chunked_array(arrays, stored_type())

    def _stored(self, block: Tagged) -> pa.Array:
        import pyarrow as pa

        ids = np.array([self.tags.index(self._kept(name)) for name in block.names], np.int32)[block.codes]
        fields = [pa.array(each.astype(np.int32)) for each in (block.starts, block.stops, ids)]
        pieces = pa.StructArray.from_arrays(fields, fields=list(stored_type().value_type))
        offsets = pa.array(np.cumsum([0, *block.lengths]))
        return pa.LargeListArray.from_arrays(offsets, pieces)

    def _kept(self, name: str) -> str:
        """A tag as the scheme that is stored has it."""
        apart = taken_apart(name)
        if self.scheme != "iob2" or not apart or not apart[0]:
            return name
        return written({3: 2, 4: 1}.get(apart[0], apart[0]), apart[1])

    def _tag(self, column: str, tag: Any, place: int | None = None) -> str:
        """The tag of a word, or the label of a span, as text."""
        known = self.class_names
        if isinstance(tag, int) and not isinstance(tag, bool):
            if known and 0 <= tag < len(known):
                return known[tag]
            listed = (
                f"there are {len(known)} class names"
                if known
                else "class_names= says in order what they mean"
            )
            raise BadValueError(
                column, f"the tag {tag} is a number, and {listed}", "class_names", place=place
            )
        if not isinstance(tag, str) or not tag.strip():
            what = "is missing" if tag is None or tag == "" else f"is {tag!r:.40}, not a text"
            raise BadValueError(column, f"the tag {what}", place=place)
        if known and tag not in known:
            raise BadValueError(
                column, f"the tag {tag!r:.40} is none of: {', '.join(known)}", "class_names", place=place
            )
        return tag

    def _of_spans(self, text: str, column: str, value: Sequence[Any]) -> Pieces:
        if value and all(isinstance(each, (str, int)) for each in value):
            raise BadValueError(
                column, "a tag for each word needs the words: the text is a string, not a list of them",
                option="text", hint="say text=COLUMN with the column of the words",
            )  # fmt: skip
        given = [entity_of(column, each) for each in value]
        kept = sorted(trimmed(column, text, each) for each in given)
        check_apart(column, text, kept)
        starts: list[int] = []
        stops: list[int] = []
        tags: list[str] = []
        for each in kept:
            label, places = self._tag(column, each.label), words_in(text, each)
            starts += [start for start, _ in places]
            stops += [stop for _, stop in places]
            tags += self._of_entity(label, len(places))
        cut = len({each[:2] for each in given} - {each[:2] for each in kept})
        return Pieces(starts, stops, tags, cut)

    def _of_entity(self, label: str, words: int) -> list[str]:
        """The tags of the words of an entity."""
        if self.scheme == "plain":
            return [label] * words
        return [written(prefix, label) for prefix in prefixes_of(words, self.scheme or "iob2")]

    # A column

    def check_stored(self, column: pa.ChunkedArray) -> None:
        """Pieces in order that do not overlap, each with a tag that there is."""
        if column.type != stored_type():
            raise DatasetError(f"the column 'tags' of a split is {stored_type()}, not {column.type}")
        ends, starts, stops, tags = pieces_in(column)
        first = np.zeros(len(starts) + 1, bool)
        first[ends[:-1]] = True
        before = np.where(first[:-1], 0, np.roll(stops, 1))
        if (starts < before).any() or (stops <= starts).any():
            raise DatasetError("the pieces of a row in the column 'tags' are in order, and do not overlap")
        if len(tags) and (tags.min() < 0 or tags.max() >= len(self.tags)):
            raise DatasetError(f"tags run from {tags.min()} to {tags.max()}, but there are {len(self.tags)}")

    def array(self, column: pa.ChunkedArray | None, rows: int) -> Array:
        """(N,) of each row the list of its pieces, ``None`` where it has no tags."""
        found = np.empty(rows, object)
        if column is not None:
            found[:] = column.to_pylist()
        return found

    def labelled(self, labels: Array) -> Good:
        """(N,): rows that have tags; of labels of tokens those that are not -100."""
        return (
            np.array([each is not None for each in labels], bool) if labels.dtype == object else labels >= 0
        )

    def taught(self, column: pa.ChunkedArray) -> list[Hashable]:
        """All pieces of a row."""
        ends, *fields = pieces_in(column)
        flat = np.stack(fields, axis=1)
        return [flat[start:stop].tobytes() for start, stop in pairwise(ends)]

    def contradiction(self) -> tuple[bool, str]:
        """Worth knowing: what surrounds a text may decide its tags."""
        return False, "texts have different tags: look which are right"

    def counts(self, column: pa.ChunkedArray) -> dict[str, int]:
        """Type → how many entities are of it; of plain tags, how many words."""
        by_tag = np.bincount(pieces_in(column)[-1], minlength=len(self.tags)).tolist()
        if self.scheme == "plain":
            return dict(zip(self.tags, by_tag, strict=True))
        found = dict.fromkeys(self.classes, 0)
        for tag, count in zip(self.tags, by_tag, strict=True):
            if tag[:1] in "BS":
                found[tag[2:]] += count
        return found

    def describe(self, column: pa.ChunkedArray) -> str:
        """How many entities are of each type."""
        what = "words" if self.scheme == "plain" else "entities"
        return f"{what}: {described(self.counts(column)) or 'none'}"

    def shown(self, value: Any) -> Any:
        """The entities as JSON: ``[{"start": 3, "end": 9, "label": "PER"}]``."""
        each = () if value is None else self.entities(value)
        return [{"start": start, "end": stop, "label": kind} for start, stop, kind in each]

    def pandas(self, values: Any) -> Any:
        """Lists of entities."""
        return [self.shown(each) for each in values]

    def problems(self, columns: Mapping[str, pa.ChunkedArray]) -> Iterator[Problem]:
        """Types of entities that a split lacks."""
        return tag_problems({name: self.counts(column) for name, column in columns.items()})

    def check_trainable(self, columns: Mapping[str, pa.ChunkedArray]) -> str | None:
        """There are two tags in the training split."""
        train = self.counts(columns["train"]) if "train" in columns else {}
        kinds = sum(count > 0 for count in train.values())
        if kinds > (self.scheme == "plain"):
            return None
        found = "all words of 'train' have the same tag" if kinds else "nothing is tagged in 'train'"
        return f"a tagger needs tags to learn, and {found}"


def stored_type() -> pa.DataType:
    """Of the column: of each row its tagged pieces."""
    import pyarrow as pa

    return pa.large_list(pa.struct({"start": pa.int32(), "stop": pa.int32(), "tag": pa.int32()}))


def pieces_in(column: pa.ChunkedArray) -> tuple[Array, Array, Array, Array]:
    """(rows + 1,) where the pieces of rows begin and end; (pieces,) starts, stops and tags of all rows.

    >>> import pyarrow as pa
    >>> column = pa.chunked_array([[[{"start": 0, "stop": 3, "tag": 1}], None]], stored_type())
    >>> [each.tolist() for each in pieces_in(column)]
    [[0, 1, 1], [0], [3], [1]]
    """
    import pyarrow.compute as pc

    from textprep.ragged import numbers

    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy()
    flat = pc.list_flatten(column)
    starts, stops, tags = (numbers(pc.struct_field(flat, name)) for name in ("start", "stop", "tag"))
    return np.cumsum([0, *lengths]), starts, stops, tags


def _types(tags: Sequence[str]) -> tuple[str, ...]:
    """The types of entities, in the order of their tags."""
    return tuple(dict.fromkeys(tag[2:] for tag in tags if tag != "O"))


def _is_tags(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(each, (str, int)) for each in value)


def _is_list(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return pa.types.is_list(kind) or pa.types.is_large_list(kind)
