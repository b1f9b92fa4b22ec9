"""The objective of numbers: one, or several, a row."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import textprep as tp
from tests.training.made import made_numbers
from textprep.config.options import TrainingOptions
from textprep.errors import ConfigError, DatasetError, RunError
from textprep.targets import NumberTarget, target_of
from textprep.training.scoring.numbers import point_scores
from textprep.training.scoring.predictions import Predictions
from textprep.training.scoring.ridge import ridge_predictions
from textprep.training.targets import objective_of
from textprep.training.targets.number import LOSSES, NumberObjective

NAN = float("nan")
ONE = NumberTarget(mean=(3.0,), deviation=(2.0,))
TWO = NumberTarget(names=("stars", "year"), mean=(3.0, 1990.0), deviation=(2.0, 10.0))
TARGETS = pytest.mark.parametrize("target", [ONE, TWO], ids=["one", "two"])


def rows_of(target: NumberTarget, rows: int = 50, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Labels, shaped as the target has them, the last NaN; and outputs (N, K)."""
    generator = np.random.default_rng(seed)
    width = len(target.mean)
    said = generator.normal(size=(rows, width)) * target.deviation + target.mean
    labels = said + generator.normal(size=said.shape)
    labels[-1] = NAN
    return (labels if target.names else labels[:, 0]), said


def loss_of(target: NumberTarget, options: TrainingOptions):
    objective = NumberObjective(target)
    return objective.loss(options, [], lambda: len(objective.names))


def predictions(labels: np.ndarray, said: np.ndarray) -> Predictions:
    return Predictions(np.arange(len(labels)), labels, said)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    rows = {
        split: [{**row, "less": 100 - 10 * row["label"]} for row in rows]
        for split, rows in made_numbers().items()
    }
    pipeline = tp.Pipeline(steps=[], tokenizer=tp.WordTokenizer())
    return {
        names: tp.prepare(
            tp.load_dataset("memory", rows=rows, label=list(names), target="number"),
            pipeline,
            cache_dir=tmp_path_factory.mktemp("cache"),
        )
        for names in (("label",), ("label", "less"))
    }


# What is learned


def test_mean_and_deviation_are_those_of_training_rows_with_a_number():
    train = SimpleNamespace(labels=np.array([1.0, 5.0, NAN]))
    learned = NumberObjective(NumberTarget()).learned(train)
    assert learned == NumberTarget(mean=(3.0,), deviation=(2.0,))
    assert NumberObjective(learned).model_options() == {"num_classes": 1, "offset": (3.0,), "scale": (2.0,)}
    assert target_of(json.loads(json.dumps(learned.record()))) == learned


@pytest.mark.parametrize("value", [0.0, 0.1, 1e9 + 0.1])
def test_numbers_that_are_all_the_same_have_the_deviation_1(value):
    train = SimpleNamespace(labels=np.full((7, 2), value))
    learned = NumberObjective(NumberTarget(names=("a", "b"))).learned(train)
    assert learned.deviation == (1.0, 1.0)
    assert learned.mean == pytest.approx((value, value))


def test_without_a_number_there_is_nothing_to_learn():
    with pytest.raises(DatasetError, match="no row of the training split"):
        NumberObjective(NumberTarget()).learned(SimpleNamespace(labels=np.array([NAN])))


# The loss


@TARGETS
@pytest.mark.parametrize("kind", [None, *LOSSES])
def test_the_loss_is_one_of_standardized_differences_summed_over_rows(target, kind):
    labels, said = rows_of(target)
    total, weight = loss_of(target, TrainingOptions(loss=kind))(torch.tensor(said), torch.tensor(labels))
    z = ((said - labels.reshape(said.shape)) / target.deviation)[:-1]
    each = {
        "squared": z**2,
        "absolute": np.abs(z),
        "huber": np.where(np.abs(z) < 1, z**2 / 2, np.abs(z) - 0.5),
    }[kind or "squared"]
    assert total.item() == pytest.approx(each.mean(axis=1).sum(), rel=1e-5)
    assert weight.item() == len(labels) - 1


