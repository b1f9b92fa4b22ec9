"""Entities are counted as the seqeval package counts them; intervals hold what they promise."""

from __future__ import annotations

import warnings
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textprep.errors import DatasetError
from textprep.training.scoring.entities import (
    Scheme,
    entities_of,
    entity_counts,
    parts_of_f1,
)
from textprep.training.scoring.entity_scores import confusion, entity_scores

TYPES = ("LOC", "ORG", "PER")
PARTS = {"IOB2": "BI", "IOBES": "BIES"}
TAGS = {name: ["O", *(f"{part}-{kind}" for kind in TYPES for part in parts)] for name, parts in PARTS.items()}
SHARES = ("precision", "recall", "f1")


def scheme_of(name: str) -> Scheme:
    return Scheme.of(TAGS[name], TYPES)


def flat(rows: list[list[str]], name: str) -> tuple[np.ndarray, np.ndarray]:
    ids = np.array([TAGS[name].index(tag) for row in rows for tag in row], np.int64)
    return ids, np.cumsum([0, *map(len, rows)])


@st.composite
def two_of_each(draw, name: str) -> tuple[list[list[str]], list[list[str]]]:
    """True and predicted tags of some rows; mostly alike, so that something is right."""
    tags = st.sampled_from(TAGS[name])
    rows = draw(st.lists(st.lists(tags, min_size=1, max_size=9), min_size=1, max_size=6))
    change = st.one_of(st.none(), st.none(), st.none(), tags)
    given = [[draw(change) or tag for tag in row] for row in rows]
    return rows, given


@pytest.mark.parametrize("name", TAGS)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_scores_are_those_of_seqeval(name, data):
    seqeval = pytest.importorskip("seqeval.metrics")
    from seqeval import scheme as schemes
    from seqeval.metrics import sequence_labeling

    rows, given_rows = data.draw(two_of_each(name))
    (true, offsets), (predicted, _) = flat(rows, name), flat(given_rows, name)
    mine = entity_scores(true, predicted, offsets, scheme_of(name))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for average in ("micro", "macro", "weighted"):
            ours = mine if average == "micro" else mine[average]
            theirs = sequence_labeling.precision_recall_fscore_support(rows, given_rows, average=average)
            if not any(tag != "O" for row in (*rows, *given_rows) for tag in row):
                theirs = (0.0, 0.0, 0.0)  # seqeval takes the mean of nothing
            assert [ours[share] for share in SHARES] == pytest.approx(theirs[:3])
        strict = seqeval.v1.precision_recall_fscore_support(
            rows, given_rows, average="micro", scheme=getattr(schemes, name)
        )
        assert [mine["strict"][share] for share in SHARES] == pytest.approx(strict[:3])
        report = seqeval.classification_report(rows, given_rows, output_dict=True)
        assert mine["token_accuracy"] == pytest.approx(seqeval.accuracy_score(rows, given_rows))
    for kind in TYPES:
        if kind in report:
            theirs = [report[kind][share] for share in ("precision", "recall", "f1-score", "support")]
            assert [*mine["per_class"][kind].values()] == pytest.approx(theirs)


@pytest.mark.parametrize("name", TAGS)
@pytest.mark.parametrize("strict", [False, True])
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_entities_of_each_row_are_those_of_seqeval(name, strict, data):
    pytest.importorskip("seqeval")
    from seqeval import scheme as schemes
    from seqeval.metrics.sequence_labeling import get_entities

    rows, _ = data.draw(two_of_each(name))
    tags, offsets = flat(rows, name)
    mine = entities_of(tags, offsets, scheme_of(name), strict=strict)
    found = {
        *zip(mine.starts.tolist(), mine.stops.tolist(), (TYPES[kind] for kind in mine.types), strict=True)
    }
    theirs = set()
    for start, row in zip(offsets.tolist(), rows, strict=False):
        if strict:
            each = [e.to_tuple()[1:] for e in schemes.Tokens(row, getattr(schemes, name)).entities]
            theirs |= {(start + first, start + stop, kind) for kind, first, stop in each}
        else:
            theirs |= {(start + first, start + last + 1, kind) for kind, first, last in get_entities(row)}
    assert found == theirs


