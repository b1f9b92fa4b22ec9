"""The figures behind docs/own-code.md: what the libraries do that own code stands in for.

python -m tests.benchmarks.reasons
"""

from __future__ import annotations

import csv
import io
import json
import tempfile
import time
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pyarrow.csv
import pyarrow.json

import textprep as tp

NESTED = "<div>" * 100_000 + "text"
OPEN_TAGS = "<a " * 8_000  # 24 kB


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def markup() -> None:
    """Time to read hostile pages."""
    from selectolax.lexbor import LexborHTMLParser

    step = tp.StripMarkup()
    for name, page in {"100,000 nested <div>": NESTED, "24 kB of '<a '": OPEN_TAGS}.items():
        readers: dict[str, Callable[[], object]] = {
            "textprep": lambda page=page: step(page),
            "selectolax": lambda page=page: LexborHTMLParser(page).text(),
            "html.parser": lambda page=page: _closed(page),
        }
        for reader, work in readers.items():
            print(f"markup, {name}: {reader} {seconds(work):.3f} s")


def _closed(page: str) -> None:
    parser = HTMLParser()
    parser.feed(page)
    parser.close()


def delimited() -> None:
    """Rows that arrive of a file of 1,000 in which row 500 opens a quote that is never closed."""
    lines = ["text,label", *(f"review number {n},{n % 2}" for n in range(1000))]
    lines[501] = '"review number 500,0'
    content = "\n".join(lines) + "\n"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "reviews.csv")
        path.write_text(content)
        corpus = tp.load_dataset("csv", path=path, splits=None, on_error="skip")
        print(f"open quote: textprep {len(corpus['train'])} rows, {len(corpus.rejected)} reported")
    print(f"open quote: csv {len(list(csv.reader(io.StringIO(content)))) - 1} rows, none reported")
    options = pyarrow.csv.ParseOptions(newlines_in_values=True)
    try:
        read = pyarrow.csv.read_csv(io.BytesIO(content.encode()), parse_options=options).num_rows
    except pyarrow.ArrowInvalid as error:
        read = f"no rows: {error!s:.70}"
    print(f"open quote: pyarrow.csv {read}")


def json_lines() -> None:
    """Read lines with a repeated key, with NaN, cut off in the middle, and with half of a surrogate pair."""
    for name, line in {
        "key twice": '{"text": "a", "text": "b"}',
        "NaN": '{"text": NaN}',
        "cut off": '{"text": "a", ',
        "half a surrogate": '{"text": "\\ud83d"}',
    }.items():
        for reader, work in {
            "json": lambda line=line: json.loads(line),
            "pyarrow.json": lambda line=line: pyarrow.json.read_json(io.BytesIO(line.encode())).to_pylist(),
        }.items():
            try:
                outcome = repr(work())
            except Exception as error:
                outcome = f"{type(error).__name__}: {error}"
            print(f"JSON line, {name}: {reader} {outcome:.90}")


if __name__ == "__main__":
    markup()
    delimited()
    json_lines()
