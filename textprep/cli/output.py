"""What commands print for programs and for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperGroup

from textprep.errors import Stopped


class WholeSentences(TyperGroup):
    """Commands, of which ``--help`` says what each does in a whole sentence; typer cuts it to one line."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Wrap the first paragraph of what each command says of itself."""
        for command in self.commands.values():
            command.short_help = (command.help or "").split("\n\n")[0]
        super().format_commands(ctx, formatter)


def print_json(record: Any) -> None:
    """``record`` on standard output; characters that it cannot take are written as JSON escapes."""
    is_utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    print(json.dumps(record, indent=2, ensure_ascii=not is_utf8, default=repr))


def say(line: str) -> None:
    """A line on standard error: how far the work is."""
    print(line, file=sys.stderr, flush=True)


@contextmanager
def going_on_later() -> Iterator[None]:
    """Ctrl-C in here ends a command that does not begin anew when it is given again."""
    try:
        yield
    except KeyboardInterrupt as interrupt:
        again = interrupt if isinstance(interrupt, Stopped) else "the same command"
        say(f"stopped; to go on from what was saved: {again}")
        raise typer.Exit(130) from None
