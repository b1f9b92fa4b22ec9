"""Many pieces at once are merged as one is, and a sample of counts is reproducible."""

from __future__ import annotations

import logging
import random
from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textprep.errors import TokenizerError
from textprep.tokenizers import merges
from textprep.tokenizers.bpe import BPETokenizer
from textprep.tokenizers.merges import BulkMerger, PieceModel, frequent_characters, sample_counts
from textprep.vocabulary import Vocabulary

MERGES = [("a", "b"), ("b", "c"), ("ab", "c"), ("a", "a"), ("▁", "ab")]
TOKENS = dict.fromkeys([*"▁abc", *map("".join, MERGES)])
COUNTS = st.dictionaries(st.text(max_size=3), st.integers(1, 10**12), min_size=1)


@given(calls=st.lists(st.lists(st.text(alphabet="abc▁x.", min_size=1, max_size=12), unique=True), max_size=3))
def test_many_pieces_are_merged_as_each_is(calls):
    vocabulary = Vocabulary.of_tokens(TOKENS, {})
    one, bulk = PieceModel(TOKENS, MERGES), BulkMerger(tuple(TOKENS), MERGES)
    for pieces in calls:
        rows = bulk.encode(
            pa.array([piece.encode("utf-32-le") for piece in pieces], pa.large_binary())
        ).rows()
        assert rows == [vocabulary.encode(one.tokenize(piece)) for piece in pieces]


def test_pieces_fill_many_strings(monkeypatch):
    monkeypatch.setattr(merges, "_PIECES_A_STRING", 2)
    vocabulary = Vocabulary.of_tokens(TOKENS, {})
    pieces = ["ab", "c", "abc", "aa", "x"]
    encoded = BulkMerger(tuple(TOKENS), MERGES).encode(
        pa.array([piece.encode("utf-32-le") for piece in pieces], pa.large_binary())
    )
    one = PieceModel(TOKENS, MERGES)
    assert encoded.rows() == [vocabulary.encode(one.tokenize(piece)) for piece in pieces]


@given(pieces=st.dictionaries(st.text(), st.integers(1, 10**12)), size=st.integers(0, 9))
def test_the_most_frequent_characters_come_first_ties_by_character(pieces, size):
    counts: Counter[str] = Counter()
    for piece, times in pieces.items():
        for character in piece:
            counts[character] += times
    by_frequency = sorted(counts, key=lambda character: (-counts[character], character))
    assert frequent_characters(pieces, size) == by_frequency[:size]


@given(counts=COUNTS, size=st.integers(1, 10**12), seed=st.integers(0, 9))
def test_a_sample_keeps_every_share_within_one(counts, size, seed):
    total = sum(counts.values())
    sample = sample_counts(counts, size, seed)
    if total <= size:
        assert sample == counts
    for piece, times in counts.items():
        assert abs(sample.get(piece, 0) * total - times * min(size, total)) < total
    backwards = dict(reversed(counts.items()))
    assert sample_counts(backwards, size, seed) == sample


def test_rare_pieces_are_drawn_by_the_seed():
    counts = {f"w{i}": 1 for i in range(2000)}
    first, second = (sample_counts(counts, 500, seed) for seed in (0, 1))
    assert first != second
    assert 400 < len(first) < 600
    assert 400 < len(second) < 600


def test_a_sample_is_reported_and_the_counts_are_of_all(caplog):
    generator = random.Random(0)
    texts = [" ".join(generator.choices(["low", "lower", "lowest", "new", "newer"], k=50)) for _ in range(20)]
    with caplog.at_level(logging.WARNING, "textprep"):
        whole = BPETokenizer(vocab_size=40).fit(texts)
        assert not caplog.records
        sampled = BPETokenizer(vocab_size=40, max_training_pieces=300).fit(texts)
    assert "a sample of 300 of 1,000 pieces (seed 0)" in caplog.text
    assert "raise max_training_pieces" in caplog.text
    tokens = [token for text in texts for token in sampled.tokenize(text)]
    assert sum(sampled.vocabulary.counts.values()) == len(tokens)
    for token, count in sampled.vocabulary.counts.items():
        assert count == tokens.count(token), token
    again = BPETokenizer(vocab_size=40, max_training_pieces=300).fit(reversed(texts))
    assert again.vocabulary.to_json() == sampled.vocabulary.to_json()
    assert again.state() == sampled.state()
    assert whole.state()["merges"][0] == sampled.state()["merges"][0]


@pytest.mark.parametrize("pieces", [0, -1])
def test_a_sample_of_nothing_is_refused(pieces):
    with pytest.raises(TokenizerError, match="max_training_pieces"):
        BPETokenizer(max_training_pieces=pieces)
