"""A pattern replaces; a wrong one fails when it is made, an endless one when its time is over."""

from __future__ import annotations

import time

import pytest

import textprep as tp
from textprep import ReplacePattern
from textprep.errors import StepError
from textprep.steps.edits import apply_edits


def test_every_match_is_replaced():
    assert ReplacePattern(pattern=r"\d+", replacement="#")("7 of 10") == "# of #"
    assert ReplacePattern(pattern=r"(?i)the ")("The end of the film") == "end of film"


def test_groups_may_be_referred_to_by_number_and_name():
    step = ReplacePattern(pattern=r"(\w+)@(?P<host>\w+)", replacement=r"\g<host> \1 \\")
    assert step("me@home") == "home me \\"


@pytest.mark.parametrize("pattern", ["(a", "[", "*", r"\p{Nonsense}", "(?<name>a)(?P=other)"])
def test_a_bad_pattern_fails_when_the_step_is_made(pattern):
    with pytest.raises(StepError, match=r"^step 'replace_pattern': the pattern .* is wrong"):
        ReplacePattern(pattern=pattern)


@pytest.mark.parametrize("replacement", [r"\3", r"\g<nobody>", r"\g<host", "\\"])
def test_a_replacement_that_does_not_fit_fails_when_the_step_is_made(replacement):
    with pytest.raises(StepError, match=r"replace_pattern.*replacement.*does not fit"):
        ReplacePattern(pattern=r"(\w+)@(?P<host>\w+)", replacement=replacement)


@pytest.mark.parametrize("timeout", [0, -1, float("inf"), float("nan"), "soon"])
def test_a_timeout_is_a_number_of_seconds_above_zero(timeout):
    with pytest.raises(StepError, match="timeout"):
        ReplacePattern(pattern="a", timeout=timeout)


ENDLESS = [
    (r"(?:a|aa)+$", "a" * 200 + "b"),
    (r"(.*?,){20}P", "1," * 60),
    (r"(a+)+$", "a" * 5_000 + "b"),
    (r"(a?){2000}a{2000}", "a" * 2_000),
    (r"(?=(a+)+b)", "a" * 3_000),
    (r"(?b)(?:hello world){e<=8}", "abcdefgh" * 3_000),
    (r"[^,]*,[^,]*,.*x", "," * 30_000),
]


@pytest.mark.parametrize(("pattern", "text"), ENDLESS)
@pytest.mark.parametrize("use", [ReplacePattern.__call__, ReplacePattern.edits])
def test_the_time_limit_is_kept(pattern, text, use):
    step = ReplacePattern(pattern=pattern, timeout=0.2)
    start = time.process_time()
    with pytest.raises(StepError) as caught:
        use(step, text)
    assert time.process_time() - start < 5
    for part in ("replace_pattern", repr(pattern), "0.2 s", f"{len(text)} characters"):
        assert part in str(caught.value)


def test_in_a_column_the_error_names_the_row(tmp_path):
    texts = ["fine"] * 5 + ["a" * 200 + "b"] + ["fine"] * 5
    pipeline = tp.Pipeline(
        [tp.Lowercase(), ReplacePattern(pattern=r"(?:a|aa)+$", timeout=0.2)], tokenizer=tp.WordTokenizer()
    ).fit(["fine"])
    for run in (
        lambda: pipeline.encode_batch(texts),
        lambda: tp.prepare({"train": texts}, pipeline, cache_dir=tmp_path),
    ):
        with pytest.raises(StepError, match=r"step 'replace_pattern' failed on .*row 5.*more than 0\.2 s"):
            run()


def test_a_pattern_that_searches_backwards_says_what_it_replaces_in_order():
    step = ReplacePattern(pattern=r"(?r)\b|a", replacement="|")
    assert apply_edits("a film", step.edits("a film")) == step("a film")
