"""Metrics: what the definitions say, for every class, whatever was predicted."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchmetrics.functional import classification as torchmetrics

from textprep.errors import DatasetError
from textprep.training.scoring.metrics import classification_metrics, multilabel_metrics

rows = st.integers(1, 5).flatmap(
    lambda classes: st.tuples(
        st.just(classes),
        st.lists(
            st.tuples(st.integers(0, classes - 1), st.integers(0, classes - 1)), min_size=1, max_size=40
        ),
    )
)


def test_numbers_worked_out_by_hand():
    scores = classification_metrics(
        [0, 0, 0, 0, 1, 1, 2, 2, 2, 2], [0, 0, 0, 1, 1, 0, 2, 2, 1, 1], ["bad", "so so", "good"]
    )
    assert scores["accuracy"] == 0.6
    assert scores["confusion_matrix"] == [[3, 1, 0], [1, 1, 0], [0, 2, 2]]
    assert scores["per_class"]["bad"] == {"precision": 0.75, "recall": 0.75, "f1": 0.75, "support": 4}
    assert scores["per_class"]["so so"] == pytest.approx(
        {"precision": 0.25, "recall": 0.5, "f1": 1 / 3, "support": 2}
    )
    assert scores["per_class"]["good"] == pytest.approx(
        {"precision": 1.0, "recall": 0.5, "f1": 2 / 3, "support": 4}
    )
    assert scores["macro"] == pytest.approx({"precision": 2 / 3, "recall": 1.75 / 3, "f1": 1.75 / 3})
    assert scores["class_names"] == ["bad", "so so", "good"]
    assert scores["rows"] == 10
    assert json.loads(json.dumps(scores)) == scores


@settings(max_examples=60, deadline=None)
@given(rows)
def test_every_score_is_its_definition(drawn):
    classes, pairs = drawn
    names = [f"class {index}" for index in range(classes)]
    scores = classification_metrics(*zip(*pairs, strict=True), names)
    assert scores["accuracy"] == pytest.approx(sum(true == said for true, said in pairs) / len(pairs))
    there = [each for each in scores["per_class"].values() if each["support"]]
    for share, mean in scores["macro"].items():
        assert mean == pytest.approx(np.mean([each[share] for each in there]))
    for index, name in enumerate(names):
        right = pairs.count((index, index))
        said = sum(prediction == index for _, prediction in pairs)
        there = sum(true == index for true, _ in pairs)
        precision, recall = right / said if said else 0.0, right / there if there else 0.0
        both = precision + recall
        assert scores["per_class"][name] == pytest.approx(
            {
                "precision": precision,
                "recall": recall,
                "f1": 2 * precision * recall / both if both else 0.0,
                "support": there,
            }
        )
        assert scores["confusion_matrix"][index] == [pairs.count((index, other)) for other in range(classes)]


def test_torchmetrics_says_the_same():
    generator = np.random.default_rng(0)
    true, said = generator.integers(0, 4, (2, 500))
    per_class = classification_metrics(true, said, list("abcd"))["per_class"].values()
    for name, function in [
        ("precision", torchmetrics.multiclass_precision),
        ("recall", torchmetrics.multiclass_recall),
        ("f1", torchmetrics.multiclass_f1_score),
    ]:
        expected = function(torch.from_numpy(said), torch.from_numpy(true), num_classes=4, average="none")
        assert [scores[name] for scores in per_class] == pytest.approx(expected.tolist())


def test_unlabelled_rows_are_left_out():
    assert classification_metrics([0, -100, 1], [0, 0, 0], ["a", "b"]) == classification_metrics(
        [0, 1], [0, 0], ["a", "b"]
    )


@pytest.mark.parametrize(
    ("labels", "predictions", "names", "complaint"),
    [
        ([], [], ["a"], "no labelled row"),
        ([-100], [0], ["a"], "no labelled row"),
        ([0, 1], [0], ["a", "b"], "one each a row"),
        ([2], [0], ["a", "b"], "the label 2 is none of the 2 classes"),
        ([0], [-1], ["a", "b"], "the prediction -1 is none"),
        ([0], [0], ["a", "a"], "names must differ"),
    ],
)
def test_what_cannot_be_scored_is_said(labels, predictions, names, complaint):
    with pytest.raises(DatasetError, match=complaint):
        classification_metrics(labels, predictions, names)


@given(
    st.integers(1, 5).flatmap(
        lambda classes: st.lists(
            st.tuples(*[st.lists(st.integers(0, 1), min_size=classes, max_size=classes)] * 2),
            min_size=1, max_size=40,
        )
    )
)  # fmt: skip
@settings(max_examples=50)
def test_several_labels_are_scored_as_torchmetrics_scores_them(pairs):
    true, said = (np.array(marks) for marks in zip(*pairs, strict=True))
    names = [f"class {number}" for number in range(true.shape[1])]
    scores = multilabel_metrics(true, said, names)
    tensors = torch.from_numpy(said), torch.from_numpy(true)
    for score in ("precision", "recall", "f1_score"):
        of = getattr(torchmetrics, f"binary_{score}")
        short = score.removesuffix("_score")
        by_class = [of(tensors[0][:, i], tensors[1][:, i]).item() for i in range(len(names))]
        assert [scores["per_class"][name][short] for name in names] == pytest.approx(by_class)
        there = [score for score, has in zip(by_class, true.any(axis=0), strict=True) if has]
        assert scores["macro"][short] == pytest.approx(np.mean(there or [0]))
        assert scores["micro"][short] == pytest.approx(of(*(each.ravel() for each in tensors)).item())
    assert scores["accuracy"] == pytest.approx((true == said).all(axis=1).mean())
    assert json.loads(json.dumps(scores)) == scores


def test_rows_without_labels_are_no_rows_of_none():
    scores = multilabel_metrics([[1, 0], [-100, -100], [0, 0]], [[1, 0], [1, 1], [0, 0]], ["a", "b"])
    assert (scores["rows"], scores["accuracy"], scores["micro"]["precision"]) == (2, 1.0, 1.0)
    with pytest.raises(DatasetError, match="no labelled row"):
        multilabel_metrics([[-100, -100]], [[1, 1]], ["a", "b"])
    with pytest.raises(DatasetError, match="a 0 or 1 a row for each of 3 classes"):
        multilabel_metrics([[1, 0]], [[1, 0]], ["a", "b", "c"])