@pytest.mark.parametrize("name", TAGS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_what_was_taken_for_what_adds_up(name, data):
    rows, given_rows = data.draw(two_of_each(name))
    (true, offsets), (predicted, _) = flat(rows, name), flat(given_rows, name)
    scheme = scheme_of(name)
    found = confusion(true, predicted, offsets, scheme)
    matrix, outcomes = np.array(found["confusion_matrix"]), found["outcomes"]
    right, has, given_ = entity_counts(true, predicted, offsets, scheme).sum(axis=0)
    assert matrix[:-1].sum(axis=1).tolist() == has.tolist()
    assert outcomes["right"] == right.sum()
    assert sum(outcomes.values()) - outcomes["invented"] == has.sum()
    assert (np.diag(matrix)[:-1] >= right).all()
    assert (matrix[-1, :-1] <= given_).all()
    backwards = confusion(predicted, true, offsets, scheme)["outcomes"]
    assert (backwards["missed"], backwards["invented"]) == (outcomes["invented"], outcomes["missed"])


@pytest.mark.parametrize("name", TAGS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_rows_add_up_to_the_whole(name, data):
    rows, given_rows = data.draw(two_of_each(name))
    (true, offsets), (predicted, _) = flat(rows, name), flat(given_rows, name)
    counts = entity_counts(true, predicted, offsets, scheme_of(name))
    for row, (start, stop) in enumerate(pairwise(offsets.tolist())):
        one = slice(int(start), int(stop))
        alone = entity_counts(true[one], predicted[one], np.array([0, stop - start]), scheme_of(name))
        assert (alone[0] == counts[row]).all()
    f1 = entity_scores(true, predicted, offsets, scheme_of(name))["f1"]
    assert parts_of_f1(counts).mean() == pytest.approx(f1)


def test_the_parts_of_f1_deviate_as_the_bootstrap_does():
    generator = np.random.default_rng(0)
    rows = generator.integers(0, 4, (400, 2))
    counts = np.stack([rows.min(axis=1), rows[:, 0], rows[:, 1]], axis=1)[:, :, None]
    drawn = counts[generator.integers(0, 400, (2000, 400))].sum(axis=(1, 3))
    f1 = 2 * drawn[:, 0] / drawn[:, 1:].sum(axis=1)
    assert parts_of_f1(counts).std() / np.sqrt(400) == pytest.approx(f1.std(), rel=0.1)


def test_intervals_are_of_rows():
    """The same tokens in fewer rows say less: what one row has is right or wrong together."""
    scheme = Scheme.of(["O", "B-PER"], ["PER"])
    true = np.ones(400, np.int64)
    predicted = np.repeat(np.arange(20) % 4 != 0, 20).astype(np.int64)
    many, few = (
        entity_scores(true, predicted, np.arange(0, 401, size), scheme)["intervals"]["recall"]
        for size in (1, 20)
    )
    width = [high - low for low, high in (many, few)]
    assert many[0] < 0.75 < many[1]
    assert width[1] > 3 * width[0]


def test_where_all_is_right_the_interval_is_that_of_rows_with_entities():
    scheme = Scheme.of(["O", "B-PER"], ["PER"])
    tags = np.array([1] * 40 + [0] * 10)
    found = entity_scores(tags, tags, np.arange(51), scheme)["intervals"]
    assert found["f1"] == found["per_class"]["PER"]["recall"] == [0.911903, 1.0]
    assert found["token_accuracy"] == [0.928878, 1.0]


def test_each_token_is_a_unit_where_tags_are_no_entities():
    scheme = Scheme.of(["NOUN", "VERB"], ["NOUN", "VERB"])
    scores = entity_scores(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]), np.array([0, 2, 2, 4]), scheme)
    assert scores["f1"] == scores["token_accuracy"] == scores["strict"]["f1"] == 0.75
    assert scores["confusion_matrix"] == [[1, 1, 0], [0, 2, 0], [0, 0, 0]]
    assert scores["rows"] == 3


def test_without_entities_there_is_nothing_to_share():
    scores = entity_scores(np.zeros(3, np.int64), np.zeros(3, np.int64), np.array([0, 3]), scheme_of("IOB2"))
    assert (scores["f1"], scores["macro"]["f1"], scores["weighted"]["f1"]) == (0, 0, 0)
    assert scores["token_accuracy"] == 1


def test_nothing_to_score_is_told():
    nothing = np.zeros(0, np.int64)
    with pytest.raises(DatasetError, match="no labelled row"):
        entity_scores(nothing, nothing, np.array([0]), scheme_of("IOB2"))
    with pytest.raises(DatasetError, match="3 true tags and 2 predicted"):
        entity_scores(np.zeros(3, np.int64), np.zeros(2, np.int64), np.array([0, 3]), scheme_of("IOB2"))
