"""Pipelines of every kind and nasty texts, for the tests that compare the engine with the plain path."""

from __future__ import annotations

from hypothesis import strategies as st
from tokenizers import Tokenizer as HFTokenizer
from tokenizers import models, pre_tokenizers, trainers

from textprep.registry import STEPS
from textprep.steps.base import Step
from textprep.testing import AWKWARD_TEXTS
from textprep.tokenizers import BPETokenizer, CharTokenizer, HuggingFaceTokenizer, Tokenizer, WordTokenizer

SPACES = [chr(i) for i in range(0x110000) if chr(i).isspace()]
# Letters that look like punctuation, characters that nobody sees, joiners with and without effect, emoji.
LETTERS = [
    *(
        "п'ять",
        "don’t",
        'ד"ר',
        "רח'",
        "ի՞նչ",
        "col·lega",
        "Hawai‘i",
        "k꞉a",
        "영화'라고",
        "می\u200cخواهم",
        "क\u094d\u200dष",
    ),
    *(
        "ൻ\u0d4d\u200d",
        "❤\ufe0f",
        "👩\u200d👩\u200d👧",
        "👍🏽",
        "ၽၢပ်ႈငဝ်း",
        "映画はとても",
        "ภาพยนตร์เรื่องนี้",
        "'",
        "’",
        '"',
        "·",
    ),
    *map(
        chr,
        (
            0xAD,
            0x34F,
            0x180E,
            0x200B,
            0x200C,
            0x200D,
            0x200F,
            0x202E,
            0x2060,
            0x3164,
            0xFE0F,
            0xFEFF,
            0xE0065,
        ),
    ),
]
DEBRIS = [
    *LETTERS,
    *(
        "<br /><br />",
        "<BR/>",
        "<br",
        "<b",
        "&amp;",
        "-->",
        "<!--",
        "...",
        "l'été",
        "Straße",
        "İ",
        "ﬁ",
        "a\u0301",
    ),
    *("▁", "<url>", "<pad>", "<unk>", "<sep>", "\x00", "ΟΔΟΣ", "🎬", "映画", "w" * 70, "," * 130, "\ufffd"),
]
PARTS = st.sampled_from([*SPACES, " ", " ", *DEBRIS, "good", "Film"]) | st.text(max_size=5)
TEXTS = st.lists(PARTS, max_size=12).map("".join) | st.sampled_from(AWKWARD_TEXTS)


class Swap(Step):
    """A word becomes two words, or none."""

    name = "swap"
    scope = "word"

    def __call__(self, text: str) -> str:
        return " ".join(f"{word[::-1]}\u2003{word}!" for word in text.split() if word != "good")


class Turn(Step):
    """Looks across white space, and removes some."""

    name = "turn"

    def __call__(self, text: str) -> str:
        return text[::-1].replace(" ", "").replace("<br />", "\n")


class Upper(Step):
    """An option, and a mark between words that Unicode alone calls white space."""

    name = "upper"
    scope = "word"
    mark: str = "\u3000"

    def __call__(self, text: str) -> str:
        return self.mark.join(text.upper().split())


OPTIONS = {
    "replace_pattern": [{"pattern": r"\d+|(?<=o)\s", "replacement": "<url>"}],
    "strip_punctuation": [{}, {"keep": "'-]^\\"}, {"replacement": ""}, {"replacement": r"\1_"}],
    "truncate_words": [{"max_words": 3}, {"max_words": 2, "keep": "end"}],
    "normalize_unicode": [{"form": form} for form in ("NFC", "NFD", "NFKC", "NFKD")],
}
BUILT_IN = [name for name in STEPS.names() if STEPS.owner(name).startswith("textprep ")]
STEPS_OF_ALL_KINDS = [
    *(Swap(), Turn(), Upper(), Upper(mark=" ")),
    *(STEPS.get(name)(**options) for name in BUILT_IN for options in OPTIONS.get(name, [{}])),
]
STACKS = st.lists(st.sampled_from(STEPS_OF_ALL_KINDS), max_size=5)
TRAINING = ["good film <url>, a good film", "Straße l'été ... br <b>", "GOOD FILM mlif doog 12", *SPACES]


def _huggingface(folder) -> list[Tokenizer]:
    made = []
    for model, trainer in (
        (
            models.WordPiece(unk_token="[UNK]"),
            trainers.WordPieceTrainer(vocab_size=60, special_tokens=["[UNK]"], show_progress=False),
        ),
        (
            models.Unigram(),
            trainers.UnigramTrainer(
                vocab_size=40, unk_token="<unk>", special_tokens=["<unk>"], show_progress=False
            ),
        ),
    ):
        hf = HFTokenizer(model)
        hf.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        hf.train_from_iterator(TRAINING * 3, trainer)
        path = folder / f"{type(model).__name__}.json"
        hf.save(str(path))
        made.append(HuggingFaceTokenizer(path=path, specials=["<url>"]))
    return made


def tokenizers(folder) -> dict[str, Tokenizer]:
    """One of each kind, fitted; ``folder`` is for files."""
    wordpiece, unigram = _huggingface(folder)
    made = {
        "word": WordTokenizer(specials=["<url>", "<sep>"]),
        "word_without_specials": WordTokenizer(min_freq=2),
        "unicode": WordTokenizer(boundaries="unicode", elision=True, specials=["<url>"]),
        "pattern": WordTokenizer(pattern=r"<\w+>|\S{1,9}\s\S{1,9}|\S", specials=["<sep>"]),
        "char": CharTokenizer(max_size=12, specials=["<url>", "▁", "<sep>"]),
        "bpe": BPETokenizer(vocab_size=60, specials=["<sep>", "<url>"]),
        "bpe_of_graphemes": BPETokenizer(
            vocab_size=120, min_freq=1, whole_graphemes=True, specials=["<url>"]
        ),
        "bpe_without_specials": BPETokenizer(vocab_size=90, min_freq=1),
    }
    for tokenizer in made.values():
        tokenizer.fit([*TRAINING, *LETTERS])
    return {**made, "wordpiece": wordpiece, "unigram": unigram}


KINDS = [
    *(
        "word",
        "word_without_specials",
        "unicode",
        "pattern",
        "char",
        "bpe",
        "bpe_of_graphemes",
        "bpe_without_specials",
        "wordpiece",
        "unigram",
    ),
]
