"""The conformance kit passes what conforms, and says which rule is broken, on which text, and the cure."""

from __future__ import annotations

import itertools
import random
import re
from typing import Any

import pytest
from pydantic import PrivateAttr, field_validator
from tokenizers import Tokenizer as HFTokenizer
from tokenizers import models

import textprep as tp
from textprep.registry import DATASETS
from textprep.steps.edits import Edit
from textprep.testing import AWKWARD_TEXTS, WHITE_SPACE, check_dataset, check_step, check_tokenizer


def complaint(check, *arguments, **options):
    with pytest.raises(AssertionError) as caught:
        check(*arguments, **options)
    return str(caught.value)


def test_the_awkward_texts_hold_every_white_space():
    assert set(WHITE_SPACE) == {chr(i) for i in range(0x110000) if chr(i).isspace()}
    assert all(any(space in text for text in AWKWARD_TEXTS) for space in WHITE_SPACE)


class Broken(tp.Step):
    name = "broken"


class NoText(Broken):
    def __call__(self, text):
        return text or None


class Raises(Broken):
    def __call__(self, text):
        return text.replace("!", "") if "\0" not in text else str(1 / 0)


class Counts(Broken):
    def __call__(self, text, _calls=itertools.count()):  # noqa: B008
        return f"{text}{next(_calls)}"


class Nothing(Broken):
    def __call__(self, text):
        text.lower()


class Draws(Broken):
    share: float = 0.5

    def __call__(self, text):
        return " ".join(word for word in text.split() if random.random() > self.share)


class SometimesNothing(Draws):
    def __call__(self, text):
        return text if random.random() > self.share else None


class SeededOnce(Broken):
    _seed: float = PrivateAttr(default_factory=random.random)

    def __call__(self, text):
        return text + str(self._seed)


class MisreportsEdits(Broken):
    def __call__(self, text):
        return text.replace("a", "")

    def edits(self, text):
        return [Edit(text.index("a"), text.index("a") + 1, "")] if "a" in text else []


class GrowingOptions(Broken):
    marks: Any = 1

    @field_validator("marks")
    @classmethod
    def _doubled(cls, marks):
        return marks * 2

    def __call__(self, text):
        return text


class Shortens(Broken):
    idempotent = True
    by: int = 1

    def __call__(self, text):
        return text[self.by :]


class Glues(Broken):
    scope = "word"

    def __call__(self, text):
        return text.replace("\u2028", "")


class LooksBack(Broken):
    scope = "word"

    def __call__(self, text):
        return text.replace("film great", "great film")


def test_a_step_that_conforms_passes():
    check_step(tp.StripPunctuation(keep="-"))
    check_step(tp.StripMarkup())


