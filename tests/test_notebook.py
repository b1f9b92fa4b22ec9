"""Notebooks show steps, pipelines and explanations as plain HTML, hostile text included."""

from __future__ import annotations

from html.parser import HTMLParser

import textprep as tp


class Text(HTMLParser):
    """The text of a page, and its tags."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text, self.tags = "", []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text += data


STEPS = [tp.StripMarkup(), tp.ReplacePattern(pattern="</script>|x", replacement="<y>")]
PIPELINE = tp.Pipeline(STEPS, tokenizer=tp.WordTokenizer())


def test_a_step_says_what_it_is():
    shown = Text(STEPS[1]._repr_html_())
    assert "ReplacePattern(pattern='</script>|x', replacement='<y>'" in shown.text
    assert "Replace whatever matches" in shown.text
    assert set(shown.tags) == {"p", "code", "small", "br"}


def test_a_pipeline_is_a_list_of_its_parts():
    shown = Text(PIPELINE._repr_html_())
    assert shown.tags.count("li") == 3
    assert "not fitted" in shown.text
    fitted = tp.Pipeline(tokenizer=tp.WordTokenizer()).fit(["a film"])
    assert "4 tokens" in Text(fitted._repr_html_()).text


def test_an_explanation_shows_steps_and_tokens():
    tokenizer = tp.WordTokenizer().fit(["a film"])
    explanation = tp.Pipeline(STEPS, tokenizer=tokenizer).explain("a <b>x</b>\u202e\n&lt;script>")
    page = explanation._repr_html_()
    shown = Text(page)
    assert "<del>&lt;b&gt;</del>" in page
    assert "<del>x</del><ins>&lt;y&gt;</ins>" in page
    assert "⟨U+202E⟩⏎" in shown.text
    assert set(shown.tags) == {
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "i",
        "del",
        "ins",
        "code",
        "small",
        "br",
        "p",
    }


def test_a_long_text_does_not_swell_the_notebook():
    tokenizer = tp.WordTokenizer().fit(["a film"])
    page = tp.Pipeline([tp.Lowercase()], tokenizer=tokenizer).explain("A film " * 20_000)._repr_html_()
    assert len(page) < 1_000_000
    assert "and 38,000 more tokens" in page


def test_what_is_left_out_of_a_text_is_said():
    class Whole(tp.Step):
        name = "whole"

        def __call__(self, text):
            return "b" * len(text)

    explanation = tp.Pipeline([Whole()], tokenizer=tp.WordTokenizer().fit(["b"])).explain("a" * 500_000)
    page = explanation._repr_html_()
    assert page.count("and 498,000 more characters") == 5  # raw, removed, put in; the token and its origin
    assert len(page) < 20_000
