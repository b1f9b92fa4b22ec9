from __future__ import annotations

import copy

import pytest

import textprep as tp
from textprep.datasets.loading import as_corpus
from textprep.preparation.differences import differences
from textprep.preparation.fingerprint import STORE_VERSION, made_of


def record(steps=None, tokenizer=None, rows=("a", "b")):
    steps = [tp.Lowercase(), tp.StripPunctuation(keep="'")] if steps is None else steps
    pipeline = tp.Pipeline(steps, tokenizer=tokenizer or tp.WordTokenizer())
    return made_of(as_corpus({"train": rows}), pipeline)


def told(after):
    return [str(difference) for difference in differences(record(), after)]


def test_equal_records_do_not_differ():
    assert told(record()) == []


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (record([tp.Lowercase(), tp.StripPunctuation(keep="-")]), ["steps[1].options.keep ' → -"]),
        (
            record([tp.Lowercase()]),
            ['steps ["lowercase", "strip_punctuation"] → ["lowercase"]'],
        ),
        (record(tokenizer=tp.WordTokenizer(min_freq=2)), ["tokenizer.options.min_freq 1 → 2"]),
        (record(tokenizer=tp.CharTokenizer()), ["tokenizer word → char"]),
        (record(rows=("a", "c")), ["splits.train.content"]),
        (record() | {"learned": "0" * 32}, ["learned"]),
        (record() | {"store_version": 9}, [f"store_version {STORE_VERSION} → 9"]),
        (record() | {"target": ["x"]}, ['target none → ["x"]']),
    ],
)
def test_a_change_is_named_by_its_field(after, expected):
    assert told(after) == expected


def test_a_new_version_of_a_step_is_named_by_its_place():
    after = copy.deepcopy(record())
    before = after["steps"][1]["version"]
    after["steps"][1]["version"] = before + 1
    assert told(after) == [f"steps[1].version {before} → {before + 1}"]


def test_a_new_split_is_named_once():
    after = copy.deepcopy(record())
    after["splits"]["test"] = after["splits"]["train"]
    assert [field.split(" ")[0] for field in told(after)] == ["splits.test"]


def test_another_order_of_keys_is_a_difference_too():
    before, after = record(), record()
    before["steps"][0]["options"] = {"map": {"a": "b", "b": "c"}}
    after["steps"][0]["options"] = {"map": {"b": "c", "a": "b"}}
    assert [d.field for d in differences(before, after)] == ["steps[0].options.map"]
