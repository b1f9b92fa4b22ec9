"""`Target`: a kind of thing that a model learns from a row, and what every room asks of it.

No other room asks which kind it is. Shapes are written with N rows, C classes, K numbers a row.
"""

from __future__ import annotations

import importlib
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from textprep.errors import DatasetError
from textprep.targets.kind import Kind
from textprep.targets.problems import Problem

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    Array = npt.NDArray[Any]
    Good = npt.NDArray[np.bool_]
    """Of each row whether its value is good."""


class Target(Kind):
    """A kind of target with its options, registered by ``name``; one file a kind.

    Reading rows fills in what only all of them say: a ``class`` has its ``class_names`` then. What a
    subclass must say is ``check``, ``gathered``, ``settled``, ``stored``, ``array`` and ``labelled``.

    Attributes:
        name, found_in_data, for_reading: see `Kind`.
        missing: what stands in ``labels`` of a row that has no target; -100 is torch's ``ignore_index``.
        per_token: whether ``labels`` of a batch are (B, T), one per token; ``missing`` is -100 then, and the
            labels of rows are not an array, but `textprep.batches.reader.TokenLabels`.
        takes_words: whether the text of a row may be a list of words; it is these joined by spaces then.
        needs_spans: whether its labels depend on where in the raw text tokens are.
        from_text: whether it is learned from the ids of a text alone, so that a row brings nothing and
            nothing is stored; `of_texts` makes ``labels`` then.
        specials: special tokens that it needs in the vocabulary; a tokenizer of textprep's own gets them
            when it is fitted.
        objective: ``module:class`` of what trains and scores it, which needs torch; see
            `textprep.training.targets.base.Objective`.

    Raises:
        DatasetError: an option is unknown or has a value that it cannot have.
    """

    objective: ClassVar[str]
    missing: ClassVar[float] = -100
    per_token: ClassVar[bool] = False
    takes_words: ClassVar[bool] = False
    needs_spans: ClassVar[bool] = False
    from_text: ClassVar[bool] = False
    specials: ClassVar[tuple[str, ...]] = ()

    # What it is, for people and files

    @property
    def column(self) -> str | None:
        """The name of its column in a split's table: ``labels`` where a row has several values.

        ``None`` where nothing is stored.
        """
        return "label"

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes in the order of their ids; none where it has no classes."""
        return ()

    def for_columns(self, columns: Sequence[str]) -> Target:
        """The target as the names of its columns make it.

        Raises:
            DatasetError: it cannot be read from so many.
        """
        if len(columns) > 1:
            raise DatasetError(
                f"target {self.name!r} is read from one column, not from {len(columns)}", option="label"
            )
        return self

    def knowing(self, classes: Sequence[str]) -> Target:
        """The target, where the source itself says which classes there are, in their order."""
        return self

    @classmethod
    def agreed(cls, targets: Sequence[Target]) -> Target:
        """The one target of all splits.

        Raises:
            DatasetError: they differ.
        """
        first, *others = targets
        for other in others:
            if other != first:
                raise DatasetError(
                    f"the splits have different targets: {first.record()} and {other.record()}",
                    option="target",
                )
        return first

    # Reading: raw values, one at a time and a column at once

    def check(self, columns: Sequence[str], values: Sequence[Any]) -> Any:
        """What the raw ``values`` of a row mean; plain Python values, a text without white space around it.

        Raises:
            BadValueError: they cannot be used; says why and what would help.
        """
        raise NotImplementedError

    def check_columns(
        self, columns: Sequence[str], values: Sequence[pa.ChunkedArray], strip: bool
    ) -> tuple[Any, Good]:
        """The same for all rows of a block: what `gathered` gives, or ``None`` where some row is bad; and
        of each row whether it is good.

        By default the rows that differ go through `check`, each once.

        Raises:
            pa.ArrowException: Arrow cannot tell the values apart.
        """
        from textprep.targets.coding import checked_distinct

        return checked_distinct(self, columns, values, strip)

    def seen(self, values: Iterable[Any]) -> Target:
        """The target, with what the raw values of the first rows say of the form of all."""
        return self

    def check_row(self, text: Any, columns: Sequence[str], values: Sequence[Any]) -> Any:
        """The same as `check`, for a target that refers to places in the raw ``text`` of the row.

        Args:
            text: a string, or a list of words.
            columns, values: as of `check`.

        Raises:
            BadValueError: the values cannot be used, or not with this text.
        """
        return self.check(columns, values)

    def check_block(
        self, text: pa.ChunkedArray, columns: Sequence[str], values: Sequence[pa.ChunkedArray], strip: bool
    ) -> tuple[Any, Good]:
        """The same as `check_columns`, for such a target; a row whose text is null is bad."""
        return self.check_columns(columns, values, strip)

    def gathered(self, checked: Sequence[Any]) -> Any:
        """What `check` made of the rows of a block, as one value for the block."""
        raise NotImplementedError

    def noting(self, block: Any, values: Sequence[pa.ChunkedArray]) -> Any:
        """The value of a block, with what the types of its columns say."""
        return block

    def advice(self, columns: Sequence[str], values: Iterable[Sequence[Any]]) -> tuple[str, Any] | None:
        """For a block with a bad value whose error advises an option: a better hint, and its value."""
        return None

    def settled(self, blocks: Sequence[Any], columns: Sequence[str]) -> tuple[Target, list[str]]:
        """The target with what all blocks together say, without the options about reading; and notes.

        Raises:
            DatasetError: the values of all rows together cannot be used.
        """
        raise NotImplementedError

    def stored(self, blocks: Sequence[Any]) -> pa.ChunkedArray:
        """Of a settled target: the column of a split with these blocks."""
        raise NotImplementedError

    # A column: how it is checked, counted, divided, shown

    def check_stored(self, column: pa.ChunkedArray) -> None:
        """Whether a split can have this column.

        Raises:
            DatasetError: it has another type, or a value that means nothing.
        """

    def array(self, column: pa.ChunkedArray | None, rows: int) -> Array:
        """The column as the array of which batches are made, (N,) or (N, …); ``None`` is ``rows`` without."""
        raise NotImplementedError

    def of_texts(self, texts: Any, end_id: int | None) -> Any:
        """Where it is learned `from_text`: the labels of the tokens of ``texts``.

        Args:
            texts: with ``lengths`` (N,) and ``ids(row)``, as `textprep.batches.reader.Texts` has them.
            end_id: the id of the token that ends a text; ``None`` where there is none.
        """
        raise NotImplementedError

    def labelled(self, labels: Array) -> Good:
        """(N,) bool: which rows of such an array have a target."""
        raise NotImplementedError

    def token_labels(
        self, texts: Sequence[str], column: pa.ChunkedArray, spans: Array, offsets: Array
    ) -> tuple[Array, Mapping[str, int]]:
        """A label for each token, where the target ``needs_spans``; and how much of the column was lost.

        Args:
            texts: (N,) the raw texts.
            column: (N,) what is stored.
            spans: (tokens, 2) int64, start and stop in its raw text of what each token came from.
            offsets: (N + 1,) where the tokens of each row begin, and the last end.

        Returns:
            (tokens,) int16, -100 where nothing is to be learned; and counts for
            `textprep.prepared.dataset.PreparedDataset.alignment`.
        """
        raise NotImplementedError

    def batch(self, labels: Array) -> Array:
        """Some rows of such an array as ``labels`` of a batch."""
        return labels

    def strata(self, column: pa.ChunkedArray) -> list[Hashable]:
        """What each row is stratified by; sortable."""
        return [None] * len(column)

    def check_array(self, labels: Array, rows: int) -> None:
        """Check an array from elsewhere against what `array` makes.

        Raises:
            DatasetError: it has another shape, or a type whose values would be cut.
        """
        usual = self.array(None, 0)
        wanted = (rows, *usual.shape[1:])
        alike = (labels.dtype.kind == "f") == (usual.dtype.kind == "f")  # floats are not whole numbers
        if labels.shape != wanted or not alike or not np.can_cast(labels.dtype, usual.dtype, "same_kind"):
            raise DatasetError(
                f"labels of shape {labels.shape} and type {labels.dtype} do not fit the target "
                f"{self.name!r}, which has {wanted} of {usual.dtype}",
                option="target",
                hint="give the split such labels, or the target that they are of",
            )

    def drawn_in(self, labels: Array) -> npt.NDArray[np.int64]:
        """(N,) the group of each row, where rows are drawn by weight: each comes as often as its rows weigh.

        By default all rows are one group.
        """
        return np.zeros(len(labels), np.int64)

    def groups(self, labels: Array) -> Iterator[tuple[int, Good]]:
        """Each class with the rows of an array that have it; rows without a label are of class -100."""
        return iter(())

    def balanced(self, labels: Array) -> npt.NDArray[np.int64]:
        """The class of each row, by which ``weights="balanced"`` draws.

        Raises:
            DatasetError: there is nothing to balance.
        """
        raise DatasetError(
            f"weights='balanced' needs one class a row, and the target is {self.name!r}: give numbers",
            option="weights",
            value=None,
        )

    def taught(self, column: pa.ChunkedArray) -> list[Hashable]:
        """A value per row; rows with the same text and different values contradict each other."""
        values = column.to_pylist()
        return [tuple(value) if isinstance(value, list) else value for value in values]

    def contradiction(self) -> tuple[bool, str]:
        """For texts with different values: whether that is an error, and the message."""
        return True, "texts have two labels: decide for one, or leave them out"

    def counts(self, column: pa.ChunkedArray) -> dict[str, int]:
        """Class name → rows that have it; empty where there are no classes."""
        return {}

    def figures(self, column: pa.ChunkedArray) -> dict[str, float]:
        """What `textprep check` shows of a split: of classes the rows of each."""
        return dict(self.counts(column))

    def describe(self, column: pa.ChunkedArray) -> str:
        """For people: what is in the column."""
        return ""

    def shown(self, value: Any) -> Any:
        """A value of the column as people and JSON write it."""
        return value

    def in_words(self, shown: Any, text: str) -> str:
        """What `shown` gives of a row with this text, for a terminal."""
        return ", ".join(map(str, shown)) if isinstance(shown, list) else str(shown)

    def pandas(self, values: Any) -> Any:
        """The column of a data frame."""
        return values

    def feature(self) -> Any:
        """Its type in a Hugging Face ``datasets.Dataset``, where that is not the type it is stored with."""
        return None

    def problems(self, columns: Mapping[str, pa.ChunkedArray]) -> Iterator[Problem]:
        """What is wrong with the columns of the splits, or worth knowing."""
        return iter(())

    def check_trainable(self, columns: Mapping[str, pa.ChunkedArray]) -> str | None:
        """Why a model cannot learn from splits with these columns; ``None`` where it can."""
        return None

    def trained_by(self) -> Any:
        """The class that trains and scores it, see `objective`.

        Raises:
            DatasetError: it cannot be imported.
        """
        module, _, name = self.objective.partition(":")
        try:
            return getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError) as error:
            raise DatasetError(
                f"target {self.name!r}: its objective {self.objective!r} cannot be imported ({error})"
            ) from error
