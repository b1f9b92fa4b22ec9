"""``textprep list`` and ``textprep show``: what there is, and what it takes."""

from __future__ import annotations

import inspect
import json
import textwrap
from enum import Enum
from typing import Annotated, Any

import typer
from pydantic import BaseModel

from textprep._version import __version__
from textprep.errors import UnknownNameError, nearest_first
from textprep.registry import REGISTRIES, Component, Registry
from textprep.report.tables import table


class Kind(str, Enum):
    """What can be listed."""

    steps = "steps"
    tokenizers = "tokenizers"
    datasets = "datasets"


def list_components(
    kind: Annotated[Kind | None, typer.Argument(help="Only these; everything if not given.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """List the steps, tokenizers and datasets that are installed, plugins included."""
    kinds = [kind] if kind else list(Kind)
    rows = {listed.value: _rows(REGISTRIES[listed.value.removesuffix("s")]) for listed in kinds}
    if as_json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for title, entries in rows.items():
        print(f"{title}\n")
        _print_entries(entries)
    print("'textprep show NAME' explains one of them.")


def _print_entries(entries: list[dict[str, str]]) -> None:
    """A paragraph each, the names in a column; who brought it, where that is a plugin or somebody's code."""
    margin = max(len(entry["name"]) for entry in entries) + 4
    for entry in entries:
        brought = "" if entry["owner"] == f"textprep {__version__}" else f" [{entry['owner']}]"
        lines = textwrap.wrap(_plain(entry["summary"]) + brought, width=90 - margin)
        print(f"  {entry['name']:<{margin - 2}}" + f"\n{'':<{margin}}".join(lines))
    print()


def _plain(docstring: str) -> str:
    """Without the marks that docstrings put around code."""
    return docstring.replace("``", "").replace("`", "")


def _rows(registry: Registry) -> list[dict[str, str]]:
    return [
        {"name": name, "summary": _summary(registry.get(name)), "owner": registry.owner(name)}
        for name in registry.names()
    ]


def _summary(component: Component) -> str:
    return (inspect.getdoc(component) or "").split("\n\n")[0].replace("\n", " ")


def show(
    name: Annotated[str, typer.Argument(help="A step, tokenizer or dataset, as 'textprep list' prints it.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Explain one step, tokenizer or dataset: what it does, its options with defaults, an example."""
    registry = _owner_of(name)
    component = registry.get(name)
    record: dict[str, Any] = {
        "name": name,
        "kind": registry.kind,
        "owner": registry.owner(name),
        "description": inspect.getdoc(component) or "",
        "options": _options(component),
        "example": _example(name, registry.kind, component),
    }
    if registry.kind == "step":
        record |= {"version": getattr(component, "version", None), "scope": getattr(component, "scope", None)}
    if as_json:
        print(json.dumps(record, indent=2, ensure_ascii=False, default=repr))
        return
    print(f"{name} — {registry.kind}, from {record['owner']}\n\n{record['description']}\n")
    if record["options"]:
        options = [[option["name"], option["type"], option["default"]] for option in record["options"]]
        print(table(["option", "type", "default"], options))
    else:
        print("It takes no options.")
    print(f"\nExample (TOML, as 'textprep train CONFIG.toml' reads it):\n  {record['example']}")


def _owner_of(name: str) -> Registry:
    """The registry that holds ``name``; built-in names are found without loading a plugin."""
    unknown = ""
    for registry in REGISTRIES.values():
        try:
            registry.get(name)
        except UnknownNameError as error:
            unknown = str(error)
        else:
            return registry
    names = nearest_first(name, {entry for registry in REGISTRIES.values() for entry in registry.names()})
    broken = unknown[unknown.find(" (not loaded") :] if " (not loaded" in unknown else ""
    raise UnknownNameError(
        f"no step, tokenizer or dataset is called {name!r}; there are: {', '.join(names)}{broken}"
    )


def _options(component: Component) -> list[dict[str, Any]]:
    """Name, type and default of every option."""
    if isinstance(component, type) and issubclass(component, BaseModel):
        return [
            {
                "name": field,
                "type": _type(info.annotation),
                "default": _default(info.get_default(), info.is_required()),
            }
            for field, info in component.model_fields.items()
        ]
    return [
        {
            "name": option.name,
            "type": "" if option.annotation is option.empty else _type(option.annotation),
            "default": _default(option.default, option.default is option.empty),
        }
        for option in inspect.signature(component).parameters.values()
    ]


def _type(annotation: Any) -> str:
    return annotation.__name__ if isinstance(annotation, type) else str(annotation).replace("typing.", "")


def _default(value: Any, required: bool) -> str:
    return "(required)" if required else repr(value)


def _example(name: str, kind: str, component: Component) -> str:
    required = [option["name"] for option in _options(component) if option["default"] == "(required)"]
    inner = ", ".join([f'name = "{name}"', *(f'{option} = "…"' for option in required)])
    return {
        "step": f"steps = [{{ {inner} }}]",
        "tokenizer": f"tokenizer = {{ {inner} }}",
        "dataset": f"dataset = {{ {inner} }}",
    }[kind]
