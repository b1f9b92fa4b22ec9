"""``tags``: a row has a class for each of its tokens, given on the words or on spans of its raw text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import BeforeValidator

from textprep.errors import DatasetError
from textprep.targets.base import Target
from textprep.targets.class_names import checked_class_names
from textprep.targets.coding import are_good, ruled
from textprep.targets.problems import BadValueError
from textprep.targets.tag_schemes import (
    B,
    E,
    I,
    S,
    Scheme,
    scheme_of,
    tags_of,
    taken_apart,
    written,
)
from textprep.targets.tagged import Pieces, Tagged, gathered, listed, pieces_of_spans
from textprep.targets.tagged_column import stored
from textprep.targets.tagged_target import TaggedTarget
from textprep.targets.tagged_words import block_of_words, pieces_of

if TYPE_CHECKING:
    import pyarrow as pa

    from textprep.targets.base import Good

ROWS_LOOKED_AT = 2_000  # for the scheme of tags


class TagsTarget(TaggedTarget):
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
    takes_words: ClassVar[bool] = True
    for_reading: ClassVar[tuple[str, ...]] = ("repair", "class_names")

    repair: bool = False
    class_names: Annotated[tuple[str, ...] | None, BeforeValidator(checked_class_names)] = None

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

    # Reading

    def seen(self, values: Iterable[Any]) -> Target:
        """With the scheme that the tags of the first rows show, unless it has one."""
        if self.scheme is not None:
            return self
        values = iter(values)
        rows = [value for value in islice(values, ROWS_LOOKED_AT) if _is_tags(value)]
        scheme = scheme_of([tag for raw in row if (tag := ruled(self._tag, "", raw))] for row in rows)
        if scheme is None and next(values, None) is not None:
            scheme = "iob2"
        return self.but(scheme=scheme) if scheme else self

    def check_row(self, text: Any, columns: Sequence[str], values: Sequence[Any]) -> Pieces:
        """The tagged pieces of a text, or of words joined by spaces."""
        (column,), value = columns, listed(columns[0], values[0])
        if isinstance(text, (list, tuple)):
            tags = [self._tag(column, tag, place) for place, tag in enumerate(value)]
            scheme = self.scheme or scheme_of([tags]) or "iob2"
            return pieces_of(column, text, tags, scheme, self.repair)
        return pieces_of_spans(text, column, value, self._tag, self.scheme or "iob2")

    def check_block(
        self, text: pa.ChunkedArray, columns: Sequence[str], values: Sequence[pa.ChunkedArray], strip: bool
    ) -> tuple[Tagged | None, Good]:
        """The pieces of all rows: at Arrow's speed where they have words of a scheme that is known."""
        (column,) = values
        if self.scheme and _is_list(text.type) and _is_list(column.type):
            return block_of_words(text, column, partial(self._tag, columns[0]), self.scheme, self.repair)
        rows = zip(text.to_pylist(), column.to_pylist(), strict=True)
        checked = [None if raw is None else ruled(self.check_row, raw, columns, [each]) for raw, each in rows]
        kept = [each for each in checked if each is not None]
        return self.gathered(kept) if len(kept) == len(checked) else None, are_good(checked)

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
        notes += ["tags in IOB1 are kept as IOB2"] if scheme == "iob1" else []
        if scheme == "plain":
            return self.meaning(scheme=scheme, tags=tuple(sorted(names))), notes
        apart = ((taken_apart(name) or (0, name))[1] for name in names)
        kept: Scheme = "bioes" if scheme == "bioes" and self.pieces == "first" else "iob2"
        return self.meaning(scheme=kept, tags=tags_of({kind for kind in apart if kind}, kept)), notes

    def stored(self, blocks: Sequence[Tagged]) -> pa.ChunkedArray:
        """Lists of ``{start, stop, tag}``."""
        return stored(blocks, lambda name: self.tags.index(self._kept(name)))

    def _kept(self, name: str) -> str:
        """A tag as the scheme that is stored has it."""
        apart = taken_apart(name) if self.scheme == "iob2" else None
        return written({E: I, S: B}.get(apart[0], apart[0]), apart[1]) if apart else name

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


def _is_tags(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(each, (str, int)) for each in value)


def _is_list(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind))
