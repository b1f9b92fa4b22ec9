"""Merges are learned exactly as the package ``tokenizers`` learns them from texts."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from textprep.tokenizers.learning import learn_merges


def merges_of_peer(pieces: dict[str, int], size: int, min_freq: int) -> list[tuple[str, str]]:
    model = Tokenizer(models.BPE())
    model.pre_tokenizer = pre_tokenizers.CharDelimiterSplit("\n")
    trainer = trainers.BpeTrainer(vocab_size=size, min_frequency=min_freq, show_progress=False)
    model.train_from_iterator((f"{piece}\n" * times for piece, times in pieces.items()), trainer)
    return [tuple(merge) for merge in json.loads(model.to_str())["model"]["merges"]]


def counted(alphabet: st.SearchStrategy[str] | str | None, longest: int) -> st.SearchStrategy[dict[str, int]]:
    characters = st.characters(exclude_characters="\n", exclude_categories=["Cs"])
    texts = st.text(alphabet or characters, min_size=1, max_size=longest)
    return st.dictionaries(texts, st.integers(1, 20), min_size=1, max_size=30)


@pytest.mark.parametrize(
    "pieces",
    [counted("a", 30), counted("ab", 12), counted("abcde", 8), counted("▁e🎬", 5), counted(None, 6)],
    ids=["runs", "two letters", "letters", "wide", "anything"],
)
@given(data=st.data(), size=st.integers(1, 120), min_freq=st.integers(1, 6))
@settings(max_examples=150, deadline=None)
def test_merges_are_those_of_tokenizers(pieces, data, size, min_freq):
    counts = data.draw(pieces)
    assert learn_merges(counts, size, min_freq) == merges_of_peer(counts, size, min_freq)


@pytest.mark.parametrize("alphabet", ["ab", "abcdefghijklmnop", "".join(map(chr, range(0x4E00, 0x4F00)))])
def test_so_are_thousands_of_them(alphabet):
    rng = random.Random(len(alphabet))
    parts = ["".join(rng.choices(alphabet, k=rng.randint(1, 4))) for _ in range(500)]
    pieces = {
        "".join(rng.choices(parts, k=rng.randint(1, 8))): int(rng.paretovariate(1)) for _ in range(8_000)
    }
    merges = learn_merges(pieces, 3_000, 2)
    assert len(merges) > 1_000
    assert merges == merges_of_peer(pieces, 3_000, 2)


def test_the_order_of_pieces_changes_nothing():
    pieces = {"low": 5, "lower": 2, "newest": 6, "widest": 3, "aaaa": 2, "aaa": 2}
    assert learn_merges(dict(reversed(pieces.items())), 40, 1) == learn_merges(pieces, 40, 1)


@given(pieces=counted("ab", 12))
def test_no_token_is_made_in_two_ways(pieces):
    tokens = ["".join(merge) for merge in learn_merges(pieces, 200, 1)]
    assert len(set(tokens)) == len(tokens)


@pytest.mark.parametrize(("pieces", "size"), [({}, 9), ({"a": 3}, 9), ({"ab": 3}, 2), ({"ab": 1}, 9)])
def test_there_may_be_nothing_to_merge(pieces, size):
    assert learn_merges(pieces, size, 2) == []


def test_large_counts_are_exact():
    huge = 2**33  # tokenizers counts pairs in 32 bits
    assert learn_merges({"ab": huge, "cd": huge + 1, "ef": 1}, 9, 2) == [("c", "d"), ("a", "b")]
