"""No home folder, ``~`` in every path, and commands that can be pasted."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import platformdirs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import WordLevel

import textprep as tp
from textprep.cli.advice import as_typed
from textprep.config.experiment import read_config
from textprep.datasets import load_dataset
from textprep.errors import DatasetError
from textprep.prepared.dataset import open_store
from textprep.storage.files import cache_folder
from textprep.visible import command

ROOT = Path(__file__).resolve().parents[1]
ROWS = [(f"{word} film {i}", label) for i in range(20) for word, label in (("good", "pos"), ("bad", "neg"))]


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """A home folder with a file of rows in several kinds, and a working folder beside it."""
    folder = tmp_path / "home"
    for label in ("pos", "neg"):
        (folder / "classes" / label).mkdir(parents=True)
        for i in range(20):
            (folder / "classes" / label / f"{i}.txt").write_text(f"{label} film {i}")
    (folder / "rows.csv").write_text("text,label\n" + "".join(f"{t},{y}\n" for t, y in ROWS))
    (folder / "rows.jsonl").write_text("".join(f'{{"text": "{t}", "label": "{y}"}}\n' for t, y in ROWS))
    (folder / "rows.toml").write_text('dataset = { name = "csv", path = "~/rows.csv" }\n')
    Tokenizer(WordLevel({"<unk>": 0, "film": 1}, "<unk>")).save(str(folder / "tokenizer.json"))
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return folder


@pytest.mark.parametrize(
    ("name", "path"),
    [("csv", "~/rows.csv"), ("csv", "~/*.csv"), ("jsonl", "~/rows.jsonl"), ("folder", "~/classes")],
)
def test_a_data_set_may_lie_at_home(home, name, path) -> None:
    for given_path in (path, Path(path), [path]):
        if name != "folder" or not isinstance(given_path, list):
            assert len(load_dataset(name, path=given_path, splits=None)["train"]) == 40
    assert len(load_dataset(**read_config(path).dataset.model_dump())["train"]) if "*" not in path else True


def test_everything_that_takes_a_path_takes_one_at_home(home) -> None:
    corpus = load_dataset(read_config("~/rows.toml").dataset.name, path="~/rows.csv", quarantine="~/bad")
    pipeline = tp.Pipeline(tokenizer=tp.WordTokenizer()).fit(corpus["train"])
    pipeline.save("~/pipeline.json")
    assert tp.Pipeline.load("~/pipeline.json").encode("film") == pipeline.encode("film")
    assert tp.HuggingFaceTokenizer(path="~/tokenizer.json").is_fitted
    data = tp.prepare(corpus, pipeline, cache_dir="~/cache")
    assert open_store(f"~/cache/{data.path.name}").path == home / "cache" / data.path.name
    assert cache_folder("~/cache") == home / "cache"
    assert not list(Path.cwd().iterdir())


@pytest.mark.slow
def test_every_command_takes_paths_at_home(home, monkeypatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for line in (
        "train ~/rows.toml --run=~/run --set training.epochs=1 --cache-dir=~/cache",
        "evaluate ~/run --data=~/rows.csv",
        "predict ~/run film",
        "explain ~/run film --html=~/page.html",
        "check ~/rows.jsonl",
        "new plugin quotes --directory=~/plugins",
    ):
        run(*line.split())
    assert not list(Path.cwd().iterdir())
    assert {"run", "cache", "page.html", "plugins"} <= {path.name for path in home.iterdir()}


def run(*arguments: str, code: int | None = 0, **changes: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "textprep", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **changes},
        check=False,
    )
    assert code is None or done.returncode == code, done.stderr
    return done


def _no_home(_: str) -> str:
    raise RuntimeError("could not determine the home directory")


@pytest.mark.parametrize(
    "found", [_no_home, lambda name: f"~/.cache/{name}"]
)  # as releases of platformdirs do
def test_without_a_home_folder_a_message_names_the_variable(home, monkeypatch, found) -> None:
    monkeypatch.delenv("TEXTPREP_CACHE")
    monkeypatch.setattr(platformdirs, "user_cache_dir", found)
    corpus = load_dataset("csv", path=home / "rows.csv")
    for call in (
        cache_folder,
        lambda: tp.prepare(corpus, tp.Pipeline(tokenizer=tp.WordTokenizer())),
        lambda: tp.download("https://example.org/rows.csv", md5="0" * 32),
    ):
        with pytest.raises(
            tp.TextprepError, match=r"no home folder .*: set TEXTPREP_CACHE to a folder that can"
        ):
            call()


def test_a_tilde_without_a_home_folder_is_refused(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    for call in (lambda: load_dataset("csv", path="~/rows.csv"), lambda: tp.Pipeline.load("~/p.json")):
        with pytest.raises(tp.TextprepError, match="no home folder for ~ to stand for: write the whole path"):
            call()
    monkeypatch.chdir(tmp_path)
    Path("~old.csv").write_text("text,label\n" + "".join(f"{t},{y}\n" for t, y in ROWS))
    assert len(load_dataset("csv", path="~old.csv", splits=None)["train"]) == 40


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1))
@pytest.mark.skipif(os.name != "posix", reason="Windows quotes otherwise")
def test_a_shell_reads_a_printed_command_as_it_was_meant(words) -> None:
    assert shlex.split(command(*words)) == words


@pytest.mark.parametrize(
    ("value", "setting"),
    [
        (";", 'dataset.delimiter=";"'),
        ("\t", 'dataset.delimiter="\\t"'),
        ({"neg": "not good"}, 'dataset.delimiter={"neg" = "not good"}'),
        (["a", "b c"], 'dataset.delimiter=["a", "b c"]'),
        ("cp1252", "dataset.delimiter=cp1252"),
    ],
)
def test_an_advised_setting_can_be_pasted_and_means_the_value(value, setting) -> None:
    said = as_typed(DatasetError("no", option="delimiter", value=value))
    words = shlex.split(said.partition("--set ")[2].removesuffix(")"))
    assert words == [setting]
    options = read_config("rows.csv", words).dataset.model_dump()
    assert options["delimiter"] == value


@pytest.mark.slow
def test_the_commands_that_training_prints_run_in_a_shell(home, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    folder = str(tmp_path / "it's my run & more")
    done = run("train", "~/rows.csv", "--run", folder, "--set", "training.epochs=1")
    line = done.stdout.splitlines()[-1].removeprefix("try it: textprep ")
    shell = subprocess.run(
        f"{shlex.quote(sys.executable)} -m textprep {line}",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert shell.returncode == 0, shell.stderr
