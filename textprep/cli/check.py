"""``textprep check``: whether a data set is fit to train on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

from textprep.cli.advice import as_typed
from textprep.cli.arguments import AsJson, Overrides, Target
from textprep.cli.loading import loaded
from textprep.cli.output import print_json, say
from textprep.cli.preview import FITTED_ON
from textprep.tables import printable, table

if TYPE_CHECKING:
    from textprep.config.experiment import Named
    from textprep.datasets.corpus import Corpus
    from textprep.datasets.inspection import Finding, Inspection
    from textprep.datasets.inspection.findings import Row
    from textprep.pipeline import Pipeline

NEAR = 0.8
DIVIDING = {"splits", "fold", "group", "time", "near_duplicates"}


def check(
    target: Target,
    overrides: Overrides = [],  # noqa: B006 - typer reads the default, which never changes
    as_json: AsJson = False,
) -> None:
    """Look for what would make scores wrong: leaks between splits, contradicting labels, broken characters.

    Also for what is worth knowing: classes or numbers, lengths, duplicates, the longest and shortest rows.
    Rows that cannot be used are listed and counted. Texts that overlap by 0.8 are nearly the same; with
    --set dataset.near_duplicates=0.9 those that overlap by 0.9, which then stay together. Exit code 1
    where something is wrong.
    """
    from textprep.config.experiment import read_config
    from textprep.datasets.inspection import inspect_corpus

    config = read_config(target, overrides)
    dataset = config.dataset
    corpus = _loaded(dataset)
    inspection = inspect_corpus(corpus, dataset.options().get("near_duplicates") or NEAR)
    unserved = () if corpus.features else _unserved(corpus, config.pipeline())
    inspection = inspection._replace(findings=(*unserved, *inspection.findings))
    if as_json:
        print_json({**_record(inspection), "notes": corpus.notes})
    else:
        _print(inspection)
    if inspection.wrong:
        raise typer.Exit(1)


def _loaded(dataset: Named) -> Corpus:
    """The data set; undivided where it cannot be divided and nobody has said how."""
    options = {} if "on_error" in dataset.options() else {"on_error": "skip"}
    from textprep.errors import DatasetError

    try:
        return loaded(dataset, **options)
    except DatasetError as error:
        if error.option != "splits" or DIVIDING & dataset.options().keys():
            raise
        corpus = loaded(dataset, **options, splits=None)  # what is wrong with a file is wrong here too
        say(f"checked as one split: {error}")
        return corpus


def _unserved(corpus: Corpus, pipeline: Pipeline) -> Iterator[Finding]:
    """That the pipeline, fitted on 2,000 of the texts, knows hardly a token, or takes phrases for words."""
    from textprep.datasets.inspection import Finding
    from textprep.errors import PreparationError, TextprepError
    from textprep.prepared.coverage import MOST_UNKNOWN, check_known, unknown_shares
    from textprep.tokenizers import WordTokenizer
    from textprep.tokenizers.boundaries import without_spaces

    if "train" not in corpus:
        return
    wrong = True
    try:
        shares = unknown_shares(pipeline.fit(corpus["train"].rows(0, FITTED_ON)), corpus)
        wrong = shares["train"] > MOST_UNKNOWN
        check_known(corpus, pipeline, shares)
        wrong = True
        words = pipeline.tokenizer
        if (
            isinstance(words, WordTokenizer)
            and words.has_kernel
            and (problem := without_spaces(words.vocabulary.counts))
        ):
            raise PreparationError(problem, option="name", value="bpe")
    except TextprepError as error:
        yield Finding("tokenizer", wrong, 1, f"pipeline cannot serve these texts: {as_typed(error)}")


def _record(inspection: Inspection) -> dict[str, Any]:
    return {
        "wrong": len(inspection.wrong),
        "rows": inspection.rows,
        "target": inspection.target,
        "classes": inspection.classes,
        "figures": inspection.figures,
        "lengths": {name: lengths._asdict() for name, lengths in inspection.lengths.items()},
        "findings": [
            {**finding._asdict(), "examples": [row._asdict() for row in finding.examples]}
            for finding in inspection.findings
        ],
        "longest": [{inspection.units: length, **row._asdict()} for length, row in inspection.longest],
        "shortest": [{inspection.units: length, **row._asdict()} for length, row in inspection.shortest],
    }


def _print(inspection: Inspection) -> None:
    _print_splits(inspection)
    for title, rows in (("longest", inspection.longest), ("shortest", inspection.shortest)):
        lines = [[f"{length:,}", row.split, str(row.row_id), *_texts(row)] for length, row in rows]
        texts = [inspection.one, "second text"][: max((len(_texts(row)) for _, row in rows), default=1)]
        print(table([f"the {title}", "split", "row", *texts], lines, width=110) + "\n")
    for finding in inspection.findings:
        _print_finding(finding)
    wrong = len(inspection.wrong)
    print(f"{wrong} {'thing is' if wrong == 1 else 'things are'} wrong" if wrong else "nothing is wrong")


def _texts(row: Row) -> list[str]:
    return [row.text] if row.pair is None else [row.text, row.pair]


def _print_splits(inspection: Inspection) -> None:
    lines = [[name, f"{rows:,}", *_lengths(inspection, name)] for name, rows in inspection.rows.items()]
    heads = ["split", "rows", "shortest", "median", "longest", "only ASCII"]
    heads = heads if inspection.units == "characters" else heads[:-1]
    print(table(heads, [line[: len(heads)] for line in lines], width=110) + "\n")
    figures = inspection.figures
    names = list(dict.fromkeys(name for of_split in figures.values() for name in of_split))
    if names:
        lines = [[name, *(_figure(of_split.get(name, 0)) for of_split in figures.values())] for name in names]
        print(table([inspection.target or "", *figures], lines, width=110) + "\n")


def _figure(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4g}"


def _lengths(inspection: Inspection, name: str) -> list[str]:
    lengths = inspection.lengths.get(name)
    if lengths is None:
        return [""] * 4
    *characters, plain = lengths
    return [*(f"{number:,}" for number in characters), f"{plain / inspection.rows[name]:.1%}"]


def _print_finding(finding: Finding) -> None:
    print(
        printable(
            f"{'WRONG' if finding.wrong else 'note '}  {finding.name}: {finding.times:,} {finding.says}"
        )
    )
    for row in finding.examples:
        print(f"         {printable(row.text if finding.name == 'rejected' else row)}")
