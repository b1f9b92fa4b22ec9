"""What a run is given: texts, their second texts where it compares two, and their extra columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from textprep.encoding.columns import Texts, as_column
from textprep.errors import PipelineError, RunError
from textprep.extra.kinds import Extra
from textprep.training.runs.extra_inputs import Arrays, ExtraValues, extra_of_rows, extra_of_texts

if TYPE_CHECKING:
    from textprep.datasets.split import Split

NO_SECOND = "the run compares two texts, and the second ones are missing"
SECOND = "the run reads one text at a time, and there are second ones"


class Inputs(NamedTuple):
    """Rows as a run reads them.

    Attributes:
        texts: of pairs, the first ones.
        extra: their extra columns, as batches have them.
        pair: the second text of each row, where there are two.
        names: what stands for each row, where it is no text but a sequence of numbers.
    """

    texts: Any
    extra: Arrays
    pair: Any = None
    names: Any = None

    def listed(self) -> Inputs:
        """With lists of strings."""
        if self.names is not None:
            return self
        pair = None if self.pair is None else _listed(self.pair)
        return Inputs(_listed(self.texts), self.extra, pair)

    @property
    def shown(self) -> Any:
        """What stands for each row among predictions."""
        return self.texts if self.names is None else self.names

    def with_second(self, predictions: list[Any]) -> list[Any]:
        """Predictions with the second text of each, as ``pair``, where their kind has one."""
        if self.pair is None:
            return predictions
        return [
            replace(said, pair=text) if hasattr(said, "pair") else said
            for said, text in zip(predictions, self.pair, strict=True)
        ]


def _listed(texts: Texts) -> list[Any]:
    return list(texts) if isinstance(texts, (list, tuple)) else as_column(texts).to_pylist()


def inputs_of(
    extra: Mapping[str, Extra],
    pairs: bool,
    texts: Texts | Split,
    values: ExtraValues = None,
    pair: Texts | None = None,
) -> Inputs:
    """The texts, none missing, with what goes with them: that of a split, or else what is given.

    Args:
        extra: the extra columns of the run.
        pairs: whether the run compares two texts.
        texts: them, or a split.
        values: name → one value a text.
        pair: the second texts.

    Raises:
        PipelineError: there is something else than texts.
        RunError: there are no second texts, or there are some and the run does not read them; or something
            is given beside a split; and as `extra_of_texts`.
    """
    if hasattr(texts, "table"):  # a split; to ask by its class would import the data sets' room
        split: Any = texts
        _check_brings_all(values, pair)
        _check_pair(pairs, split.pair)
        return Inputs(split.text, extra_of_rows(extra, split), split.pair)
    _check_pair(pairs, pair)
    if isinstance(pair, str):
        raise PipelineError(f"pair takes a list of texts, one per text, not one: pair=[{pair!r:.40}]")
    found: Any = texts if isinstance(texts, (list, tuple)) else as_column(texts)
    return Inputs(found, extra_of_texts(extra, values, len(found)), pair)


def _check_brings_all(values: ExtraValues, pair: Texts | None) -> None:
    """Raise `RunError` where something is given beside a split, which has columns of its own."""
    given = " and ".join((["extra="] if values else []) + ([] if pair is None else ["pair="]))
    if given:
        raise RunError(
            f"a split brings its second texts and its extra columns, so {given} would not be read",
            hint=f"leave {given} out, or give the texts as a list",
        )


def _check_pair(pairs: bool, pair: object) -> None:
    """Raise `RunError` where a row has another number of texts than the run reads."""
    if pairs and pair is None:
        raise RunError(
            NO_SECOND,
            hint="give them with pair=[…] (--pair TEXT in a command), or a file that has their column with "
            "--data",
        )
    if pair is not None and not pairs:
        raise RunError(
            SECOND,
            hint="leave them out (pair=, --pair), or read the rows without the column: pair=None "
            "(--set dataset.pair=none)",
        )
