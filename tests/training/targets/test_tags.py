"""Tags: what is learned, what an epoch is scored by, what is predicted, and where in the raw text."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from textprep.config.options import TrainingOptions
from textprep.errors import ConfigError, DatasetError, RunError
from textprep.targets import target_of
from textprep.training.scoring.predictions import Predictions
from textprep.training.targets.tag_places import StepPlaces, TextPlaces
from textprep.training.targets.tag_spans import TagsPrediction, prediction_of, spans_of
from textprep.training.targets.tags import TagsObjective

TAGS = ("O", "B-LOC", "I-LOC", "B-PER", "I-PER")
TARGET = target_of("tags", tags=TAGS, scheme="iob2")
OBJECTIVE = TagsObjective(TARGET)


def sure_of(tags: list[int], share: float = 0.9) -> np.ndarray:
    """(T, C) probabilities of which those of the tags are ``share``."""
    values = np.full((len(tags), len(TAGS)), (1 - share) / (len(TAGS) - 1), np.float32)
    values[np.arange(len(tags)), tags] = share
    return values


def rows_of(*rows: tuple[list[int], list[int]]) -> Predictions:
    """Predictions of rows, each given as its labels and its tags."""
    lengths = [len(labels) for labels, _ in rows]
    return Predictions(
        np.arange(len(rows)),
        np.array([label for labels, _ in rows for label in labels], np.int64),
        sure_of([tag for _, tags in rows for tag in tags]),
        np.append(0, np.cumsum(lengths)),
        np.concatenate([np.arange(length) for length in lengths]),
    )


labels_of_rows = (
    st.integers(1, 4)
    .flatmap(
        lambda rows: st.integers(1, 6).flatmap(
            lambda width: st.lists(
                st.lists(st.sampled_from([-100, *range(len(TAGS))]), min_size=width, max_size=width),
                min_size=rows,
                max_size=rows,
            )
        )
    )
    .map(torch.tensor)
)


@settings(max_examples=50, deadline=None)
@given(labels=labels_of_rows, smoothing=st.sampled_from([0.0, 0.1]), weighted=st.booleans())
def test_the_loss_is_the_sum_over_labelled_tokens(labels, smoothing, weighted):
    torch.manual_seed(0)
    logits = torch.randn(*labels.shape, len(TAGS))
    weights = (0.5, 1.0, 2.0, 3.0, 1.5) if weighted else None
    loss = OBJECTIVE.loss(
        TrainingOptions(label_smoothing=smoothing, class_weights=weights), [], lambda: len(TAGS)
    )
    total, weight = loss(logits, labels)
    tensor = None if weights is None else torch.tensor(weights)
    expected = sum(
        functional.cross_entropy(
            logits[row, place][None], label[None], tensor, label_smoothing=smoothing, reduction="sum"
        )
        for row, place in (labels != -100).nonzero().tolist()
        for label in [labels[row, place]]
    )
    assert float(total) == pytest.approx(float(expected), rel=1e-5, abs=1e-6)
    known = labels[labels != -100]
    assert float(weight) == pytest.approx(len(known) if tensor is None else float(tensor[known].sum()))


def test_balanced_weights_let_every_tag_weigh_the_same():
    labels = torch.tensor([[0, 0, 0, 1], [2, 3, 4, -100]])
    loss = OBJECTIVE.loss(TrainingOptions(class_weights="balanced"), [{"labels": labels}], lambda: len(TAGS))
    assert loss.class_weights.tolist() == pytest.approx([7 / 15, 7 / 5, 7 / 5, 7 / 5, 7 / 5])


@settings(max_examples=50, deadline=None)
@given(labels=labels_of_rows, split_at=st.integers(0, 4))
def test_an_epoch_is_scored_as_its_rows_are_however_they_are_batched(labels, split_at):
    torch.manual_seed(1)
    logits = 3 * functional.one_hot(labels.clamp(min=0), len(TAGS)) + 2 * torch.randn(
        *labels.shape, len(TAGS)
    )
    parts = [(logits[:split_at], labels[:split_at]), (logits[split_at:], labels[split_at:])]
    sums = sum(OBJECTIVE.counted(*part) for part in parts)
    measured = OBJECTIVE.measured(sums, float(OBJECTIVE.labelled(labels).sum()))
    assert set(measured) == {measure.name for measure in OBJECTIVE.measures}
    if not (labels != -100).any():
        assert measured == {"f1": 0, "token_accuracy": 0}
        return
    lengths = [labels.shape[1]] * len(labels)
    rows = Predictions(
        np.arange(len(labels)), labels.numpy().reshape(-1),
        OBJECTIVE.values(logits.flatten(0, 1).numpy()), np.append(0, np.cumsum(lengths)),
        np.tile(np.arange(labels.shape[1]), len(labels)),
    )  # fmt: skip
    scores = OBJECTIVE.scores(rows)
    for name, value in measured.items():
        assert OBJECTIVE.score(scores, name) == pytest.approx(value)
    assert OBJECTIVE.per_row(rows).mean() == pytest.approx(scores["f1"])
    assert len(OBJECTIVE.per_row(rows)) == len(labels)


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        (
            torch.tensor([[0, 5]]),
            r"row 7 has the label 5 at token 1; the model has 5 tags, 0 to 4; -100 marks",
        ),
        (torch.tensor([[-1, 0]]), r"row 7 has the label -1 at token 0"),
        (torch.tensor([0]), r"labels of tokens are \(B, T\) int64"),
        (torch.tensor([[0.0]]), r"labels of tokens are \(B, T\) int64"),
    ],
)
def test_labels_that_cannot_be_learned_are_named(labels, says):
    with pytest.raises(DatasetError, match=says):
        OBJECTIVE.check({"labels": labels, "row_ids": torch.tensor([7])}, 5)


def test_naive_bayes_and_thresholds_do_not_apply():
    with pytest.raises(ConfigError, match=r"model\.naive_bayes does not apply to the target 'tags'"):
        OBJECTIVE.token_scores(SimpleNamespace(), 9)
    with pytest.raises(RunError, match="a threshold decides between classes"):
        OBJECTIVE.threshold(rows_of(([0], [0])), None, min_recall=0.9)


TEXT = "Ana de Vries left Oslo, then Rome."
SPANS = np.array(
    [[0, 2], [2, 3], [4, 6], [7, 10], [10, 12], [13, 17], [18, 22], [22, 23], [24, 28], [29, 33], [33, 34]]
)
PLACES = TextPlaces([TEXT], lambda row: SPANS)
SAID = [3, 0, 4, 4, 1, 0, 1, 0, 0, 1, 0]  # of later pieces of words anything


def test_entities_are_spans_of_the_raw_text():
    said = prediction_of(TARGET, TEXT, PLACES, 0, np.arange(11), sure_of(SAID))
    assert [(span["label"], span["text"]) for span in said.spans] == [
        ("PER", "Ana de Vries"), ("LOC", "Oslo"), ("LOC", "Rome"),
    ]  # fmt: skip
    assert all(TEXT[span["start"] : span["end"]] == span["text"] for span in said.spans)
    assert said.spans[0]["probability"] == pytest.approx(0.9**3)
    assert said.unread == []
    assert str(said) == "Ana de Vries PER 72.9%, Oslo LOC 90.0%, Rome LOC 90.0%"


def test_what_was_truncated_away_is_said_and_parts_entities():
    kept = np.array([0, 1, 5, 6, 7, 8, 9, 10])  # "de Vries" was left out
    said = prediction_of(TARGET, TEXT, PLACES, 0, kept, sure_of([SAID[place] for place in kept]))
    assert [span["text"] for span in said.spans] == ["Ana", "Oslo", "Rome"]
    assert said.unread == [{"start": 4, "end": 12}]
    assert str(said).endswith("Rome LOC 90.0%, 4:12 not read")
    said = prediction_of(TARGET, TEXT, PLACES, 0, kept[:0], sure_of([]))
    assert (said.spans, said.unread) == ([], [{"start": 0, "end": 34}])


def test_steps_of_a_sequence_have_places_and_no_text():
    said = prediction_of(TARGET, "sequence 0", StepPlaces([4]), 0, np.array([0, 1, 3]), sure_of([3, 4, 1]))
    assert [{**span, "probability": 0} for span in said.spans] == [
        {"start": 0, "end": 2, "label": "PER", "probability": 0},
        {"start": 3, "end": 4, "label": "LOC", "probability": 0},
    ]
    assert str(said) == "0:2 PER 81.0%, 3:4 LOC 90.0%, 2:3 not read"


def test_a_text_without_tokens_has_no_entities():
    places = TextPlaces([""], lambda row: np.zeros((0, 2), np.int64))
    said = prediction_of(TARGET, "", places, 0, np.zeros(0, np.int64), sure_of([]))
    assert said == TagsPrediction("", [], [])
    assert OBJECTIVE.lines([said]) == ["(none)"]


def test_rows_worth_reading_have_mistakes_or_none():
    rows = rows_of(([1, 0], [0, 0]), ([0, 0], [3, 0]), ([1, 2], [1, 2]), ([-100, 0], [0, 0]))
    given_, kinds = OBJECTIVE.worth_reading(rows)
    assert given_.tolist() == [0, 1, 1, 0]
    assert {title: np.flatnonzero(which).tolist() for title, which, _ in kinds} == {
        "Most missed": [0], "Most invented": [1], "Most right": [2],
    }  # fmt: skip
    assert [OBJECTIVE.truth(rows.label(row)) for row in range(4)] == [
        "1 LOC",
        "no entity",
        "1 LOC",
        "no entity",
    ]


def test_the_way_of_a_text_names_the_words_of_an_answer():
    import textprep as tp

    pipeline = tp.Pipeline(steps=[tp.Lowercase()], tokenizer=tp.WordTokenizer()).fit(["ana left oslo"])
    way = pipeline.explain("Ana  left Oslo")
    assert spans_of(way).tolist() == [[0, 3], [5, 9], [10, 14]]
    (answer,) = OBJECTIVE.answers(sure_of([3, 0, 1, 0])[None], [way])  # the last is padding
    assert [line[:2] for line in answer.lines] == [
        ("ana", "B-PER 90.0%"),
        ("left", "O 90.0%"),
        ("oslo", "B-LOC 90.0%"),
    ]
    assert [span["text"] for span in answer.record["spans"]] == ["Ana", "Oslo"]
    assert answer.record["tokens"][1]["probabilities"]["O"] == pytest.approx(0.9)
    (plain,) = OBJECTIVE.answers(sure_of([3, 0])[None])
    assert [line[0] for line in plain.lines] == ["0", "1"]


def test_scores_are_said():
    rows = rows_of(([1, 2, 0], [1, 2, 0]), ([3, 0, 0], [0, 0, 3]), ([-100], [0]))
    scores = OBJECTIVE.scores(rows)
    scores["baseline"] = {"of": "the most frequent tag of each word", "f1": 0.25}
    scores["unread"] = 4
    said = OBJECTIVE.summary(scores)
    for part in (
        "F1 of entities 0.5000 (", "66.67% (", "of 6 tokens right, in 2 rows", "1 right", "1 missed",
        "1 invented", "always guessing the most frequent tag of each word gives F1 0.2500",
        "4 of 10 words are beyond loader.max_length", "true \\ predicted  LOC  PER  missed",
    ):  # fmt: skip
        assert part in said
    assert OBJECTIVE.headline(scores)[0] == "F1 of entities"
    (section,) = OBJECTIVE.page(rows, scores, {}, None, lambda wanted: []).sections
    assert section.context["scores"][0]["support"] == 1
