"""A model watched while it reads: the shape of every tensor on the way, and where it looked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from textprep.config.options import LoaderOptions
from textprep.explanation import Explanation
from textprep.explanation.text import explanation_text
from textprep.models import TextModel
from textprep.report.findings import Layer, Linear, Reading
from textprep.report.reading import reading_text, summary
from textprep.targets import Target
from textprep.training.runs.extra_inputs import Arrays
from textprep.training.runs.loaders import with_types
from textprep.training.targets.base import Objective

if TYPE_CHECKING:
    from textprep.training.runs.run import Run

SIZES = {True: ("B texts", "T tokens"), False: ("B sequences", "T steps", "F numbers")}  # by: reads it texts
UNSEEN = (nn.Dropout, nn.ModuleList)  # what passes everything on while a model is not trained
STATES, WEIGHTS = ("output", "last state"), ("output", "weights")


@dataclass(frozen=True)
class TextReading:
    """One text on its way through a pipeline and a model: what `Run.explain` gives.

    Attributes:
        explanation: of the pipeline: every step's text, every token with its id and span.
        reading: of the model: what it says, attention, the shape of every tensor.
    """

    explanation: Explanation
    reading: Reading

    @classmethod
    def of(cls, run: Run, text: str, pair: str | None, loader: LoaderOptions, extra: Arrays) -> TextReading:
        """What ``run`` makes of a text, or of two, and of extra columns, as a row of ``loader``, padded."""
        explanation = explained(run, text, pair, loader)
        width = len(explanation.row.ids)
        return cls(explanation, read_explained(run, [explanation], width=width, extra=extra))

    def to_json(self) -> dict[str, Any]:
        """As JSON values, for programs."""
        said = summary(self.explanation, self.reading)
        return {**self.explanation.to_json(), **said}

    def __str__(self) -> str:
        said = reading_text(self.explanation, self.reading)
        return f"{explanation_text(self.explanation, colour=False)}\n\n{said}"


def explained(
    run: Run, text: str, pair: str | None = None, loader: LoaderOptions | None = None
) -> Explanation:
    """The way of a text, or of two, to a row of ``loader``; of the run's, if not given."""
    loader = loader or run.config.loader
    explanation: Explanation = run.pipeline.explain(
        text,
        pair,
        max_length=seen_at_once(loader, run.target),
        truncation=loader.truncation,
        pair_truncation=loader.pair_truncation,
    )
    if not run.pairs or pair is None:
        return explanation
    return replace(explanation, row=explanation.row.with_types(_types(run, explanation)))


def seen_at_once(loader: LoaderOptions, target: Target | None) -> int | None:
    """The most tokens that a model sees: those of a row, or of a block where texts are joined."""
    is_joined = target is not None and target.from_text and loader.block_length is not None
    return loader.block_length if is_joined else loader.max_length


def read_explained(
    run: Run, explanations: Sequence[Explanation], width: int = 1, extra: Arrays | None = None
) -> Reading:
    """What the model of ``run`` makes of the rows of explanations, as one batch; see `read_rows`."""
    rows = [[token.id for token in explanation.row.tokens] for explanation in explanations]
    types = [[token.type_id for token in explanation.row.tokens] for explanation in explanations]
    return read_rows(
        run.model, rows, run.objective, width=width, extra=extra, types=types if run.pairs else None,
        ways=explanations,
    )  # fmt: skip


def _types(run: Run, explanation: Explanation) -> list[int]:
    """Of each token of a row of two texts, 1 if it is of the second one."""
    tokens = explanation.row.tokens
    texts = [[token.id for token in tokens if token.text == text] for text in (0, 1)]
    return with_types(run.pipeline.tokenizer.template).row(*texts)[1]


def read_rows(
    model: TextModel,
    rows: Sequence[Sequence[int]],
    objective: Objective,
    width: int = 1,
    extra: Arrays | None = None,
    types: Sequence[Sequence[int]] | None = None,
    ways: Sequence[Explanation] = (),
) -> Reading:
    """What ``model`` makes of ``rows`` as one batch, padded on the right.

    Shapes are those of the tensors that came out of every layer: hooks look at them.

    Args:
        model: in evaluation mode.
        rows: token ids, without padding.
        objective: what the model has learned.
        width: T is at least so much.
        extra: name → (B,) or (B, K), the extra columns of the texts.
        types: of each token, 0 in the first text of a row and 1 in the second, where there are two.
        ways: how each text became its row, where that is known.

    >>> from textprep.models import GRUClassifier
    >>> from textprep.targets import ClassTarget
    >>> from textprep.training.targets import objective_of
    >>> model = GRUClassifier(9, 2, embedding_dim=4, hidden_dim=3).eval()
    >>> reading = read_rows(model, [[5, 7], [3]], objective_of(ClassTarget(class_names=["bad", "good"])))
    >>> [(layer.name, layer.tensors[0][1]) for layer in reading.layers][:2]
    [('ids', (2, 2)), ('embedding', (2, 2, 4))]
    """
    ids, mask = _padded(rows, width, model.embedding.padding_idx or 0)
    of_texts = None if types is None else _padded(types, width)[0]
    given = {"input_ids": ids, "token_type_ids": of_texts}
    reading, logits = _read(model, "ids", ids, mask, objective, given, extra, ways)
    return replace(reading, linear=_linear(model, logits, ids, mask, of_texts))


