"""Exports of Label Studio: the text of each task, and the spans of its first annotation."""

from __future__ import annotations

import json

import pytest

import textprep as tp
from textprep.errors import DatasetError

SPAN = {"type": "labels", "value": {"start": 0, "end": 3, "text": "Ada", "labels": ["PER"]}}
RELATION = {"type": "relation", "from_id": "a", "to_id": "b"}


def task(results=(SPAN,), **data):
    return {"id": 1, "data": {"text": "Ada spoke", **data}, "annotations": [{"result": list(results)}]}


@pytest.fixture
def load(tmp_path):
    def loaded(*tasks, **options):
        (tmp_path / "export.json").write_text(json.dumps(tasks))
        return tp.load_dataset("label-studio", path=tmp_path / "export.json", splits=None, **options)

    return loaded


def test_tasks_are_rows_with_what_else_is_in_their_data(load):
    corpus = load(task(source="news"), task([]))
    assert (corpus.target.name, corpus["train"].class_counts()) == ("tags", {"PER": 1})
    assert corpus["train"].table["source"].to_pylist() == ["news", None]


def test_the_first_annotation_that_was_not_cancelled_counts(load):
    one = task()
    one["annotations"] = [{"was_cancelled": True, "result": [SPAN]}, {"result": []}, {"result": [SPAN]}]
    assert load(task(), one)["train"].class_counts() == {"PER": 1}


def test_what_is_no_span_is_left_out_and_said(load):
    corpus = load(task([SPAN, RELATION]))
    assert corpus["train"].class_counts() == {"PER": 1}
    assert any(
        note.endswith("results that are not labels of spans are left out: relation") for note in corpus.notes
    )


@pytest.mark.parametrize(
    ("bad", "line", "column", "says"),
    [
        ({"data": {"words": "x"}}, 1, "data", "the task has no 'text' in 'data'; there are: words"),
        ({"text": "x"}, 1, "data", "there are: text"),
        ({"data": {"text": "x"}}, 1, "entities", "the tags are missing"),
        (
            task([{"value": {"start": 0, "end": 99, "labels": ["PER"]}}]),
            1,
            "entities",
            "is not within the text",
        ),
        (task([{"value": {"start": 0, "end": 3, "labels": []}}]), 1, "entities", "has 0 labels"),
    ],
)
def test_a_bad_task_is_named(load, bad, line, column, says):
    with pytest.raises(DatasetError, match=says) as caught:
        load(task(), bad)
    assert (caught.value.line, caught.value.column) == (line, column)
    corpus = load(task(), bad, on_error="skip")
    assert (len(corpus["train"]), len(corpus.rejected)) == (1, 1)


def test_the_text_may_have_another_name(load):
    one = task()
    one["data"] = {"body": "Ada spoke"}
    assert load(one, field="body")["train"].text.to_pylist() == ["Ada spoke"]
