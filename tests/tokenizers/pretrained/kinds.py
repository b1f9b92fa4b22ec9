"""Tokenizers of every kind that others train, small ones, and the texts on which they are compared."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import cache, wraps

from hypothesis import strategies as st
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from tokenizers import trainers as by

from textprep.testing.texts import WHITE_SPACE, texts

TRAINING = [
    "A great film, a film of great length; isn't it?",
    "not a great film, and 12,345 good films are good",
    "Größe, naïve café, İstanbul   映画は面白い\n\n\tשלום مرحبا 👍🏽",
] * 8
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def once(train: Callable[[], Tokenizer]) -> Callable[[], Tokenizer]:
    """The same tokenizer each time, as training some twice does not give the same."""
    saved = cache(lambda: train().to_str())
    return wraps(train)(lambda: Tokenizer.from_str(saved()))


def _trained(tokenizer: Tokenizer, trainer: object) -> Tokenizer:
    tokenizer.train_from_iterator(TRAINING, trainer)
    return tokenizer


def _template(tokenizer: Tokenizer, single: str, pair: str, names: Sequence[str]) -> None:
    tokens = [(name, tokenizer.token_to_id(name)) for name in names]
    tokenizer.post_processor = processors.TemplateProcessing(single, pair, special_tokens=tokens)


@once
def wordpiece() -> Tokenizer:
    """BERT's, with padding and truncation left on."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    _trained(tokenizer, by.WordPieceTrainer(vocab_size=120, special_tokens=special, show_progress=False))
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.enable_padding(pad_id=0, pad_token="[PAD]", length=32)
    tokenizer.enable_truncation(4)
    return tokenizer


@once
def byte_level() -> Tokenizer:
    """GPT-2's after NFKC, without padding and unknown token."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = by.BpeTrainer(
        vocab_size=320,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=["<|endoftext|>"],
        show_progress=False,
    )
    return _trained(tokenizer, trainer)


@once
def roberta() -> Tokenizer:
    """Byte-level, with a mask that takes the space before it."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<s>", "<pad>", "</s>", "<unk>", AddedToken("<mask>", lstrip=True)]
    trainer = by.BpeTrainer(
        vocab_size=320,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=special,
        show_progress=False,
    )
    _trained(tokenizer, trainer)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    return tokenizer


@once
def chain_of_patterns() -> Tokenizer:
    """Byte-level after three patterns; padding is the last of the added tokens, beyond the vocabulary."""
    tokenizer = Tokenizer(models.BPE())
    patterns = [r"\p{N}{1,3}", "[一-龥\u3040-ゟ゠-ヿ]+", GPT2]
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            *(pre_tokenizers.Split(Regex(pattern), "isolated") for pattern in patterns),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    _trained(tokenizer, by.BpeTrainer(vocab_size=300, initial_alphabet=alphabet, show_progress=False))
    tokenizer.add_tokens([AddedToken("film", single_word=True), AddedToken(" great", normalized=True)])
    tokenizer.add_special_tokens(["<｜end▁of▁sentence｜>", "<｜▁pad▁｜>"])
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    return tokenizer


@once
def unigram() -> Tokenizer:
    """That of T5: a text ends with ``</s>``."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    special = ["<pad>", "</s>", "<unk>"]
    _trained(
        tokenizer,
        by.UnigramTrainer(vocab_size=100, special_tokens=special, unk_token="<unk>", show_progress=False),
    )
    _template(tokenizer, "$A </s>", "$A </s> $B </s>", ["</s>"])
    return tokenizer


@once
def unigram_that_strips() -> Tokenizer:
    """With `Strip`, without an unknown token: what it does not know is an error of the library."""
    pieces = [
        ("<s>", 0.0),
        ("<unk>", 0.0),
        ("▁", -2.0),
        *((c, -3.0) for c in "abcdefghilmnorstu"),
        ("film", -1.0),
    ]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=1))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Strip(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always")]
    )
    tokenizer.decoder = decoders.Metaspace()
    _template(tokenizer, "<s>:1 $A:2", "$A:0 <s>:1 $B:2", ["<s>"])
    return tokenizer


def _with_bytes() -> list[str]:
    return ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]


@once
def llama() -> Tokenizer:
    """SentencePiece BPE with byte fallback, its mark of spaces put in by normalizers: `Prepend`, `Replace`."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(split=False)
    _trained(tokenizer, by.BpeTrainer(vocab_size=330, special_tokens=_with_bytes(), show_progress=False))
    tokenizer.pre_tokenizer = None
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    _template(tokenizer, "<s> $A", "<s> $A <s>:1 $B:1", ["<s>"])
    return tokenizer


