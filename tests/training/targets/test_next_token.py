"""The next token: its loss, what is kept of V-wide outputs, scores by text, and what people are told."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import textprep as tp
from textprep.batches.blocks import Blocks
from textprep.batches.reader import EncodedTexts
from textprep.config.experiment import config_of
from textprep.config.options import TrainingOptions
from textprep.errors import ConfigError, DatasetError
from textprep.ragged import Ragged
from textprep.targets import NextTokenTarget
from textprep.training.build_model import build_model
from textprep.training.runs.loaders import scoring_loader
from textprep.training.runs.prepared_data import load_prepared
from textprep.training.scoring.ngrams import NGrams
from textprep.training.scoring.predictions import Predictions
from textprep.training.targets import objective_of
from textprep.training.targets.next_token import (
    NextTokenObjective,
    _same_rows,
    _train_rows,
    cross_entropy,
    token_counts,
)
from textprep.training.trainer import fit, predict_outputs, validate

OBJECTIVE = NextTokenObjective(NextTokenTarget())
END = 2
texts = st.lists(st.lists(st.integers(3, 9), max_size=6), min_size=1, max_size=6)


def blocks_of(rows, length, lanes=None):
    split = EncodedTexts(Ragged.from_rows(rows), target=NextTokenTarget())
    return Blocks(split, length, lanes=lanes, end_id=END)


def predictions_of(blocks):
    """Predictions of a model whose value of a label is minus the label itself."""
    read = [blocks.labels.ids(row) for row in range(len(blocks))]
    labels = np.concatenate([*read, np.zeros(0, np.int64)])
    offsets = np.cumsum([0, *map(len, read)])
    places = np.concatenate([*map(np.arange, map(len, read)), np.zeros(0, np.int64)])
    values = -labels[:, None].astype(np.float32)
    return Predictions(blocks.row_ids, labels, values, offsets, places)


def test_the_objective_is_that_of_the_target():
    assert isinstance(objective_of("next_token"), NextTokenObjective)
    assert [measure.name for measure in OBJECTIVE.measures] == ["perplexity"]
    assert not OBJECTIVE.measures[0].more


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**16), st.integers(1, 3), st.integers(1, 5))
def test_the_loss_is_the_sum_of_minus_log_p_and_what_is_kept_are_its_parts(seed, rows, tokens):
    generator = torch.Generator().manual_seed(seed)
    outputs = torch.randn(rows, tokens, 7, generator=generator)
    labels = torch.randint(-1, 7, (rows, tokens), generator=generator)
    labels[labels < 0] = -100
    total, weight = cross_entropy(outputs, labels)
    kept = OBJECTIVE.kept(outputs, labels)
    by_hand = [outputs[b, t].log_softmax(0)[labels[b, t]] for b, t in (labels >= 0).nonzero().tolist()]
    assert float(total) == pytest.approx(-sum(map(float, by_hand)), abs=1e-4)
    assert kept.shape == (rows, tokens, 1)
    torch.testing.assert_close(kept.sum(), -total, atol=1e-4, rtol=1e-4)
    assert (kept[labels < 0] == 0).all()
    assert int(weight) == len(by_hand) == int(OBJECTIVE.labelled(labels).sum())


@settings(max_examples=60, deadline=None)
@given(rows=texts, length=st.integers(2, 5), lanes=st.none() | st.integers(1, 4))
def test_predictions_of_blocks_are_those_of_the_texts_none_twice_and_none_lost(rows, length, lanes):
    blocks = blocks_of(rows, length, lanes)
    found = OBJECTIVE.by_row(predictions_of(blocks), blocks)
    assert found.row_ids.tolist() == list(range(len(rows)))
    for number, row in enumerate(rows):
        line = [*row, END][1:] if number == 0 else [*row, END]  # the very first token is predicted by nothing
        where = found.of_row(number)
        assert found.labels[where].tolist() == line
        assert (-found.values[where, 0]).tolist() == line
        assert found.places[where].tolist() == [*range(len(row) + 1)][len(row) + 1 - len(line) :]


@settings(max_examples=30, deadline=None)
@given(rows=texts)
def test_predictions_of_one_text_per_row_have_the_places_of_what_is_predicted(rows):
    split = EncodedTexts(Ragged.from_rows(rows), target=NextTokenTarget())
    labels = [split.labels.ids(row) for row in range(len(rows))]  # without an end: the last one has none
    flat = np.concatenate(labels)
    places = np.concatenate([*map(np.arange, map(len, rows))]).astype(np.int64)
    given_rows = Predictions(
        split.row_ids, flat, np.zeros((len(flat), 1), np.float32), np.cumsum([0, *map(len, rows)]), places
    )
    found = OBJECTIVE.by_row(given_rows, split)
    for number, row in enumerate(rows):
        where = found.of_row(number)
        assert found.labels[where].tolist() == row[1:]
        assert found.places[where].tolist() == [*range(1, len(row))]


def some_predictions(values=(-1.0, -2.0, -0.5)):
    each = np.array(values, np.float32)[:, None]
    offsets, places = np.array([0, 2, 3]), np.array([0, 1, 0])
    return Predictions(np.array([4, 9]), np.array([5, 2, 2]), each, offsets, places)


def test_scores_have_intervals_by_text():
    scores = OBJECTIVE.scores(some_predictions())
    assert scores["rows"] == 2
    assert scores["tokens"] == 3
    assert scores["perplexity"] == pytest.approx(math.exp(3.5 / 3), abs=1e-5)
    assert (
        scores["intervals"]["perplexity"][0] <= scores["perplexity"] <= scores["intervals"]["perplexity"][1]
    )
    assert OBJECTIVE.headline(scores)[0] == "perplexity"
    assert "perplexity" in OBJECTIVE.summary(scores)
    assert json.loads(json.dumps(scores)) == scores


def test_bits_per_character_are_of_the_raw_texts_and_their_ends():
    corpus = tp.load_dataset("memory", rows=["ab", "x"], target="next_token", splits=None)
    scores = OBJECTIVE.scores_of_texts(OBJECTIVE.scores(some_predictions()), corpus["train"])
    assert scores["characters"] == 5
    assert scores["bits_per_character"] == pytest.approx(3.5 / math.log(2) / 5, abs=1e-5)


def test_no_predicted_token_is_one_clear_line():
    nothing = Predictions(*(np.zeros(0, np.int64),) * 2, np.zeros((0, 1), np.float32), np.zeros(1, np.int64))
    with pytest.raises(DatasetError, match="nothing to score"):
        OBJECTIVE.scores(nothing)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.floats(-5, 0), min_size=1, max_size=4), min_size=1, max_size=6))
def test_the_parts_of_texts_average_to_the_perplexity(values):
    flat = np.array([each for text in values for each in text], np.float32)
    offsets = np.cumsum([0, *map(len, values)])
    rows = Predictions(
        np.arange(len(values)), flat.astype(int), flat[:, None], offsets, np.zeros(len(flat), int)
    )
    assert OBJECTIVE.per_row(rows).mean() == pytest.approx(math.exp(-flat.mean()), rel=1e-4)


@pytest.mark.parametrize(
    "option", ["label_smoothing", "word_dropout", "class_weights", "loss", "adversarial"]
)
def test_options_that_mean_nothing_are_refused_and_off(option):
    given_value = {"class_weights": "balanced", "loss": "huber"}.get(option, 0.3)
    with pytest.raises(ConfigError, match=f"{option} does not apply to the target 'next_token'"):
        OBJECTIVE.check_options(TrainingOptions(**{option: given_value}))
    OBJECTIVE.check_options(TrainingOptions())
    settled = OBJECTIVE.with_usual("training", TrainingOptions(adversarial=0.02))
    assert settled.adversarial == 0
    OBJECTIVE.check_options(settled)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (torch.zeros(2, 3), "the next tokens are .B, T. int64"),
        (torch.zeros(2, dtype=torch.int64), "the next tokens are .B, T. int64"),
        (torch.full((2, 3), 9), "a label is the token 9, and the model was made for 7"),
    ],
)
def test_labels_that_cannot_be_learned_are_named(labels, message):
    with pytest.raises(DatasetError, match=message):
        OBJECTIVE.check({"labels": labels}, 7)


def small_model(name="gru_language_model", **options):
    torch.manual_seed(0)
    return tp.models.MODELS[name](10, embedding_dim=8, hidden_dim=8, dropout=0.0, **options)


@pytest.mark.parametrize("name", ["gru_language_model", "transformer_language_model"])
def test_a_pattern_is_learned_and_the_measure_is_that_of_the_loss(name):
    rows = [[3, 4, 5, 6, 7, 8][: 2 + number % 5] for number in range(60)]
    loader = blocks_of(rows, 12).loader(batch_size=4, shuffle=True, seed=0)
    model = small_model(name)
    before = validate(model, loader, "next_token")
    history = fit(
        model,
        loader,
        loader,
        TrainingOptions(epochs=12, learning_rate=0.02),
        target="next_token",
        progress=False,
    )
    after = validate(model, loader, "next_token")
    assert after["loss"] < before["loss"] / 2
    assert after["perplexity"] == pytest.approx(math.exp(after["loss"]))
    assert history.epochs[-1].validation["perplexity"] >= after["perplexity"] - 1e-6


def test_of_v_wide_outputs_one_number_a_token_is_kept():
    blocks = blocks_of([[3, 4, 5], [6, 7]], 3)
    columns = ["input_ids", "attention_mask", "labels", "row_ids", "token_index", "document_ids"]
    found = predict_outputs(small_model(), blocks.loader(columns=columns), "cpu", target="next_token")
    assert found.values.shape == (6, 1)
    texts_of = OBJECTIVE.by_row(found, blocks)
    assert texts_of.offsets.tolist() == [0, 3, 6]
    assert (texts_of.values <= 0).all()


def test_documents_kept_apart_have_the_scores_that_each_has_alone():
    rows, model = [[3, 4, 5], [6, 7], [8]], small_model().eval()
    columns = ["input_ids", "attention_mask", "labels", "row_ids", "token_index", "document_ids"]
    together = blocks_of(rows, 50)
    found = OBJECTIVE.by_row(
        predict_outputs(model, together.loader(columns=columns), "cpu", target="next_token"), together
    )
    for number, row in enumerate(rows[1:], 1):
        line = torch.tensor([[END, *row]])
        expected = OBJECTIVE.kept(model(line), torch.tensor([[*row, END]]))[0, :, 0]
        np.testing.assert_allclose(found.values[found.of_row(number), 0], expected.detach(), atol=1e-5)


def test_a_new_model_foresees_as_well_as_unigrams(tmp_path):
    rows = {"train": ["a a a b", "a b a c a"] * 20, "validation": ["a b a", "c a a"]}
    config = config_of(
        dataset="memory", rows=rows, target="next_token", steps=["lowercase"], tokenizer={"name": "word"},
        model={"dropout": 0.0},
    )  # fmt: skip
    data, lines = load_prepared(config, tmp_path), []
    assert token_counts(data["train"], 7).tolist() == [0, 0, 40, 120, 40, 20, 0]
    model = build_model(config.model, data, OBJECTIVE, seed=0, report=lines.append)
    loader = scoring_loader(data["validation"], config)
    ngrams = NGrams.counted(_train_rows(data["train"]), len(data.pipeline.vocabulary))
    found = OBJECTIVE.by_row(predict_outputs(model, loader, "cpu", target="next_token"), loader.split)
    unigrams = ngrams.unigram(_same_rows(data["validation"], found))
    assert found.values.mean() == pytest.approx(unigrams.mean(), abs=0.1)
    assert lines == ["each of 6 tokens starts as likely as it is in the training split"]