@TARGETS
def test_batches_added_up_weigh_as_one(target):
    labels, said = (torch.tensor(each) for each in rows_of(target))
    loss = loss_of(target, TrainingOptions())
    parts = [loss(said[rows], labels[rows]) for rows in (slice(0, 9), slice(9, 50))]
    whole = loss(said, labels)
    for place in range(2):
        assert sum(part[place] for part in parts).item() == pytest.approx(whole[place].item(), rel=1e-5)


@TARGETS
def test_rows_without_a_number_move_no_weight(target):
    labels, said = rows_of(target)
    outputs = torch.tensor(said, requires_grad=True)
    loss_of(target, TrainingOptions())(outputs, torch.tensor(labels))[0].backward()
    assert torch.isfinite(outputs.grad).all()
    assert not outputs.grad[-1].any()
    assert outputs.grad[:-1].any()


def test_a_batch_without_a_number_has_the_loss_0():
    total, weight = loss_of(ONE, TrainingOptions())(torch.zeros(2, 1), torch.tensor([NAN, NAN]))
    assert (total.item(), weight.item()) == (0, 0)


@pytest.mark.parametrize(
    "options", [{"class_weights": "balanced"}, {"class_weights": (1.0,)}, {"label_smoothing": 0.1}]
)
def test_options_about_classes_are_refused_and_the_advice_works(options):
    with pytest.raises(ConfigError, match="does not apply to the target 'number'") as error:
        objective_of("number").check_options(TrainingOptions(**options))
    assert error.value.option == f"training.{next(iter(options))}"
    objective_of("number").check_options(TrainingOptions())


def test_an_unknown_loss_is_refused_by_name():
    with pytest.raises(ConfigError, match="loss"):
        TrainingOptions(loss="cubic")


@pytest.mark.parametrize(
    ("labels", "outputs", "says"),
    [
        (torch.zeros(2, 3), 1, "labels of 3 numbers, and the model has 1 output"),
        (torch.zeros(2), 2, "labels of 1 number, and the model has 2 outputs"),
        (torch.tensor([0.0, float("inf")]), 1, "row 8 has the label inf"),
    ],
)
def test_labels_that_no_such_model_can_learn_are_refused(labels, outputs, says):
    with pytest.raises(DatasetError, match=says):
        NumberObjective(ONE).check({"labels": labels, "row_ids": torch.tensor([7, 8])}, outputs)


@TARGETS
def test_labels_that_fit_are_taken_with_and_without_numbers(target):
    labels, _ = rows_of(target)
    objective = NumberObjective(target)
    objective.check({"labels": torch.tensor(labels)}, len(objective.names))
    assert objective.labelled(torch.tensor(labels)).tolist() == [True] * 49 + [False]


# Scores of an epoch, and of a split


@TARGETS
@given(cuts=st.lists(st.integers(0, 50), max_size=4))
def test_sums_over_any_batches_make_the_scores_of_all_rows(target, cuts):
    labels, said = rows_of(target)
    objective, ends = NumberObjective(target), [0, *sorted(cuts), 50]
    parts = [objective.counted(torch.tensor(said[a:b]), torch.tensor(labels[a:b])) for a, b in pairwise(ends)]
    measured = objective.measured(sum(parts), 49)
    scores = objective.scores(predictions(labels, said))
    assert list(measured) == [measure.name for measure in objective.measures]
    for name, value in measured.items():
        assert value == pytest.approx(scores[name], rel=1e-9), name


def test_r2_of_an_epoch_loses_no_digits_and_is_0_where_all_numbers_are_the_same():
    target = NumberTarget(mean=(1e6,), deviation=(1.0,))
    true = 1e6 + np.arange(100.0)
    objective = NumberObjective(target)
    sums = objective.counted(torch.tensor(true[:, None] + 1), torch.tensor(true))
    assert objective.measured(sums, 100)["r2"] == pytest.approx(1 - 1 / true.var(), abs=1e-9)
    sums = objective.counted(torch.ones(5, 1), torch.full((5,), 0.1))
    assert objective.measured(sums, 5)["r2"] == 0


@TARGETS
def test_the_mean_of_the_parts_of_rows_is_the_first_measure(target):
    rows = predictions(*rows_of(target))
    objective = NumberObjective(target)
    assert objective.per_row(rows).shape == (49,)
    first = objective.measures[0].name
    assert objective.per_row(rows).mean() == pytest.approx(objective.scores(rows)[first])


