"""A run on sequences of numbers: trained, saved, loaded, scored, shown; the same from the command line."""

import json
import re
from contextlib import suppress

import numpy as np
import pytest

import textprep as tp
from textprep.cli import main
from textprep.errors import ConfigError, DatasetError, RunError

SMALL = {"model": {"hidden_dim": 8, "embedding_dim": 8}, "training": {"epochs": 3}}


def waves(rows=90, *, seed=0):
    """Sequences of different length, whose class is how fast they swing."""
    random = np.random.default_rng(seed)
    given = []
    for place in range(rows):
        steps = np.arange(int(random.integers(8, 30)))
        swing = np.sin(steps * (0.2, 1.5)[place % 2] + random.uniform(0, 6))
        given.append((np.stack([swing, random.normal(0, 1, len(steps))], 1), ("slow", "fast")[place % 2]))
    return given


def write_long(path, rows, *, label="label"):
    lines = [f"recording,t,swing,noise,{label}"]
    for number, (steps, name) in enumerate(rows):
        lines += [f"r{number},{t},{a:.4f},{b:.4f},{name}" for t, (a, b) in enumerate(steps)]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("sequences")


@pytest.fixture(scope="module")
def run(folder):
    path = write_long(folder / "waves.csv", waves())
    return tp.train(
        dataset="csv", path=str(path), sequence="recording", time="t", **SMALL, run_dir=folder / "run",
        cache_dir=folder / "cache",
    )  # fmt: skip


def test_it_learns_and_comes_back_from_its_folder(run, folder):
    loaded = tp.Run.load(folder / "run")
    arrays = [steps for steps, _ in waves(6)]
    said, again = run.predict(arrays), loaded.predict(arrays)
    assert [each.label for each in said] == [each.label for each in again]
    assert said[0].text == "sequence 0"
    assert set(said[0].probabilities) == {"slow", "fast"}
    assert loaded.pipeline.names == ("swing", "noise")
    assert loaded.config.loader.max_length is None
    assert loaded.model.options()["word_pairs"] == 0


def test_a_prediction_does_not_depend_on_what_it_is_batched_with(run):
    arrays = [steps for steps, _ in waves(9)]
    alone = np.concatenate([run.outputs([array]) for array in arrays])
    assert np.allclose(alone, run.outputs(arrays), atol=1e-4)


def test_new_data_are_read_as_the_training_data_were(run, folder):
    path = write_long(folder / "more.csv", waves(12, seed=5))
    corpus = run.read(path)
    assert corpus.features == ("swing", "noise")
    assert len(corpus["train"]) == 12
    assert 0 <= run.evaluate(corpus)["accuracy"] <= 1
    unlabelled = run.read(path, labelled=False)
    assert next(each.text for each in run.predict(unlabelled["train"])).startswith("r0 (")
    again = run.evaluate(run.read(folder / "waves.csv"))
    assert again["seen"]["rows"] > 0


def test_the_report_shows_curves_and_where_the_model_looked(run):
    page = (run.path / "report.html").read_text()
    assert page.count("most attention at step") >= 2
    assert "Training sequences" in page
    assert "steps per row" in page
    assert "vocabulary" not in page.split("</header>")[0]
    ids = set(re.findall(r'id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= ids


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"model": {"vectors": "glove.txt"}}, "model.vectors is about words"),
        ({"model": {"word_pairs": 8}}, "model.word_pairs is about words"),
        ({"training": {"word_dropout": 0.1}}, "training.word_dropout is about words"),
    ],
)
def test_an_option_about_words_is_refused(options, says, folder):
    with pytest.raises(ConfigError, match=says):
        tp.train(
            dataset="sequences", rows=waves(20), **options, run_dir=folder / "no", cache_dir=folder / "c"
        )


def test_texts_are_refused(run):
    with pytest.raises(RunError, match="there are texts"):
        run.predict(["a text"])
    with pytest.raises(RunError, match="these rows are texts"):
        run.predict(tp.load_dataset("memory", rows=["a text"], splits=None)["train"])


