"""One piece of work in a process of its own, which has nothing in memory but what the work needs.

    python -m tests.benchmarks.child prepare TEXTS PIPELINE CACHE     with the fitted pipeline
    python -m tests.benchmarks.child fit TEXTS PIPELINE CACHE         fitted anew, on the same texts
    python -m tests.benchmarks.child map DATASET PIPELINE FORM
    python -m tests.benchmarks.child load|arrow|stream KIND FILE FOLDER   a data file to a corpus, or by pyarrow

It prints one JSON object: ``seconds``, that the work itself took, ``cpu``, of all threads; ``before``, the memory in use right before
it, in MB. ``start`` runs it and samples its memory meanwhile.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[[], Any]
SAMPLE_EVERY = 0.005


def start(*arguments: object) -> dict[str, float]:
    """Run the child; its report, and ``peak``, the most memory that it had, in MB.

    Memory is ``RssAnon`` of ``/proc/PID/status``: pages that belong to the process itself, and so neither the
    texts nor the store, which are files in memory maps; 0 on systems without it.
    """
    command = [sys.executable, "-m", "tests.benchmarks.child", *map(str, arguments)]
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "PYTHONPATH": path}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT) as child:
        peak = 0.0
        while child.poll() is None:
            peak = max(peak, own_memory(child.pid))
            time.sleep(SAMPLE_EVERY)
        assert child.stdout
        printed = child.stdout.read()
    if child.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with status {child.returncode}")
    return json.loads(printed.splitlines()[-1]) | {"peak": peak}


def own_memory(pid: int | str = "self") -> float:
    """``RssAnon`` of a process and those that it started, in MB (10^6 bytes); 0 where it cannot be read."""
    process = Path(f"/proc/{pid}")
    try:
        status = (process / "status").read_text()
        started = [number for file in process.glob("task/*/children") for number in file.read_text().split()]
    except OSError:  # it has just ended, or this is another system
        return 0.0
    fields = dict(line.split(":", 1) for line in status.splitlines())
    return int(fields.get("RssAnon", "0 kB").split()[0]) * 1024 / 10**6 + sum(map(own_memory, started))


def _prepare(texts: str, pipeline: str, cache: str) -> Run:
    import textprep as tp
    from tests.benchmarks.texts import open_texts

    corpus, fitted, prepare = open_texts(Path(texts)), tp.Pipeline.load(pipeline), tp.prepare
    return lambda: prepare(corpus, fitted, cache_dir=cache)


def _fit(texts: str, pipeline: str, cache: str) -> Run:
    import textprep as tp
    from tests.benchmarks.texts import open_texts

    saved, corpus, prepare = tp.Pipeline.load(pipeline), open_texts(Path(texts)), tp.prepare
    unfitted = tp.Pipeline(saved.steps, tokenizer=type(saved.tokenizer)(**saved.tokenizer.options()))
    return lambda: prepare(corpus, unfitted, cache_dir=cache)


def _map(dataset: str, pipeline: str, form: str) -> Run:
    import datasets

    import textprep as tp
    from tests.benchmarks.peers import bpe_forms, map_call

    datasets.disable_progress_bars()
    forms = {each.name: each for each in bpe_forms(tp.Pipeline.load(pipeline), tp.StripMarkup())}
    source, function, options = map_call(forms[form], datasets.load_from_disk(dataset))
    return lambda: source.map(function, **options)


def _load(kind: str, path: str, work: str) -> Run:
    import textprep as tp

    os.environ["TEXTPREP_CACHE"] = work
    tp.load_dataset("memory", rows=["what is imported once is not timed"], splits=None)
    return lambda: tp.load_dataset(kind, path=path, splits=None)


def _arrow(kind: str, path: str, work: str) -> Run:
    from pyarrow import csv, json

    options = csv.ParseOptions(newlines_in_values=True)
    return lambda: csv.read_csv(path, parse_options=options) if kind == "csv" else json.read_json(path)


def _stream(kind: str, path: str, work: str) -> Run:
    import tempfile

    import pyarrow as pa
    from pyarrow import csv

    def run() -> None:
        reader = csv.open_csv(path, parse_options=csv.ParseOptions(newlines_in_values=True))
        with tempfile.TemporaryFile(dir=work) as file, pa.ipc.new_file(file, reader.schema) as writer:
            for batch in reader:
                writer.write_batch(batch)

    return run


COMMANDS = {
    "prepare": _prepare, "fit": _fit, "map": _map, "load": _load, "arrow": _arrow, "stream": _stream
}  # fmt: skip

if __name__ == "__main__":
    run = COMMANDS[sys.argv[1]](*sys.argv[2:])
    before = own_memory()
    begin, spent = perf_counter(), time.process_time()
    result = run()  # kept, so that it is there at the peak
    print(
        json.dumps({"seconds": perf_counter() - begin, "cpu": time.process_time() - spent, "before": before})
    )