@once
def metaspace() -> Tokenizer:
    """The same with its mark put in by `Metaspace`, at the start of a text only."""
    tokenizer = llama()
    tokenizer.normalizer = None
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    return tokenizer


@once
def words_with_holes() -> Tokenizer:
    """Word level, whose ids have holes; added tokens, one of which has no id of its own; padding is last."""
    words = {"film": 3, "a": 9, "great": 11, "[UNK]": 5, "İ": 12}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.add_tokens(["great", "a film", AddedToken("<x>", lstrip=True, rstrip=True)])
    tokenizer.add_special_tokens(["[PAD]"])
    post = processors.BertProcessing(("a", 9), ("film", 3))
    tokenizer.post_processor = processors.Sequence([processors.ByteLevel(), post])
    return tokenizer


@once
def ends_of_words() -> Tokenizer:
    """That of CLIP: a mark at the end of a word."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Split(
        Regex(r"'s|'t|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+"), "removed", True
    )
    tokenizer.decoder = decoders.BPEDecoder(suffix="</w>")
    trainer = by.BpeTrainer(
        vocab_size=120, special_tokens=["<unk>"], end_of_word_suffix="</w>", show_progress=False
    )
    return _trained(tokenizer, trainer)


@once
def characters_without_unknown() -> Tokenizer:
    """Unknown characters vanish."""
    tokenizer = Tokenizer(models.BPE({c: i for i, c in enumerate("abcdefilmort")}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return tokenizer


KINDS: list[Callable[[], Tokenizer]] = [
    wordpiece,
    byte_level,
    roberta,
    chain_of_patterns,
    unigram,
    unigram_that_strips,
    llama,
    metaspace,
    words_with_holes,
    ends_of_words,
    characters_without_unknown,
]


def plain(tokenizer: Tokenizer) -> Tokenizer:
    """The library's own, as texts are encoded here: a special token in a text is ordinary text."""
    again = Tokenizer.from_str(tokenizer.to_str())
    again.no_padding()
    again.no_truncation()
    again.encode_special_tokens = True
    return again


_PIECES = [
    *WHITE_SPACE,
    *("a", "film", " film", "Great", "great ", "isn't", "'LL", "12345", "映画", "שלום", "مرحبا"),
    *(
        "\u0301",
        "e\u0301\u0323",
        "İ",
        "ß",
        "ﬁ",
        "\u212b",
        "\u200d",
        "\u202e",
        "\ufeff",
        "\x00",
        "\ufffd",
        "\u2581",
        "Ġ",
    ),
    *(
        "👨\u200d👩\u200d👧",
        "👍🏽",
        "🇫🇷",
        "❤\ufe0f",
        "\U0010ffff",
        "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35",
        "नमस्ते",
    ),
    *(
        "[PAD]",
        "[CLS]",
        "[SEP]",
        "<s>",
        "</s>",
        "<pad>",
        "<unk>",
        "<mask>",
        "<|endoftext|>",
        "<0x41>",
        "<x>",
        "▁a",
    ),
]
HOSTILE = st.lists(st.one_of(st.sampled_from(_PIECES), st.text(max_size=3)), max_size=12).map("".join)
LONG = {
    "a word": "w" * 1_000_000,
    "two letters": "ab" * 100_000,
    "spaces": " " * 200_000,
    "words": "a film " * 30_000,
    "combining marks": "e" + "\u0301" * 100_000,
    "emoji": "👍🏽" * 25_000,
}


@cache
def many_texts(count: int) -> list[str]:
    """So many texts of words, signs and white space, always the same."""
    generator = random.Random(0)
    words = [*" ".join(TRAINING).split(), *_PIECES]
    usual = [" ".join(generator.choices(words, k=generator.randrange(20))) for _ in range(count // 2)]
    odd = ["".join(generator.choices(words, k=generator.randrange(12))) for _ in range(count - len(usual))]
    return [*usual, *odd]


AWKWARD = list(texts())