@pytest.mark.parametrize("name", ["gru", "gru_attention", "transformer"])
def test_every_model_learns_from_windows_of_one_recording(name, folder):
    random = np.random.default_rng(0)
    state = np.repeat(random.integers(0, 2, 40), 25)
    rows = [
        {"x": float(np.sin(step * (0.3 + value)) + random.normal(0, 0.1)), "state": f"s{value}"}
        for step, value in enumerate(state)
    ]
    heads = {"heads": 2} if name == "transformer" else {}
    run = tp.train(
        dataset="sequences", rows=rows, label="state", windows={"length": 12, "stride": 6},
        model={**SMALL["model"], "name": name, **heads}, training={"epochs": 1},
        run_dir=folder / f"windows-{name}", cache_dir=folder / "cache",
    )  # fmt: skip
    assert run.metrics["rows"] > 5
    assert (run.path / "report.html").exists()


def test_the_next_values_are_scored_beside_the_last_step_repeated(folder):
    steps = np.arange(400)
    recording = np.stack([np.sin(steps * 0.3), np.cos(steps * 0.1)], 1)
    run = tp.train(
        dataset="sequences", rows=[recording], features=["a", "b"], target="next_values",
        windows={"length": 10, "stride": 2}, **SMALL, run_dir=folder / "next", cache_dir=folder / "cache",
    )  # fmt: skip
    assert run.metrics["last_step"]["mae"] == pytest.approx(
        float(np.abs(np.diff(recording, axis=0)).mean()), rel=0.2
    )
    assert "the last step repeated has an MAE of" in run.objective.summary(run.metrics)
    assert (
        "that training never saw; the last step repeated has an MAE of"
        in (folder / "next/report.html").read_text()
    )
    assert set(run.predict([recording[:10]])[0].value) == {"a", "b"}


def test_the_command_line_needs_no_python(folder, capsys, monkeypatch):
    monkeypatch.setenv("TEXTPREP_CACHE", str(folder / "cache"))
    path, run = str(write_long(folder / "more.csv", waves(40, seed=2))), str(folder / "typed")
    how = ["--set", "dataset.sequence=recording", "--set", "dataset.time=t"]

    def typed(*words):
        monkeypatch.setattr("sys.argv", ["textprep", *words])
        with suppress(SystemExit):
            main()
        return capsys.readouterr().out

    assert "nothing is wrong" in typed("check", path, *how)
    assert "steps, the first 5" in typed("preview", path, *how)
    assert "steps per row" in typed("prepare", path, *how)
    assert "is prepared" in typed("cache", "why", path, *how)
    assert "padding" in typed("plan", path, *how)
    assert "--data FILE" in typed(
        "train", path, *how, "--run", run, "--set", "training.epochs=1", "--set", "model.hidden_dim=8"
    )
    assert "accuracy" in typed("evaluate", run)
    assert json.loads(typed("evaluate", run, "--data", path, "--json"))["rows"] == 40
    assert len(json.loads(typed("predict", run, "--data", path, "--json"))) == 40


def test_a_tag_for_each_step_is_learned_and_shown(folder):
    random = np.random.default_rng(0)
    rows = []
    for number in range(40):
        length, begin = int(random.integers(10, 30)), int(random.integers(0, 8))
        rows += [
            {"recording": f"r{number}", "x": float(random.normal() + 4 * (begin <= step < begin + 5)),
             "state": "on" if begin <= step < begin + 5 else "off"}
            for step in range(length)
        ]  # fmt: skip
    run = tp.train(
        dataset="sequences", rows=rows, sequence="recording", features=["x"], label="state", target="tags",
        model={"hidden_dim": 8}, training={"epochs": 15, "learning_rate": 0.02}, run_dir=folder / "tags", cache_dir=folder / "cache",
    )  # fmt: skip
    assert run.metrics["token_accuracy"] > run.metrics["baseline"]["token_accuracy"]
    assert run.metrics["baseline"]["of"] == "the most frequent tag"
    assert (run.path / "report.html").exists()
    (said,) = run.predict([np.zeros((3, 1))])
    assert [(span["start"], span["end"]) for span in said.spans] == [(0, 1), (1, 2), (2, 3)]


def test_new_recordings_are_put_in_order_and_their_holes_found(run, folder):
    path = write_long(folder / "order.csv", waves(4))
    head, *lines = path.read_text().splitlines()
    wanted = [each.probabilities for each in run.predict(run.read(path)["train"])]
    path.write_text(
        "\n".join([head, *sorted(lines, key=lambda line: (line[:2], -int(line.split(",")[1])))]) + "\n"
    )
    assert [each.probabilities for each in run.predict(run.read(path)["train"])] == wanted
    path.write_text("\n".join([head, *(line for line in lines if line.split(",")[1] != "3")]) + "\n")
    with pytest.raises(DatasetError, match="1 step is missing, the first after the time 2"):
        run.read(path)
