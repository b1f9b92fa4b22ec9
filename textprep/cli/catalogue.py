"""``textprep list`` and ``textprep show``: what there is, and what it takes."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Mapping
from contextlib import suppress
from enum import Enum
from typing import Annotated, Any, get_args

import typer

from textprep._version import __version__
from textprep.cli.output import print_json
from textprep.errors import UnknownNameError, nearest_first
from textprep.registry import REGISTRIES, Component, Registry, broken, load_builtins
from textprep.report.steps import docstring, facts, summary
from textprep.tables import table

SECTIONS = ("dataset", "loader", "model", "training")


class Kind(str, Enum):
    """What can be listed."""

    steps = "steps"
    tokenizers = "tokenizers"
    datasets = "datasets"
    targets = "targets"
    models = "models"


def list_components(
    kind: Annotated[
        Kind | None,
        typer.Argument(
            metavar="steps|tokenizers|datasets|targets|models", help="Only these; everything if not given."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """List the steps, tokenizers, datasets, targets and models that are installed, plugins included."""
    kinds = [kind] if kind else list(Kind)
    rows = {listed.value: _listing(listed) for listed in kinds}
    if as_json:
        print_json(rows)
        return
    for title, entries in rows.items():
        print(f"{title}\n")
        _print_entries(entries)
    print("'textprep show NAME' explains one of them.")


def _print_entries(entries: list[dict[str, Any]]) -> None:
    """A paragraph each, the names in a column; who brought it, where that is a plugin or somebody's code."""
    margin = max(len(entry["name"]) for entry in entries) + 4
    for entry in entries:
        brought = "" if entry["owner"] == f"textprep {__version__}" else f" [{entry['owner']}]"
        lines = textwrap.wrap(_plain(entry["summary"]) + brought, width=max(40, 90 - margin))
        lines += [_promises(entry)] if "scope" in entry else []
        lines += [f"{entry['before']} → {entry['after']}"] if entry.get("before") else []
        print(f"  {entry['name']:<{margin - 2}}" + f"\n{'':<{margin}}".join(lines))
    print()


def _promises(entry: dict[str, Any]) -> str:
    return f"scope: {entry['scope']}; {'' if entry['idempotent'] else 'not '}idempotent"


def _plain(docstring: str) -> str:
    """Without the marks that docstrings put around code."""
    return docstring.replace("``", "").replace("`", "")


def _listing(kind: Kind) -> list[dict[str, Any]]:
    if kind is not Kind.models:
        return _rows(REGISTRIES[kind.value.removesuffix("s")])
    from textprep.config.options import ARCHITECTURES

    own = f"textprep {__version__}"
    return [
        {"name": name, "summary": "options: " + ", ".join(options), "owner": own}
        for name, options in ARCHITECTURES.items()
    ]


def _rows(registry: Registry) -> list[dict[str, Any]]:
    return [_listed(registry, name) for name in registry.names()]


def _listed(registry: Registry, name: str) -> dict[str, Any]:
    component = registry.get(name)
    said = facts(component) if registry.kind == "step" else {}
    return {"name": name, "summary": summary(component), "owner": registry.owner(name), **said}


