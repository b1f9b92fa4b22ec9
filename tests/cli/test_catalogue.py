"""``list`` and ``show`` tell what there is and how to use it."""

from __future__ import annotations

import json

import pytest

from textprep.registry import REGISTRIES


def test_list_names_everything_that_is_registered(textprep) -> None:
    done = textprep("list", "--json")
    assert done.code == 0
    listed = json.loads(done.out)
    for kind, registry in REGISTRIES.items():
        assert [row["name"] for row in listed[f"{kind}s"]] == registry.names()
        for row in listed[f"{kind}s"]:
            assert row["owner"]
            assert row["summary"]


def test_list_of_one_kind(textprep) -> None:
    done = textprep("list", "tokenizers")
    assert "bpe" in done.out
    assert "lowercase" not in done.out


def test_everything_that_is_listed_can_be_shown(textprep) -> None:
    for registry in REGISTRIES.values():
        for name in registry.names():
            done = textprep("show", name)
            assert done.code == 0
            assert f"{name} — {registry.kind}, from " in done.out
            assert f'name = "{name}"' in done.out


def test_a_name_of_two_kinds_is_shown_twice(textprep) -> None:
    both = [record["kind"] for record in json.loads(textprep("show", "huggingface", "--json").out)]
    assert both == ["tokenizer", "dataset"]
    done = textprep("show", "huggingface")
    assert done.out.startswith("huggingface — tokenizer, from textprep")
    assert "\nhuggingface — dataset, from textprep" in done.out


def test_show_gives_options_with_defaults(textprep) -> None:
    record = json.loads(textprep("show", "strip_punctuation", "--json").out)
    assert {"name": "keep", "type": "str", "default": "''"} in record["options"]
    required = json.loads(textprep("show", "replace_pattern", "--json").out)
    assert required["options"][0]["default"] == "(required)"


@pytest.mark.parametrize("arguments", [["show", "lowercas"], ["list", "nonsense"], ["frobnicate"], ["show"]])
def test_a_wrong_word_is_a_clear_error(textprep, arguments) -> None:
    done = textprep(*arguments)
    assert done.code in (1, 2)
    assert done.out == ""
    assert "Traceback" not in done.err
    if arguments == ["show", "lowercas"]:
        assert done.err.startswith(
            "textprep: error: no step, tokenizer, dataset, target, model or section is called 'lowercas'; there "
            "are: lowercase, "
        )
        assert done.err.count("\n") == 1


def test_show_gives_the_options_that_every_data_set_takes(textprep) -> None:
    done = textprep("show", "csv")
    for option in ("delimiter", "text", "label", "class_names", "splits", "seed", "on_error"):
        assert option in done.out
    assert 'path = "reviews.csv"' in done.out


def test_steps_say_scope_idempotence_and_an_example(textprep) -> None:
    listed = {row["name"]: row for row in json.loads(textprep("list", "steps", "--json").out)["steps"]}
    for said in (listed["lowercase"], json.loads(textprep("show", "lowercase", "--json").out)):
        assert (said["scope"], said["idempotent"]) == ("word", True)
        assert (said["before"], said["after"]) == ('Lowercase()("A GREAT Film")', "'a great film'")
    for done in (textprep("show", "lowercase"), textprep("list", "steps")):
        assert "scope: word; idempotent" in done.out
    assert "Lowercase()(\"A GREAT Film\") → 'a great film'" in textprep("list", "steps").out
    assert "scope: document; not idempotent" in textprep("show", "replace_pattern").out


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("grru", "gru"), ("trainin", "training"), ("nubmer", "number"), ("ordinall", "ordinal")],
)
def test_a_typo_of_anything_that_can_be_shown_is_answered_with_it(textprep, wrong, right) -> None:
    assert f"; there are: {right}, " in textprep("show", wrong).err
    assert textprep("show", right).code == 0


def test_every_option_of_every_target_says_what_it_means(textprep) -> None:
    for name in REGISTRIES["target"].names():
        options = json.loads(textprep("show", name, "--json").out)["options"]
        assert all(option["meaning"] for option in options), name
