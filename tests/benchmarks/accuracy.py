"""How often the defaults are wrong, against TF-IDF and logistic regression on the same rows.

Shapes are written with S seeds, N held-out rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import textprep as tp
from tests.benchmarks.report import Measurement
from tests.benchmarks.setting import Setting
from tests.benchmarks.texts import about_blocks, every, film_blocks
from textprep.config.experiment import parse_config
from textprep.datasets.corpus import hold_out
from textprep.registry import DATASETS
from textprep.training.runs.experiment import train
from textprep.training.runs.prepared_data import VALIDATION_SHARE, load_prepared
from textprep.training.trials.compare import Values, interval
from textprep.training.trials.seeds import seeded

LEAST_FOLDS = 2


def bbc(setting: Setting) -> Iterator[Measurement]:
    """Five topics: as many folds as repeats, so that every article is held out once, each with its own seed."""
    if "bbc-news" not in DATASETS.names():
        setting.notes.append("bbc: left out: pip install ./plugins/textprep-bbc-news")
        return
    whole = tp.load_dataset("bbc-news", splits=None)
    whole = whole.with_splits({"train": every(whole["train"], setting.rows)})
    folds = [
        hold_out(fold, "validation", VALIDATION_SHARE)
        for fold in whole.folds(max(LEAST_FOLDS, setting.repeats))
    ]
    ours = [_ours(setting, fold, [seed]) for seed, fold in enumerate(folds)]
    peers = [_peers(fold, words=1) for fold in folds]
    setting.notes.append(
        f"bbc: {len(folds)} folds, one seed each, together all {len(whole['train']):,} articles"
    )
    yield _measured(
        setting, "bbc", "five topics of the BBC", "TF-IDF + logistic regression",
        [np.concatenate(ours, axis=1), np.concatenate(peers, axis=1)], aim="+1 point",
        shown=[[_wrong(fold) for fold in folds_of] for folds_of in (ours, peers)],
    )  # fmt: skip


def imdb_accuracy(setting: Setting) -> Iterator[Measurement]:
    """Film reviews, trained on other films than the held-out ones; as many seeds as repeats."""
    corpus = film_blocks(setting.rows, test=0.2, validation=0.1)
    both = [_ours(setting, corpus, range(setting.repeats)), _peers(corpus, words=2)]
    setting.notes.append(f"imdb-accuracy: {about_blocks(corpus)}")
    yield _measured(
        setting, "imdb-accuracy", "film reviews, other films", "TF-IDF of 1 and 2 words + logistic regression",
        both, aim="91.5 % of the 25,000 test reviews", shown=[[_wrong(row[None]) for row in side] for side in both],
    )  # fmt: skip


def _ours(setting: Setting, corpus: tp.Corpus, seeds: Sequence[int]) -> Values:
    """(S, N) 1 where the defaults name a held-out row rightly; rows by id."""
    config = parse_config({"dataset": corpus.name})
    data = load_prepared(config, setting.work / "cache", corpus=corpus)
    correct = []
    for seed in seeds:
        run = train(seeded(config, seed), _free(setting.work / "runs"), data=data)
        said = run.predictions["test"]
        correct.append(run.objective.per_row(said))
    return np.stack(correct)


def _free(parent: Path) -> Path:
    parent.mkdir(exist_ok=True)
    return parent / str(len(list(parent.iterdir())))


def _peers(corpus: tp.Corpus, *, words: int) -> Values:
    """(1, N) the same of the peer, which learns from the validation rows too: it needs none to stop at."""
    splits = [corpus[name] for name in ("train", "validation")]
    texts = [text for split in splits for text in split.text.to_pylist()]
    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, words), sublinear_tf=True), LogisticRegression(C=10, max_iter=1000)
    )
    model.fit(texts, np.concatenate([split.labels for split in splits]))
    held_out = corpus["test"].select(np.argsort(corpus["test"].row_ids))
    right = model.predict(held_out.text.to_pylist()) == held_out.labels
    return np.asarray(right, dtype=np.float64)[None]


def _measured(
    setting: Setting, row: str, work: str, against: str, both: Sequence[Values], *, aim: str,
    shown: Sequence[list[float]],
) -> Measurement:  # fmt: skip
    """The row of the table, in wrong rows of 100; accuracies and their difference as notes."""
    for name, correct in zip(("textprep's defaults", against), both, strict=True):
        setting.notes.append(f"{row}: accuracy of {name} {_with_interval(correct)}")
    setting.notes.append(f"{row}: the difference is {_with_interval(both[0] - both[1])}, row by row")
    return Measurement(row, work, against, *shown, unit="% wrong", least=1, aim=aim)


def _with_interval(values: Values) -> str:
    low, high = interval(values, least=-1.0)  # a difference may be below 0
    return f"{values.mean():.2%} (95 %: {low:.2%} to {high:.2%}; {len(values)} x {values.shape[1]:,} rows)"


def _wrong(correct: Values) -> float:
    """Of 100 rows; half a row where none is wrong, so that there is a ratio."""
    return 100 * max(1 - float(correct.mean()), 0.5 / correct.size)
