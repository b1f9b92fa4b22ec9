"""Texts are cut where tokens begin and where steps changed them; no character is lost."""

from __future__ import annotations

from hypothesis import given, settings

import textprep as tp
from tests.encoding.stacks import STACKS, TEXTS
from textprep.explanation.segments import step_segments, text_segments, token_pieces

TOKENIZER = tp.CharTokenizer().fit(["a film"])


@given(steps=STACKS, text=TEXTS)
@settings(deadline=None, max_examples=40)
def test_the_pieces_are_the_text_before_and_after(steps, text):
    explanation = tp.Pipeline(steps, tokenizer=TOKENIZER).explain(text)
    pieces = token_pieces(explanation, explanation.tokens[:20])
    assert "".join(segment.text for segment in text_segments(text, pieces[0])) == text
    for number, step in enumerate(explanation.steps):
        segments = step_segments(step, pieces[number], pieces[number + 1])
        for left_out, whole in (("put in", step.before), ("removed", step.after)):
            assert "".join(segment.text for segment in segments if segment.kind != left_out) == whole
        assert all(segment.text for segment in segments)


def test_a_token_is_marked_wherever_it_was(explained):
    explanation = explained("A <b>great</b>er FILM")
    pieces = token_pieces(explanation, explanation.tokens)
    places = [[tuple(span) for span in tokens[1]] for tokens in pieces]
    assert places == [[(5, 10), (14, 16)], [(2, 9)], [(2, 9)], [(2, 9)]]
    segments = step_segments(explanation.steps[1], pieces[1], pieces[2])
    of_film = [(segment.kind, segment.text) for segment in segments if 2 in segment.tokens]
    assert of_film == [("removed", "FILM"), ("put in", "film")]


def test_edits_that_touch_are_shown_as_one(explained):
    (removed,) = (s for s in step_segments(explained("x FILM").steps[1], [], []) if s.kind == "removed")
    assert removed.text == "FILM"
