"""A process that reads rows: ``python -m textprep.batches.worker``, started by `textprep.batches.workers`.

It is told on standard input, in a line of JSON, which split of which store to open and how to lay rows out;
then, for each batch, how many rows it has, 8 bytes, and their numbers, 8 bytes each, in the machine's order.
It answers each on standard output with a byte that is 0 and the ids as they lie in memory; or a byte that is
1 and, till the end, what went wrong. It ends when its input ends, as it does when the process that started it
has gone: so it is never left behind. There is no shared memory that could be.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator
from queue import SimpleQueue
from typing import BinaryIO

import numpy as np

from textprep.batches.layout import Layout
from textprep.batches.permutation import Rows
from textprep.batches.reader import Reader
from textprep.errors import TextprepError
from textprep.preparation.store import open_split

FINE, FAILED = b"\0", b"\1"


def main() -> None:
    """Serve until standard input ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever prints does not print into the answers
    try:
        serve(sys.stdin.buffer, answers)
    except (BrokenPipeError, KeyboardInterrupt):
        pass
    except (TextprepError, OSError) as error:
        answers.write(FAILED + str(error).encode())


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer every request.

    Raises:
        TextprepError: the store cannot be opened.
        BrokenPipeError: nobody reads the answers any more.
    """
    task = json.loads(requests.readline())
    reader = Reader(open_split(task["path"], task["split"], verify="none"), Layout(**task["layout"]))
    for rows in _drained(requests):
        answer = memoryview(FINE + reader.rectangle(rows).tobytes())
        while answer:
            answer = answer[answers.write(answer) :]


def _drained(requests: BinaryIO) -> Iterator[Rows]:
    """The requests, read by a thread of their own: so who writes them never waits for the answers."""
    waiting: SimpleQueue[Rows | None] = SimpleQueue()
    threading.Thread(target=_read, args=(requests, waiting), daemon=True).start()
    while (rows := waiting.get()) is not None:
        yield rows


def _read(requests: BinaryIO, waiting: SimpleQueue[Rows | None]) -> None:
    while size := requests.read(8):
        content = requests.read(8 * int.from_bytes(size, sys.byteorder))
        waiting.put(np.frombuffer(content, dtype=np.int64))
    waiting.put(None)


if __name__ == "__main__":
    main()
    os._exit(0)  # the thread may still wait for input, which Python's own way out would wait for, too
