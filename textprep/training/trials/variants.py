"""Variants of an experiment: the same data and sizes, one thing changed."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from textprep.config.experiment import DEFAULT_TOKENIZER, Config, Named, parse_config
from textprep.config.options import ARCHITECTURES, START, ModelOptions
from textprep.errors import ConfigError
from textprep.extra.kinds import extras_of

ATTENTIONS: dict[str, dict[str, Any]] = {
    "no attention": {"name": "gru"},
    "additive": {"name": "gru_attention", "attention": "additive"},
    "multi-head": {"name": "gru_attention", "attention": "multihead"},
}
TOKENIZERS = (DEFAULT_TOKENIZER, {"name": "char"}, {"name": "bpe", "vocab_size": 16_000})


class Variant(NamedTuple):
    """One line of a comparison.

    Attributes:
        group: what is varied: variants of a group are compared with each other.
        name: how it differs.
        config: the whole experiment.
    """

    group: str
    name: str
    config: Config


def attention_variants(config: Config) -> list[Variant]:
    """No attention, additive and multi-head attention over the same GRU; everything else as configured.

    So the linear model of words and pairs stays beside it, if there is one: ``model.word_pairs=0`` in the
    experiment compares the attentions alone.

    >>> config = parse_config({"dataset": "memory"})
    >>> [variant.name for variant in attention_variants(config)]
    ['no attention', 'additive', 'multi-head']
    """
    return [
        Variant("attention", name, _with(config, model=_model(config.model, change)))
        for name, change in ATTENTIONS.items()
    ]


def tokenizer_variants(config: Config) -> list[Variant]:
    """Words, characters and byte-pair encoding; the tokenizer of ``config`` keeps its options."""
    return [
        Variant("tokenizer", str(options["name"]), _with(config, tokenizer=_tokenizer(config, options)))
        for options in TOKENIZERS
    ]


def step_variants(config: Config) -> list[Variant]:
    """All cleaning steps, and each left out in turn."""
    steps = config.steps
    left_out = [
        Variant("steps", f"without {step.name}", _with(config, steps=steps[:number] + steps[number + 1 :]))
        for number, step in enumerate(steps)
    ]
    return [Variant("steps", "all steps", config), *left_out]


def extra_variants(config: Config) -> list[Variant]:
    """With all extra columns, without each in turn, and with the text alone.

    >>> config = parse_config({"dataset": {"name": "memory", "extra": ["year", "author"]}})
    >>> [variant.name for variant in extra_variants(config)]
    ['all columns', 'without year', 'without author', 'text alone']

    Raises:
        ConfigError: there are none.
    """
    options = config.dataset.options()
    extra = extras_of(options.get("extra"))
    if not extra:
        raise ConfigError("there are no extra columns to leave out", option="dataset.extra")
    each = (
        {f"without {left}": [name for name in extra if name != left] for left in extra}
        if len(extra) > 1
        else {}
    )
    return [
        Variant("extra", name, _with(config, dataset=_with_extra(config, kept)))
        for name, kept in {"all columns": list(extra), **each, "text alone": []}.items()
    ]


def _with_extra(config: Config, names: Sequence[str]) -> Named:
    options = config.dataset.options()
    extra, dataset = options.pop("extra"), {"name": config.dataset.name, **options}
    kept = {name: extra[name] for name in names} if isinstance(extra, Mapping) else list(names)
    return Named(**dataset, extra=kept) if names else Named(**dataset)


GROUPS = {
    "attention": attention_variants,
    "tokenizer": tokenizer_variants,
    "steps": step_variants,
    "extra": extra_variants,
}


def own_variants(config: Config, written: Sequence[str]) -> list[Variant]:
    """The experiment as it is, and variants as people write them: a name, then overrides.

    >>> config = parse_config({"dataset": "memory"})
    >>> base, variant = own_variants(config, ["'long training' training.epochs=9 loader.max_length=400"])
    >>> variant.name, variant.config.training.epochs
    ('long training', 9)

    Raises:
        ConfigError: an override cannot be used, changes the data set, or a name is there twice.
    """
    variants = [Variant("variants", "as configured", config)]
    for line in written:
        name, *overrides = _words(line)
        given = config.model_dump(mode="json", exclude_unset=True)  # what is usual depends on the data
        changed = parse_config(given, overrides, by=f"variant {name!r}:")
        if changed.dataset.model_dump_json() != config.dataset.model_dump_json():
            raise ConfigError(
                f"variant {name!r} changes the data set: variants are compared on the same rows"
            )
        if name in [variant.name for variant in variants]:
            raise ConfigError(f"there are two variants called {name!r}")
        variants.append(Variant("variants", name, changed))
    return variants


def varied_and_held(variants: Sequence[Variant]) -> tuple[list[str], list[str]]:
    """The keys in which variants differ, and what is the same in all: keys beside those, and whole sections.

    >>> varied, held = varied_and_held(attention_variants(parse_config({"dataset": "memory"})))
    >>> varied, held[0], held[-1]
    (['model.attention', 'model.name'], 'model.dropout=0.5', 'training')
    """
    records = [variant.config.model_dump(mode="json") for variant in variants]
    varied: list[str] = []
    beside: list[str] = []
    whole: list[str] = []
    for section, first in records[0].items():
        if all(record[section] == first for record in records):
            whole.append(section)
        elif not all(isinstance(record[section], dict) for record in records):
            varied.append(section)
        else:
            for key in sorted({key for record in records for key in record[section]}):
                values = [record[section].get(key) for record in records]
                same = all(value == values[0] for value in values)
                (beside if same else varied).append(f"{section}.{key}" + (f"={values[0]}" if same else ""))
    return varied, [*beside, *whole]


def _words(line: str) -> list[str]:
    """The name of a variant and its overrides."""
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise ConfigError(f"variant {line!r}: {error}: put names of several words into quotes") from error
    if len(words) < 2 or "=" in words[0]:
        raise ConfigError(
            f'variant {line!r} is not a name and what it changes, as "big model.hidden_dim=128"'
        )
    return words


def _with(config: Config, **changes: Any) -> Config:
    return config.model_copy(update=changes)


def _model(options: ModelOptions, change: dict[str, Any]) -> ModelOptions:
    """``options`` as far as they are options of the changed model too; themselves, where nothing changes."""
    known = {*ARCHITECTURES[change["name"]], *START} & options.model_fields_set
    changed = ModelOptions(**{**options.model_dump(include=known), **change})
    usual = {name: value for name, value in ATTENTIONS["additive"].items() if getattr(options, name) is None}
    same = options.model_copy(update=usual).model_dump() == changed.model_dump()
    return options if same else changed


def _tokenizer(config: Config, options: dict[str, Any]) -> Named:
    return config.tokenizer if config.tokenizer.name == options["name"] else Named(**options)
