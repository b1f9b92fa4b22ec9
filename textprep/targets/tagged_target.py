"""What tagged pieces of the raw text say once they are read: entities, counts; and back from predictions."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from textprep.targets.base import Target
from textprep.targets.class_counts import described
from textprep.targets.problems import Problem
from textprep.targets.tag_problems import tag_problems
from textprep.targets.tag_schemes import Scheme, Span, entities
from textprep.targets.tagged_column import as_bytes, check_pieces, pieces_in

if TYPE_CHECKING:
    import pyarrow as pa

    from textprep.targets.base import Array, Good


class TaggedTarget(Target):
    """A class for each token, by tagged pieces of the raw text.

    Attributes:
        scheme: how tags say where entities begin and end; ``"iob2"``, ``"bioes"`` or ``"plain"`` of a column.
        pieces: what tokens of a word have a tag, ``"first"`` or ``"all"``.
        tags: the classes of tokens in the order of their ids.
    """

    per_token: ClassVar[bool] = True
    needs_spans: ClassVar[bool] = True
    found_in_data: ClassVar[tuple[str, ...]] = ("tags",)

    scheme: Scheme | None = None
    pieces: Literal["first", "all"] = "first"
    tags: tuple[str, ...] = ()

    @property
    def column(self) -> str:
        """``tags``."""
        return "tags"

    @property
    def classes(self) -> tuple[str, ...]:
        """The types of entities; of plain tags the tags."""
        return self.tags if self.scheme == "plain" else _types(self.tags)

    def entities(self, pieces: Iterable[Any]) -> list[Span]:
        """(start, stop, type) of each entity of a row, by its value in the column; of plain tags each piece.

        >>> target = TaggedTarget(scheme="iob2", tags=("O", "B-LOC", "I-LOC"))
        >>> target.entities([{"start": 0, "stop": 3, "tag": 1}, {"start": 4, "stop": 8, "tag": 2}])
        [(0, 8, 'LOC')]
        """
        each = [tuple(piece.values()) if isinstance(piece, Mapping) else tuple(piece) for piece in pieces]
        return self.decode([tag for _, _, tag in each], [(start, stop) for start, stop, _ in each])

    def decode(self, tag_ids: Iterable[Any], spans: Iterable[Any]) -> list[Span]:
        """(start, stop, type) of each entity, by a tag for each token; read as ``conlleval`` reads them.

        >>> target = TaggedTarget(scheme="iob2", tags=("O", "B-PER", "I-PER"))
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

    def check_stored(self, column: pa.ChunkedArray) -> None:
        """Pieces in order that do not overlap, each with a tag that there is."""
        check_pieces(column, len(self.tags))

    def array(self, column: pa.ChunkedArray | None, rows: int) -> Array:
        """(N,) of each row the list of its pieces, ``None`` where it has no tags."""
        found = np.empty(rows, object)
        if column is not None:
            found[:] = column.to_pylist()
        return found

    def token_labels(
        self, texts: Sequence[str], column: pa.ChunkedArray, spans: Array, offsets: Array
    ) -> tuple[Array, Mapping[str, int]]:
        """The tags of the tokens that begin in tagged pieces, see `textprep.targets.alignment`."""
        import pyarrow as pa

        from textprep.ragged import numbers
        from textprep.targets.alignment import TaggedPieces, align

        is_labelled = numbers(column.is_valid().cast(pa.uint8())) > 0
        labels, lost = align(self, texts, TaggedPieces(*pieces_in(column), is_labelled), spans, offsets)
        return labels, lost._asdict()

    def labelled(self, labels: Any) -> Good:
        """(N,): rows that have tags; of the labels of tokens those that are not -100."""
        if hasattr(labels, "ids"):  # of each row one for each token
            return np.array([(labels.ids(row) >= 0).any() for row in range(len(labels))], bool)
        return (
            np.array([each is not None for each in labels], bool) if labels.dtype == object else labels >= 0
        )

    def taught(self, column: pa.ChunkedArray) -> list[Hashable]:
        """All pieces of a row."""
        return as_bytes(column)

    def contradiction(self) -> tuple[bool, str]:
        """Worth knowing: what surrounds a text may decide its tags."""
        return False, "texts have different tags: look which are right"

    def counts(self, column: pa.ChunkedArray) -> dict[str, int]:
        """Type → how many entities are of it; of plain tags, how many words."""
        by_tag = np.bincount(pieces_in(column).tags, minlength=len(self.tags)).tolist()
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

    def in_words(self, shown: Any, text: str) -> str:
        """The entities with their types.

        >>> TaggedTarget().in_words([{"start": 0, "end": 3, "label": "PER"}], "Ada spoke")
        'Ada (PER)'
        """
        return ", ".join(f"{text[each['start'] : each['end']]} ({each['label']})" for each in shown)

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


def _types(tags: Sequence[str]) -> tuple[str, ...]:
    """The types of entities, in the order of their tags."""
    return tuple(dict.fromkeys(tag[2:] for tag in tags if tag != "O"))
