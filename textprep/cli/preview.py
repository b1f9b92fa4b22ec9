"""``textprep preview``: a few rows on their way from raw text to ids."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typing_extensions import TypedDict

from textprep.cli.arguments import AsJson, Overrides, Target
from textprep.cli.output import print_json
from textprep.tables import printable, table

if TYPE_CHECKING:
    from textprep.datasets.corpus import Corpus
    from textprep.pipeline import Pipeline
    from textprep.targets import Target as LearnedTarget

STEPS = 5  # of a sequence of numbers
FITTED_ON = 2_000  # texts: enough for a vocabulary to look at, and done in a second


class TracedText(TypedDict):
    """A text on its way: as it is after each step, its tokens and ids."""

    raw: str
    steps: list[dict[str, str]]
    tokens: list[str]
    ids: list[int]


class Traced(TracedText):
    """A row on its way, for programs; ``pair`` is its second text, where it has one."""

    row_id: int
    label: str | float | list[str] | list[float] | None
    extra: dict[str, str | float | list[float]]
    pair: TracedText | None


def preview(
    target: Target,
    rows: Annotated[int, typer.Option(min=1, help="How many rows to show.")] = 3,
    split: Annotated[str, typer.Option(help="The split to show rows of.")] = "train",
    width: Annotated[int, typer.Option(min=20, help="How many characters of a text to show.")] = 400,
    plan: Annotated[
        bool, typer.Option("--plan", help="Show how each step runs over a whole column, and why; no rows.")
    ] = False,
    overrides: Overrides = [],  # noqa: B006 - typer reads the default, which never changes
    as_json: AsJson = False,
) -> None:
    """Show a few rows as every step leaves them, then their tokens and ids.

    The vocabulary is fitted on the first 2,000 training texts, to be quick: after 'textprep prepare' or
    'textprep train' the ids are others.
    """
    from textprep.cli.loading import loaded
    from textprep.config.experiment import read_config

    config = read_config(target, overrides)
    pipeline = config.pipeline()
    if plan:
        if as_json:
            print_json(_plan(pipeline))
        else:
            print(pipeline.execution())
        return
    corpus = loaded(config.dataset)
    if corpus.features:
        _show_sequences(corpus, split, rows, as_json)
        return
    pipeline.fit(corpus["train"].rows(0, FITTED_ON))
    first = islice(corpus[split], rows)
    shown = [_trace(pipeline, row, _label(row, corpus.target), list(corpus.extra)) for row in first]
    if as_json:
        print_json(shown)
        return
    print(corpus.contents())
    for row in shown:
        print()
        _print_row(row, corpus.target, width, pipeline)


def _show_sequences(corpus: Corpus, split: str, rows: int, as_json: bool) -> None:
    """The first steps of a few sequences, and as the scaler gives them."""
    from textprep.inputs import sequences
    from textprep.scaling import Scaler

    scaler = Scaler(corpus.features).fit(corpus["train"])
    shown = corpus[split].rows(0, rows)
    records = [
        {
            "row_id": row["row_id"], "name": row["name"], "label": _label(row, corpus.target),
            "steps": len(steps), "raw": steps[:STEPS].tolist(),
            "inputs": scaler.encode(steps[:STEPS]).round(4).tolist(),
        }
        for row, steps in zip(shown, sequences(shown.sequence), strict=True)
    ]  # fmt: skip
    if as_json:
        print_json(records)
        return
    print(corpus.contents())
    for record in records:
        label = "none" if record["label"] in (None, "") else record["label"]
        print(f"\n── {record['name']}, label {label}, {record['steps']:,} steps, the first {STEPS}")
        lines = [
            [str(step), *(f"{raw:g} → {number:.2f}" for raw, number in zip(*each, strict=True))]
            for step, each in enumerate(zip(record["raw"], record["inputs"], strict=True))
        ]
        print(table(["step", *corpus.features], lines))


def _plan(pipeline: Pipeline) -> list[dict[str, str]]:
    return [mode._asdict() for mode in pipeline.execution().modes]


def _trace(pipeline: Pipeline, row: dict[str, Any], label: Any, extra: list[str]) -> Traced:
    """The text after every step, then its tokens and ids; its extra columns; and its second text."""
    where = f"row {row['row_id']}"
    return {
        **_trace_text(pipeline, row["text"], where),
        "row_id": row["row_id"],
        "label": label,
        "extra": {name: row[name] for name in extra},
        "pair": _trace_text(pipeline, row["pair"], f"{where} (second text)") if "pair" in row else None,
    }


def _trace_text(pipeline: Pipeline, raw: str, where: str) -> TracedText:
    from textprep.encoding.plain import clean_text

    text = raw
    after = []
    for step in pipeline.steps:
        text = clean_text([step], text, where)
        after.append({"step": step.name, "text": text})
    return {
        "raw": raw,
        "steps": after,
        "tokens": pipeline.tokenizer.tokenize(text),
        "ids": pipeline.tokenizer.encode(text),
    }


def _label(row: dict[str, Any], target: LearnedTarget | None) -> Any:
    return target.shown(row[target.column]) if target and target.column in row else None


def _print_row(row: Traced, target: LearnedTarget | None, width: int, pipeline: Pipeline) -> None:
    label = target.in_words(row["label"], row["raw"]) if target and row["label"] is not None else None
    beside = "".join(f", {name} {_short(_listed(value), 40)}" for name, value in row["extra"].items())
    print(f"── row {row['row_id']}, label {'none' if label in (None, '') else label}{beside}")
    _print_text(row, width, pipeline)
    if row["pair"] is not None:
        print("   second text")
        _print_text(row["pair"], width, pipeline)
        _print_joined(row["ids"], row["pair"]["ids"], width, pipeline)


def _print_joined(first: list[int], second: list[int], width: int, pipeline: Pipeline) -> None:
    """The row that a batch holds of two texts, nothing truncated, where the tokenizer can make one."""
    template = pipeline.tokenizer.template
    if template.pair is None:
        return
    ids, _ = template.row(first, second)
    tokens = pipeline.vocabulary.decode(ids)
    print("   both in one row")
    print(_short(" ".join(f"{token}·{number}" for token, number in zip(tokens, ids, strict=True)), width))


def _print_text(row: TracedText, width: int, pipeline: Pipeline) -> None:
    before = row["raw"]
    margin = max(len(step["step"]) for step in [*row["steps"], {"step": "tokens"}])
    print(f"{'raw':>{margin}}  {_short(before, width)}")
    for step in row["steps"]:
        changed = _short(step["text"], width) if step["text"] != before else "(no change)"
        print(f"{step['step']:>{margin}}  {changed}")
        before = step["text"]
    pairs = " ".join(f"{token}·{number}" for token, number in zip(row["tokens"], row["ids"], strict=True))
    print(f"{'tokens':>{margin}}  {_short(pairs, width)}")
    print(f"{'':>{margin}}  {len(row['ids'])} tokens{_unknown(row['ids'], pipeline)}")


def _unknown(ids: list[int], pipeline: Pipeline) -> str:
    """How many are unknown; nothing where the vocabulary has no id for such tokens."""
    vocabulary = pipeline.vocabulary
    if vocabulary.unk_id is None:
        return ""
    unknown = vocabulary.tokens[vocabulary.unk_id]
    return f", {ids.count(vocabulary.unk_id)} of them unknown ({unknown}, id {vocabulary.unk_id})"


def _listed(value: Any) -> str:
    """In words; whole numbers without a point."""
    if isinstance(value, list):
        return ", ".join(map(_listed, value))
    return f"{value:g}" if isinstance(value, float) and abs(value) < 1e6 else str(value)


def _short(text: str, width: int) -> str:
    shown = text if len(text) <= width else text[:width] + f" … ({len(text):,} characters)"
    return printable(shown.replace("\n", "⏎").replace("\r", "⏎"))
