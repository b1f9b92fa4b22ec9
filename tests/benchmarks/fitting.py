"""Learning a BPE vocabulary from raw texts, against the trainer of ``tokenizers``, merge by merge the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from time import perf_counter

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

import textprep as tp
from tests.benchmarks import peers
from tests.benchmarks.report import Measurement
from tests.benchmarks.setting import Setting
from tests.benchmarks.timing import IdsDifferError

VOCABULARY = 10_000
QUICK_TOUR = "Whitespace(), markup left in"  # other texts, and so other merges
Trained = Callable[[], list[str]]


def fit(setting: Setting) -> Iterator[Measurement]:
    """`Pipeline.fit`, against ``train_from_iterator`` in several forms, and as its quick tour has it."""
    texts = setting.texts.to_pylist()
    guide, pieces, _ = peers.bpe_forms(tp.Pipeline.load(setting.bpe), tp.StripMarkup())
    quick = Tokenizer(models.BPE())
    quick.normalizer, quick.pre_tokenizer = normalizers.Lowercase(), pre_tokenizers.Whitespace()
    contestants: dict[str, Trained] = {
        "textprep": lambda: _fit(setting),
        "as in guides": lambda: _train(guide.tokenizer, map(guide.clean, texts)),
        "cut by its pattern": lambda: _train(pieces.tokenizer, map(pieces.clean, texts)),
        "cut in Python": lambda: _train(_lines(), map(peers.as_lines(pieces.clean), texts)),
        QUICK_TOUR: lambda: _train(quick, texts),
    }
    seconds = _by_turns(contestants, setting.repeats)
    own = seconds.pop("textprep")
    work = f"{setting.describe()}: strip_markup, lowercase, a BPE of {VOCABULARY:,} learned"
    for name, of_peer in seconds.items():
        yield Measurement("fit", work, f"tokenizers' BpeTrainer, {name}", own, of_peer, least=1, aim="2x")


def _fit(setting: Setting) -> list[str]:
    steps = [tp.StripMarkup(), tp.Lowercase()]
    pipeline = tp.Pipeline(steps, tokenizer=tp.BPETokenizer(vocab_size=VOCABULARY))
    return pipeline.fit(setting.corpus["train"]).tokenizer.state()["merges"]


def _train(form: Tokenizer, texts: Iterator[str] | list[str]) -> list[str]:
    model = Tokenizer(models.BPE())
    model.pre_tokenizer = form.pre_tokenizer
    if form.normalizer is not None:
        model.normalizer = form.normalizer
    size = VOCABULARY - 2  # ours has <pad> and <unk>
    model.train_from_iterator(
        texts, trainers.BpeTrainer(vocab_size=size, min_frequency=2, show_progress=False)
    )
    return [" ".join(merge) for merge in json.loads(model.to_str())["model"]["merges"]]


def _lines() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.CharDelimiterSplit("\n")
    return tokenizer


def _by_turns(contestants: dict[str, Trained], repeats: int) -> dict[str, list[float]]:
    """The seconds of each; all but the quick tour learn the same merges.

    Raises:
        IdsDifferError: they do not.
    """
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    expected: list[str] = []
    for _ in range(repeats):
        for name, work in contestants.items():
            took, merges = _seconds(work)
            seconds[name].append(took)
            expected = expected or merges
            if merges != expected and name != QUICK_TOUR:
                raise IdsDifferError(f"{name!r} learns other merges than {next(iter(contestants))!r}")
    return seconds


def _seconds(work: Trained) -> tuple[float, list[str]]:
    start = perf_counter()
    merges = work()
    return perf_counter() - start, merges
