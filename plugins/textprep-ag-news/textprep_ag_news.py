"""AG's news topics: titles and first sentences of news articles, from two CSV files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import textprep as tp

URL = "https://raw.githubusercontent.com/mhjabreel/CharCnn_Keras/master/data/ag_news_csv"
# The digests that torchtext 0.18 keeps for these files; nobody publishes a SHA-256 of them.
MD5 = {"train": "b1a00f826fdfbd249f79597b59e1dc12", "test": "d52ea96a97a2d943681189a97654912d"}
LICENSE = "non-commercial use, as asked for by the makers of AG's corpus"
CITATION = (
    "Zhang, Zhao and LeCun (2015), Character-level Convolutional Networks for Text Classification, NIPS 2015"
)
CLASSES = ("World", "Sports", "Business", "Sci/Tech")
COLUMNS = ("class", "title", "description")

Rows = Iterator["tp.Record | tp.Rejected"]


@tp.dataset(
    name="ag-news",
    license=LICENSE,
    citation=CITATION,
    homepage="http://www.di.unipi.it/~gulli/AG_corpus_of_news_articles.html",
    class_names=tuple(sorted(CLASSES)),
    rows={"train": 120_000, "test": 7_600},
)
def ag_news(*, source: str = URL, md5: Mapping[str, str] = MD5) -> dict[str, Rows]:
    """127,600 news articles in English on four topics, in the splits train and test.

    The text is title and description, joined by a space; the title is a column of its own, too.

    Args:
        source: where ``train.csv`` and ``test.csv`` are: a URL, or a folder.
        md5: of what is downloaded, by split.

    Raises:
        TextprepError: a file cannot be had. A line that is not a class from 1 to 4, a title and a
            description is a bad row.
    """
    return {split: _rows(_file(source, split, md5)) for split in ("train", "test")}


def _file(source: str, split: str, md5: Mapping[str, str]) -> Path:
    if not source.startswith(("http://", "https://")):
        return Path(source, f"{split}.csv")
    name = f"ag-news-{split}.csv"
    url = f"{source}/{split}.csv"
    return tp.download(url, md5=md5[split], filename=name, license=LICENSE, citation=CITATION)


def _rows(path: Path) -> Rows:
    """The articles of a file; a bad line comes as a rejected row, which ``on_error`` decides about."""
    for row in tp.read_csv({"all": str(path)}, names=COLUMNS)["all"]:
        yield _article(row) if isinstance(row, tp.Record) else row


def _article(row: tp.Record) -> tp.Record | tp.Rejected:
    number, title, description = (row.fields[name] for name in COLUMNS)
    if number not in ("1", "2", "3", "4"):
        reason = f"the class is a number from 1 to 4, not {number!r:.80}"
        return tp.Rejected(row.file, row.line, "class", reason, row.fields, byte=row.byte, source=row.source)
    fields = {"text": f"{title} {description}", "label": CLASSES[int(number) - 1], "title": title}
    return row._replace(fields=fields)


@tp.hookimpl
def textprep_datasets() -> dict[str, Callable[..., dict[str, Rows]]]:
    """The data set ``ag-news``."""
    return {"ag-news": ag_news}
