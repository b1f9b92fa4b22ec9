"""How a model is made and where its weights start: at co-occurrences, given vectors, token scores, chance.

Shapes are written with N ids, V tokens, O outputs, E features.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from textprep.config.options import COOCCURRENCE, ModelOptions
from textprep.errors import ConfigError
from textprep.extra.kinds import FIRST, Extra
from textprep.models import MODELS, TextModel
from textprep.models.bag import PACE, BagOfPairs
from textprep.models.vectors import Vectors, read_vectors, start_from_vectors
from textprep.prepared.dataset import PreparedDataset
from textprep.prepared.split import PreparedSplit
from textprep.training.embeddings.cooccurrence import cooccurrence_vectors
from textprep.training.rows import rows_of
from textprep.training.start import start_at, with_its_sizes
from textprep.training.targets.base import Objective
from textprep.training.terms import as_texts

Integers = npt.NDArray[np.int64]
MOST_IDS = 20_000_000  # that co-occurrences are counted in: more changes little, and costs time and memory
COOCCURRENCE_SCALE = 0.3
TEXTS_A_SHRINKAGE = 2000  # with many training texts, the other parts learn better what a rare word says


def build_model(
    options: ModelOptions,
    data: PreparedDataset,
    objective: Objective,
    *,
    seed: int,
    report: Callable[[str], None] = lambda line: None,
) -> TextModel:
    """The classifier that ``options`` ask for, its first weights given by ``seed`` and the training split.

    Torch's global random state stays as it was.

    Args:
        options: which model, and how its embeddings start.
        data: its vocabulary counts; co-occurrence and token scores look at "train" only.
        objective: what the model is to learn.
        seed: of the first weights.
        report: is called with a line on each start that is not chance.

    Raises:
        ConfigError: the model does not fit into memory, or the vectors cannot be used.
    """
    reads, name = rows_of(data), model_for(objective, options)
    options = settled(options, objective)
    kind: Callable[..., TextModel] = MODELS[name]
    try:
        with torch.random.fork_rng(devices=[]):  # a model is made on the CPU
            torch.manual_seed(seed)
            model = kind(
                **reads.model_options(data),
                **reads.sizes(options.architecture(name, len(objective.names))),
                **objective.model_options(),
                **features(data.extra),
            )
    except RuntimeError as error:  # torch's allocator
        raise ConfigError(f"the model is too large for the memory here ({error}): make it smaller") from error
    if told := objective.start(model, data["train"]):
        report(told)
    if options.start is not None:
        report(start_at(model, name, options.start, data.pipeline.vocabulary))
    elif options.vectors == COOCCURRENCE:
        vocabulary = data.pipeline.vocabulary
        without = [i for i in (vocabulary.pad_id, vocabulary.unk_id) if i is not None]
        report(_start_at_cooccurrence(model, data["train"], without, seed))
    elif options.vectors:
        vocabulary = data.pipeline.vocabulary
        vectors = read_vectors(options.vectors, vocabulary.tokens)
        start_from_vectors(model.embedding, vectors)
        report(vectors.coverage(vocabulary.tokens, vocabulary.counts))
    if options.naive_bayes:
        report(_start_at_token_scores(model, as_texts(data["train"]), objective))
    if bag := getattr(model, "bag", None):
        report(_start_bag(bag, as_texts(data["train"], apart=reads.vocabulary(data)), objective))
    model.embedding.weight.requires_grad_(not options.freeze_embeddings)
    return model


def settled(options: ModelOptions, objective: Objective) -> ModelOptions:
    """The options with what is usual for the target, or what the model starts at, where nobody gave any.

    Raises:
        ConfigError: the model cannot start there.
    """
    return with_its_sizes(objective.with_usual("model", options), options.name or objective.model)


def model_for(objective: Objective, options: ModelOptions) -> str:
    """The name of the model that learns what ``objective`` has.

    Raises:
        ConfigError: the model that ``options`` name cannot, or has other options.
    """
    name = options.name or objective.model
    if (predicts := MODELS[name].predicts) != objective.predicts:
        able = [name for name, model in MODELS.items() if model.predicts == objective.predicts]
        raise ConfigError(
            f"model.name={name!r} predicts {predicts}, and target {objective.target.name!r} needs a model "
            f"that predicts {objective.predicts}: {', '.join(able)}",
            option="model.name",
            value=objective.model,
        )
    options.architecture(name, max(1, len(objective.names)))
    if options.naive_bayes and predicts == "next_token":
        raise ConfigError(
            f"model.naive_bayes does not apply to the target {objective.target.name!r}: leave it out",
            option="model.naive_bayes",
        )
    return name


def model_name(model: TextModel) -> str:
    """The name of the kind of a model.

    >>> from textprep.models import GRUClassifier
    >>> model_name(GRUClassifier(9, 2))
    'gru'
    """
    return next(name for name, kind in MODELS.items() if kind is type(model))


def features(extra: Mapping[str, Extra]) -> dict[str, Any]:
    """The arguments of a model's constructor for extra columns.

    >>> features({"author": Extra(kind="category", names=("al", "bo")), "year": Extra(kind="number")})
    {'categories': {'author': 4}, 'numbers': {'year': 1}}
    """
    categories = {name: len(kind.names) + FIRST for name, kind in extra.items() if kind.kind == "category"}
    numbers = {name: kind.width or 1 for name, kind in extra.items() if kind.kind == "number"}
    return ({"categories": categories} if categories else {}) | ({"numbers": numbers} if numbers else {})


def _start_at_cooccurrence(model: TextModel, train: PreparedSplit, without: Sequence[int], seed: int) -> str:
    ids, offsets = _sample_of_texts(train, seed)
    tokens, features = model.embedding.weight.shape
    matrix = cooccurrence_vectors(ids, offsets, tokens, features, without=without, seed=seed)
    found = np.abs(matrix).max(axis=1) > 0
    if found.any():
        start_from_vectors(model.embedding, Vectors(matrix * COOCCURRENCE_SCALE, found))
    return (
        f"the embeddings of {int(found.sum()):,} of {tokens:,} tokens start at what stands near them in "
        f"{len(offsets) - 1:,} training texts"
    )


def _sample_of_texts(split: PreparedSplit, seed: int) -> tuple[Integers, Integers]:
    """Ids (N,) and offsets (texts + 1,) of all texts, or of so many, by chance, as have `MOST_IDS` ids.

    Of pairs, these are the second texts, too.
    """
    columns: list[Any] = [split] if split.pair is None else [split, split.pair]
    lengths = np.concatenate([column.lengths for column in columns]).astype(np.int64)
    order = np.arange(len(lengths))
    if int(lengths.sum()) > MOST_IDS:
        order = np.random.default_rng(seed).permutation(len(lengths))
    ends = np.cumsum(lengths[order])
    order = order[: np.searchsorted(ends, MOST_IDS, side="right")]
    places = (divmod(int(text), len(split)) for text in order)
    texts = [columns[column].ids(row).astype(np.int64) for column, row in places]
    ids = np.concatenate(texts) if texts else np.zeros(0, dtype=np.int64)
    return ids, np.concatenate([[0], ends[: len(order)]])


def _start_bag(bag: BagOfPairs, train: PreparedSplit, objective: Objective) -> str:
    weights: Any = bag.of_tokens.weight
    scores = objective.token_scores(train, len(weights), shrinkage=len(train) // TEXTS_A_SHRINKAGE)
    with torch.no_grad():
        weights.copy_(torch.from_numpy(objective.bag_weights(scores) / PACE))
    return (
        f"with a linear model of {len(weights):,} tokens, whose weights start at "
        f"{objective.token_scores_are}, and of pairs of tokens in {bag.of_pairs.num_embeddings:,} rows"
    )


def _start_at_token_scores(model: TextModel, train: PreparedSplit, objective: Objective) -> str:
    weights: Any = model.embedding.weight
    scores = objective.token_scores(train, len(weights))
    features = scores.shape[1]
    if features > weights.shape[1] // 2:
        raise ConfigError(
            f"naive Bayes needs {features} embedding features, one a class, and the model has "
            f"{weights.shape[1]}: set model.embedding_dim={2 * features}, or model.naive_bayes=false"
        )
    with torch.no_grad():
        weights[:, :features] = torch.from_numpy(scores).to(weights)
        if model.embedding.padding_idx is not None:
            weights[model.embedding.padding_idx] = 0
    return f"{features} embedding features start at {objective.token_scores_are} in the training split"
