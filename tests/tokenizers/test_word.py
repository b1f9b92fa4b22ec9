"""Words and punctuation, or what a pattern finds."""

from __future__ import annotations

import time

import pytest

import textprep as tp
from textprep.errors import TokenizerError
from textprep.tokenizers.word import WordTokenizer


def test_runs_of_word_characters_and_each_other_character():
    assert WordTokenizer().tokenize("Don't... 92 été नमस्ते_x 🎬!") == [
        *("Don", "'", "t", ".", ".", ".", "92", "été", "नमस्ते_x", "🎬", "!")
    ]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Hawaiʻi Hawai‘i ꞌOku Diné bizaadʼ k꞉a", ["Hawaiʻi", "Hawai‘i", "ꞌOku", "Diné", "bizaadʼ", "k꞉a"]),
        ("п'ять п’ять пʼять 'слово'", ["п'ять", "п’ять", "пʼять", "'", "слово", "'"]),
        ('ד״ר ד"ר צ׳ק רח\' "שלום"', ["ד״ר", 'ד"ר', "צ׳ק", "רח'", '"', "שלום", '"']),
        ("ի՞նչ ինչո՞ւ։", ["ի՞նչ", "ինչո՞ւ", "։"]),
        ("col·lega a·b", ["col·lega", "a·b"]),
        ("don't don’t l'homme", ["don", "'", "t", "don", "’", "t", "l", "'", "homme"]),
        ("영화'라고", ["영화", "'", "라고"]),
        ("می‌خواهم क्‍ष", ["می‌خواهم", "क्‍ष"]),
        ("great❤️film great❤film", ["great", "❤", "film"] * 2),
        ("hy\xadphen a\u200bb \ufeff\u2060 \u202eab\u202c", ["hyphen", "a", "b", "ab"]),
        ("👩‍👩‍👧❤️‍🔥👍🏽", ["👩‍👩‍👧", "❤‍🔥", "👍", "🏽"]),
    ],
)
def test_letters_belong_to_their_word_and_what_nobody_sees_to_none(text, tokens):
    assert WordTokenizer().tokenize(text) == tokens
    assert tp.Pipeline(tokenizer=WordTokenizer()).fit([text]).vocabulary.counts.keys() >= set(tokens)


def test_tokens_of_texts_like_english_are_those_of_the_plain_pattern():
    plain = WordTokenizer(pattern=r"\w+|[^\w\s]")
    for text in (
        "don’t “stop” – it’s 3.14, naïve… a_b; l'été, x·1 ·· '' co-op's 100% @me #tag",
        "Straße ± ¼ ﬁ ²",
    ):
        assert WordTokenizer().tokenize(text) == plain.tokenize(text)


@pytest.mark.parametrize("space", [chr(i) for i in range(0x110000) if chr(i).isspace()])
def test_all_white_space_parts_words_and_is_no_token(space):
    assert WordTokenizer().tokenize(f"{space}a{space}{space}b.{space}") == ["a", "b", "."]


def test_another_pattern_may_look_across_white_space():
    pairs = WordTokenizer(pattern=r"(New|San) \w+|(\w+)")
    assert pairs.scope == "document"
    assert WordTokenizer().scope == "word"
    assert pairs.tokenize("to San Francisco") == ["to", "San Francisco"]


def test_empty_matches_are_no_tokens():
    assert WordTokenizer(pattern=r"\w*").tokenize("a, b") == ["a", "b"]


@pytest.mark.parametrize(
    ("pattern", "reason"), [("(", "position"), ("(" * 5000 + ")" * 5000, "recursion depth")]
)
def test_a_bad_pattern_is_explained(pattern, reason):
    with pytest.raises(TokenizerError, match=rf"option 'pattern': .*not a regular expression: .*{reason}"):
        WordTokenizer(pattern=pattern)


def test_min_freq_and_max_size_limit_the_vocabulary():
    texts = ["a a a b b c"]
    assert WordTokenizer(min_freq=2).fit(texts).vocabulary.tokens[2:] == ("a", "b")
    limited = WordTokenizer(max_size=3).fit(texts)
    assert limited.vocabulary.tokens[2:] == ("a",)
    assert limited.encode("a b c") == [2, 1, 1]
    assert limited.vocabulary.oov_rate(limited.tokenize("a b c d")) == 0.75


def endless(**options):
    return WordTokenizer(pattern=r"(?:a|aa)+$|b", timeout=0.1, **options)


def test_the_time_limit_of_a_pattern_is_kept_and_the_error_names_the_row():
    texts = ["b", "b b", "a" * 200 + "b"]
    start = time.process_time()
    with pytest.raises(TokenizerError, match=r"row 2: .*pattern '\(\?:a\|aa\)\+\$\|b' took more than 0.1 s"):
        endless().fit(texts)
    pipeline = tp.Pipeline(tokenizer=endless()).fit(texts[:2])
    with pytest.raises(TokenizerError, match=r"row 2: .*took more than 0.1 s on a text of 201 characters"):
        pipeline.encode_batch(texts)
    with pytest.raises(TokenizerError, match=r"failed on the text: .*simplify the pattern or raise timeout"):
        pipeline.encode(texts[2])
    assert time.process_time() - start < 10


@pytest.mark.parametrize("timeout", [0, -1, float("inf"), float("nan"), "soon"])
def test_a_timeout_is_a_number_of_seconds_above_zero(timeout):
    with pytest.raises(TokenizerError, match="timeout"):
        WordTokenizer(timeout=timeout)
