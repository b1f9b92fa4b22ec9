"""Runs that tag tokens: whatever the scheme, the tokenizer and the steps, scores and spans are of the raw texts."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

import textprep as tp
from textprep.errors import RunError

EXAMPLE = runpy.run_path(str(Path(__file__).resolve().parents[3] / "examples" / "tagging.py"))
SPANS = {pool: list(EXAMPLE["sentences"](pool, count)) for pool, count in enumerate((60, 20, 30))}


def words_of(row: dict, scheme: str) -> dict:
    """The same as words with a tag each."""
    words, tags, place = row["text"].replace(".", " .").replace(",", " ,").replace("?", " ?").split(), [], 0
    for word in words:
        place = row["text"].index(word, place)
        found = [span for span in row["spans"] if span["start"] <= place < span["end"]]
        last = bool(found) and place + len(word) == found[0]["end"]
        first = bool(found) and place == found[0]["start"]
        part = {(True, True): "S", (True, False): "B", (False, True): "E", (False, False): "I"}[first, last]
        part = part if scheme == "bioes" else {"S": "B", "E": "I"}.get(part, part)
        tags.append(f"{part}-{found[0]['label']}" if found else "O")
        place += len(word)
    if scheme == "plain":
        tags = [
            "NAME" if tag != "O" else "SIGN" if not word.isalnum() else "WORD"
            for word, tag in zip(words, tags, strict=True)
        ]
    return {"tokens": words, "tags": tags}


KINDS = {
    "spans": (lambda row: row, {}, "word"),
    "spans, pieces": (lambda row: row, {"pieces": "all"}, {"name": "bpe", "vocab_size": 120}),
    "iob2": (lambda row: words_of(row, "iob2"), {}, {"name": "bpe", "vocab_size": 120}),
    "bioes": (lambda row: words_of(row, "bioes"), {}, "char"),
    "plain": (lambda row: words_of(row, "plain"), {}, "word"),
}


def corpus_of(kind: str, pools: tuple[int, ...] = (0, 1, 2)) -> tp.Corpus:
    form, options, _ = KINDS[kind]
    splits = dict(zip(("train", "validation", "test"), pools, strict=False))
    rows = {name: [form(row) for row in SPANS[pool]] for name, pool in splits.items()}
    return tp.load_dataset("memory", rows=rows, target={"name": "tags", **options})


@pytest.fixture(scope="module", params=KINDS)
def trained(request, tmp_path_factory):
    """The kind, its corpus, and a run of few steps."""
    kind, folder = request.param, tmp_path_factory.mktemp("run")
    form, options, tokenizer = KINDS[kind]
    rows = {
        name: [form(row) for row in SPANS[pool]] for pool, name in enumerate(("train", "validation", "test"))
    }
    run = tp.train(
        dataset="memory", rows=rows, target={"name": "tags", **options}, tokenizer=tokenizer,
        steps=["strip_markup", "lowercase", "collapse_whitespace"],
        model={"embedding_dim": 16, "hidden_dim": 8, "attention": "multihead", "dropout": 0.1},
        training={"epochs": 6, "learning_rate": 0.02, "device": "cpu"}, loader={"max_length": 60, "batch_size": 8},
        run_dir=folder / "run", cache_dir=folder / "cache",
    )  # fmt: skip
    return kind, corpus_of(kind), run


@pytest.mark.slow
def test_other_data_are_scored_as_the_held_out_split_was(trained):
    _, corpus, run = trained
    scores = run.evaluate(corpus["test"])
    same = ("f1", "token_accuracy", "rows", "tokens", "per_class", "confusion_matrix", "intervals")
    assert {name: scores[name] for name in same} == {name: run.metrics[name] for name in same}
    again = tp.Run.load(run.path)
    assert again.evaluate(corpus["test"])["f1"] == scores["f1"]
    assert again.held_out_scores()["baseline"]["f1"] >= 0


@pytest.mark.slow
def test_spans_are_of_the_raw_text_whatever_its_steps_change(trained):
    _, _, run = trained
    texts = ["  Ms <b>Tomira</b> Balen sold\u00a0her house NEAR Osjo.", "", "…", "x" * 500, "<br/>"]
    for text, said in zip(texts, run.predict(texts), strict=True):
        assert said.text == text
        places = [(span["start"], span["end"]) for span in said.spans]
        assert places == sorted(places)
        for span in said.spans:
            assert span["text"] == text[span["start"] : span["end"]] == span["text"].strip()
            assert span["label"] in run.target.classes
            assert 0 < span["probability"] <= 1
    together, alone = run.predict(texts), [run.predict([text])[0] for text in texts]
    assert [[span["start"] for span in said.spans] for said in together] == [
        [span["start"] for span in said.spans] for said in alone
    ]
    assert "tag" in str(run.explain(texts[0]))


@pytest.mark.slow
def test_what_a_run_has_not_learned_is_named(trained):
    kind, _, run = trained
    if kind == "plain":
        pytest.skip("its tags have no types")
    rows = [{"text": "Acme fell.", "spans": [{"start": 0, "end": 4, "label": "ORG"}]}] * 3
    other = tp.load_dataset("memory", rows=rows, target="tags", splits=None)
    with pytest.raises(RunError, match=r"the rows have the tags B-ORG, I-ORG, and the run has learned O, "):
        run.evaluate(other)
    with pytest.raises(RunError, match="the run's target is 'tags'"):
        run.evaluate(tp.load_dataset("memory", rows=[("a", "b"), ("c", "d")], splits=None))
