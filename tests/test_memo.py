"""A value is computed once for a key, and the limits change nothing."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textprep.memo import Memo

KEYS = st.lists(st.sampled_from(["", "a", "b", "film", "\x00", "é"]))


def doubled(keys: pa.Array) -> pa.Array:
    assert len(keys) or not keys.to_pylist()
    assert len(set(keys.to_pylist())) == len(keys)
    return pa.array([key * 2 for key in keys.to_pylist()], pa.large_string())


def column(keys: list[str]) -> pa.Array:
    return pa.array(keys, pa.large_string())


@pytest.mark.parametrize("limits", [{}, {"max_keys": 0}, {"max_keys": 2}, {"max_bytes": 30}])
@given(calls=st.lists(st.lists(KEYS, min_size=1, max_size=3), max_size=4))
def test_each_key_gets_its_value(limits, calls):
    memo = Memo(**limits)
    for columns in calls:
        found = memo.look_up([column(keys) for keys in columns], doubled)
        assert [values.to_pylist() for values in found] == [[key * 2 for key in keys] for keys in columns]


def test_what_is_known_is_not_computed_again():
    memo, seen = Memo(), []

    def compute(keys: pa.Array) -> pa.Array:
        seen.extend(keys.to_pylist())
        return doubled(keys)

    for keys in (["a", "b", "a"], ["b", "c"], ["a", "c"]):
        memo.look_up([column(keys)], compute)
    assert seen == ["a", "b", "c"]


def test_a_full_memo_keeps_what_was_asked_for_last():
    memo, seen = Memo(max_keys=3), []

    def compute(keys: pa.Array) -> pa.Array:
        seen.append(keys.to_pylist())
        return doubled(keys)

    for keys in (["a", "b", "c"], ["c", "d"], ["d", "c", "e"], ["a"]):
        memo.look_up([column(keys)], compute)
    assert seen == [["a", "b", "c"], ["d"], ["e"], ["a"]]


def test_few_keys_are_computed_without_going_through_all_that_is_known():
    memo, seen = Memo(), []

    def compute(keys: pa.Array) -> pa.Array:
        seen.append(len(keys))
        return doubled(keys)

    known = [f"word{number}" for number in range(100)]
    for keys in (known, ["word7", "word7"], [*known[:9], "new"]):
        found = memo.look_up([column(keys)], compute)
        assert found[0].to_pylist() == [key * 2 for key in keys]
    assert seen == [100, 1, 1]


def test_a_full_memo_starts_afresh():
    memo, seen = Memo(max_keys=2), []

    def compute(keys: pa.Array) -> pa.Array:
        seen.append(keys.to_pylist())
        return doubled(keys)

    for keys in (["a", "b"], ["c"], ["a"]):
        memo.look_up([column(keys)], compute)
    assert seen == [["a", "b"], ["c"], ["a"]]


def test_a_failure_leaves_what_is_known():
    memo = Memo()
    memo.look_up([column(["a"])], doubled)
    with pytest.raises(ZeroDivisionError):
        memo.look_up([column(["b"])], lambda keys: 1 / 0)
    assert memo.look_up([column(["a"])], lambda keys: 1 / 0)[0].to_pylist() == ["aa"]
