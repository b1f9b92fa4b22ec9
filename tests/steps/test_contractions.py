"""English contractions: their table, their case, and what is none."""

from __future__ import annotations

import pytest

from textprep import ExpandContractions
from textprep.steps.contractions import SUFFIXES, WORDS

CASES = {
    "don't Don't DON'T don\u2019t don\u02bct": "do not Do not DO NOT do not do not",
    "I'm I'LL i've I'd": "I am I WILL i have I would",
    "can't won't shan't mustn't": "cannot will not shall not must not",
    "shouldn't've they'd've y'all'd've": "should not have they would have y'all'd've",
    "it's that's let's who's, John's films'": "it is that is let us who is, John's films'",
    "John'll like what'll come": "John will like what will come",
    "'tis 'Twas 'em gonna Wanna": "it is It was them going to Want to",
    "dont isnt youre im": "do not is not you are i am",
    "(don't) \"won't\" don't.": '(do not) "will not" do not.',
    "wont cant ill well shed were lets its o'clock rock'n'roll": None,
    "d'on't 'don't' n't 's xdon'tx don'_t don't1 \u00e9'm": None,
}


@pytest.mark.parametrize(("text", "expanded"), CASES.items())
def test_what_is_written_out_and_what_is_not(text, expanded):
    assert ExpandContractions()(text) == (text if expanded is None else expanded)


def test_every_entry_of_the_table_is_found_and_none_is_left():
    for word, expanded in WORDS.items():
        assert ExpandContractions()(f"({word})") == f"({expanded})"
        assert ExpandContractions()(word.upper()) == expanded.upper()
    assert not [word for word in WORDS.values() if word.endswith(tuple(SUFFIXES))]
