"""Byte-pair encoding: nothing dropped, and the same on every machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textprep.errors import TokenizerError
from textprep.tokenizers.bpe import BPETokenizer, cut
from textprep.tokenizers.merges import PieceModel
from textprep.vocabulary import Vocabulary

TEXTS = ["low lower lowest, newer newest! wide wider widest"] * 3 + ["l'été où 映画 は 🎬 好き"]


@given(st.lists(st.text(min_size=1), min_size=1, max_size=5), st.integers(3, 60))
@settings(max_examples=60, deadline=None)
def test_the_size_is_kept_and_training_texts_come_back_where_all_characters_fit(texts, vocab_size):
    if not any(text.split() for text in texts):
        return
    bpe = BPETokenizer(vocab_size=vocab_size).fit(texts)
    assert len(bpe.vocabulary) <= vocab_size
    if bpe.vocabulary.counts["<unk>"] == 0:
        for text in texts:
            words = text.replace("▁", " ").split()
            assert bpe.decode(bpe.encode(text)).split() == words


@given(st.text())
def test_pieces_spell_the_words(text):
    assert "".join(cut(text)) == "".join("▁" + word for word in text.split())
    assert all(len(piece) <= 65 for piece in cut(text * 20))


@given(st.text(alphabet="abc", min_size=1, max_size=12))
def test_merges_are_applied_in_the_order_they_were_learned(word):
    merges = [("a", "b"), ("b", "c"), ("ab", "c"), ("a", "a"), ("▁", "ab")]
    model = PieceModel(dict.fromkeys([*"▁abc", *map("".join, merges)]), merges)
    symbols = ["▁", *word]
    while found := [m for m in merges if m in set(pairwise(symbols))]:
        i = 0
        while i < len(symbols) - 1:
            if (symbols[i], symbols[i + 1]) == found[0]:
                symbols[i : i + 2] = ["".join(found[0])]
            i += 1
    assert model.tokenize("▁" + word) == symbols


def test_frequent_words_become_one_token_and_rare_ones_fall_apart():
    bpe = BPETokenizer(vocab_size=200).fit(TEXTS)
    assert bpe.tokenize("widest low") == ["▁widest", "▁low"]
    assert len(bpe.tokenize("l'été")) > 3


def test_unseen_characters_are_unknown_each_and_stay_readable_as_tokens():
    bpe = BPETokenizer(vocab_size=60).fit(TEXTS)
    assert bpe.tokenize("ΩΩlow")[-3:-1] != ["ΩΩ"]
    assert bpe.encode("ΩΩ") == [bpe.vocabulary["▁"], 1, 1]
    assert bpe.vocabulary.oov_rate(bpe.tokenize("ΩΩ")) == 2 / 3


def test_the_rarest_characters_give_way_ties_by_character():
    bpe = BPETokenizer(vocab_size=5).fit(["zzz yx"])
    assert bpe.vocabulary.tokens == ("<pad>", "<unk>", "z", "▁", "x")
    assert bpe.vocabulary.counts["<unk>"] == 1


def test_a_vocabulary_full_of_characters_has_no_merges():
    full = BPETokenizer(vocab_size=5).fit(["axb"] * 4 + ["aabb", "▁▁"])
    assert full.tokenize("axb") == ["▁", "a", "x", "b"]
    assert (full.vocabulary.tokens[2:], full.state()) == (("▁", "a", "b"), {"merges": []})
    roomy = BPETokenizer(vocab_size=7).fit(["axb"] * 4 + ["aabb", "▁▁"])
    assert roomy.state() == {"merges": ["▁ a"]}


def test_padding_and_unknown_spelled_out_are_ordinary_text():
    bpe = BPETokenizer(vocab_size=60).fit(["<pad> <unk> <pad> <unk>"] * 5)
    assert bpe.decode(bpe.encode("<pad> <unk>")) == "<pad> <unk>"
    assert not {0, 1} & set(bpe.encode("<pad> <unk>"))


def test_a_word_of_a_million_letters_is_ordinary_text():
    bpe = BPETokenizer(vocab_size=40).fit(["ab" * 500_000, "ab ab"])
    assert sum(map(len, bpe.tokenize("ab" * 500_000))) == 1_000_001


def test_the_vocabulary_must_have_room():
    with pytest.raises(TokenizerError, match=r"vocab_size=3 holds .* no token"):
        BPETokenizer(vocab_size=3, specials=["<url>"])


@pytest.mark.parametrize(
    "state", [{}, {"merges": 3}, {"merges": [3]}, {"merges": ["l q"]}, {"merges": ["lo"]}]
)
def test_a_damaged_state_is_refused(state):
    bpe = BPETokenizer(vocab_size=60).fit(TEXTS)
    with pytest.raises(TokenizerError, match="merge"):
        BPETokenizer(vocab_size=60).restore(bpe.vocabulary, state)


def test_zero_counts_are_kept_in_the_vocabulary():
    bpe = BPETokenizer(vocab_size=100).fit(["low low low"])
    assert Counter(bpe.vocabulary.counts.values()) == Counter({0: len(bpe.vocabulary) - 1, 3: 1})


TRAIN = """
import json, random
from textprep.tokenizers.bpe import BPETokenizer
rng = random.Random(0)
letters = [chr(i) for i in range(0x4E00, 0x4E80)] + list("abcdefgh")
words = ["".join(rng.choices(letters, k=rng.randint(1, 6))) for _ in range(400)]
texts = [" ".join(rng.choices(words, k=30)) for _ in range(60)]
bpe = BPETokenizer(vocab_size=300, specials=["<url>"]).fit(texts)
print(json.dumps([bpe.vocabulary.to_json(), bpe.state(), bpe.encode(texts[0])]))
small = BPETokenizer(vocab_size=60).fit(texts)
print(json.dumps([small.vocabulary.to_json(), small.state(), small.encode(texts[0])]))
"""


def test_hash_seeds_and_threads_change_nothing():
    def train(**environment: str) -> str:
        run = subprocess.run(
            [sys.executable, "-c", TRAIN], env={**os.environ, **environment}, capture_output=True, check=True
        )
        assert run.stderr == b""  # no progress bar
        return run.stdout.decode()

    first = train(PYTHONHASHSEED="0", RAYON_NUM_THREADS="1")
    assert json.loads(first.splitlines()[0])[1]["merges"]
    assert train(PYTHONHASHSEED="1", RAYON_NUM_THREADS="4") == first
    assert train(PYTHONHASHSEED="2", TOKENIZERS_PARALLELISM="false") == first


def test_restoring_needs_the_vocabulary_that_the_merges_made():
    bpe = BPETokenizer(vocab_size=60).fit(TEXTS)
    with pytest.raises(TokenizerError, match="needs the token"):
        BPETokenizer(vocab_size=60).restore(Vocabulary.from_counts({"l": 1}), bpe.state())
