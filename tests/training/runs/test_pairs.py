"""Runs that compare two texts: from rows to predictions, in Python."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors

import textprep as tp
from tests.training.made import made_questions
from textprep.errors import PipelineError, RunError
from textprep.training.directory import read_manifest, write_manifest
from textprep.training.runs.loaders import with_types
from textprep.training.runs.run import FILES
from textprep.training.scoring.metrics import classification_metrics

QUICK = {
    "tokenizer": {"name": "word"},
    "model": {"embedding_dim": 8, "hidden_dim": 4, "word_pairs": 64},
    "training": {"epochs": 1, "device": "cpu"},
}
ROWS = made_questions(120)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("pairs")


@pytest.fixture(scope="module")
def run(folder):
    made = tp.train(
        dataset="memory", rows=ROWS, pair="second", run_dir=folder / "run", cache_dir=folder, **QUICK
    )
    return tp.Run.load(made.path)


@pytest.fixture(scope="module")
def single(folder):
    return tp.train(dataset="memory", rows=ROWS, run_dir=folder / "one", cache_dir=folder, **QUICK)


def test_the_data_say_that_the_model_compares_two_texts(run, single) -> None:
    assert run.pairs and not single.pairs  # noqa: PT018
    assert run.pipeline.vocabulary.specials == ("<sep>",)
    assert (run.path / "report.html").exists()


def test_predictions_are_those_of_the_scored_rows_and_have_both_texts(run) -> None:
    rows = ROWS["test"]
    said = run.predict([row["text"] for row in rows], pair=[row["second"] for row in rows])
    kept = run.predictions["test"]
    shares = [[each.probabilities[name] for name in run.class_names] for each in said]
    np.testing.assert_allclose(np.array(shares)[kept.row_ids - kept.row_ids.min()], kept.values, atol=1e-5)
    assert (said[0].text, said[0].pair) == (rows[0]["text"], rows[0]["second"])
    assert run.predict([], pair=[]) == []
    one = run.predict([rows[0]["text"]], pair=[rows[0]["second"]])  # the short way of a single row
    assert one[0].probabilities == pytest.approx(said[0].probabilities, abs=1e-5)


def test_the_second_text_matters_and_may_be_empty(run) -> None:
    one, other, none = run.predict(
        ["how do i paint my door"] * 3, pair=["paint the door", "sell the boat", ""]
    )
    assert len({each.probabilities["same"] for each in (one, other, none)}) == 3
    assert all(np.isfinite(each.probabilities["same"]) for each in run.predict(["", ""], pair=["", "a door"]))


def test_a_corpus_brings_its_second_texts(run) -> None:
    corpus = tp.load_dataset("memory", rows=ROWS, pair="second")
    assert run.evaluate(corpus)["accuracy"] == pytest.approx(run.metrics["accuracy"])
    assert len(run.predict(corpus["test"])) == len(ROWS["test"])
    assert run.evaluate(corpus["train"])["seen"]["rows"] == len(ROWS["train"])
    swapped = [{**row, "text": row["second"], "second": row["text"]} for row in ROWS["train"]]
    other = tp.load_dataset("memory", rows=swapped, pair="second", splits=None)
    assert run.evaluate(other).get("seen", {"rows": 0})["rows"] < len(swapped) / 10


def test_explanations_add_up_to_the_prediction(run) -> None:
    text, pair = "how do i paint my door", "steps to paint the door"
    read = run.explain(text, pair)
    said = run.predict([text], pair=[pair])[0].probabilities
    linear = read.reading.linear
    logits = linear.deep + linear.tokens.sum(axis=1) + linear.pairs.sum(axis=1)
    np.testing.assert_allclose(torch.tensor(logits).softmax(-1)[0].tolist(), [*said.values()], atol=1e-5)
    tokens = read.explanation.row.tokens
    separator = next(place for place, token in enumerate(tokens) if token.name == "<sep>")
    assert linear.pairs[0, separator - 1].any() and not linear.pairs[0, separator].any()  # noqa: PT018
    json.dumps(read.to_json())
    assert "<sep>" in str(read)


@pytest.mark.parametrize("use", ["predict", "outputs"])
def test_another_number_of_texts_is_one_clear_error(run, single, use) -> None:
    with pytest.raises(
        RunError, match="compares two texts, and the second ones are missing; give them with pair="
    ):
        getattr(run, use)(["a door"])
    with pytest.raises(RunError, match="reads one text at a time, and there are second ones; leave them out"):
        getattr(single, use)(["a door"], pair=["a door"])
    with pytest.raises(PipelineError, match="pair takes a list of texts"):
        getattr(run, use)(["a door"], pair="a door")
    with pytest.raises(PipelineError, match="there are 1 first and 2 second"):
        getattr(run, use)(["a door"], pair=["a door", "a roof"])
    with pytest.raises(PipelineError, match=r"second texts: .*row 0"):
        getattr(run, use)(["a door"], pair=[None])


@pytest.mark.parametrize("given", [{"pair": ["a roof"] * len(ROWS)}, {"extra": {"year": [1] * len(ROWS)}}])
def test_what_is_given_beside_a_split_is_not_passed_over(run, given) -> None:
    split = tp.load_dataset("memory", rows=ROWS, pair="second", splits=None)["train"]
    with pytest.raises(RunError, match=f"a split brings .*, so {next(iter(given))}= would not be read"):
        run.predict(split, **given)


def test_so_it_is_where_rows_are_scored_or_explained(run, single) -> None:
    pairs = tp.load_dataset("memory", rows=ROWS, pair="second")
    alone = tp.load_dataset("memory", rows=ROWS)
    for wrong in (lambda: run.evaluate(alone), lambda: run.explain("a door")):
        with pytest.raises(RunError, match="the second ones are missing"):
            wrong()
    for wrong in (lambda: single.evaluate(pairs), lambda: single.explain("a door", "a roof")):
        with pytest.raises(RunError, match="there are second ones"):
            wrong()


def test_numbers_are_learned_from_pairs_and_the_linear_rival_reads_both(folder) -> None:
    rows = {
        name: [{**row, "label": float("door" in row["second"])} for row in split]
        for name, split in ROWS.items()
    }
    run = tp.train(
        dataset="memory", rows=rows, pair="second", target="number", run_dir=folder / "numbers", cache_dir=folder,
        **QUICK,
    )  # fmt: skip
    assert run.metrics["ridge"]["r2"] > 0.9  # from the second text alone
    assert isinstance(run.predict(["a door"], pair=["a door"])[0].value, float)


def test_texts_are_told_apart_where_the_tokenizer_gives_them_one_type(folder) -> None:
    words = sorted({word for row in ROWS["train"] for word in f"{row['text']} {row['second']}".split()})
    backend = Tokenizer(
        models.WordLevel({word: i for i, word in enumerate([*words, "<s>", "<unk>"])}, "<unk>")
    )
    backend.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    backend.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> <s> $B", special_tokens=[("<s>", len(words))]
    )
    backend.save(str(folder / "tokenizer.json"))
    options = {**QUICK, "tokenizer": {"name": "huggingface", "path": str(folder / "tokenizer.json")}}
    run = tp.train(
        dataset="memory", rows=ROWS, pair="second", run_dir=folder / "types", cache_dir=folder, **options
    )
    template = run.pipeline.tokenizer.template
    assert template.row([1], [2])[1] == [0, 0, 0, 0, 0]
    assert with_types(template).row([1], [2])[1] == [0, 0, 0, 0, 1]
    one, other = run.predict(["how do i paint my door"] * 2, pair=["sell the boat", "my door paint"])
    assert one.probabilities != other.probabilities
    read = run.explain("how do i paint my door", "sell the boat").reading
    said = read.answers[0].record["probabilities"]
    assert said == pytest.approx(one.probabilities, abs=1e-5)


def test_a_run_of_an_earlier_version_has_padding_0_and_one_text(single) -> None:
    said = single.predict(["paint the door"])
    manifest = read_manifest(single.path)
    assert manifest["model"].pop("pad_id") == 0
    assert manifest["model"].pop("pairs") is False
    write_manifest(single.path, FILES, {name: manifest[name] for name in ("target", "extra", "model")})
    assert tp.Run.load(single.path).predict(["paint the door"])[0].probabilities == pytest.approx(
        said[0].probabilities
    )


@pytest.mark.slow
def test_a_model_of_pairs_learns_what_no_linear_model_of_the_words_can(folder) -> None:
    rows = made_questions(2000)
    run = tp.train(
        dataset="memory", rows=rows, pair="second", run_dir=folder / "slow", cache_dir=folder,
        tokenizer={"name": "word"}, model={"hidden_dim": 32}, training={"device": "cpu"},
    )  # fmt: skip
    labels, linear = (
        np.array([name == "same" for name in names]) for names in (truth_of(rows), tf_idf_says(rows))
    )
    by_words = classification_metrics(labels.astype(int), linear.astype(int), ("other", "same"))
    low, high = by_words["intervals"]["accuracy"]
    assert low < 0.55 and high < 0.65  # noqa: PT018
    assert run.metrics["intervals"]["accuracy"][0] > max(high, 0.75)


def truth_of(rows: dict) -> list[str]:
    return [row["label"] for row in rows["test"]]


def tf_idf_says(rows: dict) -> list[str]:
    """Logistic regression on TF-IDF of the words of each text."""
    sklearn = pytest.importorskip("sklearn")
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    assert sklearn
    both = {
        name: [" ".join([row["text"], *(f"2{word}" for word in row["second"].split())]) for row in split]
        for name, split in rows.items()
    }
    model = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000))
    model.fit(both["train"], [row["label"] for row in rows["train"]])
    return [str(said) for said in model.predict(both["test"])]