def read_sequences(
    model: TextModel, rows: Sequence[Any], objective: Objective, extra: Arrays | None = None
) -> Reading:
    """What ``model`` makes of sequences as one batch, padded on the right, as `read_rows` does of ids.

    Args:
        model: in evaluation mode.
        rows: (T, F) float32 each, as a scaler gives them.
        objective: what the model has learned.
        extra: name → (B,) or (B, K), the extra columns.
    """
    padded = [torch.from_numpy(np.array(row)) for row in rows]
    inputs = nn.utils.rnn.pad_sequence(padded, batch_first=True)
    lengths = torch.tensor([len(row) for row in rows])
    mask = torch.arange(inputs.shape[1]) < lengths[:, None]
    return _read(model, "inputs", inputs, mask, objective, {"inputs": inputs}, extra)[0]


def _read(
    model: TextModel, name: str, ids: Tensor, mask: Tensor, objective: Objective, given: Mapping[str, Any],
    extra: Arrays | None, ways: Sequence[Explanation] = (),
) -> tuple[Reading, Tensor]:  # fmt: skip
    """What ``model`` makes of ``given``, of which ``ids`` are the rows; and its outputs."""
    with _watched(model) as layers, torch.inference_mode():
        beside = {name: torch.from_numpy(values) for name, values in (extra or {}).items()}
        logits, weights = model(attention_mask=mask, return_attention=True, **given, **beside)
    first = Layer(name, _type(ids), (("", tuple(ids.shape)),), 0)
    reading = Reading(
        layers=(first, *layers, *_ends(model, logits, objective)),
        sizes=_sizes(ids, model, logits),
        mask=mask.numpy(),
        answers=objective.answers(_unpadded(objective.values(logits.float().numpy()), mask, ways), ways),
        attention=None if weights is None else weights.numpy(),
        causal=model.predicts == "next_token",
        pooled=model.predicts == "rows",
    )
    return reading, logits


def _unpadded(values: Any, mask: Tensor, ways: Sequence[Explanation]) -> Any:
    """Values (B, …), those of steps without padding; of texts ``ways`` say what is none."""
    if values.ndim < 3 or ways:
        return values
    return [each[real] for each, real in zip(values, mask.numpy(), strict=True)]


def _linear(model: TextModel, logits: Tensor, *inputs: Tensor | None) -> Linear | None:
    """What the bag of the model adds, and what is left of its logits without."""
    with torch.inference_mode():
        parts = model.contributions(*inputs)  # type: ignore[arg-type]
    if parts is None:
        return None
    tokens, pairs = parts
    deep = logits.double() - tokens.sum(dim=1) - pairs.sum(dim=1)
    return Linear(tokens.numpy(), pairs.numpy(), deep.numpy())


def _padded(rows: Sequence[Sequence[int]], width: int, fill: int = 0) -> tuple[Tensor, Tensor]:
    """Values (B, T) int64 and mask (B, T) bool."""
    widest = max(1, width, *map(len, rows))
    ids = torch.full((len(rows), widest), fill)
    mask = torch.zeros_like(ids, dtype=torch.bool)
    for place, row in enumerate(rows):
        ids[place, : len(row)] = torch.tensor(row, dtype=torch.int64)
        mask[place, : len(row)] = True
    return ids, mask


@contextmanager
def _watched(model: nn.Module) -> Iterator[list[Layer]]:
    """Every layer that runs in here, in the order in which they finish."""
    seen: list[Layer] = []

    def hook(name: str) -> Any:
        def look(module: nn.Module, inputs: Any, output: Any) -> None:
            seen.append(_layer(name, module, inputs, output))

        return look

    handles = [
        module.register_forward_hook(hook(name))
        for name, module in model.named_modules()
        if name and not isinstance(module, UNSEEN)
    ]
    try:
        yield seen
    finally:
        for handle in handles:
            handle.remove()


def _layer(name: str, module: nn.Module, inputs: Any, output: Any) -> Layer:
    outputs = output if isinstance(output, tuple) else (output,)
    words = STATES if isinstance(module, nn.RNNBase) else WEIGHTS if len(outputs) > 1 else ("",)
    tensors = [
        (word, tuple(tensor.shape)) for word, tensor in zip(words, outputs, strict=True) if tensor is not None
    ]
    if name == "head":  # what it gets is what the encoder makes of a whole text, which no layer gives
        tensors = [("input", tuple(inputs[0].shape)), ("logits", tensors[0][1])]
    parameters = sum(parameter.numel() for parameter in module.parameters(recurse=False))
    return Layer(name, type(module).__name__, tuple(tensors), parameters)


def _ends(model: TextModel, logits: Tensor, objective: Objective) -> list[Layer]:
    """What no layer computes: the sum of deep and linear model, and what is made of it."""
    shape = (("", tuple(logits.shape)),)
    together = [Layer("logits", "head + bag", shape, 0)] if model.bag else []
    return [*together, Layer(*objective.decoding, shape, 0)]


def _sizes(ids: Tensor, model: TextModel, logits: Tensor) -> dict[str, int]:
    return {
        **dict(zip(SIZES[model.features is None], ids.shape, strict=True)),
        "E embedding features": model.options()["embedding_dim"],
        "C classes": logits.shape[-1],
    }


def _type(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")
