"""A plugin that ``textprep new`` writes conforms as it is; ``textprep check-plugin`` says where one does not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("dataset", "step", "tokenizer", "target")
if not (ROOT / "textprep/training/targets/number.py").exists():  # the objective of what is written
    KINDS = KINDS[:-1]


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
        for file in (
            "README.md",
            "pyproject.toml",
            "textprep_film_quotes/__init__.py",
            "tests/test_film_quotes.py",
        )
    }
    assert done.code == 0
    assert done.out.endswith(
        "next: pip install -e './textprep-film-quotes[test]'\n      textprep check-plugin textprep-film-quotes\n"
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


def test_files_and_modules_of_the_package_are_in_its_wheel(textprep, tmp_path, installed_as_folder) -> None:
    textprep("new", "plugin", "quotes")
    package = tmp_path / "textprep-quotes" / "textprep_quotes"
    for file in ("rows.csv", "data/deep/more.csv"):
        (package / file).parent.mkdir(parents=True, exist_ok=True)
        (package / file).write_text("".join(f"{file} {n**5},{n % 2}\n" for n in range(20)))
    (package / "reading.py").write_text(READING)
    source = (package / "__init__.py").read_text().replace("import textprep as tp", IMPORTS)
    start, end = source.index("    for number in"), source.index("@tp.hookimpl")
    source = f"{source[:start]}    yield from read()\n\n\n{source[end:]}".replace("rows=100", "rows=40")
    (package / "__init__.py").write_text(
        source.replace('class_names=("even", "odd")', 'class_names=("0", "1")')
    )
    assert installed_as_folder(package.parent, "textprep-quotes", "0.1.0") == []
    (package.parent / "pyproject.toml").write_text(
        (package.parent / "pyproject.toml").read_text().replace(', "data/**/*"', "")
    )
    (said,) = installed_as_folder(package.parent, "textprep-quotes", "0.1.0")
    assert "textprep-quotes 0.1.0: its wheel holds all that it needs: from its wheel it fails: " in said
    assert (
        "; the wheel lacks textprep_quotes/data/deep/more.csv: in pyproject.toml, name every module" in said
    )


IMPORTS = "import textprep as tp\nfrom textprep_quotes.reading import read"
READING = """
from importlib.resources import files

def read():
    for name in ("rows.csv", "data/deep/more.csv"):
        for line in files("textprep_quotes").joinpath(name).read_text().splitlines():
            yield tuple(line.split(","))
"""


@pytest.mark.parametrize(
    ("setting", "lacks"),
    [
        ('py-modules = ["textprep_single"]', "rows.csv, textprep_beside.py"),
        ('py-modules = ["textprep_single", "textprep_beside"]', "rows.csv"),
    ],
)
def test_what_a_wheel_of_single_modules_lacks_is_named(tmp_path, installed_as_folder, setting, lacks) -> None:
    folder = tmp_path / "textprep-single"
    folder.mkdir()
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "textprep-single"\nversion = "1"\n'
        f'[project.entry-points.textprep]\nsingle = "textprep_single"\n[tool.setuptools]\n{setting}\n'
    )
    (folder / "rows.csv").write_text("".join(f"{n**5} film,{n % 2}\n" for n in range(40)))
    (folder / "textprep_beside.py").write_text("from pathlib import Path\nHERE = Path(__file__).parent\n")
    (folder / "textprep_single.py").write_text(SINGLE)
    (said,) = installed_as_folder(folder, "textprep-single", "1")
    assert f"; the wheel lacks {lacks}: in pyproject.toml" in said


SINGLE = """
import textprep as tp
from textprep_beside import HERE

@tp.dataset(license="CC0-1.0", citation="Nobody")
def single():
    return [tuple(line.split(",")) for line in (HERE / "rows.csv").read_text().splitlines()]

@tp.hookimpl
def textprep_datasets():
    return {"single": single}
"""


@pytest.fixture
def installed_as_folder(tmp_path, run_python):
    """What ``check-plugin`` finds wrong with a package that ``pip install -e`` installed."""

    def failures(folder: Path, name: str, version: str) -> list[str]:
        module = name.replace("-", "_")
        info = tmp_path / "site" / f"{module}-{version}.dist-info"
        info.mkdir(parents=True, exist_ok=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        (info / "entry_points.txt").write_text(f"[textprep]\n{name.removeprefix('textprep-')} = {module}\n")
        (info / "direct_url.json").write_text(
            json.dumps({"url": folder.as_uri(), "dir_info": {"editable": True}})
        )
        site = os.pathsep.join([str(tmp_path / "site"), str(folder)])
        done = run_python("-m", "textprep", "check-plugin", name, site=site)
        assert "its wheel holds all that it needs" in done.stdout, done.stderr
        return [line for line in done.stdout.splitlines() if not line.startswith("ok")][:-1]

    return failures


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
    (failed,) = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
    assert "never looks across white space: on 'a a' it gives ['aa'], but ['a', 'a'] word by word" in failed
    assert "declare scope = 'document'" in failed
    assert "skipped glued ('glued'): the engine gives the ids of one text at a time" in done.stdout
    assert done.stdout.endswith(" checks, 1 failed\n")
    record = json.loads(
        run_python("-m", "textprep", "check-plugin", "Textprep_Glue", "--json", site=site).stdout
    )
    assert sum(check["problem"] is not None for check in record) == 1
    assert not all(check["tried"] for check in record)


def test_a_plugin_that_is_not_installed(textprep) -> None:
    done = textprep("check-plugin", "textprep-movie-review")
    assert (done.code, done.out) == (1, "")
    assert "no plugin 'textprep-movie-review' is installed; there are: " in done.err
