"""What a run is given, and what its page shows of it: texts, or sequences of numbers.

The only place of runs that asks which of them: `given_to` gives the object that knows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from textprep.errors import RunError
from textprep.prepared.memory import encode_in_memory
from textprep.training.runs.extra_inputs import extra_of_rows, extra_of_texts
from textprep.training.runs.inputs import Inputs, inputs_of
from textprep.training.targets.tag_places import StepPlaces, TextPlaces

if TYPE_CHECKING:
    from textprep.datasets.split import Split
    from textprep.report.sections import Section
    from textprep.training.runs.run import Run


class ShownRows(NamedTuple):
    """What the page of a run shows of a few rows.

    Attributes:
        examples: kinds of texts, and one of each on its way through the steps.
        read: a few rows that the model read, and what it made of them.
        sections: further sections of the page.
    """

    examples: Sequence[Any] = ()
    read: Any = None
    sections: tuple[Section, ...] = ()


class GivenTexts:
    """Of a run that reads texts."""

    def inputs(self, extra: Mapping[str, Any], pairs: bool, given: Any, values: Any, pair: Any) -> Inputs:
        """What a run is given, see `textprep.training.runs.inputs.inputs_of`."""
        return inputs_of(extra, pairs, given, values, pair)

    def places(self, pipeline: Any, given: Any) -> TextPlaces:
        """Where the tokens of texts, or of those of a split, are in them."""
        texts = given.text.to_pylist() if hasattr(given, "table") else list(given)
        return TextPlaces(texts, encode_in_memory(pipeline, texts, spans=True).spans)

    def page_places(self, run: Run) -> dict[str, Any]:
        """What finds the ``spans`` of tokens in texts, where the page of the run shows them."""
        return (
            {"spans": partial(encode_in_memory, run.pipeline, spans=True)}
            if run.objective.shows_places
            else {}
        )

    def shown(self, run: Run, train: Split, held_out: Any) -> ShownRows:
        """What the page of a run shows of rows: some of ``train``, and some that were ``held_out``."""
        from textprep.training.runs.findings import examples_of
        from textprep.training.runs.readings import read_some

        return ShownRows(examples_of(run, train), read_some(run, *held_out) if held_out else None)


class GivenSequences(GivenTexts):
    """Of a run that reads sequences of numbers."""

    def inputs(self, extra: Mapping[str, Any], pairs: bool, given: Any, values: Any, pair: Any) -> Inputs:
        """A split of sequences, or arrays.

        Raises:
            RunError: there are texts, or second ones.
        """
        if hasattr(given, "table"):
            if given.features is None:
                raise RunError("the run reads sequences of numbers, and these rows are texts",
                               hint="read them as the training data were: run.read(path)")  # fmt: skip
            return Inputs(given.sequence, extra_of_rows(extra, given), names=_names(given))
        if pair is not None or any(isinstance(each, str) for each in given):
            raise RunError("the run reads sequences of numbers, and there are texts",
                           hint="give arrays of shape (steps, numbers), or a file to 'textprep predict' "
                           "with --data")  # fmt: skip
        arrays = list(given)
        names = [f"sequence {number}" for number in range(len(arrays))]
        return Inputs(arrays, extra_of_texts(extra, values, len(arrays)), names=names)

    def places(self, pipeline: Any, given: Any) -> TextPlaces:
        """Each step of a sequence is a token."""
        rows = given.sequence.to_pylist() if hasattr(given, "table") else given
        return StepPlaces([len(row) for row in rows])

    def page_places(self, run: Run) -> dict[str, Any]:
        """None: steps are no places in a text."""
        return {}

    def shown(self, run: Run, train: Split, held_out: Any) -> ShownRows:
        """Curves, in sections of their own."""
        from textprep.training.runs.sequence_findings import sections_of

        return ShownRows(sections=sections_of(run, train, held_out))


def _names(split: Any) -> list[str]:
    return [name for (name,) in split.input.shown(split.table)]


def given_to(run: Run) -> GivenTexts:
    """What knows whether a run is given texts or sequences."""
    return GivenTexts() if run.model.features is None else GivenSequences()
