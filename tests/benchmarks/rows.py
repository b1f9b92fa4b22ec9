"""The rows of the benchmark: each measures one thing, in the shared setting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import textprep as tp
from tests.benchmarks import child, loading, peers, texts, training
from tests.benchmarks.accuracy import bbc, imdb_accuracy
from tests.benchmarks.adapters import adapters
from tests.benchmarks.blocks import blocks
from tests.benchmarks.fitting import fit
from tests.benchmarks.markup import markup
from tests.benchmarks.notebook import until_87
from tests.benchmarks.ours import found, prepared
from tests.benchmarks.pretrained import cost_of_growth, pretrained, pretrained_scale
from tests.benchmarks.report import Measurement
from tests.benchmarks.setting import Setting
from tests.benchmarks.tagging import tagging
from tests.benchmarks.timing import Contestant, by_turns, fastest, scratch

PROCESSES = 2
TRIALS = 2
FEW = 2_000


def bpe(setting: Setting) -> Iterator[Measurement]:
    """Byte-pair encoding, against ``datasets.map`` and against one text at a time."""
    forms = peers.bpe_forms(tp.Pipeline.load(setting.bpe), tp.StripMarkup())
    guide, best = _guide_and_best(setting, "bpe", forms)
    texts_in_hand = setting.texts.to_pylist()
    one_by_one = peers.one_by_one(forms[0], texts_in_hand)
    best_alone = _best_alone(setting, forms, texts_in_hand)
    contestants = [prepared(setting.corpus, setting.bpe), best, guide, one_by_one, best_alone]
    own, by_best, by_guide, by_one, by_best_one = by_turns(contestants, setting.repeats, setting.work)
    work = f"{setting.describe()}: strip_markup, lowercase, BPE of 10,000"
    yield Measurement("bpe", work, f"datasets.map, best form ({best.name})", own, by_best, least=5, aim="10x")
    yield Measurement("bpe", work, f"datasets.map as in guides ({guide.name})", own, by_guide)
    yield Measurement("bpe", work, "one text at a time, as in notebooks", own, by_one, least=12, aim="25x")
    yield Measurement("bpe", work, f"one text at a time, best form ({best_alone.name})", own, by_best_one)


def word(setting: Setting) -> Iterator[Measurement]:
    """Words and punctuation marks, against ``WordLevel``."""
    steps = [tp.StripMarkup(), tp.Lowercase()]
    pipeline = setting.fitted("word", steps, tp.WordTokenizer(min_freq=2, max_size=30_000))
    forms = peers.word_forms(tp.Pipeline.load(pipeline), tp.StripMarkup())
    guide, best = _guide_and_best(setting, "word", forms)
    own, by_map, by_guide = by_turns(
        [prepared(setting.corpus, pipeline), best, guide], setting.repeats, setting.work
    )
    work = "the same, word tokenizer"
    yield Measurement("word", work, f"WordLevel, best form ({best.name})", own, by_map, least=6, aim="12x")
    yield Measurement("word", work, f"WordLevel as in guides ({guide.name})", own, by_guide)


def scale(setting: Setting) -> Iterator[Measurement]:
    """More texts, against fewer: the cost of a megabyte."""
    setting.check_growth(setting.times)
    large = texts.open_texts(setting.grown("grown", times=setting.times))
    costs = cost_of_growth(setting, large, setting.bpe)
    size = texts.megabytes(large["train"].text)
    work = f"{setting.times} times the texts, words varied ({size:.0f} MB)"
    yield Measurement(
        "scale", work, "itself at 1 time", *costs, unit="s/MB", least=1.0, aim="0.7x", ratio_of="ours/peer"
    )


def warm(setting: Setting) -> Iterator[Measurement]:
    """A second call, which finds everything done: in the same process, and in a new one."""
    guide = peers.bpe_forms(tp.Pipeline.load(setting.bpe), tp.StripMarkup())[0]
    with scratch(setting.work) as cache:
        here = [found(setting.corpus, setting.bpe, cache), peers.found(guide, setting.dataset)]
        seconds = by_turns(here, setting.repeats, setting.work)
        yield _warm("same process", seconds)
        ours = ("prepare", setting.file, setting.bpe, cache)
        peer = ("map", setting.dataset_folder, setting.bpe, guide.name)
        written = _files(cache), _files(setting.dataset_folder)
        seconds = _alternating_children([ours, peer], setting.repeats)
        if written != (_files(cache), _files(setting.dataset_folder)):
            raise RuntimeError("a warm run wrote something: it has not found what was prepared")
        yield _warm("new process", seconds)


def _warm(where: str, seconds: list[list[float]]) -> Measurement:
    peer = "datasets.map finding its cache"
    return Measurement("warm", f"second tp.prepare, {where}", peer, *seconds, least=1, aim="<= 0.1 s")


def memory(setting: Setting) -> Iterator[Measurement]:
    """The most memory of its own that a process has while it prepares much text, against little."""
    if not child.own_memory():
        setting.notes.append("memory: left out, since this system has no RssAnon in /proc/self/status")
        return
    small, large = setting.memory_mb
    files = [setting.grown(f"memory{size:g}", megabytes=size) for size in (large, small)]
    for command, work in (("prepare", "fitted before"), ("fit", "fitted on the same texts")):
        reports = [_report(setting, command, file) for file in files]
        peaks = [[report["peak"]] for report in reports]
        rates = [size / report["seconds"] for size, report in zip((large, small), reports, strict=True)]
        setting.notes.append(
            f"memory, {work}: {reports[0]['before']:.0f} MB are in use before the work begins; "
            f"{rates[0]:.1f} MB/s for {large:g} MB, {rates[1]:.1f} MB/s for {small:g} MB"
        )
        yield Measurement(
            "memory", f"peak memory, {large:g} MB of text, {work}", f"itself at {small:g} MB", *peaks,
            unit="MB", least=1.3, aim="flat, <= 1 GB", ratio_of="ours/peer",
        )  # fmt: skip
    setting.notes.append(
        "memory is RssAnon, sampled every 5 ms: the texts and the store are files in memory maps, not counted"
    )


def function_steps(setting: Setting) -> Iterator[Measurement]:
    """A step that is a plain Python function, against the built-in one and against it over whole texts."""
    lower = tp.step(lower_in_python, name="benchmark_lower_in_python", scope="word")
    tokenizer = tp.BPETokenizer(vocab_size=10_000)
    pipeline = setting.fitted("function", [tp.StripMarkup(), lower()], tokenizer)
    forms = peers.bpe_forms(tp.Pipeline.load(setting.bpe), tp.StripMarkup(), lower_in_python)
    best = _best(setting, "function-steps", forms[1:])
    ours = prepared(setting.corpus, pipeline, "textprep, function step")
    built_in = prepared(setting.corpus, setting.bpe, "textprep, built-in step")
    own, by_built_in, by_map = by_turns([ours, built_in, best], setting.repeats, setting.work)
    work = "lowercase as a plain Python function"
    yield Measurement("function-steps", work, "the built-in step", own, by_built_in)
    yield Measurement("function-steps", work, f"datasets.map, the same function ({best.name})", own, by_map)


def lower_in_python(text: str) -> str:
    """Lower-case, character by character, as somebody might write it in a notebook."""
    return "".join(character.lower() for character in text)


ROWS: dict[str, Callable[[Setting], Iterator[Measurement]]] = {
    "bpe": bpe,
    "word": word,
    "fit": fit,
    "pretrained": pretrained,
    "scale": scale,
    "pretrained-scale": pretrained_scale,
    "warm": warm,
    "memory": memory,
    "function-steps": function_steps,
    "batches": loading.batches,
    "padding": loading.padding,
    "plan": loading.plan,
    "blocks": blocks,
    "tagging": tagging,
    "epochs": loading.epochs,
    "markup": markup,
    "adapters": adapters,
    "training-step": training.training_step,
    "predict-start": training.predict_start,
    "until-87": until_87,
    "bbc": bbc,
    "imdb-accuracy": imdb_accuracy,
}


def _guide_and_best(setting: Setting, row: str, forms: list[peers.Form]) -> tuple[Contestant, Contestant]:
    guide = peers.mapped(forms[0], setting.dataset, None)
    return guide, _best(setting, row, forms)


def _best(setting: Setting, row: str, forms: list[peers.Form]) -> Contestant:
    """The fastest form of the peer, in one process or in two; the others are noted."""
    rounds = min(TRIALS, setting.repeats)
    alone = [peers.mapped(form, setting.dataset, None) for form in forms]
    best, times = fastest(alone, setting.work, rounds)
    form = forms[alone.index(best)]
    both = [best, peers.mapped(form, setting.dataset, PROCESSES)]
    best, more = fastest(both, setting.work, rounds)
    setting.notes.append(f"{row}, forms of datasets.map tried (name/processes): {times}; again {more}")
    return best


def _best_alone(setting: Setting, forms: list[peers.Form], texts_in_hand: list[str]) -> Contestant:
    few = texts_in_hand[:FEW]
    contestants = [peers.one_by_one(form, few) for form in forms]
    best, times = fastest(contestants, setting.work, min(TRIALS, setting.repeats))
    setting.notes.append(f"one text at a time, forms tried on {len(few):,} texts: {times}")
    return peers.one_by_one(forms[contestants.index(best)], texts_in_hand)


def _alternating_children(calls: list[tuple[object, ...]], repeats: int) -> list[list[float]]:
    rounds = [[child.start(*arguments)["seconds"] for arguments in calls] for _ in range(repeats)]
    return [list(seconds) for seconds in zip(*rounds, strict=True)]


def _report(setting: Setting, command: str, file: Path) -> dict[str, float]:
    with scratch(setting.work) as cache:
        return child.start(command, file, setting.bpe, cache)


def _files(folder: Path) -> dict[str, tuple[int, int]]:
    """Size and time of each file of ids; a manifest may be touched, to say when it was last of use."""
    stats = {path: path.stat() for path in folder.rglob("*.arrow")}
    return {str(path): (stat.st_size, stat.st_mtime_ns) for path, stat in stats.items()}
