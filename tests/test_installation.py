"""What is installed: every extra resolves in time, all below it is pinned, and no new major slips in."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
CONSTRAINTS = [
    Requirement(line)
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
PINS = {
    canonicalize_name(pin.name): Version(str(pin.specifier).removeprefix("=="))
    for pin in CONSTRAINTS
    if pin.marker is None or pin.marker.evaluate()
}
DECLARED = [Requirement(line) for line in sum(EXTRAS.values(), PROJECT["dependencies"])]
NO_MAJOR = {"gcsfs", "regex", "s3fs", "types-regex"}  # their versions are dates
BUILDS = {"setuptools"}  # no code of ours calls it
SECONDS = 180


def pip(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        cwd=ROOT,
    )


@pytest.fixture(scope="session")
def _index() -> None:
    if pip("--ignore-installed", "--no-deps", "--retries", "0", f"pluggy=={PINS['pluggy']}").returncode:
        pytest.skip("no package index can be reached")


@pytest.mark.slow
@pytest.mark.usefixtures("_index")
@pytest.mark.parametrize("extra", EXTRAS)
def test_an_extra_is_resolved_in_time(extra, tmp_path) -> None:
    report = tmp_path / "report.json"
    done = pip("--no-build-isolation", "--report", report, "-c", "constraints.txt", f".[{extra}]")
    assert done.returncode == 0, done.stderr
    new = {canonicalize_name(item["metadata"]["name"]) for item in json.loads(report.read_text())["install"]}
    assert new - {"textprep-nlp"} <= PINS.keys()


def below(line: str, seen: set[str]) -> None:
    """Put a requirement and all that is installed for it into ``seen``; its pin must be one that it takes."""
    wanted = Requirement(line)
    name = canonicalize_name(wanted.name)
    assert name == "textprep-nlp" or PINS[name] in wanted.specifier, wanted
    if f"{name}{wanted.extras}" in seen:
        return
    seen.add(f"{name}{wanted.extras}")
    try:
        lines = requires(name) or []
    except PackageNotFoundError:  # the slow test above looks into what the tests do not need
        return
    for line in lines:
        marker = Requirement(line).marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *wanted.extras)):
            below(line, seen)


@pytest.mark.parametrize("wanted", DECLARED, ids=str)
def test_a_dependency_and_all_below_it_are_pinned(wanted) -> None:
    if wanted.marker is None or wanted.marker.evaluate():
        below(str(wanted), set())


@pytest.mark.parametrize("wanted", DECLARED, ids=str)
def test_the_next_major_of_a_dependency_is_not_taken_by_itself(wanted) -> None:
    if (name := canonicalize_name(wanted.name)) in {"textprep-nlp", *NO_MAJOR, *BUILDS}:
        return
    tested = max(Version(str(p.specifier)[2:]) for p in CONSTRAINTS if canonicalize_name(p.name) == name)
    assert not wanted.specifier.contains(f"{tested.major + 1}.0"), "see CONTRIBUTING, A new major"


def test_versions_that_are_dates_have_no_major() -> None:
    assert all(PINS[name].major > 2000 for name in NO_MAJOR)


def test_the_extras_that_messages_name_exist() -> None:
    """The README and the messages say ``textprep-nlp[NAME]``."""
    files = [ROOT / "README.md", *(ROOT / "examples").glob("*.py"), *(ROOT / "textprep").rglob("*.py")]
    named = {extra for file in files for extra in re.findall(r"textprep-nlp\[([a-z]+)\]", file.read_text())}
    assert "steps" in named
    assert named <= EXTRAS.keys()
