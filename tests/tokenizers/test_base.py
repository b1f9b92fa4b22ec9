"""What holds for every tokenizer: fitting, specials, hostile text, saving."""

from __future__ import annotations

import json

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

import textprep as tp
from textprep.errors import TokenizerError
from textprep.registry import TOKENIZERS
from textprep.tokenizers import BPETokenizer, CharTokenizer, Tokenizer, WordTokenizer
from textprep.vocabulary import Vocabulary

SPACES = [chr(i) for i in range(0x110000) if chr(i).isspace()]
TEXTS = st.lists(
    st.sampled_from(
        [
            *SPACES,
            "<url>",
            "<pad>",
            "<unk>",
            "<sep>",
            "film",
            "Film's",
            "▁",
            "\ud800",
            "e\u0301",
            "🎬",
            "<br/>",
        ]
    )
    | st.text(max_size=4)
).map("".join)
TRAINING = ["a film, a <url> film's end", "film 🎬 of films <pad>", "<url>, <url>"]
KINDS = [WordTokenizer, CharTokenizer, BPETokenizer]
FITTED = [kind(specials=["<url>", "<url>s", "<sep>"]).fit(TRAINING) for kind in KINDS]
SPELLED = WordTokenizer(pattern=r"\S+", specials=["<sep>"]).fit([*TRAINING, "<sep> <unk> a <sep>"])


@pytest.fixture(params=FITTED, ids=lambda tokenizer: tokenizer.name)
def tokenizer(request) -> Tokenizer:
    return request.param


@given(text=TEXTS)
def test_no_text_fails_and_none_becomes_what_lays_rows_out(text):
    for tokenizer in [*FITTED, SPELLED]:
        ids = tokenizer.encode(text)
        assert len(ids) == len(tokenizer.tokenize(text))
        assert not {0, tokenizer.vocabulary["<sep>"]} & {*ids}
        tokenizer.decode(ids).encode()  # is valid Unicode


@given(text=TEXTS)
def test_no_character_is_dropped_but_for_white_space_and_what_nobody_sees(text):
    for tokenizer in FITTED:
        spelled = "".join(tokenizer.tokenize(text)).replace("▁", "")
        kept = text if tokenizer.name == "char" else "".join(text.split())
        if tokenizer.name == "word":
            spelled, kept = (
                regex.sub(r"\p{Default_Ignorable_Code_Point}|[\ufff9-\ufffb]", "", one)
                for one in (spelled, kept)
            )
        assert spelled == kept.replace("\ud800", "\ufffd").replace("▁", "")


@given(text=TEXTS)
def test_word_scope_is_kept(text):
    for tokenizer in (t for t in FITTED if t.scope == "word"):
        assert tokenizer.tokenize(text) == [t for word in text.split() for t in tokenizer.tokenize(word)]


def test_specials_follow_unknown_and_are_found_whole(tokenizer):
    assert tokenizer.vocabulary.tokens[:4] == ("<pad>", "<unk>", "<url>", "<url>s")
    assert 2 in tokenizer.encode("see<url>.")
    assert tokenizer.encode("<url>s") == [3]
    assert tokenizer.vocabulary.counts["<url>"] == 3


def test_the_separator_is_ordinary_text_that_fitting_counts_as_such():
    for tokenizer in FITTED:
        twin = type(tokenizer)(specials=["<url>", "<url>s"]).fit([*TRAINING, "<sep>"])
        learned = type(tokenizer)(specials=["<url>", "<url>s", "<sep>"]).fit([*TRAINING, "<sep>"])
        assert learned.tokenize("a <sep>") == twin.tokenize("a <sep>")
        assert {**learned.vocabulary.counts} == {**twin.vocabulary.counts, "<sep>": 0}
    counts = SPELLED.vocabulary.counts
    assert (counts["<sep>"], counts["<unk>"], SPELLED.encode("<sep> <pad> <unk>")) == (0, 4, [1, 1, 1])
    (token,) = tp.Pipeline(tokenizer=SPELLED).explain("<sep>").tokens
    assert (token.text, token.id, token.known, token.count) == ("<sep>", 1, False, 0)


