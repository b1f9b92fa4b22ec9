"""A plugin that is installed as its folder finds every file there; those who install it get its wheel."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname
from zipfile import ZipFile

from textprep import registry
from textprep.registry import REGISTRIES
from textprep.testing.check import NOT_TRIED, Check
from textprep.testing.fresh import in_fresh_python

RULE = "its wheel holds all that it needs"
REMEDY = (
    "in pyproject.toml, name every module under packages or py-modules of [tool.setuptools], and the files "
    "of a package under package-data"
)
NO_SOURCE = (".*", "build", "dist", "*.egg-info", "__pycache__", "venv", "node_modules")
MISSING = re.compile("Cannot import|No module named|BackendUnavailable|No matching|Could not find")
NOT_SHIPPED = {"tests", "test", "docs", "examples"}


def wheel_checks(distribution: str, options: Mapping[str, Mapping[str, Any]]) -> list[Check]:
    """A check that the plugin works from its wheel, if it is installed as its folder."""
    folder = _source_folder(distribution)
    return [Check(distribution, RULE, partial(_check_wheel, distribution, folder, options))] if folder else []


def _source_folder(distribution: str) -> Path | None:
    """The folder that ``pip install -e`` was given (PEP 610)."""
    points = [point for point in registry.installed() if registry.distribution(point) == distribution]
    found = points[0].dist.read_text("direct_url.json") if points and points[0].dist else None
    about = json.loads(found or "{}")
    if not about.get("dir_info", {}).get("editable"):
        return None
    return Path(url2pathname(urlsplit(about["url"]).path))


def _check_wheel(distribution: str, folder: Path, options: Mapping[str, Mapping[str, Any]]) -> object:
    with tempfile.TemporaryDirectory(prefix="textprep-") as work:
        shutil.copytree(folder, Path(work, "source"), ignore=shutil.ignore_patterns(*NO_SOURCE))
        wheel = _built(distribution, Path(work))
        if wheel is None:
            return NOT_TRIED
        site = Path(work, "site")
        with ZipFile(wheel) as archive:  # the plugin's own, built a moment ago: not data
            archive.extractall(site)
        _try_from(distribution, site, folder, options)
    return None


def _built(distribution: str, work: Path) -> Path | None:
    """The wheel; None where what builds it is not installed and no index can be reached."""
    pip = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--quiet", "-w", str(work)]
    problem = None
    for isolation in (["--no-build-isolation"], []):
        command = [*pip, *isolation, str(work / "source")]
        done = subprocess.run(command, capture_output=True, text=True)  # noqa: S603, PLW1510
        if not done.returncode:
            return next(work.glob("*.whl"))
        if not MISSING.search(done.stderr):
            problem = done.stderr
    if problem is not None:
        raise AssertionError(f"{distribution}: no wheel can be built: {_cause(problem)}")
    return None


def _cause(said: str) -> str:
    """The last line that says what is wrong; pip ends with hints and frames."""
    lines = [line.strip(" ╰│─>") for line in said.splitlines() if line.strip()] or ["pip says nothing"]
    return next((line for line in reversed(lines) if re.search(r"[Ee]rror\b.*:", line)), lines[-1])


def _left_out(folder: Path, site: Path) -> list[str]:
    """Files beside the modules, or below, that the wheel does not hold."""
    held = {path.name for path in site.rglob("*")}
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file()
        and path.name not in held
        and NOT_SHIPPED.isdisjoint(parts := path.relative_to(folder).parts)
        and not any(Path(part).match(pattern) for part in parts for pattern in NO_SOURCE)
        and path.suffix not in (".toml", ".cfg", ".md", ".rst", ".ini", ".in")
    )


def _try_from(distribution: str, site: Path, folder: Path, options: Mapping[str, Mapping[str, Any]]) -> None:
    """Load what the plugin registers where its folder cannot be seen."""
    brought = {
        kind: [name for name, entry in components.entries.items() if entry.owner == distribution]
        for kind, components in REGISTRIES.items()
    }
    given = {name: dict(options.get(name, {})) for names in brought.values() for name in names}
    places = {"site": str(site), "folder": str(folder)}
    try:
        in_fresh_python(
            {"task": "wheel", "distribution": distribution, **places, "components": brought, "options": given}
        )
    except AssertionError as error:
        left_out = _left_out(folder, site)
        lacks = f"; the wheel lacks {', '.join(left_out[:5])}" if left_out else ""
        what = str(error).removeprefix("in another process it failed: ")
        raise AssertionError(f"{distribution}: from its wheel it fails: {what}{lacks}: {REMEDY}") from error