@TARGETS
def test_scores_stand_beside_what_guessing_gives(target):
    rows, objective = predictions(*rows_of(target)), NumberObjective(target)
    train = SimpleNamespace(labels=rows_of(target, seed=1)[0])
    baseline = json.loads(json.dumps(objective.baseline(train)))
    scores = objective.scores(rows, baseline=baseline)
    assert json.loads(json.dumps(scores, allow_nan=False)) == scores
    assert scores["mae"] < scores["baseline"]["mae"]
    always = np.broadcast_to(np.nanmean(train.labels, axis=0), rows.labels.shape)
    expected = point_scores(rows.labels, always, target.names)
    assert scores["baseline"]["mae"] == pytest.approx(expected["mae"])
    assert scores["baseline"]["of"] == "the training mean"
    assert scores["baseline"]["median"]["mae"] >= 0


def test_without_a_label_there_is_nothing_to_score():
    with pytest.raises(DatasetError, match="no labelled row"):
        NumberObjective(ONE).scores(predictions(np.array([NAN]), np.zeros((1, 1))))


def test_there_are_no_thresholds_of_numbers():
    with pytest.raises(RunError, match="'number'"):
        NumberObjective(ONE).threshold(predictions(*rows_of(ONE)), None, recall=0.9)


# Predictions, and what people read


def test_a_prediction_is_a_number_or_one_of_each_name():
    one = NumberObjective(ONE).predictions(["a"], np.array([[3.25]], np.float32), None)
    two = NumberObjective(TWO).predictions(["b"], np.array([[3.25, 1999.5]], np.float32), None)
    assert asdict(one[0]) == {"text": "a", "value": 3.25, "pair": None}
    assert asdict(two[0]) == {"text": "b", "value": {"stars": 3.25, "year": 1999.5}, "pair": None}
    assert json.dumps(asdict(two[0]))
    assert NumberObjective(ONE).lines(one) == ["3.25"]
    assert NumberObjective(TWO).lines(two) == ["stars 3.25, year 1999.5"]


@TARGETS
def test_summary_and_headline_are_of_the_scores(target):
    rows, objective = predictions(*rows_of(target)), NumberObjective(target)
    scores = objective.scores(rows)
    written = objective.summary(scores)
    for word in ("MAE", "RMSE", "R²", "Pearson", "Spearman", "95 % interval", "training mean", *target.names):
        assert word in written
    assert "ridge" not in written
    assert "ridge" in objective.summary({**scores, "ridge": scores})
    assert max(map(len, written.splitlines())) <= 80
    what, value = objective.headline(scores)
    assert what == "mean absolute error"
    assert value.startswith(f"{scores['mae']:.4g} (")


@TARGETS
def test_what_a_page_shows_of_a_text_is_its_number(target):
    labels, said = rows_of(target)
    objective = NumberObjective(target)
    answer = objective.answers(said)[0]
    assert [name for name, _, _ in answer.lines] == list(objective.names)
    assert all(0 <= length <= 1 for _, _, length in answer.lines)
    assert json.dumps(answer.record)
    assert len(answer.questions) == len(objective.names)
    rows = objective.known(predictions(labels, said))
    given, kinds = objective.worth_reading(rows)
    assert given.shape == (49,)
    farthest = {title: order for title, _, order in kinds}["Farthest off"]
    assert farthest.argmin() in np.argsort(-objective.per_row(rows))[:5]
    page = objective.page(
        rows, objective.scores(rows), {}, None, lambda wanted: [f"t{row}" for row in wanted]
    )
    assert json.dumps(page.data, allow_nan=False)
    examples = objective.examples(Sized(labels))
    assert len(examples) == 3
    assert sum(here for _, here in examples).tolist() == [1] * 49 + [0]


class Sized:
    """As much of a split as examples need."""

    def __init__(self, labels):
        self.labels = labels

    def __len__(self):
        return len(self.labels)


# Other data


def split_of(**options) -> object:
    rows = [{"text": f"t{i}", "stars": i, "year": 1990 + i, "word": "ab"[i % 2]} for i in range(8)]
    return tp.load_dataset("memory", rows=rows, splits=None, **options)["train"]