def test_padding_is_left_out_of_a_decoded_text(tokenizer):
    ids = tokenizer.encode("a film")
    assert tokenizer.decode([*ids, 0, 0]) == tokenizer.decode(ids) == "a film"


def test_what_was_learned_survives_json(tokenizer):
    vocabulary = Vocabulary.from_json(json.loads(json.dumps(tokenizer.vocabulary.to_json())))
    options, state = json.loads(json.dumps([tokenizer.options(), tokenizer.state()]))
    restored = TOKENIZERS.get(tokenizer.name)(**options).restore(vocabulary, state)
    for text in ["a film's end <url>s", "unseen Ω, <pad>"]:
        assert restored.encode(text) == tokenizer.encode(text)
    assert restored.options() == tokenizer.options()


def test_a_copy_is_not_changed_by_fitting_again(tokenizer):
    copy = tokenizer.model_copy()
    before = tokenizer.encode("a film's end")
    copy.fit(["other words altogether"])
    assert tokenizer.encode("a film's end") == before
    assert copy.vocabulary != tokenizer.vocabulary


def test_other_specials_do_not_fit(tokenizer):
    plain = type(tokenizer)()
    with pytest.raises(TokenizerError, match="specials"):
        plain.restore(tokenizer.vocabulary, tokenizer.state())


@pytest.mark.parametrize("kind", KINDS)
class TestFitting:
    def test_texts_may_come_once(self, kind):
        once = kind().fit(text for text in TRAINING)
        assert once.vocabulary == kind().fit(TRAINING).vocabulary

    def test_the_counts_are_those_of_the_tokens(self, kind):
        fitted = kind().fit(TRAINING)
        tokens = [token for text in TRAINING for token in fitted.tokenize(text)]
        for token in fitted.vocabulary.tokens[2:]:
            assert fitted.vocabulary.counts[token] == tokens.count(token), token
        assert sum(fitted.vocabulary.counts.values()) == len(tokens)

    def test_nothing_to_learn_from(self, kind):
        with pytest.raises(TokenizerError, match="no texts at all"):
            kind().fit([])
        with pytest.raises(TokenizerError, match="hold no token"):
            kind().fit(["", ""])

    def test_one_text_is_not_many(self, kind):
        with pytest.raises(TokenizerError, match="give it a list"):
            kind().fit("a film")

    def test_a_row_that_is_no_text_is_named(self, kind):
        with pytest.raises(TokenizerError, match="row 1: it is int, not a text: 7"):
            kind().fit(["a film", 7])

    def test_an_option_without_its_name(self, kind):
        with pytest.raises(
            TokenizerError, match=r"takes its options by name, and 'bert' has none; .*specials="
        ):
            kind("bert")

    def test_an_unfitted_one_says_so(self, kind):
        assert not kind().is_fitted
        with pytest.raises(TokenizerError, match="not fitted"):
            kind().encode("a film")

    def test_a_failed_fit_leaves_it_as_it_was(self, kind):
        fitted = kind().fit(TRAINING)
        before = fitted.vocabulary
        with pytest.raises(TokenizerError):
            fitted.fit([""])
        assert fitted.vocabulary is before
        assert fitted.decode(fitted.encode("a film")) == "a film"

    def test_a_bad_option_is_named(self, kind):
        with pytest.raises(TokenizerError, match=f"tokenizer '{kind.name}': option 'min_freq': .*greater"):
            kind(min_freq=0)
        with pytest.raises(TokenizerError, match="no option 'lower'; there are: "):
            kind(lower=True)
        with pytest.raises(TokenizerError, match="not one that texts hold"):
            kind(specials=["<pad>"])


def test_the_built_ins_are_registered():
    assert {"word", "char", "bpe", "huggingface"} <= set(TOKENIZERS.names())
    assert TOKENIZERS.owner("bpe").startswith("textprep ")


def test_a_tokenizer_without_split_says_so():
    class Empty(Tokenizer):
        name = "empty"

    with pytest.raises(TokenizerError, match="does not define split"):
        Empty().tokenize("a")
