"""The Large Movie Review Dataset of Stanford, read straight from its archive."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

import textprep as tp

URL = "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz"
# Stanford publishes no digest. This is the one that TensorFlow Datasets keeps for the archive
# (tensorflow_datasets/datasets/imdb_reviews/checksums.tsv, 84,125,825 bytes).
SHA256 = "c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe"
LICENSE = "none is stated; its authors ask to be cited"
CITATION = (
    "Maas, Daly, Pham, Huang, Ng and Potts (2011), Learning Word Vectors for Sentiment Analysis, ACL 2011"
)
CLASSES = {"neg": "negative", "pos": "positive"}
Reviews = Iterator["tp.Record | tp.Rejected"]


@tp.dataset(
    flaws=("control", "leak"),
    license=LICENSE,
    citation=CITATION,
    homepage="https://ai.stanford.edu/~amaas/data/sentiment/",
    class_names=("negative", "positive"),
    rows={"train": 25_000, "test": 25_000},
)
def imdb(*, source: str = URL, sha256: str = SHA256) -> dict[str, Reviews]:
    """50,000 film reviews in English, each negative or positive, in the splits train and test.

    They come with the columns ``file`` and ``rating``, the stars that the writer gave (1 to 4, or 7 to 10).
    The archive (84 MB) is downloaded once, and read without being unpacked.

    Args:
        source: where the archive is: a URL, or a file that is there already.
        sha256: of what is downloaded.

    Raises:
        TextprepError: the archive cannot be had, or is damaged.
    """
    is_url = source.startswith(("http://", "https://"))
    path = tp.download(source, sha256=sha256, license=LICENSE, citation=CITATION) if is_url else source
    return {split: _reviews(str(path), split) for split in ("train", "test")}


def _reviews(path: str, split: str) -> Reviews:
    """The labelled reviews of a split, in the order of the archive."""
    for review in tp.read_archive(path, members=[f"aclImdb/{split}/{folder}/*.txt" for folder in CLASSES]):
        yield _rated(review) if isinstance(review, tp.Record) else review


def _rated(review: tp.Record) -> tp.Record:
    """With the name of its class, and the stars that its file is named by: ``12416_3.txt`` has three."""
    stars = PurePosixPath(review.fields["file"]).stem.partition("_")[2]
    own = {"label": CLASSES[review.fields["label"]], "rating": int(stars)}
    return review._replace(fields={**review.fields, **own})


@tp.hookimpl
def textprep_datasets() -> dict[str, Callable[..., dict[str, Reviews]]]:
    """The data set ``imdb``."""
    return {"imdb": imdb}
