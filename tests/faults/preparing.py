"""Not a test: a process that prepares the same data again and again, each time in a child with a fault.

It reads one job a line from standard input, as JSON, and answers with one line: how the children ended. A
child is forked, so that it starts at once; it breaks its own os.fsync, Path.replace and so on, so that
nothing in textprep knows of faults. The keys of a job:

    cache       the folder to prepare in
    rows        how many texts (300)
    shard       bytes of text in a shard (2,000); none for as many as it has outside of tests
    processes   how many children at once (1)
    kill_at     ["before" or "after", n]: SIGKILL at the n-th fsync, rename or replace
    kill_after  seconds after which SIGKILL comes from outside
    kill_rows   SIGKILL when so many rows were encoded
    no_space    n: the n-th write fails with ENOSPC
    wrong       as many labels are other ones than without
    pairs       whether each row has a second text
    blind       "locks": file locks do nothing; "all": nor does anybody see that another is at work
    workers     threads of the encoder
    log         a file that gets a line for each encoded shard ("rows 12"), fit ("fit") and call ("call 7")
"""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
import time
from pathlib import Path

import pyarrow as pa

import textprep as tp
from textprep.datasets.corpus import Corpus
from textprep.datasets.split import Split
from textprep.preparation import shards
from textprep.storage import locks
from textprep.targets import ClassTarget

WORDS = ["a", "film", "with", "some", "dull", "parts", "and", "one", "good", "joke", "brilliant", "mess"]


def corpus(rows, wrong=0, pairs=False):
    texts = [" ".join(WORDS[(n * k) % 12] for k in range(1, n % 17)) + f" {n}" for n in range(rows)]
    table = pa.table(
        {
            "text": pa.array(texts, pa.large_string()),
            "label": pa.array([n % 2 if n >= wrong else 1 - n % 2 for n in range(rows)], pa.int64()),
            "row_id": pa.array(range(rows), pa.int64()),
        }
    )
    if pairs:
        table = table.append_column("pair", pa.array(texts[::-1], pa.large_string()))
    target = ClassTarget(class_names=["bad", "good"])
    splits = {"train": Split(table, target), "test": Split(table.slice(0, rows // 5), target)}
    return Corpus(splits, target, name="reviews")


def pipeline():
    return tp.Pipeline([tp.Lowercase()], tokenizer=tp.BPETokenizer(vocab_size=60))


class Log:
    """Whole lines, from any process."""

    def __init__(self, path):
        self.handle = os.open(path or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def line(self, text):
        os.write(self.handle, f"{text}\n".encode())


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def count_calls(job, log):
    """Count every fsync, rename and replace; die at one."""
    moment, number = job.get("kill_at", ("before", 0))
    calls = [0]

    def counted(function):
        def call(*arguments):
            calls[0] += 1
            mine = calls[0] == number
            log.line(f"call {calls[0]}")
            if mine and moment == "before":
                die()
            result = function(*arguments)
            if mine:
                die()
            return result

        return call

    os.fsync = counted(os.fsync)
    Path.replace = counted(Path.replace)
    Path.rename = counted(Path.rename)


def fail_writes(number):
    """Let the ``number``-th write to any file fail as on a full disk."""
    opened, writes = Path.open, [0]

    def open_file(self, mode="r", *arguments, **options):
        file = opened(self, mode, *arguments, **options)
        return Full(file) if "w" in mode else file

    class Full:
        def __init__(self, file):
            self.file = file

        def write(self, content):
            writes[0] += 1
            if writes[0] == number:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return self.file.write(content)

        def __getattr__(self, name):
            return getattr(self.file, name)

        def __enter__(self):
            return self

        def __exit__(self, *problem):
            self.file.close()

    Path.open = open_file


def watch_encoding(job, log):
    """Log what is encoded and fitted; die at a number of rows."""
    encoder, fit, done = tp.Pipeline.encoder, tp.Pipeline.fit, [0]

    class Watched:
        def __init__(self, real):
            self.real = real
            self.stages = real.stages

        def encode_many(self, columns):
            for ids in self.real.encode_many(columns):
                rows = len(ids.offsets) - 1
                log.line(f"rows {rows}")
                done[0] += rows
                if done[0] >= job.get("kill_rows", float("inf")):
                    die()
                yield ids

    def logged_fit(self, *arguments, **options):
        log.line("fit")
        return fit(self, *arguments, **options)

    tp.Pipeline.encoder = lambda self, **options: Watched(encoder(self, **options))
    tp.Pipeline.fit = logged_fit


class NoLock:
    """As on some network file systems."""

    def __init__(self, *_, **__):
        pass

    def acquire(self, **_):
        pass

    def release(self):
        pass


def make_blind(kind):
    locks.FileLock = NoLock
    if kind == "all":
        locks._leave_note = lambda lock: True


def child(job):
    log = Log(job.get("log"))
    if job.get("shard", 2_000):
        shards.SHARD_BYTES = (job.get("shard", 2_000),) * 2
    count_calls(job, log)
    watch_encoding(job, log)
    if "no_space" in job:
        fail_writes(job["no_space"])
    if job.get("blind"):
        make_blind(job["blind"])
    data = corpus(job.get("rows", 300), job.get("wrong", 0), job.get("pairs", False))
    try:
        made = tp.prepare(data, pipeline(), cache_dir=job["cache"], workers=job.get("workers"))
        for texts in filter(None, (made["train"], made["train"].pair)):
            texts.ids(len(made["train"]) - 1)
        assert made["train"].labels.tolist() == data["train"].labels.tolist()
    except tp.TextprepError as error:
        log.line(f"error {error}")
        return 3
    return 0


def start(job):
    number = os.fork()
    if number:
        return number
    code = 4
    try:
        code = child(job)
    finally:
        os._exit(code)


def run(job):
    """How many seconds it took, and how each child ended: its exit code, or -9 where it was killed."""
    begun = time.monotonic()
    children = [start(job) for _ in range(job.get("processes", 1))]
    if "kill_after" in job:
        time.sleep(job["kill_after"])
        for number in children:
            os.kill(number, signal.SIGKILL)
    ends = [os.waitstatus_to_exitcode(os.waitpid(number, 0)[1]) for number in children]
    return {"ends": ends, "seconds": time.monotonic() - begun}


def main():
    # Everything that a child needs is imported before the first fork.
    from textprep.prepared import prepare  # noqa: F401
    from textprep.tokenizers import bpe  # noqa: F401

    corpus(10)  # makes pyarrow import the rest of itself
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
