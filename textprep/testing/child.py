"""The other process of `textprep.testing.fresh`: a task as JSON on standard input, the result on output."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import Any

from textprep import registry
from textprep.errors import TextprepError
from textprep.registry import DATASETS, REGISTRIES, STEPS, TOKENIZERS
from textprep.testing.texts import texts, texts_for

NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")


def clean(task: dict[str, Any]) -> list[str]:
    """The texts of the kit, cleaned."""
    step = STEPS.get(task["name"])(**task["options"])
    return [step(text) for text in texts()]


def encode(task: dict[str, Any]) -> list[list[int]]:
    """The ids of the texts of the kit."""
    from textprep.vocabulary import Vocabulary

    tokenizer = TOKENIZERS.get(task["name"])(**task["options"])
    tokenizer.restore(Vocabulary.from_json(task["vocabulary"]), task["state"])
    return [tokenizer.encode(text) for text in texts_for(tokenizer)]


def load(task: dict[str, Any]) -> dict[str, Any]:
    """What identifies the rows of a data set."""
    from textprep.testing.datasets import contents

    DATASETS.get(task["name"])
    return contents(task["name"], task["options"])


def list_plugin(task: dict[str, Any]) -> dict[str, Any]:
    """What listing the components of a plugin costs: time, packages, and addresses that it asked for."""
    for kind in REGISTRIES:
        registry.load_builtins(kind)
    asked: list[str] = []
    sys.addaudithook(lambda event, details: _refuse(asked, event, details))
    before, started, busy = set(sys.modules), _seconds(), time.process_time()
    for point in registry.installed():
        if registry.distribution(point) == task["distribution"]:
            registry.load(point)
    seconds, busy = _seconds() - started, time.process_time() - busy
    names = {name.partition(".")[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names)
    for components in REGISTRIES.values():
        for entry in components.entries.values():
            _ = entry.component.__doc__
    return {"seconds": seconds, "busy": busy, "packages": sorted(names), "network": asked}


def _seconds() -> float:
    """By the clock, less those in which others had the processor, where the system counts them."""
    with suppress(OSError, IndexError, ValueError):
        return time.perf_counter() - int(Path("/proc/self/schedstat").read_text().split()[1]) / 1e9
    return time.perf_counter()


def use_wheel(task: dict[str, Any]) -> None:
    """Make and load what a plugin registers, from a wheel's files only."""
    from textprep.datasets.loading import load_dataset

    _hide(Path(task["folder"]))
    sys.path.insert(0, task["site"])
    for components in REGISTRIES.values():
        components.names()
    for line in registry.broken():
        if line.startswith(f"plugin {task['distribution']!r}"):
            raise TextprepError(line)
    for kind, names in task["components"].items():
        for name in names:
            component, options = REGISTRIES[kind].get(name), task["options"][name]
            if kind == "dataset":
                load_dataset(name, **options)
            elif options:
                component(**options)


def _hide(folder: Path) -> None:
    """Take from Python's path what ``pip install -e`` of ``folder`` put there, and the folder itself."""

    def is_inside(place: str) -> bool:
        path = Path(place or ".").resolve()
        return path.is_relative_to(folder) and path.name not in ("site-packages", "dist-packages")

    def maps(finder: Any) -> bool:
        mapping = getattr(sys.modules.get(getattr(finder, "__module__", "")), "MAPPING", {})
        return any(map(is_inside, map(str, mapping.values())))

    sys.path[:] = [place for place in sys.path if not is_inside(place)]
    sys.meta_path[:] = [finder for finder in sys.meta_path if not maps(finder)]


def _refuse(asked: list[str], event: str, details: tuple[Any, ...]) -> None:
    """An audit hook (PEP 578) that notes what reaches for the network, and stops it."""
    address = details[-1] if event in ("socket.connect", "socket.sendto") else details[:2]
    if event in NETWORK and isinstance(address, tuple):
        asked.append(" ".join(map(str, address)))
        raise OSError("plugins are listed without a network")


TASKS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "step": clean,
    "tokenizer": encode,
    "dataset": load,
    "plugin": list_plugin,
    "wheel": use_wheel,
}


def main() -> None:
    """Answer one task."""
    task = json.load(sys.stdin)
    with redirect_stdout(sys.stderr):  # what a plugin prints is no answer
        result = TASKS[task["task"]](task)
    json.dump({"result": result}, sys.stdout)


if __name__ == "__main__":
    main()
