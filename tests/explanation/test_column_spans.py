"""The spans of a whole column are those that `explain` traces, for every stack of steps and every tokenizer."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import textprep as tp
from tests.encoding.stacks import KINDS, STACKS, TEXTS, tokenizers
from textprep.explanation.explain import spans_in, trimmed
from textprep.tokenizers import Tokenizer

REVIEWS = [
    "A <b>great</b> film &amp; more!",
    "The  film,  isn't it?",
    "",
    "Ein schöner Film – größer als 🎬 <br />Straße",
    "no markup here at all",
]


@pytest.fixture(scope="module")
def fitted(tmp_path_factory) -> dict[str, Tokenizer]:
    return tokenizers(tmp_path_factory.mktemp("tokenizers"))


def traced(pipeline: tp.Pipeline, texts: list[str]) -> list[list[int]]:
    return [[*span] for text in texts for span in spans_in(pipeline.steps, pipeline.tokenizer, text)]


@pytest.mark.parametrize("kind", KINDS)
@given(steps=STACKS, text=TEXTS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_span_is_what_explain_says_a_token_came_from(kind, fitted, steps, text):
    explained = tp.Pipeline(steps, tokenizer=fitted[kind]).explain(text)
    spans = spans_in(steps, fitted[kind], text)
    assert len(spans) == len(explained.tokens)
    for token, span in zip(explained.tokens, spans, strict=True):
        start, stop = token.span
        if span[0] < span[1] and not explained.cleaned[start:stop][:1].isspace():
            ends = token.raw_spans[0][0], token.raw_spans[-1][1]
            assert span == trimmed(text, ends) or explained.cleaned[start:stop][-1:].isspace()
    assert all(start <= stop for start, stop in spans)


@pytest.mark.parametrize("kind", KINDS)
@given(steps=STACKS, texts=st.lists(TEXTS, max_size=5))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_spans_of_a_column_are_those_that_explain_traces(kind, fitted, steps, texts):
    pipeline = tp.Pipeline(steps, tokenizer=fitted[kind])
    ids, spans = pipeline.encode_with_spans(texts)
    assert ids.rows() == pipeline.encode_batch(texts).rows()
    assert spans.tolist() == traced(pipeline, texts)


@pytest.mark.parametrize("kind", KINDS)
def test_spans_of_real_texts(kind, fitted):
    steps = [tp.StripMarkup(), tp.Lowercase(), tp.CollapseWhitespace()]
    pipeline = tp.Pipeline(steps, tokenizer=fitted[kind])
    _, spans = pipeline.encode_with_spans(REVIEWS)
    assert spans.tolist() == traced(pipeline, REVIEWS)


def test_an_empty_column_has_no_spans(fitted):
    ids, spans = tp.Pipeline(tokenizer=fitted["word"]).encode_with_spans([])
    assert (len(ids), spans.shape) == (0, (0, 2))
