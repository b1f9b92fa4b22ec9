"""Tokenizers of every composition, and the ids of texts by their pieces."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
from hypothesis import strategies as st
from tokenizers import AddedToken, Regex, models, normalizers, pre_tokenizers
from tokenizers import Tokenizer as HFTokenizer

from textprep.encoding.pieces import cut_into_pieces
from textprep.tokenizers.cuts.pieces import PieceEncoder

BYTES = pre_tokenizers.ByteLevel.alphabet()
CHARACTERS = sorted({*"abAB1.,'-_ ▁", *"éä中国ا", *BYTES})
HOSTILE = [
    *"abAB1.,'-_é中ا🙂▁Ġäﬁ¨ﷺ\x00", "\u0301", "\u0308", "\u200d", "\u200b", "\ufeff", "\ufffd", "\ufdd0", "\u0600", "가", "ᄀ", "ا", "\u0e33",
    *"\t\n\r\x0b\x0c\x1c\x85\xa0\u1680\u2003\u2028\u3000", "'s", "  ", "<x>", "<url>", "aaaa",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from([*HOSTILE, *" " * 25, *"ab1." * 4]), max_size=25).map("".join)


def charsmap(replaced: dict[str, str]) -> normalizers.Normalizer:
    """SentencePiece's table of these replacements: a trie whose node number k has its children at 256 k."""
    nodes: dict[bytes, int] = {b"": 1}
    for key in replaced:
        spelled = key.encode()
        for stop in range(1, len(spelled) + 1):
            nodes.setdefault(spelled[:stop], len(nodes) + 1)
    units = [0] * 256 * (len(nodes) + 2)
    places = {b"": 0}
    for node, number in nodes.items():
        if node:
            places[node] = 256 * nodes[node[:-1]] + node[-1]
        units[places[node]] = (places[node] ^ 256 * number) << 10 | (node[-1] if node else 0)
    values = b""
    for key, value in replaced.items():
        place = places[key.encode()]
        units[place] |= 1 << 8
        units[256 * nodes[key.encode()]] = 1 << 31 | len(values)
        values += value.encode() + b"\0"
    trie = b"".join(unit.to_bytes(4, "little") for unit in units)
    return normalizers.Precompiled(len(trie).to_bytes(4, "little") + trie + values)


CHARSMAP = {"ﬁ": "fi", "\u3000": " ", "¨": " \u0308", "é": "e", "e\u0301": "é", "\x01": "", "\t": " "}


GPT4 = r"(?i:'s|'t)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
PATTERNS = [
    GPT4, r"\p{N}{1,3}", r" ?\p{L}+|\s+", r"\s+", r"\s", " {2,}", r"\S+", r"\w+|[^\w\s]+", r"\w+ \w+", r"[.,]\s*", r"\s+$", r"\s+\z|\S+|\s+", r"\S+\z|\S|\s+",
    r" ?[^(\s|[.,!?])]+", r"a(?=b)", r"a(?! )", r"\p{L}+(?=\s)|\s", "[^a]b", "a|b", r"\s?a", r"\p{P}", r"[a-z]+[\r\n]*", ".", "▁", r"(?<=a) ", r"\bb",
    r"[▁ ][a-z]+|.", "[^▁]+", "▁+", "Ġ+[a-z]*|[^Ġ]+",
]  # fmt: skip
patterns = st.one_of(
    st.sampled_from(PATTERNS).map(Regex), st.sampled_from([" ", "▁", "a", "  ", ". ", " a", "Ġ"])
)
BEHAVIORS = ["removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"]

simple_normalizers = st.one_of(
    st.sampled_from([
        normalizers.NFC(), normalizers.NFD(), normalizers.NFKC(), normalizers.NFKD(), normalizers.Lowercase(),
        normalizers.StripAccents(), normalizers.Nmt(), normalizers.ByteLevel(), normalizers.Prepend("▁"),
        charsmap(CHARSMAP), charsmap({"a": "ab", "é": " e"}),
        normalizers.Replace(" ", "▁"), normalizers.Replace(Regex(" {2,}"), " "), normalizers.Replace(Regex(" {2,}"), "▁"),
    ]),
    st.builds(normalizers.Prepend, st.sampled_from(["▁", " ", "x", "x ", " x"])),
    st.builds(normalizers.Strip, left=st.booleans(), right=st.booleans()),
    st.builds(
        normalizers.BertNormalizer, clean_text=st.booleans(), handle_chinese_chars=st.booleans(),
        strip_accents=st.sampled_from([None, True, False]), lowercase=st.booleans(),
    ),
    st.builds(normalizers.Replace, patterns, st.sampled_from(["▁", " ", "", "a", "a b", "b ", "\u0301", "Ġ"])),
)  # fmt: skip
all_normalizers = st.one_of(
    st.none(),
    simple_normalizers,
    st.lists(simple_normalizers, max_size=3).map(normalizers.Sequence),
)
simple_pre_tokenizers = st.one_of(
    st.sampled_from([
        pre_tokenizers.BertPreTokenizer(), pre_tokenizers.Whitespace(), pre_tokenizers.WhitespaceSplit(),
        pre_tokenizers.UnicodeScripts(), pre_tokenizers.FixedLength(3),
    ]),
    st.builds(pre_tokenizers.ByteLevel, add_prefix_space=st.booleans(), use_regex=st.booleans()),
    st.builds(pre_tokenizers.Split, patterns, st.sampled_from(BEHAVIORS), st.booleans()),
    st.builds(
        pre_tokenizers.Metaspace, replacement=st.sampled_from("▁▁▁_"),
        prepend_scheme=st.sampled_from(["always", "first", "never"]), split=st.booleans(),
    ),
    st.builds(pre_tokenizers.Digits, individual_digits=st.booleans()),
    st.builds(pre_tokenizers.Punctuation, behavior=st.sampled_from(BEHAVIORS)),
    st.builds(pre_tokenizers.CharDelimiterSplit, st.sampled_from(" a▁")),
)  # fmt: skip
all_pre_tokenizers = st.one_of(
    st.none(),
    simple_pre_tokenizers,
    st.lists(simple_pre_tokenizers, max_size=3).map(pre_tokenizers.Sequence),
)


