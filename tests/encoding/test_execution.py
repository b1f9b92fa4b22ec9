"""The execution says how each step runs, and it is what the engine does."""

from __future__ import annotations

import textprep as tp
from textprep.encoding.execution import PER_TEXT, PER_WORD, TEXT_KERNEL
from textprep.steps.base import Step


class Own(Step):
    name = "own"

    def __call__(self, text: str) -> str:
        return text


class OwnByWord(Own):
    name = "own_by_word"
    scope = "word"


class Louder(tp.Lowercase):
    """Redefines what the inherited kernel stands for."""

    name = "louder"

    def __call__(self, text: str) -> str:
        return text.upper()


def runs(steps: list[Step], tokenizer: tp.Tokenizer) -> dict[str, str]:
    return {part.name: part.runs for part in tp.Pipeline(steps, tokenizer=tokenizer).execution().modes}


def test_from_the_last_document_step_on_words():
    assert runs(
        [tp.Lowercase(), OwnByWord(), Own(), tp.StripMarkup(), tp.StripAccents()], tp.WordTokenizer()
    ) == {
        "lowercase": TEXT_KERNEL,
        "own_by_word": PER_TEXT,
        "own": PER_TEXT,
        "strip_markup": TEXT_KERNEL,
        "strip_accents": PER_WORD,
        "word": PER_WORD,
    }


def test_a_tokenizer_of_whole_texts_has_everything_on_texts():
    assert runs([OwnByWord(), tp.Lowercase()], tp.CharTokenizer()) == {
        "own_by_word": PER_TEXT,
        "lowercase": TEXT_KERNEL,
        "char": TEXT_KERNEL,
    }
    assert runs([], tp.WordTokenizer(pattern=r"\S+ \S+")) == {"word": PER_TEXT}


def test_reasons_name_what_comes_later():
    execution = tp.Pipeline([tp.Lowercase(), tp.StripMarkup()], tokenizer=tp.WordTokenizer()).execution()
    assert "'strip_markup', which comes later, needs whole texts" in execution.modes[0].why
    execution = tp.Pipeline([tp.Lowercase()], tokenizer=tp.CharTokenizer()).execution()
    assert "tokenizer 'char', which comes later, needs whole texts" in execution.modes[0].why
    assert str(execution).count("\n") == 1
    assert str(execution) in repr(execution)


def test_a_kernel_is_not_inherited_past_a_redefinition():
    assert runs([Louder(), tp.StripMarkup()], tp.WordTokenizer())["louder"] == PER_TEXT
    pipeline = tp.Pipeline([Louder(), tp.StripMarkup()], tokenizer=tp.WordTokenizer()).fit(["A film"])
    assert pipeline.vocabulary.tokens[2:] == ("A", "FILM")
