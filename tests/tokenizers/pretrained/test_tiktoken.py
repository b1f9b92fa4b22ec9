"""Encodings of tiktoken and their files give the ids of tiktoken."""

from __future__ import annotations

import json
from base64 import b64encode
from functools import cache
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tokenizers.pretrained.kinds import AWKWARD, HOSTILE, LONG, chain_of_patterns, many_texts
from textprep.errors import TokenizerError
from textprep.tokenizers.base import replace_surrogates
from textprep.tokenizers.huggingface import HuggingFaceTokenizer
from textprep.tokenizers.pretrained import tiktoken as known
from textprep.tokenizers.pretrained.byte_level import _characters
from textprep.tokenizers.pretrained.patterns import for_oniguruma

tiktoken = pytest.importorskip("tiktoken")
PATTERNS = {
    "gpt2": known._GPT2,
    "cl100k": known._CL100K,
    "o200k": known._O200K,
    "words only": r"[\p{L}\p{M}]+",
    "anything": r"[\s\S]++",
    "possessive counts": r"(?:a\p{L}|[^\s\]]){2,3}+|\s{2,}+|.",
}


@cache
def trained() -> dict[bytes, int]:
    """The bytes of tokens and their ids, with a hole before the last."""
    model = json.loads(chain_of_patterns().to_str())["model"]
    byte = {character: i for i, character in enumerate(_characters())}
    ranks = {bytes(byte[c] for c in token): i for token, i in model["vocab"].items()}
    return {token: i + (i > 290) for token, i in ranks.items()}


@cache
def encoding(name: str):
    special = {"<|endoftext|>": 400, "<|end of prompt|>": 402} if name != "anything" else {}
    return tiktoken.Encoding(name, pat_str=PATTERNS[name], mergeable_ranks=trained(), special_tokens=special)


made = cache(lambda name: HuggingFaceTokenizer.of(encoding(name)))


@given(name=st.sampled_from(list(PATTERNS)), text=HOSTILE)
def test_ids_are_those_of_tiktoken(name, text):
    text = replace_surrogates(text)
    assert made(name).encode(text) == encoding(name).encode_ordinary(text)


@pytest.mark.parametrize("name", PATTERNS)
def test_ids_of_many_texts_are_those_of_tiktoken(name):
    texts = [replace_surrogates(text) for text in [*AWKWARD, *many_texts(2_000)]]
    ids = made(name)._encode_many(texts)
    assert ids.rows() == encoding(name).encode_ordinary_batch(texts)
    if name not in ("words only", "possessive counts"):  # which leave out what they do not match
        assert [made(name).decode(made(name).encode(text)) for text in texts] == texts


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gpt2", "cl100k", "o200k"])
def test_every_character_has_the_ids_of_tiktoken(name):
    """All that Unicode has assigned, and some of the planes that are empty or private."""
    assigned = (range(0xD800), range(0xE000, 0x32400), range(0xE0000, 0xE0200))
    texts = [f"a{c}{c}1{c} {c}'S" for c in map(chr, chain(*assigned, range(0x32400, 0x110000, 97)))]
    assert made(name)._encode_many(texts).rows() == encoding(name).encode_ordinary_batch(texts)


@pytest.mark.slow
@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_a_megabyte_has_the_ids_of_tiktoken(text):
    assert made("cl100k").encode(text) == encoding("cl100k").encode_ordinary(text)


@given(st.data())
def test_any_ranks_have_the_ids_of_tiktoken(data):
    """Of tokens that no training makes: such as one that comes from two pairs, or from none."""
    tokens = data.draw(st.lists(st.text("ab", min_size=2, max_size=6), unique=True, max_size=12))
    ranks = {bytes([i]): i for i in range(256)} | {token.encode(): 256 + i for i, token in enumerate(tokens)}
    theirs = tiktoken.Encoding("drawn", pat_str=r"\p{L}+", mergeable_ranks=ranks, special_tokens={})
    ours = HuggingFaceTokenizer.of(theirs)
    for text in data.draw(st.lists(st.text("abc ", max_size=12), max_size=5)):
        assert ours.encode(text) == theirs.encode_ordinary(text)


