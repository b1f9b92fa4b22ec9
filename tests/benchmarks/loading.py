"""The rows that measure loaders: how fast batches come, how much of them is padding, what a plan costs."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from time import process_time
from typing import Any

import numpy as np
import torch

import textprep as tp
from tests.benchmarks import feeding
from tests.benchmarks.child import own_memory
from tests.benchmarks.peers import Form, bpe_forms
from tests.benchmarks.report import Measurement
from tests.benchmarks.setting import Setting
from tests.benchmarks.timing import IdsDifferError
from textprep.batches.plan import Plan, PlanOptions
from textprep.prepared.split import PreparedSplit

SIZE, LONGEST = 64, 256
SLOW = 40  # batches of a peer that takes too long for all of them
EPOCHS = 10
PLANNED = 400  # rows are planned for each text: 10 million for 25,000

Batches = Callable[[], Iterable[Any]]


def batches(setting: Setting) -> Iterator[Measurement]:
    """A batch's price, of 64 texts of up to 256 tokens, shuffled, ours by length."""
    split = _prepared(setting)
    ours = _loader(split)
    texts = setting.texts.to_pylist()
    by_text, by_batch = _tokenizing(setting, split, texts)
    peers = {
        "DataLoader and pad_sequence over tensors in memory": (feeding.pad_sequence_loader(split, SIZE, LONGEST), None, 4, "6x"),
        "datasets and DataCollatorWithPadding": (feeding.hub_loader(split, SIZE, LONGEST), SLOW, 80, "150x"),
        "the course's way: the collate function cleans and encodes each text": (by_text, SLOW, 200, "500x"),
        "the same, in the fastest form that we could write": (by_batch, SLOW, None, ""),
        "a collate function that looks words up, with other ids": (
            feeding.looking_up(texts, SIZE, LONGEST), SLOW, None, "",
        ),
    }  # fmt: skip
    _check_same_tokens(ours, peers)
    for name, (peer, most, least, aim) in peers.items():
        own, other = _by_turns([(ours, None), (peer, most)], setting.repeats)
        work = f"batches of {SIZE}, {LONGEST} tokens, by length, shuffled"
        yield Measurement("batches", work, name, own, other, unit="us CPU", least=least, aim=aim)


def _tokenizing(setting: Setting, split: PreparedSplit, texts: list[str]) -> list[Batches]:
    """Loaders that tokenize in the collate function: one text at a time, and a batch at a time."""
    forms = bpe_forms(tp.Pipeline.load(setting.bpe), tp.StripMarkup())
    encoders = [partial(_one_by_one, forms[0]), forms[-1].encode_batch]
    for encode in encoders:
        found = feeding.tokenizing_loader(encode, texts, SIZE, LONGEST, shuffle=False)
        ours = split.loader(batch_size=SIZE, max_length=LONGEST)
        for batch, (ids, _) in zip(islice(ours, SLOW), islice(found, SLOW), strict=True):
            if not torch.equal(batch.input_ids, ids):
                raise IdsDifferError("tokenizing in the collate function: the ids are not those of textprep")
    return [partial(feeding.tokenizing_loader, encode, texts, SIZE, LONGEST) for encode in encoders]


def _one_by_one(form: Form, texts: list[str]) -> list[list[int]]:
    return [form.tokenizer.encode(form.clean(text), add_special_tokens=False).ids for text in texts]


def padding(setting: Setting) -> Iterator[Measurement]:
    """How much of what a model computes is padding, in per cent."""
    lengths = _prepared(setting).lengths
    for longest, work, aim in ((LONGEST, f"cut at {LONGEST}", "< 1 %, 0.5 %"), (None, "whole", "< 3 %, 1 %")):
        served = lengths if longest is None else np.minimum(lengths, longest)
        ours = [_padding(served, _planned(served, batch_size=SIZE))]
        for name, peer in feeding.SAMPLERS.items():
            shares = [_padding(served, peer(served, SIZE))]
            title = f"padding of batches of {SIZE}, texts {work}"
            yield Measurement("padding", title, name, ours, shares, unit="%", aim=aim, ratio_of="ours/peer")
        by_tokens = [_padding(served, _planned(served, max_tokens=SIZE * LONGEST))]
        title = f"padding with max_tokens={SIZE * LONGEST}, texts {work}"
        yield Measurement(
            "padding", title, f"batch_size={SIZE}", by_tokens, ours, unit="%", ratio_of="ours/peer"
        )


