"""The command line: what a person types and sees.

Results go to standard output, progress and warnings to standard error. Exit codes: 0 done, 1 an error
(one line says what, where and what to do), 2 a command that was typed wrong, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import atexit
import gc
import io
import sys
import warnings

from textprep.interrupts import ctrl_c_ends_imports


def main() -> None:
    """Run the command line; every error that textprep raises on purpose becomes one line."""
    _spare_the_collector()
    for stream in (sys.stdout, sys.stderr):  # a terminal that cannot show a character shows an escape
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    warnings.showwarning = _one_line
    try:
        with ctrl_c_ends_imports():
            _run()
    except KeyboardInterrupt:  # while importing; afterwards typer makes it exit code 130
        sys.exit(130)


def _run() -> None:
    from textprep.cli.app import app
    from textprep.errors import TextprepError

    try:
        app()
    except TextprepError as error:
        from textprep.cli.advice import as_typed

        print(f"textprep: error: {as_typed(error)}", file=sys.stderr)
        sys.exit(1)
    except OSError as error:  # of a path that somebody typed, such as one that is too long
        print(f"textprep: error: {error}", file=sys.stderr)
        sys.exit(1)


def _spare_the_collector() -> None:
    """Look for garbage less often, and not in what was imported when the process ends.

    Importing torch makes a quarter of a million objects that all live on. As often as Python looks
    through them by default, that takes a third of the time of a prediction.
    """
    gc.set_threshold(50_000, 20, 20)
    atexit.register(gc.freeze)


def _one_line(message: Warning | str, category: type[Warning], *_: object, **__: object) -> None:
    print(f"textprep: warning: {' '.join(str(message).split())}", file=sys.stderr)
