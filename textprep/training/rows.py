"""How training reads rows: texts through a pipeline, or sequences of numbers through a scaler.

The only place of training that asks which kind of input rows are: `rows_of` gives the object that knows. What
runs show and are given is in `textprep.training.runs.given`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from textprep.errors import ConfigError
from textprep.prepared.coverage import check_known, prepared_shares
from textprep.training.start import pipeline_of

if TYPE_CHECKING:
    from textprep.config.experiment import Config
    from textprep.datasets.corpus import Corpus
    from textprep.preparation.form import Encoding
    from textprep.prepared.dataset import PreparedDataset


class TextRows:
    """Rows of one text, or of two.

    Attributes:
        preparing: what `textprep.prepare` does to them.
    """

    preparing: ClassVar[str] = "cleaning, tokenizing, encoding"

    def usual(self, config: Config) -> Config:
        """The configuration with what is usual for such rows where nobody said otherwise."""
        return config

    def encoding(self, config: Config) -> Encoding | None:
        """What encodes them, not fitted yet, unless the model starts at a language model."""
        return pipeline_of(config)

    def describe(self, data: PreparedDataset) -> str:
        """What was prepared, for people."""
        splits = ", ".join(f"{name} {split.tokens:,}" for name, split in data.items())
        return f"vocabulary of {self.vocabulary(data):,} tokens; tokens in {splits}; kept in {data.path}"

    def check_known(self, corpus: Corpus, data: PreparedDataset) -> None:
        """Raise `PreparationError` where a model would learn nothing from what was prepared."""
        check_known(corpus, data.pipeline, prepared_shares(data))

    def vocabulary(self, data: Any) -> int:
        """How many tokens there are; ``data`` has a pipeline."""
        return len(data.pipeline.vocabulary)

    def unk_id(self, data: PreparedDataset) -> int | None:
        """The id of unknown tokens, where there is one."""
        unk_id: int | None = data.pipeline.vocabulary.unk_id
        return unk_id

    def model_options(self, data: PreparedDataset) -> dict[str, Any]:
        """The arguments of a model's constructor that the rows decide."""
        two_texts = {} if data["train"].pair is None else {"pairs": True}
        return {"vocab_size": self.vocabulary(data), "pad_id": data.pipeline.vocabulary.pad_id, **two_texts}

    def sizes(self, options: dict[str, Any]) -> dict[str, Any]:
        """The arguments that the configuration decides, as far as the rows let it."""
        return options


class SequenceRows(TextRows):
    """Rows of a sequence of numbers."""

    preparing: ClassVar[str] = "standardizing"
    meaningless: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "model": {"vectors": None, "naive_bayes": False, "start": None},
        "training": {"adversarial": 0.0, "word_dropout": 0.0},
    }
    """Section → the options that have no meaning without words, and what they are then."""

    def usual(self, config: Config) -> Config:
        """Without what is about words; and no sequence is cut, unless somebody says how long they may be.

        Raises:
            ConfigError: an option is given that is about words.
        """
        changed: dict[str, Any] = {}
        _check_not_given("model", config.model, {"word_pairs": 0})
        for section, without in self.meaningless.items():
            options = getattr(config, section)
            _check_not_given(section, options, without)
            changed[section] = options.model_copy(update=dict(without))
        if "max_length" not in config.loader.model_fields_set:
            changed["loader"] = config.loader.model_copy(update={"max_length": None})
        return config.model_copy(update=changed)

    def encoding(self, config: Config) -> Encoding | None:
        """A scaler, which `textprep.prepare` makes."""
        return None

    def describe(self, data: PreparedDataset) -> str:
        """How many steps there are, of which numbers."""
        names, splits = (
            data.features or (),
            ", ".join(f"{name} {split.tokens:,}" for name, split in data.items()),
        )
        return f"{len(names)} numbers a step ({', '.join(names)}); steps in {splits}; kept in {data.path}"

    def check_known(self, corpus: Corpus, data: PreparedDataset) -> None:
        """Nothing is unknown."""

    def vocabulary(self, data: Any) -> int:
        """0: there are no tokens."""
        return 0

    def unk_id(self, data: PreparedDataset) -> int | None:
        """There is none."""
        return None

    def model_options(self, data: PreparedDataset) -> dict[str, Any]:
        """How many numbers a step has."""
        return {"features": len(data.features or ())}

    def sizes(self, options: dict[str, Any]) -> dict[str, Any]:
        """Without a linear model of words."""
        return {name: 0 if name == "word_pairs" else value for name, value in options.items()}


def _check_not_given(section: str, options: Any, without: Mapping[str, Any]) -> None:
    fields = type(options).model_fields
    for name, value in without.items():
        held = getattr(options, name)
        if name in options.model_fields_set and held not in (value, fields[name].default):
            raise ConfigError(
                f"{section}.{name} is about words, and rows are sequences of numbers",
                option=f"{section}.{name}", hint="leave it out",
            )  # fmt: skip


TEXTS, SEQUENCES = TextRows(), SequenceRows()


def rows_of(thing: Any) -> TextRows:
    """What knows which kind of rows a corpus, a split, prepared data or a model has, by its features."""
    return SEQUENCES if getattr(thing, "features", None) else TEXTS
