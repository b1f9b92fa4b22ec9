"""Names have one owner, are well-formed, and an unknown one says what exists."""

from __future__ import annotations

import sys
import types

import pytest

from textprep.errors import NameClashError, TextprepError, UnknownNameError
from textprep.registry import STEPS, TOKENIZERS, Registry


class Red:
    """A component."""


class Crimson:
    """Another one."""


def test_a_second_owner_is_an_error_that_names_both() -> None:
    colours = Registry("colour")
    colours.add("red", Red, owner="paint 1.0")
    with pytest.raises(NameClashError, match=r"'red' of varnish 2\.0 is already registered by paint 1\.0"):
        colours.add("red", Crimson, owner="varnish 2.0")
    assert colours.entries["red"].component is Red


def test_the_same_definition_again_replaces_itself() -> None:
    colours = Registry("colour")
    colours.add("red", Red, owner="notebook")
    again = type("Red", (), {"__module__": Red.__module__, "__qualname__": Red.__qualname__})
    colours.add("red", again, owner="notebook")
    assert colours.entries["red"].component is again


@pytest.mark.parametrize("name", ["", "Red", "re d", "-red", "red__dark", "rød", 3])
def test_malformed_names_are_refused(name: str) -> None:
    with pytest.raises(TextprepError, match="cannot name a colour"):
        Registry("colour").add(name, Red, owner="paint")


def test_a_component_must_be_callable() -> None:
    with pytest.raises(TextprepError, match="cannot be called"):
        Registry("colour").add("red", "#f00", owner="paint")  # type: ignore[arg-type]


def test_a_component_keeps_its_own_name() -> None:
    named = type("Named", (), {"name": "scarlet"})
    with pytest.raises(TextprepError, match="calls itself 'scarlet'"):
        Registry("colour").add("red", named, owner="paint")


def test_an_unknown_name_lists_what_exists_nearest_first() -> None:
    with pytest.raises(
        UnknownNameError, match=r"no step is called 'lowercas'; there are: lowercase, "
    ) as caught:
        STEPS.get("lowercas")
    assert "strip_markup" in str(caught.value)


def test_built_ins_belong_to_textprep() -> None:
    assert STEPS.owner("lowercase").startswith("textprep ")


def test_a_name_that_is_no_string_is_unknown() -> None:
    for name in (None, 3, ["lowercase"], Red):
        with pytest.raises(UnknownNameError, match="a step is asked for by its name, a string, not by"):
            STEPS.get(name)  # type: ignore[arg-type]


@pytest.mark.parametrize("registry", [STEPS, TOKENIZERS], ids=lambda registry: registry.kind)
def test_steps_and_tokenizers_are_classes_that_carry_their_name(registry: Registry) -> None:
    with pytest.raises(TextprepError, match=f"the {registry.kind} 'red' of paint 1.0 is <.*, not a class"):
        registry.add("red", lambda: None, owner="paint 1.0")
    with pytest.raises(TextprepError, match="does not carry its name: write name = 'red' in the class"):
        registry.add("red", Red, owner="paint 1.0")
    assert "red" not in registry.entries


def test_a_function_among_steps_is_told_what_makes_a_step_of_it() -> None:
    with pytest.raises(TextprepError, match=r"put @textprep\.step above the function"):
        STEPS.add("red", str.lower, owner="paint 1.0")


def test_a_definition_imported_as_two_modules_is_one_and_stays_the_plugins(monkeypatch):
    """As pytest does where it collects the doctests of an installed plugin."""
    registry = Registry("dataset")
    made = []
    for module in ("toy", "plugins.toy"):
        monkeypatch.setitem(sys.modules, module, types.ModuleType(module))
        sys.modules[module].__file__ = "toy.py"
        exec("def rows(): ...", vars(sys.modules[module]))
        made.append(sys.modules[module].rows)
    registry.add("rows", made[0], owner="textprep-toy 1.0")
    registry.add("rows", made[1], owner="code in module plugins.toy")
    assert registry.entries["rows"] == (made[1], "textprep-toy 1.0")
    with pytest.raises(NameClashError, match=r"already registered by textprep-toy 1\.0"):
        registry.add("rows", list, owner="code in module elsewhere")
