"""Columns beside the text in what is prepared: ids and statistics of the training split, nothing encoded again."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import textprep as tp
from tests.prepared.test_columns import counted, pipeline  # noqa: F401  # a fixture
from textprep.batches.state import data_digest
from textprep.errors import UnknownNameError
from textprep.extra.kinds import Extra
from textprep.prepared.dataset import open_store
from textprep.prepared.prepare import prepare

AUTHORS = {"train": ["al", "bo", "al", "cy"], "test": ["bo", "zed", "al", "é"]}
YEARS = {"train": [1990, 2000, 2010, 2020], "test": [1e6, -1e6, 2005, 0]}


def corpus(extra=None, years=YEARS):
    splits = {
        name: [
            {
                "text": f"a {name} film {at}",
                "label": "ab"[at % 2],
                "author": author,
                "year": year,
                "at": [at, 7],
            }
            for at, (author, year) in enumerate(zip(AUTHORS[name], years[name], strict=True))
        ]
        for name in AUTHORS
    }
    return tp.load_dataset("memory", rows=splits, extra=extra)


EXTRA = {"author": "category", "year": {"standardize": True}, "at": {}}


def test_ids_and_statistics_are_of_the_training_split(tmp_path):
    data = prepare(corpus(EXTRA), pipeline(), cache_dir=tmp_path)
    assert data.extra["author"].names == ("al", "bo", "cy")
    assert data.extra["year"].mean == (2005.0,)
    assert (data.extra["at"].mean, data.extra["at"].width) == ((), 2)
    for opened in (data, open_store(data.path, verify="all"), pickle.loads(pickle.dumps(data))):
        train, test = opened["train"], pickle.loads(pickle.dumps(opened["test"]))
        assert opened.extra == data.extra
        assert train.extra_names == ("author", "year", "at")
        assert train.extra("author").tolist() == [2, 3, 2, 4]
        assert test.extra("author").tolist() == [3, 1, 2, 1]
        assert train.extra("author").dtype == np.int64
        deviation = np.std(YEARS["train"])
        for split, name in ((train, "train"), (test, "test")):
            expected = (np.array(YEARS[name]) - 2005) / deviation
            np.testing.assert_allclose(split.extra("year"), expected, rtol=1e-6)
            assert split.extra("year").dtype == split.extra("at").dtype == np.float32
            assert split.extra("at").tolist() == [[at, 7] for at in range(4)]
        with pytest.raises(UnknownNameError, match="has no extra column 'label'; there are: author"):
            train.extra("label")


def test_a_column_more_encodes_nothing_again(tmp_path, counted):  # noqa: F811
    made = [
        prepare(corpus(extra), pipeline(), cache_dir=tmp_path)
        for extra in (
            None,
            ["year"],
            ["author", "year"],
            {"year": "category"},
            {"year": {"standardize": True}},
        )
    ]
    other = prepare(corpus(["year"], years={**YEARS, "test": [1, 2, 3, 4]}), pipeline(), cache_dir=tmp_path)
    assert counted == {"rows": 8, "fits": 1}
    assert {data.path for data in [*made, other]} == {made[0].path}
    assert len({data.fingerprint for data in [*made, other]}) == 6
    assert len({data_digest(data["test"]) for data in [*made, other]}) == 6
    assert [data["train"].extra_names for data in made[:3]] == [(), ("year",), ("author", "year")]


def test_batches_have_what_is_asked_for(tmp_path):
    data = prepare(corpus(EXTRA), pipeline(), cache_dir=tmp_path)
    options = {"batch_size": 3, "shuffle": True, "seed": 1}
    columns = ["input_ids", "attention_mask", "labels", "row_ids", "year", "author", "at"]
    plain = data["test"].loader(**options)
    for batch, other in zip(data["test"].loader(**options, columns=columns), plain, strict=True):
        assert list(batch) == columns
        assert not set(EXTRA) & set(other)
        rows = batch["row_ids"].numpy() - 4
        assert batch["row_ids"].tolist() == other["row_ids"].tolist()
        for name in EXTRA:
            np.testing.assert_array_equal(batch[name].numpy(), data["test"].extra(name)[rows])


def test_other_libraries_get_them_too(tmp_path):
    data = prepare(corpus(EXTRA), pipeline(), cache_dir=tmp_path)
    table = data["train"].to_hf()
    assert table["author"][:] == AUTHORS["train"]
    assert table["year"][:] == YEARS["train"]
    assert table["at"][:] == [[at, 7] for at in range(4)]
    assert data["train"][1] == table[1]


def test_a_corpus_may_get_them_later(tmp_path):
    bare = corpus()
    late = bare.with_extra({"author": Extra(kind="category")})
    data = prepare(late, pipeline(), cache_dir=tmp_path)
    assert data["test"].extra("author").tolist() == [3, 1, 2, 1]
    assert bare.extra == {}
