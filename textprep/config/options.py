"""The options of batches, model and training, each with its plain default; nothing here needs torch."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator

from textprep.batches.layout import Layout
from textprep.batches.options import Positive, TooLong, Window
from textprep.errors import ConfigError, TextprepError
from textprep.options import Options
from textprep.truncation import PairTruncation, Truncation

_GRU = ("embedding_dim", "hidden_dim", "dropout", "word_pairs")
_LANGUAGE = ("embedding_dim", "hidden_dim", "dropout", "tied")
ARCHITECTURES: dict[str, tuple[str, ...]] = {
    "gru": _GRU,
    "gru_attention": (*_GRU, "attention", "heads"),
    "transformer": (*_GRU, "heads", "layers", "positions", "max_length"),
    "gru_tagger": ("embedding_dim", "hidden_dim", "dropout", "attention", "heads"),
    "gru_language_model": _LANGUAGE,
    "transformer_language_model": (*_LANGUAGE, "heads", "layers", "positions", "max_length"),
}
"""Each model of `textprep.models.MODELS`, and the options that its constructor takes."""
COOCCURRENCE = "cooccurrence"
START = ("naive_bayes", "vectors", "freeze_embeddings", "start")
BLOCK_LENGTH = 128
OF_BLOCKS = ("block_length", "lanes")
MOST_PAIRS, MOST_PAIR_WEIGHTS = 2**18, 2**22  # rows, and rows times classes, where nobody says how many


class Section(Options):
    """A section of the configuration.

    >>> TrainingOptions(epoch=1)
    Traceback (most recent call last):
        ...
    textprep.errors.ConfigError: TrainingOptions: there is no option 'epoch': did you mean 'epochs'? There ...

    Raises:
        ConfigError: an option is unknown or has a value that it cannot have.
    """

    error: ClassVar[type[TextprepError]] = ConfigError

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.of = cls.__name__


class LoaderOptions(Section):
    """How batches are made: `textprep.batches.loader.BatchLoader` and its `Layout` have the same options.

    Attributes:
        batch_size: texts in a batch; 64, of blocks 16, where neither it nor ``max_tokens`` is given; where
            both are, both limits hold.
        max_length: longest text in tokens; longer ones are truncated. ``"none"``: none is; nor are sequences
            of numbers, unless told otherwise.
        truncation: what is kept of a longer text: ``"head"``, ``"tail"``, or its beginning and its end, where
            people sum up.
        pair_truncation: which of two texts in a row is cut: ``"longest_first"``, the longer one to the length
            of the other, then both alike; ``"only_first"`` or ``"only_second"``.
        max_tokens: the most tokens of a batch, padding included.
        window: shuffling by length is local to so many rows; of training alone.
        weights: ``"balanced"`` draws as many rows of each class; of training alone: what is scored comes once
            each, and in one order.
        block_length: where the next token is learned: all texts are joined and cut into blocks of so many
            tokens, see `textprep.batches.blocks`, to which ``max_length`` does not apply; ``"none"``: one
            text per row.
        lanes: of blocks: so many rows of a batch go on where the same rows of the batch before stopped, in
            the order of the texts; takes the place of ``batch_size``.

    >>> LoaderOptions(batch_size=8, weights="balanced").scoring()["batch_size"]
    8
    """

    batch_size: Positive | None = None
    max_length: Positive | None = 400
    truncation: Truncation = "head_tail"
    pair_truncation: PairTruncation = "longest_first"
    max_tokens: Positive | None = None
    too_long: TooLong = "truncate"
    pad_to_multiple_of: Positive | None = None
    window: Window | None = None
    weights: Literal["balanced"] | None = None
    block_length: Positive | None = BLOCK_LENGTH
    lanes: Positive | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> LoaderOptions:
        if self.lanes is not None:
            self._check_lanes()
        return self

    def _check_lanes(self) -> None:
        if self.block_length is None or self.block_length < 2:
            raise ConfigError(
                "loader.lanes are of blocks of two tokens or more",
                option="loader.block_length",
                value=BLOCK_LENGTH,
                hint="leave the lanes out, or give longer blocks",
            )
        for option in ("batch_size", "max_tokens", "window", "weights"):
            if getattr(self, option) is not None:
                raise ConfigError(
                    f"loader.lanes={self.lanes} say how many rows a batch has and in which order they come",
                    option=f"loader.{option}",
                    hint=f"leave {option} out, or the lanes",
                )

    def training(self) -> dict[str, Any]:
        """The options of a loader to train with."""
        names = set(Layout.model_fields)
        layout = Layout(**self.model_dump(include=names))
        return {**self.model_dump(exclude={*names, *OF_BLOCKS}), "layout": layout}

    def scoring(self) -> dict[str, Any]:
        """The options of a loader that is there to score."""
        options = self.training()
        return {name: value for name, value in options.items() if name not in ("window", "weights")}


class ModelOptions(Section):
    """Which classifier of `textprep.models`, its sizes, and how its embeddings start.

    Attributes:
        name: ``"gru"``, ``"gru_attention"`` or ``"transformer"``; if not given, the usual one for the target:
            ``"gru_attention"`` where a text has one class, several, or numbers, ``"gru_tagger"`` where each
            token has a tag. For the next token ``"gru_language_model"``, the usual one, or
            ``"transformer_language_model"``.
        embedding_dim: features of a token.
        hidden_dim: units of the GRU each way; of a transformer, of its feed-forward networks.
            A language model has 256, unless told otherwise.
        dropout: share of the features set to zero in training; of a language model 0.2, unless told
            otherwise.
        attention: ``"additive"`` or ``"dot"``, one learned query a text; ``"multihead"`` self-attention. If
            not given, ``"additive"``; of a tagger none, and no other than ``"multihead"``.
        heads: of multi-head attention.
        layers: encoder blocks of a transformer.
        positions: of a transformer: ``"sinusoidal"``, or ``"learned"`` for up to ``max_length`` tokens.
        max_length: of learned positions.
        word_pairs: rows of the table of word pairs of the linear model beside it, 0 for no such model;
            ``None``: 2**18, or for more than 16 classes so many that the
            table holds 2**22 weights, since a linear model of words and pairs beside the deep one costs
            little and is right where that one has read too few texts. Its words start at their naive-Bayes
            log-count ratios, in a split of 2,000 texts or more the less so the fewer of them have the word.
            Of two texts in a row, each has weights of its own.
        naive_bayes: the first embedding features of each word start at its naive-Bayes log-count ratio in
            the training split, see `textprep.training.embeddings.log_count_ratios`.
        vectors: where the embeddings start: ``"cooccurrence"`` at vectors learned from which words stand
            near each other in the training split, see `textprep.training.embeddings.cooccurrence`; else a
            file of pretrained ones, see `textprep.models.vectors.read_vectors`; ``None`` at chance.
            A language model starts at chance, unless told otherwise.
        freeze_embeddings: leave the embeddings as they start.
        start: the folder of the run of a language model, such as ``"runs/reviews-1"``: its steps, its
            tokenizer and vocabulary are taken over, and embeddings and layers of the same kind start at its
            weights, see `textprep.training.start`.
        tied: of a language model: whether the embeddings are what the next token is scored by, too.

    >>> ModelOptions(hidden_dim=32).architecture("gru", outputs=2)
    {'embedding_dim': 128, 'hidden_dim': 32, 'dropout': 0.5, 'word_pairs': 262144}
    >>> ModelOptions().architecture("gru", outputs=1000)["word_pairs"]
    4194
    """

    name: (
        Literal[
            "gru",
            "gru_attention",
            "transformer",
            "gru_tagger",
            "gru_language_model",
            "transformer_language_model",
        ]
        | None
    ) = None
    embedding_dim: int = Field(default=128, ge=1, le=16_384)
    hidden_dim: int = Field(default=64, ge=1, le=16_384)
    dropout: float = Field(default=0.5, ge=0, lt=1)
    attention: Literal["additive", "dot", "multihead"] | None = None
    heads: int = Field(default=4, ge=1)
    layers: int = Field(default=2, ge=1, le=256)
    positions: Literal["sinusoidal", "learned"] = "sinusoidal"
    max_length: int = Field(default=512, ge=1)
    word_pairs: int | None = Field(default=None, ge=0, le=2**26)
    naive_bayes: bool = False
    vectors: str | None = COOCCURRENCE
    freeze_embeddings: bool = False
    start: str | None = None
    tied: bool = True

    @model_validator(mode="after")
    def _fits_the_architecture(self) -> ModelOptions:
        if self.name is None:
            return self
        known = {"name", *ARCHITECTURES[self.name], *START}
        for option in sorted(self.model_fields_set - known):
            if getattr(self, option) != type(self).model_fields[option].default:
                takers = " or ".join(name for name, options in ARCHITECTURES.items() if option in options)
                raise ValueError(f"model {self.name!r} has no {option!r}: it is an option of {takers}")
        return self

    def architecture(self, name: str, outputs: int) -> dict[str, Any]:
        """The arguments of the constructor of the model ``name``, but for what the data decide.

        Args:
            name: that of these options, or, where they have none, the usual one for the target.
            outputs: how many the model has.

        Raises:
            ConfigError: an option is not one of that model.
        """
        if self.name is None:
            self._check_has(name)
        sizes = self.model_dump(include=set(ARCHITECTURES[name]))
        if sizes.get("word_pairs", 0) is None:
            sizes["word_pairs"] = min(MOST_PAIRS, MOST_PAIR_WEIGHTS // outputs)
        return {option: value for option, value in sizes.items() if value is not None}

    def _check_has(self, name: str) -> None:
        given = self.model_dump(exclude_unset=True, exclude={"name"})
        try:
            ModelOptions(name=name, **given)
        except ConfigError as error:
            raise ConfigError(f"{error.message} (model.name is not given)", option="model.name") from error


LEAST_STEPS = 600
MOST_EPOCHS = 30  # of those that nobody asked for


class TrainingOptions(Section):
    """How a model is trained.

    Attributes:
        epochs: passes over the training split, at most; ``None``: two, or as many as make 600 steps of
            the optimizer, but 30 at most, since two passes over a small split teach little; of a language
            model 10.
        learning_rate: of AdamW (Loshchilov and Hutter 2019, https://arxiv.org/abs/1711.05101), at its peak;
            of a language model 5e-3, unless told otherwise.
        schedule: what becomes of the learning rate: ``"linear"`` or ``"cosine"`` lead it to zero at the
            end of the last epoch, ``"constant"`` leaves it.
        warmup: the share of all steps over which it rises to its peak first.
        weight_decay: of AdamW.
        clip_norm: gradients are scaled down to this norm, all parameters together. With ``adversarial`` they
            are the sums of both passes over a batch, about twice as long as those of one.
        accumulate: batches whose gradients are added up to one step, as if they were one large batch.
        label_smoothing: the share of each target that is spread over all classes (Szegedy et al. 2016,
            https://arxiv.org/abs/1512.00567).
        class_weights: ``"balanced"`` lets every class weigh the same, however rare; or a weight for each;
            ``None`` for every row alike.
        loss: of numbers, in standard deviations: ``"squared"`` (the default) leads to the mean,
            ``"absolute"`` to the median; ``"huber"`` (Huber 1964) is squared up to one deviation and absolute
            beyond, so that outliers weigh less. Classes have cross-entropy, and no choice.
        word_dropout: the share of the words of a training text that become ``<unk>`` (Iyyer et al. 2015,
            https://aclanthology.org/P15-1162).
        adversarial: learn each batch a second time, with the embeddings of each text moved by this share of
            their length to where the loss grows fastest, see `textprep.training.loop.adversary`: about
            twice the time a step. 0 does not, nor do a model without ``nn.Embedding`` and a compiled one,
            which is said.
        averaging: the decay of the moving average of the weights that is validated and kept (Polyak and
            Juditsky 1992; Izmailov et al. 2018, https://arxiv.org/abs/1803.05407); 0 keeps the weights as
            they are.
        monitor: which validation score chooses the best epoch: ``"loss"``, or a measure of the target: of
            classes ``"accuracy"`` or ``"macro_f1"``, of numbers ``"mae"``, ``"rmse"`` or ``"r2"``.
        patience: stop after so many epochs in a row without a better one.
        precision: ``"bfloat16"`` computes in mixed precision where torch does; ``"auto"`` does so on CUDA.
        compile: let ``torch.compile`` make the model faster: worth its minutes on a GPU; a GRU gains nothing.
        checkpoint_every: steps between two checkpoints within an epoch; there is one after each epoch too.
        tensorboard: write the log for TensorBoard too (``pip install 'textprep-nlp[tensorboard]'``).
        seed: of dropout here; callers use it for batch order and first weights too.
        device: "auto" takes CUDA, else MPS, else the CPU; or a name that torch knows.

    >>> TrainingOptions(epochs=1).epochs
    1
    """

    epochs: int | None = Field(default=None, ge=1)
    learning_rate: float = Field(default=2e-3, gt=0, allow_inf_nan=False)
    schedule: Literal["linear", "cosine", "constant"] = "linear"
    warmup: float = Field(default=0.0, ge=0, le=1)
    weight_decay: float = Field(default=1e-2, ge=0, allow_inf_nan=False)
    clip_norm: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    accumulate: int = Field(default=1, ge=1)
    label_smoothing: float = Field(default=0.0, ge=0, lt=1)
    class_weights: Literal["balanced"] | tuple[float, ...] | None = None
    word_dropout: float = Field(default=0.0, ge=0, lt=1)
    adversarial: float = Field(default=0.02, ge=0, allow_inf_nan=False)
    averaging: float = Field(default=0.0, ge=0, lt=1)
    loss: Literal["squared", "absolute", "huber"] | None = None
    monitor: str = "loss"
    patience: int = Field(default=5, ge=1)
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    compile: bool = False
    checkpoint_every: int = Field(default=500, ge=1)
    tensorboard: bool = False
    seed: int = Field(default=0, ge=0, lt=2**63)
    device: str = "auto"

    def epochs_of(self, batches: int | None) -> int:
        """How many epochs to train where one has so many ``batches``, or nobody knows how many.

        >>> [TrainingOptions().epochs_of(batches) for batches in (352, 28, 2)]
        [2, 22, 30]
        >>> TrainingOptions(epochs=1).epochs_of(28)
        1
        """
        if self.epochs is not None:
            return self.epochs
        steps = -(-(batches or LEAST_STEPS) // self.accumulate)
        return min(max(2, -(-LEAST_STEPS // max(steps, 1))), MOST_EPOCHS)