def file_of(path, ranks=None):
    lines = (b"%s %d\n" % (b64encode(token), rank) for token, rank in (ranks or trained()).items())
    path.write_bytes(b"".join(lines))
    return path


def test_a_file_needs_its_pattern(tmp_path):
    path = file_of(tmp_path / "own.tiktoken")
    with pytest.raises(
        TokenizerError, match="does not say how texts are cut; give the encoding's pat_str"
    ) as error:
        HuggingFaceTokenizer(path=path)
    assert error.value.option == "pattern"
    tokenizer = HuggingFaceTokenizer(path=path, pattern=PATTERNS["gpt2"])
    for text in AWKWARD:
        assert tokenizer.encode(text) == encoding("gpt2").encode_ordinary(text)
    assert "pattern" not in {key for key, value in tokenizer.options().items() if value}


@pytest.mark.parametrize("name", ["cl100k_base", "o200k_base", "r50k_base", "gpt2"])
def test_the_encodings_of_openai_are_known_by_name(name, tmp_path):
    tokenizer = HuggingFaceTokenizer(path=file_of(tmp_path / f"{name}.tiktoken"))
    theirs = encoding({"r50k_base": "gpt2"}.get(name, name.removesuffix("_base")))
    for text in AWKWARD:
        assert tokenizer.encode(text) == theirs.encode_ordinary(text)
    assert tokenizer.vocabulary["<|endoftext|>"] == known._KNOWN[name].special["<|endoftext|>"]


def test_ids_keep_their_holes_and_special_tokens_their_ids():
    vocabulary = made("gpt2").vocabulary
    assert vocabulary["<|end of prompt|>"] == 402
    assert len(vocabulary) == 403
    assert {291, 401} <= set(vocabulary.unused)
    assert vocabulary.unk_id is None


def test_the_patterns_are_those_of_the_library():
    public = pytest.importorskip("tiktoken_ext.openai_public")
    assert public.r50k_pat_str == known._GPT2


@pytest.mark.parametrize(
    "pattern", [r"\w+", r"\bfilm", r"[\w']+", r"[a-z&&[^b]]", "(", "a)", r"\X", "(?<name>a)", "(?s:.)"]
)
def test_a_pattern_that_may_be_read_otherwise_is_an_error(pattern, tmp_path):
    with pytest.raises(TokenizerError, match=r"the pattern .* of tiktoken"):
        HuggingFaceTokenizer(path=file_of(tmp_path / "own.tiktoken"), pattern=pattern)


@pytest.mark.parametrize("pattern", [r"[^\r\n\p{L}]?+\p{L}++", r"(?i:'s|'t)|\s+(?!\S)|[\]\[-]", "a{2}b{1,}?"])
def test_most_patterns_stay_as_they_are(pattern):
    assert for_oniguruma(pattern) == pattern


def test_a_special_token_that_is_a_word_is_an_error():
    theirs = tiktoken.Encoding(
        "words", pat_str=r"\S+|\s", mergeable_ranks=trained(), special_tokens={"<|endoftext|>": 400}
    )
    with pytest.raises(
        TokenizerError, match=r"cannot be converted exactly: its pattern takes '<\|endoftext\|>'"
    ):
        HuggingFaceTokenizer.of(theirs)


def test_a_file_that_lacks_a_byte_or_is_damaged_is_an_error(tmp_path):
    lacking = {token: rank for token, rank in trained().items() if token != b"z"}
    with pytest.raises(TokenizerError, match="has no token for the byte 122"):
        HuggingFaceTokenizer(path=file_of(tmp_path / "gpt2.tiktoken", lacking))
    path = file_of(tmp_path / "gpt2.tiktoken")
    path.write_bytes(path.read_bytes() + b"!! 9\n")
    with pytest.raises(TokenizerError, match=r"gpt2\.tiktoken, line \d+: b'!! 9' is not a token"):
        HuggingFaceTokenizer(path=path)
