"""Texts of which a pipeline knows hardly a token: found before a model learns nothing from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from textprep.errors import PreparationError
from textprep.pipeline import Pipeline
from textprep.prepared.dataset import PreparedDataset
from textprep.registry import TOKENIZERS
from textprep.tokenizers.base import Tokenizer

if TYPE_CHECKING:
    from textprep.datasets.corpus import Corpus
    from textprep.datasets.split import Split

MOST_UNKNOWN = 0.9  # of the tokens of a split: of English the share is below 0.1, however small the split
SERVES = 0.5
FEW_TOKENS = 20
SAMPLE = 1_000  # texts, to try another tokenizer on


def unknown_shares(pipeline: Pipeline, corpus: Corpus, rows: int = 2 * SAMPLE) -> dict[str, float]:
    """Split name → which share of the tokens of its first rows a fitted ``pipeline`` does not know."""
    return {name: _unknown(pipeline, split.rows(0, rows), FEW_TOKENS) for name, split in corpus.items()}


def prepared_shares(data: PreparedDataset) -> dict[str, float]:
    """The same of all rows of a store; a few tokens say nothing."""
    return {name: split.oov_rate() for name, split in data.items() if split.tokens >= FEW_TOKENS}


def check_known(
    corpus: Corpus, pipeline: Pipeline, shares: Mapping[str, float], most: float = MOST_UNKNOWN
) -> None:
    """Refuse texts to learn from, or to choose the best weights by, that are nearly all unknown.

    Raises:
        PreparationError: more than the share ``most`` of the tokens of "train" or "validation" is unknown;
            names the tokenizers that serve, as a trial on a thousand texts shows.
    """
    name = next((name for name in ("train", "validation") if shares.get(name, 0) > most), None)
    if name is None:
        return
    tokens = next(filter(None, map(pipeline.tokenizer.tokenize, map(pipeline.clean, _first(corpus, name)))))
    known = {option: 1 - share for option, share in _trials(corpus, pipeline, name) if share <= SERVES}
    problem = (
        f"{shares[name]:.0%} of the tokens of split {name!r} are unknown to the tokenizer "
        f"{pipeline.tokenizer.name!r}, such as {tokens[0]!r:.40}: a model learns nothing from them"
    )
    if not known:
        raise PreparationError(problem, hint=f"are they texts, and of the language of {'train'!r}?")
    (option, value), *_ = known
    served = " and ".join(
        f"{'the tokenizer ' if option == 'name' else f'{option}='}{value!r} knows {share:.0%}"
        for (option, value), share in known.items()
    )
    raise PreparationError(problem, hint=f"of such texts {served}", option=option, value=value)


def _first(corpus: Corpus, name: str) -> list[str]:
    return [text for texts in corpus[name].rows(0, SAMPLE).texts for text in texts.to_pylist()]


def _trials(corpus: Corpus, pipeline: Pipeline, name: str) -> Any:
    """What to set of the tokenizer → the share of unknown tokens among texts that it was not fitted on."""
    learned, met = corpus["train"].rows(0, SAMPLE), corpus[name].rows(0, SAMPLE)
    if name == "train" and len(met) > 1:
        half = len(met) // 2
        learned, met = met.rows(0, half), met.rows(half, len(met))
    for setting, tokenizer in _others(pipeline.tokenizer):
        other = Pipeline(pipeline.steps, tokenizer=tokenizer).fit(learned)
        yield setting, _unknown(other, met)


def _others(tokenizer: Tokenizer) -> Any:
    if getattr(tokenizer, "min_freq", 1) > 1:
        yield ("min_freq", 1), type(tokenizer)(**{**tokenizer.model_dump(), "min_freq": 1})
    for name in ("char", "bpe"):
        if name != tokenizer.name:
            yield ("name", name), TOKENIZERS.get(name)()


def _unknown(pipeline: Pipeline, split: Split, least: int = 1) -> float:
    """0 too where the vocabulary has no id for unknown tokens, so that there are none."""
    ids = np.concatenate([pipeline.encode_batch(texts).values for texts in split.texts])
    unk_id = pipeline.vocabulary.unk_id
    return 0.0 if unk_id is None or len(ids) < least else float(np.mean(ids == unk_id))
