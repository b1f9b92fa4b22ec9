"""A kind of target never learns the labels of another, and takes no option that means nothing for it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import textprep as tp
from textprep.config.options import TrainingOptions
from textprep.errors import ConfigError, DatasetError
from textprep.models import GRUClassifier
from textprep.targets import ClassesTarget, ClassTarget, NumberTarget, Target
from textprep.training.targets import objective_of
from textprep.training.trainer import fit, validate

ROWS, OUTPUTS = 4, 3
NAMES = ("a", "b", "c")
TARGETS: dict[str, Target] = {
    "class": ClassTarget(class_names=NAMES),
    "classes": ClassesTarget(class_names=NAMES),
    "number": NumberTarget(names=NAMES, mean=(0.0,) * 3, deviation=(1.0,) * 3),
}
WANTED = {
    "class": r"labels of one class a row are \(B,\) int64, not ",
    "classes": r"labels of any number of 3 classes are \(B, 3\) of 0 and 1, not ",
    "number": r"labels that are numbers are \(B,\) or \(B, K\) float32, not |the model has 3 outputs",
}
floats = st.floats(-9, 9, width=32)
LABELS = {
    "class": arrays.arrays(np.int64, ROWS, elements=st.sampled_from([-100, 0, 1, 2])),
    "classes": arrays.arrays(np.float32, (ROWS, OUTPUTS), elements=st.sampled_from([-100, 0, 1])),
    "number": arrays.arrays(np.float32, (ROWS, OUTPUTS), elements=floats),
    "one number": arrays.arrays(np.float32, ROWS, elements=floats),
    "tags": arrays.arrays(np.int64, (ROWS, 5), elements=st.integers(0, 2)),
}
OTHERS = [
    ("class", "classes"), ("class", "number"), ("class", "one number"), ("class", "tags"),
    ("classes", "class"), ("classes", "one number"), ("classes", "tags"),
    ("number", "class"), ("number", "one number"), ("number", "tags"),
]  # fmt: skip


def batch_of(labels: np.ndarray) -> dict[str, torch.Tensor]:
    """A batch with these labels, each row of two tokens."""
    return {
        "input_ids": torch.ones(ROWS, 2, dtype=torch.int64),
        "attention_mask": torch.ones(ROWS, 2, dtype=torch.bool),
        "labels": torch.from_numpy(labels),
    }


def model() -> GRUClassifier:
    return GRUClassifier(6, OUTPUTS, embedding_dim=2, hidden_dim=2)


@pytest.mark.parametrize(("kind", "other"), OTHERS)
@given(data=st.data())
def test_labels_of_another_kind_are_refused_and_what_is_wanted_is_named(kind, other, data):
    batch = batch_of(data.draw(LABELS[other]))
    with pytest.raises(DatasetError, match=WANTED[kind]):
        objective_of(TARGETS[kind]).check(batch, OUTPUTS)


@given(LABELS["number"])
def test_numbers_in_the_shape_of_marks_are_refused_unless_all_are_marks(labels):
    wrong = ~np.isin(labels, [-100, 0, 1])
    if wrong.any():
        with pytest.raises(DatasetError, match=f"row {wrong.nonzero()[0][0]} of a batch .* 0 or 1"):
            objective_of("classes").check(batch_of(labels), OUTPUTS)
    else:
        objective_of("classes").check(batch_of(labels), OUTPUTS)


@pytest.mark.parametrize("kind", TARGETS)
@given(data=st.data())
def test_labels_of_the_kind_itself_pass(kind, data):
    objective_of(TARGETS[kind]).check(batch_of(data.draw(LABELS[kind])), OUTPUTS)


@pytest.mark.parametrize("weights", [None, "balanced"])
@pytest.mark.parametrize(("kind", "other"), [(kind, other) for kind, other in OTHERS if kind != "number"])
@settings(max_examples=5)
@given(data=st.data())
def test_training_and_validation_refuse_them_before_a_weight_moves(kind, other, weights, data):
    batch, trained = batch_of(data.draw(LABELS[other])), model()
    before = {name: each.clone() for name, each in trained.state_dict().items()}
    options = TrainingOptions(epochs=1, device="cpu", class_weights=weights)
    with pytest.raises(DatasetError, match=WANTED[kind]):
        fit(trained, [batch], None, options, target=TARGETS[kind], progress=False)
    with pytest.raises(DatasetError, match=WANTED[kind]):
        validate(trained, [batch], TARGETS[kind])
    assert all(torch.equal(each, before[name]) for name, each in trained.state_dict().items())


ROWS_OF_MARKS = [{"text": f"a {n}", "a": n % 2, "b": n // 2 % 2, "c": n // 4 % 2} for n in range(40)]


@pytest.mark.parametrize("asked", TARGETS)
@pytest.mark.parametrize("kind", ["classes", "number"])
def test_a_loader_knows_its_kind_where_the_labels_of_two_look_the_same(tmp_path, kind, asked):
    corpus = tp.load_dataset("memory", rows=ROWS_OF_MARKS, label=list(NAMES), target=kind)
    data = tp.prepare(corpus, tp.Pipeline([], tokenizer=tp.WordTokenizer()), cache_dir=tmp_path)
    loader, options = data["train"].loader(batch_size=8), TrainingOptions(epochs=1, device="cpu")
    trained = GRUClassifier(len(data.pipeline.vocabulary), OUTPUTS, embedding_dim=2, hidden_dim=2)
    if asked == kind:  # with labels in their own unit, since nobody has learned another
        fit(trained, loader, loader, options, target=asked, progress=False)
        assert validate(trained, loader, asked)["loss"] > 0
        return
    for run in (
        lambda: fit(trained, loader, None, options, target=asked, progress=False),
        lambda: fit(trained, loader, loader, options, target=TARGETS[asked], progress=False),
        lambda: validate(trained, loader, asked),
    ):
        with pytest.raises(DatasetError, match=f"target '{kind}', and '{asked}' was asked for") as error:
            run()
        assert (error.value.option, error.value.value) == ("target", kind)


def test_several_numbers_without_names_are_refused_in_a_sentence():
    with pytest.raises(DatasetError, match="the model makes 3 numbers a row, and the target has 1"):
        validate(model(), [batch_of(np.zeros((ROWS, OUTPUTS), np.float32))], "number")


MEANINGLESS = {
    "class": [{"loss": "huber"}, {"monitor": "rmse"}, {"monitor": "acuracy"}],
    "classes": [{"loss": "squared"}, {"monitor": "r2"}],
    "number": [
        {"class_weights": "balanced"}, {"label_smoothing": 0.1}, {"monitor": "accuracy"},
        {"monitor": "macro_f1"},
    ],
}  # fmt: skip


@pytest.mark.parametrize(("kind", "option"), [(kind, each) for kind in TARGETS for each in MEANINGLESS[kind]])
def test_options_that_mean_nothing_for_a_target_are_refused(kind, option):
    name = f"training.{next(iter(option))}"
    with pytest.raises(ConfigError, match=f"{name}.* target '{kind}'") as error:
        fit(model(), [], None, TrainingOptions(**option), target=TARGETS[kind], progress=False)
    assert error.value.option == name


@pytest.mark.parametrize("kind", TARGETS)
def test_every_measure_may_be_monitored_and_has_a_best(kind):
    objective = objective_of(TARGETS[kind])
    for name, more in [("loss", False), *((each.name, each.more) for each in objective.measures)]:
        objective.check_options(TrainingOptions(monitor=name))
        assert objective.better({name: 2.0}, {name: 1.0}, name) == more
        assert objective.better({name: 1.0}, {name: 2.0}, name) != more
        assert not objective.better({name: 1.0}, {name: 1.0}, name)


@pytest.mark.parametrize("target", ["number", NumberTarget()])
def test_numbers_are_learned_by_the_name_of_their_kind(target):
    """Without a deviation they are in their own unit: a loss over nothing would be 0."""
    batch = batch_of(np.array([3.0, 5.0, 7.0, np.nan], np.float32))
    trained = GRUClassifier(6, 1, embedding_dim=2, hidden_dim=2)
    before = validate(trained, [batch], target)
    assert before["loss"] == pytest.approx(before["rmse"] ** 2, rel=1e-5)
    fit(trained, [batch], None, TrainingOptions(epochs=20, learning_rate=0.1), target=target, progress=False)
    assert validate(trained, [batch], target)["mae"] < before["mae"] - 1
