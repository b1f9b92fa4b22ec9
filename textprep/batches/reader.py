"""The rows that a loader reads."""

from __future__ import annotations

from collections.abc import Mapping
from operator import index
from typing import Any, ClassVar, Protocol, SupportsIndex

import numpy as np
import numpy.typing as npt

from textprep.batches.permutation import Rows
from textprep.errors import DatasetError, LoaderError
from textprep.ragged import Ragged
from textprep.targets import ClassTarget, Target
from textprep.template import Template

Ids = npt.NDArray[np.integer]


class _ClassPerToken(ClassTarget):
    per_token: ClassVar[bool] = True


ANY_CLASS, ANY_CLASS_PER_TOKEN = ClassTarget(), _ClassPerToken()
IDS, INPUTS = "input_ids", "inputs"  # a batch has one of them: rows of ids, or of steps of numbers
NO_LABEL = -100  # of a token, padding and special tokens among them


class Texts(Protocol):
    """The ids of one text per row, without special tokens.

    They may also have ``gather(rows)``, a `Ragged` of the ids of many rows, where that is faster than one at
    a time.
    """

    @property
    def lengths(self) -> Rows:
        """(N,) int64, the number of tokens of each row's text."""

    def ids(self, row: SupportsIndex, /) -> Ids:
        """The ids of ``row``'s text, (length,)."""


class TokenLabels(Texts, Protocol):
    """The labels of rows whose target is ``per_token``: of each token of a row's text one, -100 for none."""

    def __len__(self) -> int: ...


class Unlabelled:
    """`TokenLabels` of rows that have none.

    >>> Unlabelled(np.array([2, 1])).ids(0).tolist()
    [-100, -100]

    Args:
        lengths: (N,) int64, the number of tokens of each row.
    """

    def __init__(self, lengths: Rows) -> None:
        self.lengths = lengths

    def __len__(self) -> int:
        return len(self.lengths)

    def ids(self, row: SupportsIndex) -> Ids:
        """-100 for each token of ``row``."""
        return np.full(self.lengths[index(row)], NO_LABEL, np.int64)


class EncodedRows(Texts, Protocol):
    """The rows that a loader reads: a `PreparedSplit`, texts encoded in memory, or your own.

    They may have more: ``template``, by which a row is laid out (`textprep.template.Template`), that is the
    text alone, padded with 0, if not given; ``pair``, the `Texts` that come second in rows of two, whose
    first ones are those of the rows themselves; ``fingerprint`` and ``name``, by which a saved state knows
    its data; ``check_files()``, which is called at the beginning of each pass;
    ``check_served(options, layout, world_size)``, which refuses options of a loader;
    ``tokens_between(starts, stops)``, which reads spans of the ids of all rows joined; and fields for
    ``loader(columns=[…])``: ``row_fields``, name → (N,), ``token_fields``, name → `Texts` of numbers of at
    least 0, with -1 on padding; and ``extra_names`` with ``extra(name)``, which gives (N,) or (N, K), int64
    of categories (0 where there is none, 1 where training saw no such, then 2, 3 …), float32 of numbers. It
    is asked often: keep them.
    """

    @property
    def target(self) -> Target | None:
        """Of which kind ``labels`` are; ``None``: a class each, or -100."""

    @property
    def labels(self) -> Any:
        """(N, …), as the target's `array` makes it: (N,) int64 of a class; `TokenLabels` of each token."""

    @property
    def row_ids(self) -> Rows:
        """(N,) int64, the ids of the rows."""

    def __len__(self) -> int: ...


