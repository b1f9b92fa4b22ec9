"""The most frequent tag of each word: words are what the labels say they are, and no two are taken for one."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from textprep.training.scoring.frequent_tags import FrequentTags, words_of

TAGS = 4


class Rows:
    """Rows of ids with a label each."""

    features = None

    def __init__(self, rows: list[list[tuple[int, int]]]) -> None:
        self.rows = rows
        self.lengths = np.array([len(row) for row in rows], np.int64)
        self.labels = self.Labels(rows)

    def __len__(self) -> int:
        return len(self.rows)

    def ids(self, row: int) -> np.ndarray:
        return np.array([token for token, _ in self.rows[row]], np.uint16)

    class Labels:
        def __init__(self, rows):
            self.rows = rows

        def ids(self, row: int) -> np.ndarray:
            return np.array([label for _, label in self.rows[row]], np.int16)


tokens = st.tuples(st.integers(0, 3), st.sampled_from([-100, -100, *range(TAGS)]))
some_rows = st.lists(st.lists(tokens, max_size=7), max_size=6).map(Rows)


def plain_words(rows: Rows) -> list[tuple[tuple[int, ...], int, int]]:
    """Ids, label and place of each word."""
    words, place = [], 0
    for row in rows.rows:
        for number, (token, label) in enumerate(row):
            if label != -100 or number == 0:
                words.append(((token,), label, place))
            else:
                words[-1] = ((*words[-1][0], token), *words[-1][1:])
            place += 1
    return words


@settings(max_examples=300, deadline=None)
@given(train=some_rows, rows=some_rows)
def test_tags_are_those_of_counting_words_one_by_one(train, rows):
    counts: dict[tuple[int, ...], Counter[int]] = defaultdict(Counter)
    for ids, label, _ in plain_words(train):
        if label != -100:
            counts[ids][label] += 1
    of_all = sum(counts.values(), Counter())
    usual = min(range(TAGS), key=lambda tag: (-of_all[tag], tag))
    expected = np.full(int(rows.lengths.sum()), -100)
    for ids, _, place in plain_words(rows):
        of_word = counts.get(ids)
        expected[place] = min(of_word, key=lambda tag: (-of_word[tag], tag)) if of_word else usual
    learned = FrequentTags(words_of(train, np.arange(len(train))), TAGS)
    assert learned.of(words_of(rows, np.arange(len(rows)))).tolist() == expected.tolist()


def test_of_sequences_of_numbers_the_guess_is_the_commonest_tag():
    train, rows = Rows([[(1, 0), (2, 1), (3, 1)]]), Rows([[(1, 0), (9, 0)]])
    train.features = rows.features = 3
    found = FrequentTags(words_of(train, np.array([0])), TAGS).of(words_of(rows, np.array([0])))
    assert found.tolist() == [1, 1]


def test_rows_are_taken_in_the_order_that_is_asked_for():
    rows = Rows([[(1, 0)], [(2, 1), (3, -100)]])
    assert words_of(rows, np.array([1, 0])).tags.tolist() == [1, 0]
    assert words_of(rows, np.array([1, 0])).tokens == 3


def test_no_two_words_of_a_large_vocabulary_have_one_key():
    vocabulary = 60_000
    pairs = Rows([[(first, 0), (first + 1, -100)] for first in range(vocabulary)])
    turned = Rows([[(first + 1, 0), (first, -100)] for first in range(vocabulary)])
    both = np.concatenate([words_of(rows, np.arange(len(rows))).keys for rows in (pairs, turned)])
    assert len(np.unique(both)) == 2 * vocabulary
