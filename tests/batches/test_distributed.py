"""Two processes with gloo: each takes its own batches, and both all of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
import torch

from textprep.prepared.split import PreparedSplit

SCRIPT = """
import json, sys
import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel
from textprep.prepared.split import open_split

store, meeting, rank, world_size = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
dist.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=world_size)
split = open_split(store, "train")
report = {}
for name, options in {"evaluation": {}, "training": {"shuffle": True}}.items():
    loader = split.loader(batch_size=8, **options)  # rank and world size are what torch.distributed says
    steps = torch.tensor([len(loader)])
    dist.all_reduce(steps)
    report[name] = {"batches": [batch.row_ids.tolist() for batch in loader], "steps": int(steps), "state": loader.state_dict()}

torch.manual_seed(0)
model = DistributedDataParallel(torch.nn.Linear(1, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for batch in split.loader(batch_size=8, shuffle=True):  # ends only if all take equal steps
    loss = torch.nn.functional.cross_entropy(model(batch.lengths[:, None].float()), batch.labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
report["loss"] = float(loss)
report["weights"] = [parameter.tolist() for parameter in model.parameters()]
dist.barrier()
dist.destroy_process_group()
print(json.dumps(report))
"""


def run(split: PreparedSplit, folder, world_size: int) -> list[dict]:
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "OMP_NUM_THREADS": "1",
    }
    command = [sys.executable, "-c", SCRIPT, str(split.path), str(folder / "meeting")]
    processes = [
        subprocess.Popen(
            [*command, str(rank), str(world_size)], stdout=subprocess.PIPE, text=True, env=environment
        )
        for rank in range(world_size)
    ]
    printed = [process.communicate(timeout=200)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * world_size
    return [json.loads(output.splitlines()[-1]) for output in printed]


@pytest.mark.slow
@pytest.mark.skipif(not torch.distributed.is_available(), reason="torch was built without distributed")
@pytest.mark.skipif(sys.platform == "win32", reason="gloo meets in a file here")
def test_two_processes_take_equal_steps_and_together_every_row(stored, tmp_path):
    reports = run(stored, tmp_path, 2)
    rows = set(stored.row_ids.tolist())
    for name in ("evaluation", "training"):
        passes = [report[name]["batches"] for report in reports]
        assert len(passes[0]) == len(passes[1]) == reports[0][name]["steps"] // 2
        together = [row for step in zip(*passes, strict=True) for batch in step for row in batch if row >= 0]
        assert set(together) == rows
        if name == "evaluation":
            assert together == sorted(rows), "no row counts twice, and the order is that of one process"
        assert reports[0][name]["state"] == reports[1][name]["state"]
    assert reports[0]["weights"] == reports[1]["weights"]
    assert all(report["loss"] == report["loss"] for report in reports), "no mean over nothing"
