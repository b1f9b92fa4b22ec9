"""Of two texts as many tokens are kept as `tokenizers` keeps."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers

from textprep.truncation import PAIR_TRUNCATIONS, TRUNCATIONS, edges, kept_lengths

ORACLE = Tokenizer(models.WordLevel({"a": 0, "b": 1}, unk_token="a"))
ORACLE.pre_tokenizer = pre_tokenizers.WhitespaceSplit()


def oracle(first: int, second: int, room: int, strategy: str) -> tuple[int, int] | None:
    """The lengths that `tokenizers` keeps; None where it refuses."""
    ORACLE.enable_truncation(room, strategy=strategy)
    try:
        ids = ORACLE.encode("a " * first, "b " * second).ids
    except BaseException:  # a panic of Rust is not an Exception
        return None
    return ids.count(0), ids.count(1)


@given(st.integers(0, 12), st.integers(0, 12), st.integers(1, 20), st.sampled_from(PAIR_TRUNCATIONS))
def test_it_keeps_what_tokenizers_keeps(first, second, room, strategy):
    kept = kept_lengths(first, second, room, strategy)
    gone = kept[0] < min(first, 1) or kept[1] < min(second, 1)
    wanted = oracle(first, second, room, strategy)
    assert kept == wanted or (wanted is None and gone)
    assert wanted is not None or gone


@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=9),
    st.integers(1, 20),
    st.sampled_from(PAIR_TRUNCATIONS),
)
def test_many_texts_are_cut_as_each_is(lengths, room, strategy):
    columns = np.array(lengths, np.int64).reshape(-1, 2)
    first, second = kept_lengths(columns[:, 0], columns[:, 1], room, strategy)
    kept = [kept_lengths(*pair, room, strategy) for pair in lengths]
    assert list(zip(first.tolist(), second.tolist(), strict=True)) == kept


@given(st.integers(0, 30), st.sampled_from(TRUNCATIONS))
def test_both_edges_are_what_is_kept(kept, truncation):
    first, last = edges(kept, truncation)
    assert first + last == kept
    assert truncation != "head_tail" or 0 <= first - last <= 1
