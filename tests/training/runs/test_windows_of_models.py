"""A language model explains no more tokens of a text than it saw at once."""

from __future__ import annotations

import pytest

import textprep as tp

ROWS = [{"text": f"film number {place} is long and good"} for place in range(40)]


@pytest.mark.slow
def test_learned_positions_are_enough_for_what_is_explained_and_written(tmp_path):
    run = tp.train(
        dataset="memory", rows=ROWS, target="next_token", tokenizer={"name": "word"},
        model={"name": "transformer_language_model", "embedding_dim": 8, "heads": 2, "positions": "learned", "max_length": 6},
        loader={"block_length": 6}, training={"epochs": 1, "device": "cpu"},
        run_dir=tmp_path / "run", cache_dir=tmp_path,
    )  # fmt: skip
    assert len(run.explain("a film").explanation.row.ids) == 6
    assert len(run.explain("film " * 9).explanation.row.ids) == 6
    assert run.generate("film " * 9, max_tokens=9).startswith("film film")
    assert len(run.predict(["film " * 9])[0].tokens) == 10