class EncodedTexts:
    """Rows of ids in memory, without labels.

    >>> EncodedTexts(Ragged.from_rows([[5], [2, 4]])).lengths.tolist()
    [1, 2]

    Args:
        ragged: the ids.
        extra: further columns, as `EncodedRows` describes them.
        template: how rows are laid out.
        pair: the ids of second texts, if there are any.
        target: of which kind the missing labels are.
        features: F, where rows are sequences of numbers, and the values of ``ragged`` (S, F) float32.
        spans: (tokens, 2) int64, where in its raw text each token came from, start and stop.

    Attributes:
        features: as given.
        template: how rows are laid out.
        pair: the second texts; ``None`` if there are none.
        lengths: (N,) int64, the number of tokens of each row, or of its first text.
        target: as given.
        labels: (N,) int64, -100 everywhere: there are no labels; of a target per token, `Unlabelled`, but of
            one that is learned from the text, its labels.
        row_ids: (N,) int64, 0, 1, 2 …
    """

    def __init__(
        self,
        ragged: Ragged,
        extra: Mapping[str, npt.NDArray[Any]] | None = None,
        *,
        template: Template = Template(),  # noqa: B008 - immutable
        pair: Ragged | None = None,
        target: Target | None = None,
        features: int | None = None,
        spans: npt.NDArray[np.int64] | None = None,
    ) -> None:
        self._ragged, self._spans = ragged, spans
        self.features = features
        self.target = target
        self._extra = dict(extra or {})
        self.template = template
        self.pair = None if pair is None else EncodedTexts(pair)
        self.lengths: npt.NDArray[np.int64] = np.diff(ragged.offsets)
        self.row_ids = np.arange(len(self.lengths), dtype=np.int64)
        self.labels: Any = self._labels(target)

    def _labels(self, target: Target | None) -> Any:
        if target is not None and target.from_text:
            return target.of_texts(self, self.template.ending)
        if target is not None and target.per_token:
            return Unlabelled(self.lengths)
        return np.full(len(self.lengths), NO_LABEL, dtype=np.int64)

    @property
    def extra_names(self) -> tuple[str, ...]:
        """The names of the further columns."""
        return tuple(self._extra)

    def extra(self, name: str) -> npt.NDArray[Any]:
        """A further column, (N,) or (N, K)."""
        return self._extra[name]

    def __len__(self) -> int:
        return len(self.lengths)

    def ids(self, row: SupportsIndex) -> npt.NDArray[np.integer]:
        """The ids of ``row``, (length,)."""
        return self._ragged.values[self._tokens_of(row)]

    def spans(self, row: SupportsIndex) -> npt.NDArray[np.int64]:
        """Where in its raw text each token of ``row`` came from: (length, 2) int64, start and stop.

        Raises:
            LoaderError: they were not given.
        """
        if self._spans is None:
            raise LoaderError("these rows do not say where their tokens came from: give spans=")
        return self._spans[self._tokens_of(row)]

    def _tokens_of(self, row: SupportsIndex) -> slice:
        number = index(row)
        return slice(*self._ragged.offsets[number : number + 2])


def target_of_rows(split: EncodedRows) -> Target:
    """Of which kind the labels of ``split`` are; a class where it does not say.

    Raises:
        LoaderError: they cannot be of that kind.
    """
    target: Target = getattr(split, "target", None) or ANY_CLASS
    if target.per_token:
        _check_token_labels(split, target)
        return target
    try:
        target.check_array(split.labels, len(split))
    except DatasetError as error:
        raise LoaderError(error.message, option=error.option, hint=error.hint) from error
    return target


def _check_token_labels(split: EncodedRows, target: Target) -> None:
    lengths = getattr(split.labels, "lengths", None)
    if lengths is None or not np.array_equal(lengths, split.lengths):
        raise LoaderError(
            f"the target {target.name!r} has a label for each token, and the rows have others",
            hint="prepare them again",
        )


def all_labels(split: EncodedRows) -> npt.NDArray[Any]:
    """The labels of all rows as an array: (N, …), or (tokens,) of those with a label for each token."""
    if not target_of_rows(split).per_token:
        return np.asarray(split.labels)
    each = [split.labels.ids(row) for row in range(len(split))]
    return np.concatenate(each) if each else np.zeros(0, np.int64)


def features_of(split: Any) -> int | None:
    """How many numbers a step of the rows of ``split`` has; ``None`` where they are ids."""
    features: int | None = getattr(split, "features", None)
    return features


def field_of(split: Any) -> str:
    """The field of a batch that the rows of ``split`` are: ``inputs`` of numbers, else ``input_ids``."""
    return IDS if features_of(split) is None else INPUTS


def template_of(split: EncodedRows) -> Template:
    """How rows of ``split`` are laid out."""
    template: Template = getattr(split, "template", None) or Template()
    return template


def second_texts(split: EncodedRows) -> Texts | None:
    """Those of the rows of ``split``, if they have any.

    Raises:
        LoaderError: there are not as many as there are rows.
    """
    second: Texts | None = getattr(split, "pair", None)
    if second is not None and len(second.lengths) != len(split):
        raise LoaderError(
            f"{len(second.lengths):,} second texts do not go with {len(split):,} rows: each row needs one"
        )
    return second
