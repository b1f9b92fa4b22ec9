"""What is nearly the same is found, and nothing else is joined."""

from __future__ import annotations

import random
import string
import unicodedata
from itertools import combinations

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from textprep.datasets.splits import identity as identities
from textprep.datasets.splits.identity import identity, words_of
from textprep.datasets.splits.near import DisjointSets, join_near, overlap, shingles_of


def plain_identity(text: str) -> str:
    """The same without a fast way for ASCII."""
    bare = identities._TAG.sub(" ", text)
    bare = identities.html.unescape(bare)
    bare = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", bare).casefold())
    return regex.sub(r"[\p{P}\p{Z}\p{C}]", "", bare) or text


@given(st.text(st.sampled_from(string.printable + "é\u0301ß\u2028\u3000ﬁ👍")) | st.text())
def test_the_fast_way_for_ascii_gives_the_same(text):
    assert identity(text) == plain_identity(text)
    assert ("".join(words_of(text)) or text) == identity(text)


@pytest.mark.parametrize(
    ("some", "other", "same"),
    [
        ("Great film!", "great  FILM", True),
        ("one<br />two", "one two", True),
        ("AT&amp;T", "at&t", True),
        ("STRASSE", "straße", True),
        ("\ufb01lm", "film", True),
        ("a < b", "a b", False),
        ("\u0915\u093f", "\u0915\u0940", False),  # two Hindi syllables that differ in their vowel sign
        ("?", "!", False),
        ("3.5", "35", True),
    ],
)
def test_what_counts_as_the_same(some, other, same):
    assert (identity(some) == identity(other)) is same


@pytest.mark.parametrize("text", ["<" * 100_000, "<a" * 50_000, "&" * 100_000, "&#" * 50_000])
def test_hostile_texts_take_linear_time(text):
    identity(text)  # a quadratic way would run into the timeout of the suite


def exact(texts, threshold):
    """All pairs, compared."""
    sets = DisjointSets(len(texts))
    shingles = [{tuple(words_of(t)[i : i + 3]) for i in range(max(1, len(words_of(t)) - 2))} for t in texts]
    for i, j in combinations(range(len(texts)), 2):
        if len(shingles[i] & shingles[j]) / len(shingles[i] | shingles[j]) >= threshold:
            sets.join(i, j)
    return sets.members()


def varied(seed: int, count: int = 40) -> list[str]:
    """Texts, each followed by some with a few words changed."""
    generator = random.Random(seed)
    texts = []
    for i in range(count):
        words = [f"w{generator.randrange(300)}" for _ in range(generator.randrange(1, 80))]
        texts.append(" ".join(words))
        for _ in range(generator.randrange(3)):
            for _ in range(generator.randrange(4)):
                words[generator.randrange(len(words))] = f"n{i}"
            texts.append(" ".join(words))
    return texts


@pytest.mark.parametrize("threshold", [0.5, 0.7, 0.8, 0.95, 1])
@pytest.mark.parametrize("seed", range(4))
def test_it_finds_what_comparing_all_pairs_finds(seed, threshold):
    texts = varied(seed)
    sets = DisjointSets(len(texts))
    join_near(sets, texts, range(len(texts)), threshold)
    assert sets.members() == exact(texts, threshold)


def test_overlap_is_that_of_the_sets_of_three_words():
    some, other = shingles_of("a b c d e"), shingles_of("a b c d f")
    assert (len(some), len(other)) == (3, 3)
    assert overlap(some, other) == 2 / 4
    assert overlap(shingles_of("A, b"), shingles_of("a b!")) == 1
    assert len(shingles_of("?!")) == 1
    assert len(shingles_of("x " * 1000)) == 1


def test_no_rows_and_thousands():
    join_near(DisjointSets(0), [], [], 0.8)
    texts = [f"{i} {i + 1} {i + 2} {i + 3}" for i in range(2500)]
    sets = DisjointSets(len(texts))
    join_near(sets, texts, range(len(texts)), 0.8)
    assert len(sets.members()) == 2500


@given(st.integers(1, 30), st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29)), max_size=40))
def test_sets_are_what_joins_say(rows, joins):
    sets, plain = DisjointSets(rows), [{row} for row in range(rows)]
    for some, other in ((i % rows, j % rows) for i, j in joins):
        sets.join(some, other)
        first, second = (next(held for held in plain if row in held) for row in (some, other))
        if first is not second:
            first |= second
            plain.remove(second)
    assert sorted(sets.members()) == sorted(map(sorted, plain))
