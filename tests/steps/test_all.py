"""One table over every built-in step: what holds for all of them."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import textprep as tp
from textprep.datasets.loading import as_corpus
from textprep.preparation import fingerprint
from textprep.registry import STEPS
from textprep.steps.edits import apply_edits
from textprep.testing import AWKWARD_TEXTS, WHITE_SPACE, check_step

STEPS.get("lowercase")
BUILTINS = sorted(name for name, entry in STEPS.entries.items() if entry.owner.startswith("textprep "))

# name → options to try, and whether cleaning what is clean changes nothing with any of them
TABLE = {
    "casefold": ([{}], True),
    "collapse_repeats": ([{}, {"at_most": 1}], True),
    "collapse_whitespace": ([{}, {"keep_line_breaks": True}], True),
    "expand_contractions": ([{}], True),
    "fix_mojibake": ([{}], False),
    "lowercase": ([{}], True),
    "name_emoji": ([{}, {"language": "de", "delimiters": ["<", ">"]}], True),
    "normalize_quotes": ([{}], True),
    "normalize_unicode": ([{}, *({"form": form} for form in ("NFC", "NFD", "NFKC", "NFKD"))], True),
    "remove_stopwords": ([{}, {"language": "german", "keep": ["nicht"], "add": ["a"]}], True),
    "replace_emails": ([{}], True),
    "replace_hashtags": ([{}], True),
    "replace_mentions": ([{}], True),
    "replace_numbers": ([{}, {"replacement": "0", "each_digit": True}], True),
    "replace_pattern": ([{"pattern": r"\w+", "replacement": r"<\g<0>>"}, {"pattern": ""}], False),
    "replace_urls": ([{}], True),
    "stem": ([{}, {"language": "turkish"}], False),
    "strip_accents": ([{}], True),
    "strip_control": ([{}, {"keep": "\u200d]"}], True),
    "strip_emoji": ([{}, {"replacement": ""}], True),
    "strip_markup": (
        [{}, {"keep": ["title"], "alt": True}, {"mode": "xml"}, {"engine": "beautifulsoup4"}],
        False,
    ),
    "strip_punctuation": (
        [
            *({}, {"keep": "'-"}, {"keep": "]^\\-["}, {"replacement": ""}, {"replacement": "_"}),
            *({"keep_inside_words": True}, {"keep_inside_words": True, "replacement": "", "keep": "."}),
            *({"categories": ["Po", "Sc"]}, {"categories": []}),
        ],
        True,
    ),
    "truncate_words": ([{"max_words": 2}, {"max_words": 2, "keep": "end"}], True),
}
ROWS = [(name, options) for name, (tried, _) in TABLE.items() for options in tried]
NAUGHTY = [
    *AWKWARD_TEXTS,
    "\ud800",
    "a\udfffb",
    "\x00",
    "\ufdfa" * 100,
    "a" + "\u0301" * 1000,
    "&#55296;<b>\udc80",
]
PARTS = [
    *WHITE_SPACE,
    "<br />",
    "<br/>",
    "<b>",
    "<",
    "&amp;",
    "&",
    "-->",
    *("http://", "www.", "@", "#", "me@x.org", ".", ",", "1", "\u0661", "(", ")", "_"),
    *("the", "not", "don", "n't", "'ve", "\u2019", "ll", "I", "\U0001f44d", "\u200d", "\ufe0f", "\u20e3"),
    *(
        "\U0001f1e9",
        "\u2764",
        "\u200b",
        "\xad",
        "\u0345",
        "\u0323",
        "\u0f73",
        "\xc3\xa9",
        "\xe2\x82\xac",
        "ooo",
    ),
    "a",
    "É",
    "ΑΣ",
    "e\u0301",
    "...",
    "'-",
    "\\",
]
TEXTS = st.lists(st.sampled_from(PARTS) | st.text(max_size=3)).map("".join)
few = settings(max_examples=30, deadline=None)  # for each of many rows
over_all = pytest.mark.parametrize(("name", "options"), ROWS)


def test_the_table_is_whole():
    assert sorted(TABLE) == BUILTINS


@over_all
def test_it_passes_the_conformance_kit(name, options):
    check_step(STEPS.get(name)(**options))


@over_all
def test_any_text_gives_a_text(name, options):
    step = STEPS.get(name)(**options)
    assert [text for text in NAUGHTY if not isinstance(step(text), str)] == []


@over_all
@few
@given(text=st.text(st.characters(exclude_categories=[])))
def test_any_generated_text_gives_a_text(name, options, text):
    assert isinstance(STEPS.get(name)(**options)(text), str)


@over_all
@few
@given(
    texts=st.lists(TEXTS),
    start=st.integers(0, 2),
)
def test_a_column_is_cleaned_as_each_text_is(name, options, texts, start):
    step = STEPS.get(name)(**options)
    column = pa.array(texts, pa.large_string()).slice(start)
    cleaned = [step(text) for text in texts[start:]]
    assert step.clean_column(column).to_pylist() == cleaned
    assert step.clean_column(step.fold_column(column)).to_pylist() == cleaned


@over_all
@few
@given(text=TEXTS)
def test_the_edits_that_it_reports_make_what_it_returns(name, options, text):
    step = STEPS.get(name)(**options)
    edits = step.edits(text)
    assert edits is None or apply_edits(text, edits) == step(text)


@over_all
def test_only_where_a_package_says_nothing_edits_are_left_to_a_comparison(name, options):
    says_nothing = name == "fix_mojibake" or options.get("engine") == "beautifulsoup4"
    assert (STEPS.get(name)(**options).edits("a <b>film</b>") is None) == says_nothing


@pytest.mark.parametrize(("name", "options"), [row for row in ROWS if TABLE[row[0]][1]])
@few
@given(text=TEXTS)
def test_cleaning_again_changes_nothing(name, options, text):
    step = STEPS.get(name)(**options)
    assert step(step(text)) == step(text)


@pytest.mark.parametrize(("name", "options"), [row for row in ROWS if STEPS.get(row[0]).scope == "word"])
@few
@given(text=TEXTS)
def test_it_never_looks_across_white_space(name, options, text):
    step = STEPS.get(name)(**options)
    assert step(text).split() == [word for part in text.split() for word in step(part).split()]


@over_all
def test_its_options_survive_json(name, options):
    step = STEPS.get(name)(**options)
    assert STEPS.get(name)(**json.loads(json.dumps(step.options()))) == step


CHANGED = {"remove_stopwords": 2, "stem": 2, "strip_markup": 3, "strip_punctuation": 2}


@pytest.mark.parametrize("name", TABLE)
def test_it_says_what_it_is(name):
    component = STEPS.get(name)
    assert component.name == name
    assert component.version == CHANGED.get(name, 1)
    assert component.scope in ("word", "document")
    assert component.idempotent == TABLE[name][1]
    assert ">>> " in component.__doc__
    assert component in vars(tp).values() or component is getattr(tp, component.__name__)


def test_all_of_them_in_one_pipeline_prepare_fingerprint_and_load_alike(tmp_path):
    order = sorted(ROWS, key=lambda row: STEPS.get(row[0]).scope)  # those on whole texts first
    steps = [STEPS.get(name)(**options) for name, options in order if name != "truncate_words"]
    texts = [
        "Thé films weren't soooo good 👍, see https://x.org #1 <b>now</b>!",
        "a dull film, 10 of 100",
    ] * 20
    pipeline = tp.Pipeline(steps, tokenizer=tp.WordTokenizer()).fit(texts)
    ids = [pipeline.encode(text) for text in texts]
    assert pipeline.encode_batch(texts).rows() == ids
    pipeline.save(tmp_path / "pipeline.json")
    again = tp.Pipeline.load(tmp_path / "pipeline.json")
    assert again.encode_batch(texts).rows() == ids
    prepared = [tp.prepare({"train": texts}, one, cache_dir=tmp_path) for one in (pipeline, again)]
    assert len({data.fingerprint for data in prepared}) == 1
    assert [prepared[0]["train"].ids(row).tolist() for row in range(len(texts))] == ids


@pytest.mark.parametrize("name", ["fix_mojibake", "name_emoji", "remove_stopwords", "stem"])
def test_what_is_prepared_depends_on_the_version_of_its_package(name, monkeypatch):
    def made_of(version):
        monkeypatch.setattr("textprep.components._version", lambda library: version)
        pipeline = tp.Pipeline([STEPS.get(name)()], tokenizer=tp.CharTokenizer())
        return fingerprint.made_of(as_corpus({"train": ["text"]}), pipeline)

    assert made_of("1") != made_of("2")
    assert made_of("1") == made_of("1")
