"""``textprep new plugin`` and ``textprep check-plugin``: a package of one's own, and whether it conforms."""

from __future__ import annotations

import re
from enum import Enum
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textprep.cli.arguments import AsJson, typed_path
from textprep.cli.output import WholeSentences, print_json
from textprep.errors import ConfigError, TextprepError
from textprep.registry import REGISTRIES
from textprep.storage.files import write_text
from textprep.visible import command

if TYPE_CHECKING:
    from textprep.testing.check import Check

new = typer.Typer(
    cls=WholeSentences,
    help="Start a package of your own, such as a plugin.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


class Kind(str, Enum):
    """What a plugin may bring; a written one may bring all of them."""

    dataset = "dataset"
    step = "step"
    tokenizer = "tokenizer"
    target = "target"


@new.command("plugin")
def new_plugin(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Of what the plugin brings, such as film-quotes.")
    ],
    kind: Annotated[Kind, typer.Option(help="What the plugin brings.")] = Kind.dataset,
    directory: Annotated[
        Path, typer.Option(parser=typed_path, metavar="PATH", help="Where its folder is made.")
    ] = Path(),
) -> None:
    """Write a plugin package that works, and passes its own conformance test, as it is."""
    names = _names(name, kind.value)
    folder = directory / names["distribution"]
    if folder.exists():
        raise ConfigError(f"{folder} exists already: choose another name, or another --directory")
    contents = {
        "pyproject.toml": "pyproject.toml",
        "README.md": "README.md",
        f"{names['module']}/__init__.py": f"{kind.value}.py",
        f"tests/test_{names['function']}.py": "test.py",
    }
    for file, template in contents.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        text = files("textprep.cli").joinpath("templates", f"{template}.template").read_text(encoding="utf-8")
        write_text(folder / file, Template(text).substitute(names), ConfigError)
        print(folder / file)
    where = folder if folder.is_absolute() else f"./{folder.as_posix()}"
    print(f"\nnext: {command('pip', 'install', '-e', f'{where}[test]')}")
    print(f"      {command('textprep', 'check-plugin', names['distribution'])}")


def _names(name: str, kind: str) -> dict[str, str]:
    """Everything that is called after ``name``.

    Raises:
        ConfigError: it is no name for a component, or it is taken.
    """
    words = re.split("[-_]", name.removeprefix("textprep-"))
    if not all(re.fullmatch("[a-z0-9]+", word) for word in words) or not words[0][0].isalpha():
        raise ConfigError(f"{name!r} cannot name a plugin: use lower-case words and digits joined by -")
    function = "_".join(words)
    component = "-".join(words) if kind == "dataset" else function
    registry = REGISTRIES[kind]
    if component in registry.names():
        raise ConfigError(f"there is a {kind} {component!r} already, of {registry.owner(component)}")
    return {
        "kind": {"dataset": "data set"}.get(kind, kind),
        "component": component,
        "function": function,
        "class_name": "".join(word.capitalize() for word in words),
        "distribution": f"textprep-{'-'.join(words)}",
        "module": f"textprep_{function}",
    }


def check_plugin(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="An installed plugin: its package, or its entry point.")
    ],
    overrides: Annotated[
        list[str],
        typer.Option(
            "--set", metavar="NAME.OPTION=VALUE", help="Check a component with this option; repeatable."
        ),
    ] = [],  # noqa: B006 - typer reads the default, which never changes
    as_json: AsJson = False,
) -> None:
    """Run the conformance kit over everything that an installed plugin registers, a line a check.

    Exit code 1 where a check fails; it says on what, and what to do.
    """
    from textprep.config.overrides import override
    from textprep.testing import checks_of

    options: dict[str, Any] = {}
    for given in overrides:
        override(options, given)
    results = []
    for check in checks_of(name, options):
        status, problem = _tried(check)
        tried = status != "skipped"
        results.append({"component": check.component, "rule": check.rule, "problem": problem, "tried": tried})
        if not as_json:
            print(f"{status:7} {check}{f': {problem}' if problem else ''}", flush=True)
    failed = sum(result["problem"] is not None for result in results)
    if as_json:
        print_json(results)
    else:
        print(f"{len(results)} checks, {failed} failed")
    if failed:
        raise typer.Exit(1)


def _tried(check: Check) -> tuple[str, str | None]:
    """How a check ended, and what is wrong, in one line."""
    from textprep.testing.check import NOT_TRIED

    try:
        return ("skipped" if check.run() is NOT_TRIED else "ok"), None
    except (AssertionError, TextprepError) as error:
        found = str(error)
    except Exception as error:  # whatever the plugin's own code raises
        found = f"{type(error).__name__}: {error}"
    return "FAILED", " ".join(found.split()).removeprefix(f"{check.component}: ")
