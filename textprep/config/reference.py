"""Every key of a configuration, from the code: name, type, default, meaning.

``python -m textprep.config.reference`` prints docs/configuration.md.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel

from textprep.batches.layout import Layout
from textprep.config.options import ARCHITECTURES, START, LoaderOptions, ModelOptions, TrainingOptions
from textprep.datasets.loading import load_dataset

GROUPS: dict[str, Callable[..., Any]] = {
    "dataset": load_dataset, "loader": LoaderOptions, "model": ModelOptions, "training": TrainingOptions,
}  # fmt: skip
"""Sections of the configuration, and what takes their keys; steps and tokenizers have keys of their own."""
_ENTRY = re.compile(r"^([a-z_*]+(?:, [a-z_]+)*): ?(.*)$")

HEAD = """# Every key of a configuration

Made from the code by `make docs`; `textprep show training` prints one section, `textprep show csv` the
options of a data set, a step or a tokenizer of its own. A key is set in TOML (`[training]`, `epochs = 1`),
by `--set training.epochs=1`, or in Python by `tp.train(…, training={"epochs": 1})`."""


class Key(NamedTuple):
    """A key of the configuration, as people read it."""

    name: str
    type: str
    default: str
    meaning: str


def keys_of(component: Callable[..., Any]) -> list[Key]:
    """The options of a class or function, with what its docstring says of each.

    >>> keys_of(TrainingOptions)[1]
    Key(name='learning_rate', type='float', default='0.002', meaning='of AdamW (Loshchilov and ...')
    """
    meanings = meanings_of(component)
    if isinstance(component, type) and issubclass(component, BaseModel):
        fields = component.model_fields.items()
        options = [
            (name, f.annotation, f.get_default(call_default_factory=True), f.is_required())
            for name, f in fields
        ]
    else:
        parameters = inspect.signature(component).parameters.values()
        options = [(p.name, p.annotation, p.default, p.default is p.empty) for p in parameters]
    return [
        Key(name, _type(kind), "(required)" if required else repr(default), meanings.get(name, ""))
        for name, kind, default, required in options
    ]


def section(name: str) -> list[Key]:
    """The keys of a section of the configuration."""
    keys = [key for key in keys_of(GROUPS[name]) if key.name != "options"]
    shared = meanings_of(Layout) if name == "loader" else {}
    return [key._replace(meaning=key.meaning or shared.get(key.name, "")) for key in keys]


def model_keys(name: str) -> list[Key]:
    """The keys of ``model`` that the classifier ``name`` has.

    >>> "layers" in [key.name for key in model_keys("gru")]
    False
    """
    return [key for key in section("model") if key.name in ("name", *ARCHITECTURES[name], *START)]


def meanings_of(component: Callable[..., Any]) -> dict[str, str]:
    """What the Args or Attributes of a docstring say: option → its meaning in one line.

    A class has those of its base classes too.
    """
    bases = component.__mro__[::-1] if isinstance(component, type) else (component,)
    return {name: said for each in bases for name, said in _meanings(inspect.getdoc(each) or "").items()}


def _meanings(docstring: str) -> dict[str, str]:
    found: dict[str, str] = {}
    names: list[str] = []
    inside = False
    for line in docstring.splitlines():
        if line and not line.startswith(" "):
            inside = line in ("Args:", "Attributes:")
        elif inside and (entry := _ENTRY.match(line[4:])):
            names = entry[1].split(", ")
            found |= dict.fromkeys(names, entry[2])
        elif inside and line.strip():
            found |= {name: f"{found[name]} {line.strip()}" for name in names}
    return found


def _type(annotation: Any) -> str:
    # Python 3.10 takes tuple[str, ...] for a class, too.
    plain = isinstance(annotation, type) and not get_args(annotation)
    text = "" if annotation is inspect.Parameter.empty else str(annotation).replace("typing.", "")
    return annotation.__name__ if plain and text else _short(text)


def _short(text: str) -> str:
    """``int | None`` for what pydantic writes as ``Optional[Annotated[int, …]]``."""
    previous = ""
    while previous != text:
        previous, text = text, re.sub(r"Annotated\[(\w+), [^\[\]]*(?:\[[^\]]*\])?[^\[\]]*\]", r"\1", text)
    text = text.replace("collections.abc.", "")
    return re.sub(r"^Optional\[(.*)\]$", r"\1 | None", text)


def page() -> str:
    """docs/configuration.md."""
    parts = [HEAD]
    for name in GROUPS:
        rows = [" | ".join(map(_cell, key)) for key in section(name)]
        table = "\n".join(
            f"| {row} |" for row in ("key | type | default | meaning", "--- | --- | --- | ---", *rows)
        )
        parts.append(f"## `{name}`\n\n{table}")
    return "\n\n".join(parts) + "\n"


def _cell(text: str) -> str:
    return text.replace("``", "`").replace("|", "\\|")


if __name__ == "__main__":
    print(page(), end="")
