"""Printable ASCII is pre-tokenized by its shape only where no letter and no digit is treated unlike its like."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, Regex, models
from tokenizers import Tokenizer as HFTokenizer
from tokenizers import normalizers as n
from tokenizers import pre_tokenizers as p

from tests.tokenizers.cuts import all_pre_tokenizers, ids_by_pieces, ids_of_whole
from textprep.tokenizers.cuts.shapes import Shapes, goes_by_shape
from textprep.tokenizers.cuts.words import WordEncoder

PARTS = st.sampled_from([*"abzABZ019 .,-<>/_", "  ", " film"])
ASCII = st.lists(st.lists(PARTS, min_size=1, max_size=12).map("".join), min_size=1, max_size=8)
GPT4 = r"(?i:'s|'t|'re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s+(?!\S)|\s+"
O200K = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ll)?|"
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}]+[\p{Ll}\p{M}]*(?i:'s|'t)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s+"
)


def record(pre_tokenizer) -> dict:
    return json.loads(pre_tokenizer.__getstate__())


def split(pattern: str) -> p.PreTokenizer:
    return p.Sequence([p.Split(Regex(pattern), "isolated"), p.ByteLevel(False, use_regex=False)])


def words(pre_tokenizer, texts: list[str]) -> list[list[str] | None]:
    """The words by shape of each text; None where they are not known."""
    found = Shapes(pre_tokenizer, record(pre_tokenizer)).cut(pa.array(texts, pa.large_string()))
    of_known = iter(found.numbers.rows())
    distinct = found.distinct.to_pylist()
    return [[distinct[i] for i in next(of_known)] if known else None for known in found.known.tolist()]


def expected(pre_tokenizer, texts: list[str]) -> list[list[str]]:
    return [[word for word, _ in pre_tokenizer.pre_tokenize_str(text)] for text in texts]


@given(pre_tokenizer=all_pre_tokenizers, texts=ASCII)
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
def test_words_by_shape_are_those_of_the_pre_tokenizer(pre_tokenizer, texts):
    if pre_tokenizer is not None and goes_by_shape(record(pre_tokenizer)):
        for found, right in zip(words(pre_tokenizer, texts), expected(pre_tokenizer, texts), strict=True):
            assert found in (None, right)


USUAL = {
    "BERT": p.BertPreTokenizer(),
    "GPT-2": p.ByteLevel(add_prefix_space=False),
    "GPT-4": split(GPT4),
    "GPT-4o": split(O200K),
    "Falcon": p.Sequence(
        [p.Punctuation("contiguous"), p.ByteLevel(False), p.Split(Regex("[0-9]{3}"), "isolated")]
    ),
}


@pytest.mark.parametrize("kind", USUAL)
@given(texts=ASCII)
def test_all_words_of_the_usual_kinds_are_known(kind, texts):
    assert goes_by_shape(record(USUAL[kind]))
    with_words = [text for text in texts if text.strip()]
    assert words(USUAL[kind], with_words) == expected(USUAL[kind], with_words)


BROKEN = {
    "a letter by its name": (split("a"), "xa", "xb"),
    "a letter as a text": (p.Split("b", "isolated"), "xa", "xb"),
    "some of the letters": (split("[a-m]+"), "ab", "az"),
    "all but a letter": (split("[^b]+"), "xa", "xb"),
    "a letter in any case": (split("(?i:a)"), "xB", "xA"),
    "a letter is asked for": (split("x(?=a)"), "xb", "xa"),
    "letters are asked for": (split("x(?!ab)"), "xbb", "xab"),
    "a letter after an apostrophe or without": (split("'?s"), "xa", "xs"),
    "some of the digits": (split("[1-5]+"), "19", "15"),
    "a digit that divides": (p.CharDelimiterSplit("1"), "x2x", "x1x"),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_a_broken_rule_changes_words_and_is_found(rule):
    pre_tokenizer, one, other = BROKEN[rule]
    assert not goes_by_shape(record(pre_tokenizer))
    boundaries = [
        [span for _, span in pre_tokenizer.pre_tokenize_str(text)] for text in (one, other)
    ]  # of the same shape
    assert boundaries[0] != boundaries[1]


@pytest.mark.parametrize(
    "pre_tokenizer", [p.UnicodeScripts(), p.FixedLength(2), p.Metaspace(), split(r"(a)\1"), split(r"\ba")]
)
def test_what_is_not_read_does_not_go_by_shape(pre_tokenizer):
    assert not goes_by_shape(record(pre_tokenizer))


@pytest.mark.parametrize(
    ("pre_tokenizer", "found"),
    [
        (p.ByteLevel(add_prefix_space=True), [None, None, ["Ġb"]]),
        (p.Split(".", "removed"), [None, ["a b"], None]),
        (p.Split(" ", "isolated"), [["a.b"], None, None]),
    ],
)
def test_words_that_are_not_the_parts_of_a_text_are_not_known(pre_tokenizer, found):
    assert goes_by_shape(record(pre_tokenizer))
    assert words(pre_tokenizer, ["a.b", "a b", " b"]) == found


CHARACTERS = [*p.ByteLevel.alphabet(), "Ġf", "il", "<think>"]


def made(normalizer=None, *added: AddedToken) -> HFTokenizer:
    tokenizer = HFTokenizer(models.BPE({c: i for i, c in enumerate(CHARACTERS)}, [("Ġ", "f"), ("i", "l")]))
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = split(GPT4)
    tokenizer.add_tokens(list(added))
    tokenizer.encode_special_tokens = True
    return tokenizer


def known(tokenizer: HFTokenizer, texts: list[str]) -> list[bool]:
    return WordEncoder.of(tokenizer).encode(pa.array(texts, pa.large_string()))[0].tolist()


@pytest.mark.parametrize("token", [AddedToken("<Think>"), AddedToken("<think>", normalized=False)])
def test_texts_that_may_hold_an_added_token_are_left_to_the_tokenizer(token):
    tokenizer = made(n.Lowercase(), token)
    texts = [" film", " <think>", " <THINK> a"]
    assert known(tokenizer, texts) == [True, False, False]
    some = [f"a{text}{text} film" for text in texts]
    assert ids_by_pieces(tokenizer, some) == ids_of_whole(tokenizer, some)


def test_an_added_token_with_other_characters_is_in_no_ascii():
    assert known(made(None, AddedToken("<｜User｜>")), [" <|User|>"]) == [True]
    assert known(made(n.NFKC(), AddedToken("<｜User｜>")), [" <|User|>"]) == [False]


def test_apostrophes_and_other_characters_are_left_to_the_tokenizer():
    assert known(made(), ["'s", " it's", " é", "\t", " its"]) == [False, False, False, False, True]


@pytest.mark.parametrize("normalizer", [n.Strip(), n.Prepend("x"), n.Replace("a", "b"), n.ByteLevel()])
def test_a_normalizer_that_may_change_ascii_takes_part(normalizer):
    assert WordEncoder.of(made(normalizer)) is None


@pytest.mark.parametrize(
    "normalizer",
    [n.NFC(), n.NFD(), n.NFKC(), n.NFKD(), n.StripAccents(), n.Nmt(), n.Lowercase(), n.BertNormalizer()],
)
def test_the_other_normalizers_leave_printable_ascii_as_it_is_but_for_its_case(normalizer):
    printable = [chr(i) for i in range(0x20, 0x7F)]
    every = " ".join(one + other for one in printable for other in printable)
    lowers = isinstance(normalizer, n.Lowercase | n.BertNormalizer)
    assert normalizer.normalize_str(every) == (every.lower() if lowers else every)
    assert known(made(normalizer), [" A"]) == [True]
