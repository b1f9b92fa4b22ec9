"""A pattern replaces; a wrong one fails when it is made, an endless one when its time is over."""

from __future__ import annotations

import time

import pytest

from textprep import ReplacePattern
from textprep.errors import StepError


def test_every_match_is_replaced():
    assert ReplacePattern(pattern=r"\d+", replacement="#")("7 of 10") == "# of #"
    assert ReplacePattern(pattern=r"(?i)the ")("The end of the film") == "end of film"


def test_groups_may_be_referred_to_by_number_and_name():
    step = ReplacePattern(pattern=r"(\w+)@(?P<host>\w+)", replacement=r"\g<host> \1 \\")
    assert step("me@home") == "home me \\"


@pytest.mark.parametrize("pattern", ["(a", "[", "*", r"\p{Nonsense}", "(?<name>a)(?P=other)"])
def test_a_bad_pattern_fails_when_the_step_is_made(pattern):
    with pytest.raises(StepError, match=r"replace_pattern.*pattern"):
        ReplacePattern(pattern=pattern)


@pytest.mark.parametrize("replacement", [r"\3", r"\g<nobody>", r"\g<host", "\\"])
def test_a_replacement_that_does_not_fit_fails_when_the_step_is_made(replacement):
    with pytest.raises(StepError, match=r"replace_pattern.*replacement.*does not fit"):
        ReplacePattern(pattern=r"(\w+)@(?P<host>\w+)", replacement=replacement)


@pytest.mark.parametrize("timeout", [0, -1, float("inf"), float("nan"), "soon"])
def test_a_timeout_is_a_number_of_seconds_above_zero(timeout):
    with pytest.raises(StepError, match="timeout"):
        ReplacePattern(pattern="a", timeout=timeout)


@pytest.mark.parametrize(("pattern", "text"), [(r"(?:a|aa)+$", "a" * 200 + "b"), (r"(.*?,){20}P", "1," * 60)])
def test_the_time_limit_is_kept(pattern, text):
    step = ReplacePattern(pattern=pattern, timeout=0.2)
    start = time.process_time()
    with pytest.raises(StepError) as caught:
        step(text)
    assert time.process_time() - start < 5
    for part in ("replace_pattern", repr(pattern), "0.2 s", f"{len(text)} characters"):
        assert part in str(caught.value)
