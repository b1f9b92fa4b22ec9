"""The reference of all keys is complete, current, and what ``textprep show`` prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from textprep.config.options import ARCHITECTURES
from textprep.config.reference import GROUPS, keys_of, model_keys, page, section
from textprep.targets import ClassesTarget, ClassTarget, NumberTarget

PAGE = Path(__file__).resolve().parents[2] / "docs" / "configuration.md"


def test_the_page_is_what_the_code_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run 'make docs'"


@pytest.mark.parametrize("name", GROUPS)
def test_every_key_has_a_type_a_default_and_a_meaning(name) -> None:
    for key in section(name):
        assert all(key), key


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_a_model_has_the_keys_of_its_constructor(name) -> None:
    from textprep.models import MODELS
    from textprep.models.options import BY_THE_DATA

    names = {key.name for key in model_keys(name)}
    by_the_data = set(BY_THE_DATA)
    assert set(MODELS[name].__init__.__wrapped__.__kwdefaults__) - by_the_data <= names
    assert ("word_pairs" in names) == (MODELS[name].predicts == "rows")


@pytest.mark.parametrize("kind", [ClassTarget, ClassesTarget, NumberTarget])
def test_a_target_of_ones_own_has_the_meanings_of_the_options_that_it_inherits(kind) -> None:
    class Own(kind):
        """A kind without options of its own."""

        name = "own"

    keys = keys_of(Own)
    assert keys == keys_of(kind)
    assert all(key.meaning for key in keys)