@pytest.mark.parametrize(
    ("step", "parts"),
    [
        (NoText(), ["NoText ('broken')", "on ''", "returned None", "return a str"]),
        (Raises(), [r"on '\x00'", "ZeroDivisionError"]),
        (Counts(), ["on ''", ", then '", "depend on text and options only", "seed it anew", "or drop it"]),
        (Nothing(), ["on ''", "returned None: return a str at the end of every way through it"]),
        (Draws(), ["then '", "depend on text and options only; if it is random, seed it anew", "or drop it"]),
        (Draws(share=0.003), ["then '", "if it is random, seed it anew for each text", "or drop it"]),
        (
            SometimesNothing(share=0.03),
            ["not so when it is called again: it is random: seed it", "or drop it"],
        ),
        (SeededOnce(), ["on ''", "depend on text and options only"]),
        (MisreportsEdits(), ["on 'aa'", "edits make 'a', calling it ''", "or report none"]),
        (GrowingOptions(marks=3), ["{'marks': 6}", "come back from JSON as {'marks': 12}"]),
        (GrowingOptions(marks=["", re]), ["cannot go through JSON", "use fields"]),
        (Shortens(), ["it gives ", ", and '' when called again: declare idempotent = False"]),
        (LooksBack(), ["on 'film great'", "['great', 'film']", "['film', 'great']", "scope = 'document'"]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_step_that_does_not_conform_fails(step, parts):
    said = complaint(check_step, step)
    for part in parts:
        assert part in said


def test_a_step_is_idempotent_with_its_default_options():
    check_step(Shortens(by=20_000))


def test_the_counter_example_is_as_small_as_it_gets():
    said = complaint(check_step, Glues())
    shown = said.split("on '")[1].split("' it")[0]
    assert shown == r"a\u2028a"


class Seeded(tp.WordTokenizer):
    def split(self, text, _calls=itertools.count()):  # noqa: B008
        return [*super().split(text), str(next(_calls))]


class GivesNothing(tp.WordTokenizer):
    def split(self, text):
        text.split()


class GivesAText(tp.WordTokenizer):
    def split(self, text):
        return text


class DrawsIds(tp.WordTokenizer):
    def encode(self, text):
        return [i for i in super().encode(text) if random.random() > 0.2]


class Drops(tp.WordTokenizer):
    def encode(self, text):
        return [i for i in super().encode(text) if i != 1]


class Misplaces(tp.WordTokenizer):
    def split_spans(self, text):
        return super().split_spans(text)[::-1]


class Pads(tp.WordTokenizer):
    def encode(self, text):
        return [
            0 if token == "pad" else i
            for token, i in zip(self.tokenize(text), super().encode(text), strict=True)
        ]


class Guesses(tp.WordTokenizer):
    def encode(self, text):
        return [2 if i == 1 else i for i in super().encode(text)]


class Pairs(tp.CharTokenizer):
    scope = "word"


class Forgets(tp.CharTokenizer):
    def fit(self, texts):
        super().fit(texts)
        object.__setattr__(self, "_shift", 1)
        return self

    _shift: int = 0

    def split(self, text):
        return list(text[self._shift :]) + ["a"] * self._shift


@pytest.mark.parametrize(
    "make", [tp.WordTokenizer, tp.CharTokenizer, lambda: tp.BPETokenizer(vocab_size=200)]
)
def test_a_tokenizer_that_conforms_passes(make):
    tokenizer = make()
    check_tokenizer(tokenizer)
    assert not tokenizer.is_fitted
    check_tokenizer(tokenizer.fit(["the film was great"] * 3))


@pytest.mark.parametrize(
    ("tokenizer", "parts"),
    [
        (Seeded(), ["Seeded", "on '' it returned ['", "seed it anew", "or drop it"]),
        (GivesNothing(), ["on ''", "split returned None: return a list of tokens, each a str"]),
        (GivesAText(), ["split returned ''", "return a list of tokens"]),
        (DrawsIds(), ["if it is random, seed it anew for each text", "or drop it"]),
        (Drops(), ["vanishes", "make it <unk>"]),
        (Misplaces(), ["its spans [(", "not in order", "or report none"]),
        (Pads(), ["on 'pad'", "ids [0]", "no text is padding"]),
        (Guesses(), ["'\ua015'", "1, <unk>"]),
        (Pairs(), ["on ' '", "scope = 'document'"]),
        (Forgets(), ["after restore()", "state()"]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_tokenizer_that_does_not_conform_fails(tokenizer, parts):
    said = complaint(check_tokenizer, tokenizer)
    for part in parts:
        assert part in said


ROWS = [(f"{word} film {i}", label) for i in range(20) for word, label in (("good", "pos"), ("bad", "neg"))]


@pytest.fixture
def register():
    before = dict(DATASETS.entries)
    yield lambda name, function: DATASETS.add(name, function, owner="these tests")
    DATASETS.entries = before


def test_a_dataset_that_conforms_passes(register):
    register("fine", lambda *, count: ROWS[:count])
    check_dataset("fine", count=40)


def test_a_dataset_whose_rows_have_several_labels_passes(register):
    register("several", lambda: [(text, [label, "film"]) for text, label in ROWS])
    check_dataset("several", target="classes")
    said = complaint(check_dataset, "several", target="classes", class_names=("film", "neg", "pos", "none"))
    assert "[0, 1, 2]" in said


def test_a_dataset_whose_rows_change_fails(register):
    calls = itertools.count()
    register("restless", lambda: [(f"{text} {next(calls)}", label) for text, label in ROWS])
    said = complaint(check_dataset, "restless", splits=None)
    assert "dataset 'restless': loaded twice, the rows of 'train' differ" in said


def test_a_dataset_without_train_fails(register):
    register("untrained", lambda: {"test": ROWS})
    assert "no rows in a split 'train'" in complaint(check_dataset, "untrained")


def test_a_dataset_with_a_class_that_no_row_has_fails(register):
    register("gap", lambda: ROWS)
    said = complaint(check_dataset, "gap", class_names=("neg", "neutral", "pos"))
    assert "[0, 2]" in said
    assert "neutral" in said


def test_a_dataset_that_cannot_be_loaded_says_why_itself():
    with pytest.raises(tp.TextprepError, match="nosuch"):
        check_dataset("nosuch")


@pytest.mark.parametrize("model", [models.WordLevel({"a": 0, "film": 1}), models.WordPiece({"a": 0})])
def test_a_pretrained_tokenizer_without_an_unknown_token_may_refuse_texts(model):
    tokenizer = tp.HuggingFaceTokenizer.of(HFTokenizer(model))
    assert tokenizer.vocabulary.unk_id is None
    with pytest.raises(Exception, match="UNK"):
        tokenizer.encode("b")
    check_tokenizer(tokenizer)
