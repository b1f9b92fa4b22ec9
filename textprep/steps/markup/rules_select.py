"""What start tags do in a list to choose from (13.2.6.4.7), and the copy of what is chosen (4.10.17).

``<selectedcontent>`` shows what the chosen option holds, in place of what it holds itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from textprep.steps.markup.attributes import attributes_of
from textprep.steps.markup.names import IMPLIED_ENDS
from textprep.steps.markup.open_elements import Element, Place
from textprep.steps.markup.tree import TagRule, Tree


@dataclass
class Choice:
    """What is known of a list to choose from.

    Attributes:
        multiple: whether several options can be chosen; then nothing shows a copy.
        by_default: whether the first option counts as chosen.
        chosen: the place of the option that is.
        copy: the place that shows it.
        shown: what it has shown from its start on.
    """

    multiple: bool
    by_default: bool
    chosen: Place | None = None
    copy: Place | None = None
    shown: Place | None = None

    def make_copy(self) -> None:
        """Put what is chosen where it is shown."""
        if self.copy is not None and self.chosen is not None and self.chosen is not self.shown:
            self.copy[:] = [self.chosen]


def _select(tree: Tree, name: str, rest: str) -> None:
    if select := tree.elements.in_scope(name):
        tree.elements.pop_through(select)
        return
    tree.reopen_formatting()
    within_another = tree.elements.last(name)
    select = tree.open(name)
    attributes = attributes_of(rest)
    multiple = "multiple" in attributes
    choice = Choice(multiple, not multiple and attributes.get("size", "1").strip() in ("", "0", "1"))
    select.attributes = choice
    if not within_another:
        tree.choices.append(choice)
    tree.frameset_ok = False


def _option(tree: Tree, name: str, rest: str) -> None:
    elements = tree.elements
    if elements.in_scope("select"):
        elements.close_implied(IMPLIED_ENDS, but="optgroup" if name == "option" else "")
    elif elements.current.name == "option":
        elements.pop()
    tree.reopen_formatting()
    option = tree.open(name)
    option.attributes = attributes_of(rest).keys()
    choice = _choice(tree)
    if choice and name == "option":
        place = _place_of_its_own(option)
        group = elements.last("optgroup")
        disabled = "disabled" in option.attributes or (group and "disabled" in group.attributes)
        if "selected" in option.attributes or (choice.by_default and choice.chosen is None and not disabled):
            choice.chosen = place


def _copy(tree: Tree, name: str, rest: str) -> None:
    tree.reopen_formatting()
    within_another = tree.elements.last("option") or tree.elements.last(name)
    shown = tree.open(name)
    choice = _choice(tree)
    if choice and not (choice.multiple or choice.copy or within_another):
        choice.copy, choice.shown = _place_of_its_own(shown), choice.chosen
        choice.copy += [choice.shown] if choice.shown is not None else []


def _choice(tree: Tree) -> Choice | None:
    select = tree.elements.last("select")
    return select.attributes if select else None


def _place_of_its_own(element: Element) -> Place:
    place: Place = []
    element.place.append(place)
    element.place = place
    return place


STARTS: dict[str, TagRule] = {
    "optgroup": _option,
    "option": _option,
    "select": _select,
    "selectedcontent": _copy,
}
