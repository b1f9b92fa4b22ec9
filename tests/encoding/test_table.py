"""The table of words: each word's own ids, each word encoded once, whatever looks up at the same time."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textprep.encoding.blocks import threads
from textprep.encoding.table import WordTable
from textprep.encoding.timings import Timings
from textprep.encoding.words import Numbered, cut, number

WORDS = st.sampled_from(["", "a", "film", "the", "films", "é", "映画", "a" * 300])
ROUNDS = st.lists(st.lists(st.lists(WORDS, max_size=6), min_size=1, max_size=3), max_size=5)


def numbered(words: Sequence[str], partitions: int) -> Numbered:
    return number(cut(pa.array(words, pa.large_string())), partitions)


def reversed_bytes(words: pa.LargeStringArray) -> pa.LargeBinaryArray:
    return pa.array([word.encode()[::-1] for word in words.to_pylist()], pa.large_binary())


@given(
    some=ROUNDS, partitions=st.integers(1, 5), workers=st.integers(1, 3), most=st.sampled_from([0, 3, 1000])
)
@settings(deadline=None)
def test_every_word_gets_its_own(some, partitions, workers, most):
    table = WordTable(reversed_bytes, Timings(), partitions, max_words=most, max_bytes=2**20)
    with threads(workers) as pool:
        for bundles in some:
            words = [numbered(bundle, partitions) for bundle in bundles]
            for of_bundle, found in zip(words, table.look_up(words, pool), strict=True):
                assert found.equals(reversed_bytes(of_bundle.distinct))


def test_each_word_is_encoded_once_by_however_many_at_a_time():
    seen: Counter[str] = Counter()

    def encode(words: pa.LargeStringArray) -> pa.LargeBinaryArray:
        seen.update(words.to_pylist())
        return reversed_bytes(words)

    table = WordTable(encode, Timings(), 3, max_words=1000, max_bytes=2**20)
    portions = [numbered([f"w{i}" for i in range(start, start + 40)], 3) for start in range(0, 60, 2)]
    with threads(3) as pool, ThreadPoolExecutor(4) as callers:
        found = list(callers.map(lambda words: table.look_up([words], pool)[0], portions))
    assert set(seen.values()) == {1}
    assert all(ids.equals(reversed_bytes(words.distinct)) for words, ids in zip(portions, found, strict=True))


def test_what_fails_reaches_the_caller_and_does_no_harm():
    def encode(words: pa.LargeStringArray) -> pa.LargeBinaryArray:
        if "bomb" in words.to_pylist():
            raise ValueError("bomb")
        return reversed_bytes(words)

    table = WordTable(encode, Timings(), 2, max_words=1000, max_bytes=2**20)
    with threads(2) as pool:
        with pytest.raises(ValueError, match="bomb"):
            table.look_up([numbered(["a", "bomb", "film"], 2)], pool)
        fine = numbered(["a", "film"], 2)
        assert table.look_up([fine], pool)[0].equals(reversed_bytes(fine.distinct))


def test_looking_up_is_counted_apart_from_encoding():
    stages = Timings()

    def encode(words: pa.LargeStringArray) -> pa.LargeBinaryArray:
        with stages.timed("tokenize"):
            time.sleep(0.05)
            return reversed_bytes(words)

    with threads(1) as pool:
        WordTable(encode, stages, 1, max_words=9, max_bytes=99).look_up([numbered(["a"], 1)], pool)
    assert stages["tokenize"] >= 0.05
    assert 0 < stages["count"] < stages["tokenize"]