def show(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="What 'textprep list' prints, or a section: dataset, loader, model, training.",
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Explain a step, tokenizer, dataset, target, model or section: what it does, its options, an example."""
    from textprep.config.options import ARCHITECTURES

    if name in ARCHITECTURES or name in SECTIONS:
        _show_keys(name, as_json)
        return
    records = [_record(registry, name) for registry in _owners_of(name)]
    if as_json:
        print_json(records if len(records) > 1 else records[0])
        return
    for record in records:
        _print_record(record)


def _show_keys(name: str, as_json: bool) -> None:
    """The keys of a section of the configuration, or of a model."""
    from textprep.config.options import ARCHITECTURES
    from textprep.config.reference import model_keys, section

    is_model = name in ARCHITECTURES
    keys = model_keys(name) if is_model else section(name)
    if as_json:
        kind = "model" if is_model else "section"
        print_json({"name": name, "kind": kind, "options": [key._asdict() for key in keys]})
        return
    under = f'model of the configuration: model = {{ name = "{name}" }}' if is_model else "section"
    print(f"{name} — {under}; --set {'model' if is_model else name}.KEY=VALUE sets a key\n")
    _print_keys([key._asdict() for key in keys])


def _print_keys(keys: list[dict[str, Any]]) -> None:
    """Options, each with what it means."""
    for key in keys:
        print(f"{key['name']}  {key['type']}  {key['default']}")
        print(textwrap.indent(textwrap.fill(_plain(key["meaning"]), 90), "    "))


def _record(registry: Registry, name: str) -> dict[str, Any]:
    component = registry.get(name)
    record: dict[str, Any] = {
        "name": name,
        "kind": registry.kind,
        "owner": registry.owner(name),
        "description": docstring(component),
        "options": _options(component),
        "example": _example(name, registry.kind, component),
    }
    if registry.kind == "step":
        record |= {"version": getattr(component, "version", None), **facts(component)}
    if registry.kind == "target":
        from textprep.config.reference import keys_of

        record["options"] = [key._asdict() for key in keys_of(component)]
    if registry.kind == "dataset":
        record["common_options"] = _common_dataset_options()
        from textprep.datasets.about import about

        record["about"] = about(component)._asdict()
    return record


def _print_record(record: dict[str, Any]) -> None:
    is_target = record["kind"] == "target"  # whose options say what they mean below
    said = record["description"].partition("\n\nAttributes:")[0] if is_target else record["description"]
    print(f"{record['name']} — {record['kind']}, from {record['owner']}\n\n{said}\n")
    if record["kind"] == "step":
        print(f"{_promises(record)}\n")
    _print_about(record.get("about", {}))
    if is_target:
        _print_keys(record["options"])
        print()
    else:
        _print_options("its options", record["options"])
    _print_options("options of every data set", record.get("common_options", []))
    print(f"Example (TOML, as 'textprep train CONFIG.toml' reads it):\n  {record['example']}\n")


def _print_about(said: dict[str, Any]) -> None:
    """What a data set says of itself, a line each."""
    lines = [f"{key.replace('_', ' ')}: {_in_words(value)}" for key, value in said.items() if value]
    if lines:
        print("\n".join(lines) + "\n")


def _in_words(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_in_words(rows)}" for name, rows in value.items())
    return f"{value:,}" if isinstance(value, int) else value if isinstance(value, str) else ", ".join(value)


def _print_options(title: str, options: list[dict[str, Any]]) -> None:
    if options:
        rows = [[option["name"], option["type"], option["default"]] for option in options]
        print(table([title, "type", "default"], rows, width=100) + "\n")


def _common_dataset_options() -> list[dict[str, Any]]:
    """What `load_dataset` does for every data set: columns, classes, splits, bad rows."""
    from textprep.datasets.loading import load_dataset

    return [option for option in _options(load_dataset) if option["name"] not in ("name", "options")]


def _owners_of(name: str) -> list[Registry]:
    """The registries that hold ``name``; built-in names are found without loading a plugin."""
    for kind in REGISTRIES:
        load_builtins(kind)
    if owners := [registry for registry in REGISTRIES.values() if name in registry.entries]:
        return owners
    for registry in REGISTRIES.values():
        with suppress(UnknownNameError):
            registry.get(name)
            return [registry]
    from textprep.config.options import ARCHITECTURES

    known = {entry for registry in REGISTRIES.values() for entry in registry.names()}
    names = nearest_first(name, {*known, *ARCHITECTURES, *SECTIONS})
    missing = f" (not loaded: {'; '.join(broken())})" if broken() else ""
    raise UnknownNameError(
        f"no step, tokenizer, dataset, target, model or section is called {name!r}; there are: "
        f"{', '.join(names)}{missing}"
    )


def _options(component: Component) -> list[dict[str, Any]]:
    """Name, type and default of every option."""
    from pydantic import BaseModel

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
    # Python 3.10 takes tuple[str, ...] for a class, too.
    plain = isinstance(annotation, type) and not get_args(annotation)
    return annotation.__name__ if plain else str(annotation).replace("typing.", "")


def _default(value: Any, required: bool) -> str:
    return "(required)" if required else repr(value)


EXAMPLE_VALUES = {
    ("dataset", "archive", "path"): '"reviews.tar.gz"',
    ("dataset", "arrow", "path"): '"reviews.arrow"',
    ("dataset", "csv", "path"): '"reviews.csv"',
    ("dataset", "json", "path"): '"reviews.json"',
    ("dataset", "sql", "url"): '"sqlite:///reviews.db", table = "reviews"',
    ("dataset", "text", "path"): '"reviews.txt"',
    ("dataset", "tsv", "path"): '"reviews.tsv"',
    ("dataset", "jsonl", "path"): '"reviews.jsonl"',
    ("dataset", "parquet", "path"): '"reviews.parquet"',
    ("dataset", "folder", "path"): '"reviews"',
    ("dataset", "memory", "rows"): '[{ text = "A great film", label = "good" }]',
    ("step", "replace_pattern", "pattern"): r"'\d+'",
    ("step", "truncate_words", "max_words"): "256",
    ("tokenizer", "huggingface", "path"): '"tokenizer.json"',
    ("dataset", "huggingface", "path"): '"stanfordnlp/imdb"',
}


def _example(name: str, kind: str, component: Component) -> str:
    examples = {option: value for (*of, option), value in EXAMPLE_VALUES.items() if of == [kind, name]}
    required = [option["name"] for option in _options(component) if option["default"] == "(required)"]
    shown = dict.fromkeys(required, "…") | examples
    values = [f"{option} = {value}" for option, value in shown.items()]
    inner = "{ " + ", ".join([f'name = "{name}"', *values]) + " }"
    if kind == "target":
        inner = f'{{ name = "csv", path = "reviews.csv", target = {inner} }}'
    return f"steps = [{inner}]" if kind == "step" else f"{'dataset' if kind == 'target' else kind} = {inner}"
