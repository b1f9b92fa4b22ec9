"""Text that a language model writes: token by token, each drawn from what the model says comes next.

Shapes are written with V tokens of the vocabulary.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import torch
from pydantic import Field
from torch import Tensor, nn

from textprep.config.options import Section
from textprep.errors import PipelineError
from textprep.pipeline import Pipeline
from textprep.training.loop.devices import device_of


class Generation(Section):
    """How a text is written.

    Attributes:
        temperature: what the logits are divided by before a token is drawn: below 1 the likely tokens become
            likelier; 0 always takes the likeliest.
        top_k: draw among the so many likeliest tokens only (Fan, Lewis and Dauphin, "Hierarchical neural
            story generation", ACL 2018, https://arxiv.org/abs/1805.04833); ``None``: among all.
        seed: of the draws; the same one gives the same text.
        max_tokens: the most tokens that are written; fewer where the model ends the text.

    >>> Generation(temperature=-1)
    Traceback (most recent call last):
        ...
    textprep.errors.ConfigError: Generation: option 'temperature': Input should be greater than or equal ...
    """

    temperature: float = Field(default=1.0, ge=0, allow_inf_nan=False)
    top_k: int | None = Field(default=None, ge=1)
    seed: int = Field(default=0, ge=0, lt=2**63)
    max_tokens: int = Field(default=100, ge=1)


def written(
    model: nn.Module, pipeline: Pipeline, start: str, options: Generation, *, window: int | None = None
) -> str:
    """``start`` and what ``model`` says comes after it, as the pipeline decodes both.

    Args:
        model: in evaluation mode.
        pipeline: fitted; the one that the model was trained with.
        start: the beginning of the text; may be empty.
        options: how tokens are drawn.
        window: how many tokens the model sees at once, at most; as many as there are, if not given.

    Raises:
        PipelineError: ``start`` is no text.
    """
    if not isinstance(start, str):
        raise PipelineError(f"generate takes the beginning of a text, not {start!r:.40}")
    vocabulary, end_id = pipeline.vocabulary, pipeline.tokenizer.template.ending
    never = {*unwritten(pipeline)} - {end_id}
    ids = pipeline.encode(start)
    first = [] if end_id is None else [end_id]  # a text begins behind the end of another one
    added = continued(model, [*first, *ids] or [vocabulary.pad_id or 0], options, end_id, never, window)
    return pipeline.decode([*ids, *added])


def unwritten(pipeline: Pipeline) -> list[int]:
    """The ids that are not of any text: padding, unknown, special tokens and unused ids."""
    vocabulary = pipeline.vocabulary
    specials = [vocabulary[token] for token in vocabulary.specials]
    template = [i for part in pipeline.tokenizer.template.single for i in part.ids]
    ends = [vocabulary.pad_id, vocabulary.unk_id]
    return [*(i for i in ends if i is not None), *specials, *template, *vocabulary.unused]


def continued(
    model: nn.Module,
    ids: Sequence[int],
    options: Generation,
    end_id: int | None = None,
    never: Collection[int] = (),
    window: int | None = None,
) -> list[int]:
    """The ids that follow ``ids``, of which there is at least one, up to where the model ends the text.

    >>> from textprep.models.language import GRULanguageModel
    >>> model = GRULanguageModel(9).eval()
    >>> len(continued(model, [3], Generation(max_tokens=4)))
    4
    """
    draws = torch.Generator().manual_seed(options.seed)
    read, added, state = list(ids), list[int](), None
    with torch.inference_mode():
        while len(added) < options.max_tokens:
            given = read[-1:] if state is not None else read[-(window or len(read)) :]
            seen = torch.tensor([given], device=device_of(model))
            logits, state = model(seen, torch.ones_like(seen), state=state, return_state=True)
            token = drawn(logits[0, -1], options, draws, never)
            if token == end_id:
                break
            read.append(token)
            added.append(token)
    return added


def drawn(logits: Tensor, options: Generation, draws: torch.Generator, never: Collection[int] = ()) -> int:
    """A token of logits (V,).

    >>> drawn(torch.tensor([0.0, 2.0, 1.0]), Generation(temperature=0), torch.Generator(), never=[1])
    2
    """
    logits = logits.double().cpu()
    logits[list(never)] = -torch.inf
    if options.top_k is not None and options.top_k < len(logits):
        logits[logits < logits.topk(options.top_k).values[-1]] = -torch.inf
    if options.temperature == 0:
        return int(logits.argmax())
    return int(((logits - logits.max()) / options.temperature).softmax(0).multinomial(1, generator=draws))
