"""What must also hold in another process, as a worker that is spawned is one: nothing but JSON goes there.

parent                                              child: textprep.testing.child
{"task": "step", "name": …, "options": …}   ──►     finds the step by its name, makes it, cleans the texts
{"result": […]}                             ◄──     with hash seed and modules of its own
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from textprep.registry import REGISTRIES, distribution, installed
from textprep.testing.check import Check
from textprep.testing.texts import texts, texts_for

if TYPE_CHECKING:
    from textprep.steps.base import Step
    from textprep.tokenizers.base import Tokenizer

RULE = "it does the same in another process"
REMEDY = "results may not depend on hash(), on the order of a set, or on what this process has set up"


def is_of_plugin(kind: str, component: Step | Tokenizer) -> bool:
    """Whether an installed plugin brought its class, so that another process finds it by its name."""
    entry = REGISTRIES[kind].entries.get(component.name)
    return entry is not None and entry.component is type(component) and is_installed(entry.owner)


def is_installed(owner: str) -> bool:
    """Whether ``owner`` is an installed plugin, rather than textprep itself or code in a module."""
    return owner in {distribution(point) for point in installed()}


def in_fresh_python(task: dict[str, Any]) -> Any:
    """What `textprep.testing.child` answers to ``task``.

    Raises:
        AssertionError: it failed there.
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    environment["PYTHONHASHSEED"] = "1" if environment.get("PYTHONHASHSEED") != "1" else "2"
    done = subprocess.run(
        [sys.executable, "-m", "textprep.testing.child"],
        input=json.dumps(task, default=os.fspath),
        capture_output=True,
        encoding="utf-8",
        env=environment,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        raise AssertionError(f"in another process it failed: {last}")
    return json.loads(done.stdout)["result"]


def fresh_step_check(component: str, step: Step) -> Check:
    """A check that a step of a plugin cleans alike in another process."""
    task = {"task": "step", "name": step.name, "options": step.options()}
    return Check(component, RULE, partial(_compare, component, task, step, texts))


def fresh_tokenizer_check(component: str, fitted: Callable[[], Tokenizer]) -> Check:
    """A check that a tokenizer of a plugin encodes alike in another process."""

    def run() -> None:
        tokenizer = fitted()
        task = {
            "task": "tokenizer",
            "name": tokenizer.name,
            "options": tokenizer.options(),
            "vocabulary": tokenizer.vocabulary.to_json(),
            "state": tokenizer.state(),
        }
        _compare(component, task, tokenizer.encode, partial(texts_for, tokenizer))

    return Check(component, RULE, run)


def _compare(
    component: str,
    task: dict[str, Any],
    here: Callable[[str], str | Sequence[int]],
    tried: Callable[[], Iterable[str]],
) -> None:
    there = in_fresh_python(task)
    differing = [
        (text, here(text), other) for text, other in zip(tried(), there, strict=True) if here(text) != other
    ]
    if differing:
        text, own, other = min(differing, key=lambda found: len(found[0]))
        raise AssertionError(
            f"{component}: on {text!r} it gives {own!r}, in another process {other!r}: {REMEDY}"
        )