@st.composite
def bpe(draw) -> models.BPE:
    fallback = [f"<0x{byte:02X}>" for byte in range(256)] if draw(st.booleans()) else []
    missing = draw(st.sampled_from(["", "", "", "▁", "b", " ", "▁ é", "Ġ"]))
    known = [one for one in CHARACTERS if one not in missing]
    tokens = [*fallback, *known]
    spaces = draw(st.sampled_from(["", "", " ▁Ġ"]))
    letters = [one for one in [*"abAB1.", *" ▁Ġ"] if one in known]
    merges = []
    for _ in range(draw(st.integers(0, 8))):
        left, right = draw(st.sampled_from(letters)), draw(st.sampled_from(letters))
        if right[0] in " ▁Ġ" and not spaces and left[-1] != right[0]:
            continue
        if left + right not in tokens:
            merges.append((left, right))
            tokens.append(left + right)
            letters.append(left + right)
    unknown = draw(st.sampled_from([{}, {"unk_token": "<unk>"}]))
    return models.BPE(
        {token: i for i, token in enumerate([*tokens, *unknown.values()])},
        merges,
        **unknown,
        fuse_unk=draw(st.booleans()),
        byte_fallback=bool(fallback),
        ignore_merges=not draw(st.integers(0, 4)),
    )


WORDS = [
    "[UNK]",
    "a",
    "b",
    "ab",
    "aa",
    ".",
    "1",
    "▁",
    "▁a",
    "▁b",
    "Ġ",
    "Ġa",
    " a",
    "a b",
    "a▁b",
    "##a",
    "##b",
    "## ",
    "##▁",
    "x",
]
others = st.sampled_from([
    lambda: models.WordPiece({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]", max_input_chars_per_word=6),
    lambda: models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"),
    lambda: models.Unigram([(word, -1.3 * i) for i, word in enumerate([*WORDS, *CHARACTERS])], unk_id=0, byte_fallback=False),
]).map(lambda make: make())  # fmt: skip
added_tokens = st.lists(
    st.builds(
        AddedToken, st.sampled_from(["<x>", "a", " b", "x y", "▁a", "a.", "é"]), single_word=st.booleans(), lstrip=st.integers(0, 4).map(lambda n: not n),
        rstrip=st.integers(0, 4).map(lambda n: not n), normalized=st.booleans(), special=st.booleans(),
    ),
    max_size=2,
    unique_by=lambda token: token.content,
)  # fmt: skip


@st.composite
def tokenizers(draw) -> HFTokenizer:
    """Any tokenizer at all."""
    tokenizer = HFTokenizer(draw(st.one_of(bpe(), bpe(), others)))
    normalizer, pre_tokenizer = draw(all_normalizers), draw(all_pre_tokenizers)
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    if pre_tokenizer is not None:
        tokenizer.pre_tokenizer = pre_tokenizer
    if not draw(st.integers(0, 2)):
        for token in draw(added_tokens):
            tokenizer.add_tokens([token])
    tokenizer.encode_special_tokens = True
    return tokenizer


def ids_of_whole(tokenizer: HFTokenizer, texts: list[str]) -> list[list[int]]:
    """The ids of the whole text: the oracle."""
    return [one.ids for one in tokenizer.encode_batch_fast(texts, add_special_tokens=False)]


def ids_by_pieces(tokenizer: HFTokenizer, texts: list[str], marks: str | None = None) -> list[list[int]]:
    """The ids of the pieces of each text, all joined, whether that is proven or not."""
    encoder = PieceEncoder(tokenizer)
    cuts = encoder.cuts if marks is None else replace(encoder.cuts, marks=marks)
    cut = cut_into_pieces(pa.array(texts, pa.large_string()), cuts)
    return encoder.encode(cut.words).regroup(cut.offsets).rows()
