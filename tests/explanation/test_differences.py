"""A comparison finds edits that make the one text of the other, in linear time, and knows when it guesses."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.encoding.stacks import TEXTS
from textprep.explanation.differences import compare, compare_words
from textprep.steps.edits import apply_edits

SMALL = st.text("ab. A", max_size=10)


@given(TEXTS | SMALL, TEXTS | SMALL)
def test_the_edits_make_the_one_of_the_other(before, after):
    assert apply_edits(before, compare(before, after).edits) == after


@given(SMALL, st.sampled_from([str.upper, str.title, lambda text: text.replace("a", "b a"), str.strip]))
def test_the_edits_of_words_do_so_too(before, clean):
    assert apply_edits(before, compare_words(clean, before, clean(before)).edits) == clean(before)


@given(st.text("abc ", max_size=14), st.data())
def test_where_something_was_only_deleted_nothing_is_put_in(before, data):
    after = "".join(character for character in before if data.draw(st.booleans()))
    assert all(not edit.replacement for edit in compare(before, after).edits)


WORDS = st.lists(st.sampled_from(["a", "b", "c", "dd"]), max_size=12)


@given(WORDS, st.data())
def test_every_word_that_is_left_is_found(words, data):
    """Words are deleted, or others than the text's own stand for them."""
    after = [word for old in words for word in data.draw(st.sampled_from([[old], [], ["ŋ"], ["ŋŋ"]]))]
    text = " ".join(after)
    touched = set()
    done = shift = 0
    for start, stop, replacement in compare(" ".join(words), text).edits:
        done = start + shift
        touched |= set(range(done, done + len(replacement)))
        shift += len(replacement) - (stop - start)
    assert all(text[place] in "ŋ " for place in touched)


@pytest.mark.parametrize(
    ("before", "after", "edits", "exact"),
    [
        ("film", "film", [], True),
        ("a <i>good</i> film", "a good film", [(2, 5, ""), (9, 13, "")], True),
        ("Is It", "is it", [(0, 1, "i"), (3, 4, "i")], True),
        ("see https://a.b/c now", "see <url> now", [(4, 17, "<url>")], True),
        ("film", "film!", [(4, 4, "!")], True),
        ("the the", "the", [(3, 7, "")], False),
        ("don't run", "do not run", [(2, 4, " no")], True),
        ("one two three", "ONE two 3", [(0, 1, "O"), (1, 2, "N"), (2, 3, "E"), (8, 13, "3")], False),
    ],
)
def test_it_finds_what_a_person_would(before, after, edits, exact):
    assert compare(before, after) == (edits, exact)


def test_words_are_certain_where_each_is_cleaned_by_itself():
    stem = {"so": "zo", "the": "", "films": "two reels"}
    before, after = "so  so the films", "zo zo two reels"
    edits, exact = compare_words(lambda word: stem.get(word, word), before, after)
    assert exact
    assert edits == [(0, 1, "z"), (2, 4, " "), (4, 5, "z"), (6, 11, " "), (11, 15, "two reel")]


def test_a_scope_that_was_promised_in_vain_is_not_believed():
    before = "good film"
    assert (
        apply_edits(before, compare_words(lambda text: text[::-1], before, before[::-1]).edits)
        == before[::-1]
    )


def test_a_step_that_fails_on_a_word_alone_is_compared_as_a_whole():
    def clean(text: str) -> str:
        return text.replace("a ", "", 1) if " " in text else text[10]

    assert compare_words(clean, "a film", "film") == ([(0, 2, "")], True)


def make_texts(words: int) -> dict[str, tuple[str, str]]:
    generator = random.Random(0)
    drawn = [f"w{generator.randrange(3_000)}" for _ in range(words)]
    text = " ".join(drawn)
    return {
        "words left out": (text, text.replace("w1", "")),
        "every second word": (text, " ".join(drawn[::2])),
        "turned round": (text, text[::-1]),
        "shuffled": (text, " ".join(generator.sample(drawn, len(drawn)))),
        "one long word": ("ab" * 4 * words, "ba" * 2 * words),
        "one word again and again": ("a " * 3 * words, "b a " * words),
    }


@pytest.mark.parametrize("kind", make_texts(1))
def test_twice_the_text_takes_about_twice_the_time(kind):
    def seconds(words: int) -> float:
        before, after = make_texts(words)[kind]
        started = time.process_time()
        compare(before, after)
        return time.process_time() - started

    ratios = [seconds(16_000) / seconds(4_000) for _ in range(3)]
    assert min(ratios) < 4 * 2.5
