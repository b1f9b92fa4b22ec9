"""The vocabulary: ids that never move, nothing dropped in silence."""

from __future__ import annotations

import json
import pickle
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textprep.errors import TokenizerError
from textprep.vocabulary import Vocabulary

COUNTS = st.dictionaries(
    st.text(min_size=1, max_size=5) | st.sampled_from(["<pad>", "<unk>"]), st.integers(1, 50)
)
SPECIALS = st.lists(st.sampled_from(["<url>", "<num>", "film"]), unique=True)


@given(COUNTS, SPECIALS, st.integers(1, 5), st.none() | st.integers(5, 20))
def test_no_count_is_lost_and_the_limits_hold(counts, specials, min_freq, max_size):
    vocabulary = Vocabulary.from_counts(counts, min_freq=min_freq, max_size=max_size, specials=specials)
    assert vocabulary.tokens[: 2 + len(specials)] == ("<pad>", "<unk>", *specials)
    assert sum(vocabulary.counts.values()) == sum(counts.values())
    assert vocabulary.counts["<pad>"] == 0
    assert max_size is None or len(vocabulary) <= max_size
    ordinary = vocabulary.tokens[2 + len(specials) :]
    assert all(vocabulary.counts[token] >= min_freq for token in ordinary)
    assert list(ordinary) == sorted(ordinary, key=lambda token: (-vocabulary.counts[token], token))


@given(COUNTS, st.randoms())
def test_the_order_in_which_tokens_were_met_does_not_matter(counts, rng: random.Random):
    items = list(counts.items())
    rng.shuffle(items)
    assert Vocabulary.from_counts(counts).tokens == Vocabulary.from_counts(dict(items)).tokens


@given(COUNTS, SPECIALS, st.lists(st.text(max_size=3)))
def test_json_and_pickle_give_it_back(counts, specials, tokens):
    vocabulary = Vocabulary.from_counts(counts, specials=specials)
    for copy in (
        Vocabulary.from_json(json.loads(json.dumps(vocabulary.to_json()))),
        pickle.loads(pickle.dumps(vocabulary)),
    ):
        assert copy == vocabulary
        assert copy.tokens == vocabulary.tokens
        assert copy.encode(tokens) == vocabulary.encode(tokens)


@given(COUNTS)
def test_every_token_but_padding_decodes_to_itself(counts):
    vocabulary = Vocabulary.from_counts(counts)
    ids = vocabulary.encode(vocabulary.tokens)
    assert ids == [1, *range(1, len(vocabulary))]
    assert vocabulary.decode(range(len(vocabulary))) == list(vocabulary)


def test_a_text_that_spells_padding_is_unknown():
    vocabulary = Vocabulary.from_counts({"<pad>": 3, "<unk>": 2, "a": 1})
    assert vocabulary.tokens == ("<pad>", "<unk>", "a")
    assert vocabulary.counts["<unk>"] == 5
    assert vocabulary.encode(["<pad>", "<unk>", "a"]) == [1, 1, 2]
    assert vocabulary["<pad>"] == vocabulary.pad_id == 0


def test_unknown_tokens_are_counted_and_reported():
    vocabulary = Vocabulary.from_counts({"a": 5, "b": 1}, min_freq=2)
    assert vocabulary["b"] == vocabulary.unk_id == 1
    assert "b" not in vocabulary
    assert "a" in vocabulary
    assert vocabulary.oov_rate(["a", "b", "c", "a"]) == 0.5
    assert vocabulary.oov_rate([]) == 0.0


def test_a_text_is_no_list_of_tokens():
    with pytest.raises(TokenizerError, match="tokens are a list, not 'film': "):
        Vocabulary.from_counts({"film": 1}).encode("film")


def test_an_id_is_no_token():
    """It would be the id of ``<unk>``, as that of any token that is not there."""
    with pytest.raises(TokenizerError, match="a token is a text, not 2: decode takes ids"):
        Vocabulary.from_counts({"film": 1})[2]


def test_numpy_ids_decode():
    assert Vocabulary.from_counts({"a": 1}).decode(np.array([2, 1])) == ["a", "<unk>"]


@pytest.mark.parametrize("bad", [-1, 3, 10**9])
def test_an_id_out_of_range_is_named(bad):
    with pytest.raises(TokenizerError, match=rf"id {bad} is not in the vocabulary, which has ids 0 to 2"):
        Vocabulary.from_counts({"a": 1}).decode([2, bad])


@pytest.mark.parametrize(
    ("specials", "complaint"),
    [
        (["<a b>"], "white space"),
        (["a\x1c"], "white space"),
        ([""], "white space"),
        (["<a>", "<a>"], "there already"),
        (["<pad>"], "not one that texts hold"),
        (["<unk>"], "not one that texts hold"),
    ],
)
def test_specials_are_checked(specials, complaint):
    with pytest.raises(TokenizerError, match=complaint):
        Vocabulary.from_counts({"a": 1}, specials=specials)