def test_labels_of_other_data_come_in_the_order_of_the_run():
    there = split_of(label=["year", "stars"], target="number")
    np.testing.assert_array_equal(NumberObjective(TWO).labels_of(there)[:2], [[0, 1990], [1, 1991]])
    np.testing.assert_array_equal(
        NumberObjective(ONE).labels_of(split_of(label="stars", target="number")), np.arange(8.0)
    )


@pytest.mark.parametrize(
    ("target", "options", "says"),
    [
        (ONE, {"label": "word"}, "target is 'number', and that of the rows is 'class'"),
        (ONE, {"label": None}, "the rows have no labels, and the run's target is 'number'"),
        (ONE, {"label": ["stars", "year"], "target": "number"}, "predicts one number, and the labels are stars"),
        (TWO, {"label": "stars", "target": "number"}, "predicts stars, year, and the labels are one number"),
    ],
)  # fmt: skip
def test_labels_of_another_kind_are_refused(target, options, says):
    with pytest.raises(RunError, match=says):
        NumberObjective(target).labels_of(split_of(**options))


# Where a model starts, and what it is measured against


@pytest.mark.parametrize("names", [("label",), ("label", "less")])
def test_the_scores_of_tokens_are_a_linear_model_that_is_of_use(data, names):
    prepared = data[names]
    objective = NumberObjective(prepared.target)
    objective = NumberObjective(objective.learned(prepared["train"]))
    tokens = len(prepared.pipeline.vocabulary)
    scores = objective.token_scores(prepared["train"], tokens, shrinkage=1)
    assert scores.shape == (tokens, len(objective.names))
    assert not scores[:2].any()  # <pad>, and <unk>, which no training text has
    test = prepared["test"]
    said = np.stack(
        [scores[test.ids(row)].sum(axis=0) / test.lengths[row] ** 0.5 for row in range(len(test))]
    )
    said = said * objective.target.deviation + objective.target.mean
    assert point_scores(test.labels.reshape(said.shape)[:, 0], said[:, 0])["r2"] > 0.35
    if len(names) == 2:
        np.testing.assert_allclose(scores[:, 1], -scores[:, 0], atol=1e-6)


def test_words_that_say_nothing_start_near_0(tmp_path):
    generator = np.random.default_rng(0)
    rows = [
        (" ".join(f"w{w}" for w in generator.integers(0, 50, 8)), float(generator.normal()))
        for _ in range(400)
    ]
    corpus = tp.load_dataset("memory", rows=rows, target="number", splits=None)
    prepared = tp.prepare(corpus, tp.Pipeline(steps=[], tokenizer=tp.WordTokenizer()), cache_dir=tmp_path)
    objective = NumberObjective(NumberObjective(prepared.target).learned(prepared["train"]))
    assert np.abs(objective.token_scores(prepared["train"], 52)).max() < 0.15


@pytest.mark.parametrize("names", [("label",), ("label", "less")])
def test_the_peer_is_ridge_regression(data, names):
    prepared = data[names]
    objective, split = NumberObjective(prepared.target), prepared["test"]
    said = ridge_predictions(prepared, "test").reshape(len(split), -1)
    rows = Predictions(split.row_ids, split.labels, said.astype(np.float32)).in_order()
    scores = objective.rivals(prepared, "test", rows)["ridge"]
    assert scores["r2"] > 0.3
    low, high = scores["intervals"]["mae"]
    assert low < scores["mae"] < high
    assert set(scores.get("per_column", names)) == set(names)
    assert scores["mae_difference"] == {"value": 0.0, "interval": [0.0, 0.0]}
    better = replace(rows, values=rows.labels.reshape(said.shape).astype(np.float32))
    difference = objective.rivals(prepared, "test", better)["ridge"]["mae_difference"]
    assert difference["value"] == pytest.approx(-scores["mae"], rel=1e-5)
    assert difference["interval"][1] < 0


@pytest.mark.slow
def test_a_model_beats_ridge_regression_beyond_chance(tmp_path):
    run = tp.train(
        dataset="memory", rows=made_numbers(1500, words=100), label="label", target="number", tokenizer={"name": "word"},
        model={"word_pairs": 1}, run_dir=tmp_path / "run", cache_dir=tmp_path,
    )  # fmt: skip
    ridge = run.metrics["ridge"]
    assert run.metrics["r2"] > ridge["r2"]
    assert ridge["mae_difference"]["interval"][1] < 0
