"""The batches of an experiment: to train on, and to score."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from textprep.batches.columns import default_fields
from textprep.batches.loader import BatchLoader
from textprep.batches.reader import field_of, target_of_rows
from textprep.batches.token_fields import TOKEN_INDEX
from textprep.config.experiment import Config
from textprep.config.options import LoaderOptions
from textprep.prepared.split import PreparedSplit
from textprep.template import Template

WHOLE: dict[str, Any] = {
    "rank": 0,
    "world_size": 1,
}  # every process gets every batch, and takes its rows of it


BLOCKS = 16  # in a batch, where nobody says how many: each has many tokens to learn from


def training_loader(split: PreparedSplit, config: Config) -> BatchLoader:
    """Batches in an order of the epoch and ``training.seed``; of lanes, in that of the texts."""
    order = {"shuffle": config.loader.lanes is None, "seed": config.training.seed}
    return _loader(split, config.loader, {**config.loader.training(), **order})


def scoring_loader(split: PreparedSplit, config: Config) -> BatchLoader:
    """Batches by length, since the order of rows changes no score and padding costs time.

    Blocks of lanes keep their order.
    """
    order = {"by_length": config.loader.lanes is None}
    return _loader(split, config.loader, {**config.loader.scoring(), **order})


def _loader(split: PreparedSplit, options: LoaderOptions, given: dict[str, Any]) -> BatchLoader:
    """Batches of rows, or of the blocks into which their texts are cut.

    A model is told where texts begin, so that it may keep them apart; of lanes, which rows go on.
    """
    if options.block_length is None or split.target is None or not split.target.from_text:
        return BatchLoader(told_apart(split), **{**given, **fields(split), **WHOLE})
    blocks = split.blocks(options.block_length, lanes=options.lanes)
    whole = {"layout": given["layout"].model_copy(update={"max_length": None})}
    size = {"batch_size": options.lanes or options.batch_size or (None if options.max_tokens else BLOCKS)}
    columns = [*default_fields(has_pair=False), TOKEN_INDEX, *(blocks.row_fields or blocks.token_fields)]
    return BatchLoader(blocks, **{**given, **whole, **size, **WHOLE}, columns=columns)


def fields(split: Any) -> dict[str, list[str]]:
    """The usual fields of a batch, and every extra column; per token, which token of its text each one is."""
    per_token = [TOKEN_INDEX] if target_of_rows(split).per_token else []
    return {
        "columns": [
            *default_fields(has_pair=split.pair is not None, field=field_of(split)),
            *per_token,
            *split.extra_names,
        ]
    }


class _LaidOut:
    """A split whose rows are laid out by another template."""

    def __init__(self, split: Any, template: Template) -> None:
        self._split, self.template = split, template

    def __len__(self) -> int:
        return len(self._split)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._split, name)


def told_apart(split: Any) -> Any:
    """The rows, with ``token_type_ids`` that say which of two texts a token is of."""
    template = with_types(split.template)
    return split if template == split.template else cast(Any, _LaidOut(split, template))


def with_types(template: Template) -> Template:
    """The template, with ``token_type_ids`` by which a model knows two texts apart.

    Some tokenizers, such as RoBERTa's, give 0 to both texts, since their models look for the separator.

    >>> from textprep.template import FIRST, Part
    >>> roberta = Template(pair=(FIRST, Part(ids=(2, 2)), Part(text=1), Part(ids=(2,))))
    >>> with_types(roberta).row([7, 8], [9])
    ([7, 8, 2, 2, 9, 2], [0, 0, 0, 0, 1, 1])
    """
    parts = template.pair or ()
    types = {part.text: part.type_id for part in parts if part.text is not None}
    if len(set(types.values())) == len(types) and types.get(0, 0) == 0:
        return template
    first, second = (next(at for at, part in enumerate(parts) if part.text == text) for text in (0, 1))
    of_second = range(second, len(parts)) if first < second else range(first)
    return replace(
        template, pair=tuple(replace(part, type_id=int(at in of_second)) for at, part in enumerate(parts))
    )