def test_max_size_must_hold_the_specials():
    with pytest.raises(TokenizerError, match="max_size=2 has no room"):
        Vocabulary.from_counts({"a": 1}, specials=["<url>"], max_size=2)


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"specials": [], "tokens": 3},
        {"specials": [], "tokens": {"a": 1}},
        {"specials": [], "tokens": {"<unk>": 0, "<pad>": 0}},
        {"specials": ["<url>"], "tokens": {"<pad>": 0, "<unk>": 0}},
        {"specials": [], "tokens": {"<pad>": 0, "<unk>": "many"}},
        {"specials": [], "tokens": {"<pad>": 0, "<unk>": -1}},
        {"specials": [], "tokens": {"<pad>": 0, "<unk>": 2**63}},
        {"specials": [], "tokens": ["a"], "pad_id": None, "unk_id": None, "unused": []},
        {"specials": [], "tokens": ["a"], "counts": {}, "pad_id": 1, "unk_id": None, "unused": []},
        {
            "specials": [],
            "tokens": ["a"],
            "counts": {"a": "many"},
            "pad_id": None,
            "unk_id": None,
            "unused": [],
        },
    ],
)
def test_a_damaged_record_is_refused(record):
    with pytest.raises(TokenizerError, match="vocabulary"):
        Vocabulary.from_json(record)


def test_it_cannot_be_changed():
    vocabulary = Vocabulary.from_counts({"a": 1})
    with pytest.raises(TypeError):
        vocabulary.counts["a"] = 7  # type: ignore[index]


@given(COUNTS, COUNTS, SPECIALS, SPECIALS)
def test_digests_are_the_same_for_equal_vocabularies_and_no_others(counts, others, specials, other_specials):
    one = Vocabulary.from_counts(counts, specials=specials)
    other = Vocabulary.from_counts(others, specials=other_specials)
    assert (one.digest == other.digest) == (one == other)
    assert Vocabulary.from_json(json.loads(json.dumps(one.to_json()))).digest == one.digest


def test_the_digest_tells_tokens_apart_that_spell_the_same():
    digests = {
        Vocabulary.from_json({"specials": specials, "tokens": {"<pad>": 0, "<unk>": 0, **tokens}}).digest
        for specials, tokens in [
            ([], {"ab": 1, "c": 1}),
            ([], {"a": 1, "bc": 1}),
            ([], {"abc": 1}),
            (["ab"], {"ab": 1, "c": 1}),
            (["ab", "c"], {"ab": 1, "c": 1}),
        ]
    }
    assert len(digests) == 5


TOKEN_IDS = st.dictionaries(st.text(min_size=1, max_size=3), st.integers(0, 12), min_size=1)


@st.composite
def pretrained_vocabularies(draw: st.DrawFn) -> tuple[dict[str, int], str | None, str | None]:
    ids = draw(TOKEN_IDS)
    token = st.sampled_from([None, *ids])
    return ids, draw(token), draw(token)


@given(pretrained_vocabularies())
def test_a_pretrained_vocabulary_keeps_its_ids(
    made: tuple[dict[str, int], str | None, str | None],
) -> None:
    ids, pad, unk = made
    vocabulary = Vocabulary.pretrained(ids, pad=pad, unk=unk)
    assert len(vocabulary) == max(ids.values()) + 1
    assert vocabulary.pad_id == (None if pad is None else ids[pad])
    assert vocabulary.unk_id == (None if unk is None else ids[unk])
    assert {ids[token] for token in vocabulary.decode(sorted(set(ids.values())))} == set(ids.values())
    holes = set(range(len(vocabulary))) - set(ids.values())
    assert all(vocabulary.decode([hole])[0] not in vocabulary for hole in holes)


@given(pretrained_vocabularies())
def test_a_pretrained_vocabulary_survives_json_and_pickle(
    made: tuple[dict[str, int], str | None, str | None],
) -> None:
    ids, pad, unk = made
    vocabulary = Vocabulary.pretrained(ids, dict.fromkeys(list(ids)[:2], 3), pad=pad, unk=unk)
    for copied in (
        Vocabulary.from_json(json.loads(json.dumps(vocabulary.to_json()))),
        pickle.loads(pickle.dumps(vocabulary)),
    ):
        assert copied == vocabulary
        assert copied.counts == vocabulary.counts
        assert (copied.tokens, copied.pad_id, copied.unk_id) == (
            vocabulary.tokens,
            vocabulary.pad_id,
            vocabulary.unk_id,
        )


@given(pretrained_vocabularies())
def test_no_text_gets_the_padding_of_a_pretrained_vocabulary(
    made: tuple[dict[str, int], str | None, str | None],
) -> None:
    ids, pad, unk = made
    vocabulary = Vocabulary.pretrained(ids, pad=pad, unk=unk)
    for token in (*ids, "never seen"):
        if vocabulary.unk_id is not None and vocabulary.unk_id != vocabulary.pad_id:
            assert vocabulary.encode([token]) != [vocabulary.pad_id]


def test_without_an_id_for_unknown_tokens_one_is_an_error() -> None:
    vocabulary = Vocabulary.pretrained({"a": 0})
    assert vocabulary.oov_rate(["a"]) == 0
    with pytest.raises(TokenizerError, match="no token 'b', and no id for unknown tokens"):
        vocabulary.encode(["b"])


@pytest.mark.parametrize("ids", [{}, {"a": -1}])
def test_ids_that_no_vocabulary_can_have_are_errors(ids: dict[str, int]) -> None:
    with pytest.raises(TokenizerError, match="an id of at least 0"):
        Vocabulary.pretrained(ids)
