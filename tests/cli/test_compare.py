"""``textprep compare``: a table, a picture, JSON, and one line for what is wrong."""

from __future__ import annotations

import json


def test_a_comparison_is_a_table_a_picture_and_json(textprep, reviews, small, tmp_path) -> None:
    fast = [*small, "--set", "training.epochs=1", "--seeds", "1"]
    done = textprep(
        "compare", reviews, *fast, "--vary", "attention", "--variant", "'no dropout' model.dropout=0"
    )
    assert done.code == 0, done.err
    for words in ("no attention", "multi-head", "as configured", "no dropout", "●", "verdict", "read"):
        assert words in done.out
    folder = tmp_path / "runs" / "reviews-compare"
    assert (folder / "compare.svg").read_text().count("<svg") == 1
    again = json.loads(textprep("compare", reviews, *fast, "--vary", "attention", "--json").out)
    assert again["folder"] == "runs/reviews-compare"
    assert [line["name"] for line in again["groups"][0]["variants"]] == [
        "no attention",
        "additive",
        "multi-head",
    ]


def test_a_wrong_variant_is_one_clear_line(textprep, reviews) -> None:
    done = textprep("compare", reviews, "--variant", "wide model.hidden=3")
    assert (done.code, done.out) == (1, "")
    assert (
        "variant 'wide': model.hidden=3: there is no option 'model.hidden': did you mean 'hidden_dim'? There are: hidden_dim"
        in done.err
    )


def test_a_folder_that_cannot_be_made_is_one_clear_line(textprep, reviews, tmp_path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "inside"):
        done = textprep("compare", reviews, "--out", folder)
        assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
        assert f"cannot make the run directory {folder}" in done.err