def plan(setting: Setting) -> Iterator[Measurement]:
    """An epoch of 10 million rows, against sorting them all in memory at once."""
    lengths = np.minimum(np.tile(_prepared(setting).lengths, PLANNED), LONGEST)
    options = PlanOptions(batch_size=SIZE, shuffle=True)
    contestants = [
        (lambda: Plan(lengths, options).batches(), None),
        (lambda: feeding.sorted_at_once(lengths, SIZE), None),
    ]
    own, other = (
        [each * len(lengths) / SIZE / 1e6 for each in took]
        for took in _by_turns(contestants, setting.repeats)
    )
    work = f"planning {len(lengths):,} rows"
    yield Measurement("plan", work, "random order, lexsort, cut", own, other, unit="s CPU", aim="<= 2 s, 1 s")
    peaks = [[_peak(make)] for make, _ in contestants]
    yield Measurement(
        "plan", f"memory of {work}", "the same", *peaks, unit="MB", aim="<= 500, 200", ratio_of="ours/peer"
    )


def epochs(setting: Setting) -> Iterator[Measurement]:
    """Memory of the process after ten epochs, against after two."""
    if not own_memory():
        setting.notes.append("epochs: left out, since this system has no RssAnon in /proc/self/status")
        return
    loader = _prepared(setting).loader(batch_size=SIZE, max_length=LONGEST, shuffle=True)
    used = []
    for _ in range(EPOCHS):
        for _ in loader:
            pass
        gc.collect()
        used.append(own_memory())
    work = f"memory after {EPOCHS} epochs"
    yield Measurement(
        "epochs",
        work,
        "itself after 2",
        used[-1:],
        used[1:2],
        unit="MB",
        least=1.05,
        aim="no growth",
        ratio_of="ours/peer",
    )


def _prepared(setting: Setting) -> PreparedSplit:
    return tp.prepare(setting.corpus, tp.Pipeline.load(setting.bpe), cache_dir=setting.work / "loading")[
        "train"
    ]


def _loader(split: PreparedSplit) -> Batches:
    loader = split.loader(batch_size=SIZE, max_length=LONGEST, shuffle=True)
    return lambda: loader


def _planned(lengths: np.ndarray, **options: int) -> list[np.ndarray]:
    return [rows for rows, _ in Plan(lengths, PlanOptions(shuffle=True, **options)).batches()]


def _padding(lengths: np.ndarray, planned: Iterable[np.ndarray]) -> float:
    areas = [(int(lengths[rows].sum()), len(rows) * int(lengths[rows].max())) for rows in planned]
    return 100 * (1 - sum(tokens for tokens, _ in areas) / sum(area for _, area in areas))


def _by_turns(contestants: list[tuple[Batches, int | None]], repeats: int) -> list[list[float]]:
    """Microseconds of CPU time that each takes for a batch, threads added up, A B A B."""
    took: list[list[float]] = [[] for _ in contestants]
    for _ in range(repeats):
        for (make, most), times in zip(contestants, took, strict=True):
            gc.collect()
            begun = process_time()
            count = sum(1 for _ in islice(make(), most))
            times.append(1e6 * (process_time() - begun) / count)
    return took


def _peak(make: Batches) -> float:
    """MB that are allocated at most while all batches are made."""
    tracemalloc.start()
    try:
        for _ in make():
            pass
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def _check_same_tokens(ours: Batches, peers: dict[str, tuple[Batches, Any, Any, Any]]) -> None:
    """See that those who serve every row serve the same ids, as far as their sums tell."""
    expected = sum(int(batch["input_ids"].sum()) for batch in ours())
    for name, (peer, *_) in list(peers.items())[:2]:
        found = sum(int(feeding.ids_of(batch).sum()) for batch in peer())
        if found != expected:
            raise IdsDifferError(f"{name}: the ids of an epoch sum to {found:,}; textprep: {expected:,}")
