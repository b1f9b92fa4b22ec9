"""What a store holds of each row: ids of tokens, or steps of numbers; the only place of this room that asks.

A pipeline makes ids, a `textprep.scaling.Scaler` steps; both are fitted, encode columns, and are saved with
the store.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pyarrow as pa

from textprep.errors import PreparationError
from textprep.inputs import sequence_type
from textprep.pipeline import Pipeline
from textprep.preparation.shards import shard_schema
from textprep.ragged import Ragged
from textprep.scaling import Scaler, is_scaler
from textprep.template import Template
from textprep.tokenizers.base import Tokenizer
from textprep.vocabulary import Vocabulary

if TYPE_CHECKING:
    from textprep.datasets.corpus import Corpus
    from textprep.explanation.column_spans import SpanFinder
    from textprep.steps.base import Step

Encoding: TypeAlias = "Pipeline | Scaler"
"""What makes rows of a store of a corpus."""


class Form:
    """Ids of tokens.

    Args:
        encoding: what makes the rows, fitted where a method needs what it learned.

    Attributes:
        field: the column of a store.
    """

    field = "input_ids"

    def __init__(self, encoding: Any) -> None:
        self._encoding = encoding

    @property
    def parts(self) -> list[Step | Tokenizer]:
        """The steps and the tokenizer."""
        return [*self._encoding.steps, self._encoding.tokenizer]

    def schema(self, *, pairs: bool, spans: bool) -> pa.Schema:
        """The columns of a shard, of one text per row or two, with the place of each token or without."""
        return shard_schema(len(self._encoding.vocabulary), pairs=pairs, spans=spans)

    def span_finder(self) -> SpanFinder:
        """What finds the place of each token in its raw text."""
        finder: SpanFinder = self._encoding.span_finder()
        return finder

    def unknown(self, texts: Sequence[Ragged]) -> int:
        """How many ids are those of unknown tokens."""
        unk_id = self._encoding.vocabulary.unk_id
        return 0 if unk_id is None else sum(int(np.count_nonzero(ids.values == unk_id)) for ids in texts)

    def learned(self) -> Any:
        """What fitting learned, as JSON values."""
        return [self._encoding.tokenizer.state(), self._encoding.vocabulary.digest]

    def contents(self) -> dict[str, Any]:
        """What the manifest says of it."""
        return {
            "vocabulary_size": len(self._encoding.vocabulary),
            "template": self._encoding.tokenizer.template.to_json(),
        }


class StepForm(Form):
    """Steps of F numbers each."""

    field = "inputs"

    @property
    def parts(self) -> list[Step | Tokenizer]:
        """None."""
        return []

    def schema(self, *, pairs: bool, spans: bool) -> pa.Schema:
        """The columns of a shard: of a step F float32."""
        steps = sequence_type(self._encoding.features)
        return pa.schema({self.field: steps, "length": pa.int64(), "row_id": pa.int64()})

    def unknown(self, texts: Sequence[Ragged]) -> int:
        """None."""
        return 0

    def learned(self) -> Any:
        """Mean and deviation."""
        return self._encoding.learned()

    def contents(self) -> dict[str, Any]:
        """What the numbers are called."""
        return {
            "vocabulary_size": 0,
            "template": Template().to_json(),
            "features": list(self._encoding.names),
        }


def form_of(encoding: Encoding) -> Form:
    """The form in which a store holds what ``encoding`` makes."""
    return StepForm(encoding) if isinstance(encoding, Scaler) else Form(encoding)


def encoding_of_record(record: Any, source: str) -> Encoding:
    """The pipeline or the scaler that is saved as JSON.

    Raises:
        PipelineError: it is neither, or a step's plugin or code is missing here.
    """
    kind = Scaler if is_scaler(record) else Pipeline
    return kind.from_json(record, source=source)


def taught(encoding: Encoding, record: Any) -> Encoding:
    """``encoding`` with what the one saved in ``record`` had learned.

    Raises:
        KeyError, TypeError: ``record`` is no saved pipeline.
        PipelineError: it is no saved scaler.
        TokenizerError: it was learned with other options.
    """
    if isinstance(encoding, Scaler):
        encoding.adopt(Scaler.from_json(record))
        return encoding
    tokenizer = encoding.tokenizer.model_copy()
    tokenizer.restore(Vocabulary.from_json(record["vocabulary"]), record["tokenizer"]["state"])
    encoding.adopt(Pipeline(encoding.steps, tokenizer=tokenizer))
    return encoding


def encoding_for(corpus: Corpus, given: Any) -> Encoding:
    """What encodes the rows of a corpus: what is ``given``, or a scaler where they are sequences.

    Raises:
        PreparationError: it does not encode such rows.
    """
    rows = next(iter(corpus.values()))
    if rows.features is None:
        if isinstance(given, Pipeline):
            return given
        raise PreparationError(
            f"a pipeline is needed, not {given!r:.60}: tp.Pipeline(steps, tokenizer=…) makes one, "
            "Pipeline.load reads one"
        )
    if given is None or isinstance(given, Scaler):
        return Scaler(corpus.features) if given is None else given
    raise PreparationError(
        f"rows are sequences of numbers, which a Scaler encodes, not {given!r:.60}",
        hint="leave the pipeline out",
    )  # fmt: skip
