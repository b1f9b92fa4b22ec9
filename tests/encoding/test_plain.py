"""One text at a time; what fails is named."""

from __future__ import annotations

import pytest

import textprep as tp
from textprep.encoding import engine, plain
from textprep.encoding.columns import as_column
from textprep.errors import PipelineError, StepError, TokenizerError
from textprep.steps.base import Step
from textprep.tokenizers import CharTokenizer, Tokenizer, WordTokenizer

TEXTS = ["fine", "also fine", "then a bomb here", "never seen"]


class Explode(Step):
    name = "explode"

    def __call__(self, text: str) -> str:
        if "bomb" in text:
            raise ZeroDivisionError("of\n all things")
        return text


class ExplodeByWord(Explode):
    name = "explode_by_word"
    scope = "word"


class Forget(Explode):
    name = "forget"

    def __call__(self, text: str) -> str:
        return None if "bomb" in text else text  # type: ignore[return-value]


class Picky(Tokenizer):
    name = "picky"

    def split(self, text: str) -> list[str]:
        if "bomb" in text:
            raise ValueError("no bombs")
        return text.split()


class PickyByWord(Picky):
    name = "picky_by_word"
    scope = "word"


ENCODERS = [
    plain.encode_texts,
    lambda steps, tokenizer, texts: engine.encode_column(steps, tokenizer, as_column(texts)),
]


def words() -> Tokenizer:
    return WordTokenizer().fit(TEXTS)


@pytest.mark.parametrize("encode", ENCODERS, ids=["plain", "engine"])
class TestErrors:
    @pytest.mark.parametrize("step", [Explode(), ExplodeByWord()], ids=lambda step: step.name)
    def test_a_step_that_fails_is_named_with_the_row(self, encode, step):
        with pytest.raises(
            StepError, match=f"'{step.name}' failed on row 2.*: ZeroDivisionError: of all"
        ) as failure:
            encode([step], words(), TEXTS)
        assert isinstance(failure.value.__cause__, ZeroDivisionError)

    def test_a_step_that_returns_no_text_is_named_with_the_row(self, encode):
        with pytest.raises(StepError, match="'forget' returned NoneType, not str, for row 2"):
            encode([Forget()], words(), TEXTS)

    @pytest.mark.parametrize("kind", [Picky, PickyByWord])
    def test_a_tokenizer_that_fails_is_named_with_the_row(self, encode, kind):
        with pytest.raises(
            TokenizerError, match=f"'{kind.name}' failed on row 2.*: ValueError: no bombs"
        ) as failure:
            encode([], kind().fit(TEXTS[:1]), TEXTS)
        assert isinstance(failure.value.__cause__, ValueError)

    @pytest.mark.parametrize("texts", [TEXTS, []])
    def test_an_unfitted_tokenizer_says_so_before_any_row(self, encode, texts):
        with pytest.raises(TokenizerError, match=r"^tokenizer 'word' is not fitted"):
            encode([Explode()], WordTokenizer(), texts)


def test_cleaning_names_the_row():
    column = as_column(TEXTS)
    cleaned = engine.clean_column([Explode()], column)
    assert [next(cleaned), next(cleaned)] == TEXTS[:2]
    with pytest.raises(StepError, match="row 2"):
        next(cleaned)


def test_steps_run_in_order_and_a_lone_surrogate_is_refused():
    class Mark(Step):
        name = "mark"
        mark: str

        def __call__(self, text: str) -> str:
            return text + self.mark

    pipeline = tp.Pipeline([Mark(mark="1"), Mark(mark="2")], tokenizer=tp.CharTokenizer()).fit(["a"])
    assert pipeline.clean("a") == pipeline.explain("a").cleaned == "a12"
    for refused in (
        pipeline.clean,
        pipeline.explain,
        pipeline.encode,
        lambda text: pipeline.encode_batch([text]),
    ):
        with pytest.raises(PipelineError, match="character 1 is '\\\\ud800', which belongs to no character"):
            refused("a\ud800")
    assert plain.encode_text([], CharTokenizer().fit(["\ufffd"]), "\ud800") == [2]
