"""What several test files share: fake installed plugins, and a registry that forgets what a test added."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

import textprep as tp
from tests.browser import NAMES, Browser, find_browser
from textprep.registry import REGISTRIES, load_builtins

ROOT = Path(__file__).resolve().parents[1]

settings.register_profile("textprep", deadline=None)  # how long an example takes is the machine's matter
settings.load_profile("textprep")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # So a shell starts what runs in its background; the tests send Ctrl-C to processes of their own.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the cache of the person who runs it."""
    monkeypatch.setenv("TEXTPREP_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A headless Chromium; ``.ci/run`` installs it, elsewhere its tests are skipped where there is none."""
    executable = find_browser()
    if executable is None:
        pytest.skip(f"there is no browser: install one of {', '.join(NAMES)}")
    with Browser(executable, tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture(scope="session", autouse=True)
def _plugins() -> None:
    """Load what is installed once: what a test takes back of the registries is what that test added."""
    for registry in REGISTRIES.values():
        registry.names()


@pytest.fixture
def restored_registries() -> Iterator[None]:
    """Take back what the test registers."""
    for kind in REGISTRIES:
        load_builtins(kind)
    before = {kind: dict(registry.entries) for kind, registry in REGISTRIES.items()}
    yield
    for kind, registry in REGISTRIES.items():
        registry.entries = before[kind]


@pytest.fixture
def explained() -> Callable[..., tp.Explanation]:
    """What a small pipeline makes of a text."""
    cleaning = [tp.StripMarkup(), tp.Lowercase(), tp.CollapseWhitespace()]

    def explain(text: str, steps: list[tp.Step] = cleaning, **options: object) -> tp.Explanation:
        tokenizer = tp.WordTokenizer().fit(["a greater film", "a good film &", "a film"])
        return tp.Pipeline(steps, tokenizer=tokenizer).explain(text, **options)

    return explain


@pytest.fixture
def install_plugin(tmp_path: Path) -> Callable[..., Path]:
    """Lay a plugin package into a folder as pip would: a module and its metadata."""

    def install(name: str, source: str, version: str = "1.2") -> Path:
        site = tmp_path / "site"
        module = name.replace("-", "_")
        info = site / f"{module}-{version}.dist-info"
        info.mkdir(parents=True, exist_ok=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        (info / "entry_points.txt").write_text(f"[textprep]\n{name} = {module}\n")
        (site / f"{module}.py").write_text(source)
        return site

    return install


@pytest.fixture
def run_python(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run Python with ``arguments``; what lies in ``site`` counts as installed."""

    def run(*arguments: str, site: Path | None = None, **options: object) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join(str(part) for part in (site, ROOT) if part)
        environment = {**os.environ, "PYTHONPATH": path, "TEXTPREP_CACHE": str(tmp_path / "cache")}
        return subprocess.run(
            [sys.executable, *arguments],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env=environment,
            cwd=tmp_path,
            **options,  # type: ignore[call-overload]
        )

    return run


COMMAND = """
import json, sys
from textprep.cli import main
try:
    main()
except SystemExit as stop:
    assert not stop.code
print(json.dumps(list(sys.modules)))
"""


@pytest.fixture
def imported(run_python: Callable[..., subprocess.CompletedProcess[str]]) -> Callable[..., set[str]]:
    """The modules that ``textprep ARGUMENTS`` has imported when it is done."""

    def modules(*arguments: object) -> set[str]:
        done = run_python("-c", COMMAND, *map(str, arguments))
        assert done.returncode == 0, done.stderr
        return set(json.loads(done.stdout.splitlines()[-1]))

    return modules
