"""A plugin that ``textprep new`` writes conforms as it is; ``textprep check-plugin`` says where one does not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("dataset", "step", "tokenizer")


@pytest.fixture(scope="module")
def generated(tmp_path_factory) -> Path:
    """A plugin of each kind, as ``textprep new`` writes it, installed into ``site`` by pip."""
    folder = tmp_path_factory.mktemp("plugins")
    for kind in KINDS:
        new = ["-m", "textprep", "new", "plugin", f"toy-{kind}", "--kind", kind, "--directory", folder]
        run(folder, *new)
    packages = [folder / f"textprep-toy-{kind}" for kind in KINDS]
    offline = ["--no-build-isolation", "--no-deps", "--no-index", "--quiet", "--target", folder / "site"]
    run(folder, "-m", "pip", "install", *offline, *packages)
    return folder


def run(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Python with what is in ``site`` installed; it must end well."""
    path = os.pathsep.join([str(folder / "site"), str(ROOT)])
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def test_what_is_generated_passes_its_own_test(generated) -> None:
    tests = [generated / f"textprep-toy-{kind}" for kind in KINDS]
    done = run(generated, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests)
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout


def test_it_is_used_as_its_page_says(generated) -> None:
    shown = run(generated, "-m", "textprep", "show", "toy_step").stdout
    assert "toy_step — step, from textprep-toy-step 0.1.0" in shown
    rows = run(generated, "-m", "textprep", "preview", "toy-dataset", "--rows", "1").stdout
    assert "the number" in rows
    checked = run(generated, "-m", "textprep", "check-plugin", "toy-dataset", "--set", "toy-dataset.count=30")
    assert "ok      dataset 'toy-dataset': it says its license and citation" in checked.stdout
    assert checked.stdout.endswith("checks, 0 failed\n")


def test_it_has_the_files_of_a_package(textprep, tmp_path) -> None:
    done = textprep("new", "plugin", "textprep-film_quotes")
    written = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert written == {
        f"textprep-film-quotes/{file}"
        for file in ("README.md", "pyproject.toml", "textprep_film_quotes.py", "tests/test_film_quotes.py")
    }
    assert done.code == 0
    assert done.out.endswith(
        'next: pip install -e "./textprep-film-quotes[test]"\n      textprep check-plugin textprep-film-quotes\n'
    )
    assert all("$" not in Path(tmp_path, file).read_text() for file in written)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["Film Quotes"], "'Film Quotes' cannot name a plugin: use lower-case words and digits joined by -"),
        (["2films"], "cannot name a plugin"),
        (["films-"], "cannot name a plugin"),
        (["csv"], "there is a dataset 'csv' already, of textprep "),
        (["strip-markup", "--kind", "step"], "there is a step 'strip_markup' already"),
        (["there"], "textprep-there exists already: choose another name, or another --directory"),
    ],
)
def test_names_that_cannot_be(textprep, tmp_path, arguments, message) -> None:
    (tmp_path / "textprep-there").mkdir()
    done = textprep("new", "plugin", *arguments)
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert message in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["textprep-there"]


BROKEN = """
import textprep as tp

@tp.step(scope="word")
def glued(text: str) -> str:
    return text.replace(" ", "")

@tp.hookimpl
def textprep_steps():
    return {"glued": glued}
"""


def test_a_plugin_that_does_not_conform(install_plugin, run_python) -> None:
    site = install_plugin("textprep-glue", BROKEN)
    done = run_python("-m", "textprep", "check-plugin", "textprep-glue", site=site)
    assert done.returncode == 1
    (failed, _) = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
    assert "never looks across white space: on 'a a' it gives ['aa'], but ['a', 'a'] word by word" in failed
    assert "declare scope = 'document'" in failed
    assert done.stdout.endswith(" checks, 2 failed\n")
    record = json.loads(
        run_python("-m", "textprep", "check-plugin", "Textprep_Glue", "--json", site=site).stdout
    )
    assert sum(check["problem"] is not None for check in record) == 2


def test_a_plugin_that_is_not_installed(textprep) -> None:
    done = textprep("check-plugin", "textprep-movie-review")
    assert (done.code, done.out) == (1, "")
    assert "no plugin 'textprep-movie-review' is installed; there are: " in done.err
