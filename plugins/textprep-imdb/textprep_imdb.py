"""The Large Movie Review Dataset of Stanford, read straight from its archive."""

from __future__ import annotations

import gzip
import re
import tarfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import textprep as tp

URL = "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz"
# Stanford publishes no digest. This is the one that TensorFlow Datasets keeps for the archive
# (tensorflow_datasets/datasets/imdb_reviews/checksums.tsv, 84,125,825 bytes).
SHA256 = "c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe"
LICENCE = "none is stated; its authors ask to be cited"
CITATION = (
    "Maas, Daly, Pham, Huang, Ng and Potts (2011), Learning Word Vectors for Sentiment Analysis, ACL 2011"
)
CLASSES = {"neg": "negative", "pos": "positive"}
MOST_BYTES = 2**20  # of one review; the longest has some 14,000 characters

_REVIEW = re.compile(r"(?:\./)?aclImdb/(train|test)/(neg|pos)/(\d+)_(\d+)\.txt")

Row = dict[str, "str | int"]


@tp.dataset(
    licence=LICENCE,
    citation=CITATION,
    homepage="https://ai.stanford.edu/~amaas/data/sentiment/",
    class_names=("negative", "positive"),
    rows={"train": 25_000, "test": 25_000},
)
def imdb(*, source: str = URL, sha256: str = SHA256) -> dict[str, list[Row]]:
    """50,000 film reviews in English, each negative or positive, in the splits train and test.

    They come with the columns ``file`` and ``rating``, the stars that the writer gave (1 to 4, or 7 to 10).
    The archive (84 MB) is downloaded once, and read without being unpacked.

    Args:
        source: where the archive is: a URL, or a file that is there already.
        sha256: of what is downloaded.

    Raises:
        TextprepError: the archive cannot be had or read, or holds a review that is too long or not UTF-8.
    """
    is_url = source.startswith(("http://", "https://"))
    path = tp.download(source, sha256=sha256, licence=LICENCE, citation=CITATION) if is_url else Path(source)
    splits: dict[str, list[Row]] = {"train": [], "test": []}
    for split, row in _reviews(path):
        splits[split].append(row)
    return splits


def _reviews(path: Path) -> Iterator[tuple[str, Row]]:
    """Split and row of every review, in the order of the archive; links and other files are passed over."""
    try:
        with gzip.open(path) as file:  # "r|gz" of tarfile would take half an archive for a whole one
            with tarfile.open(fileobj=file, mode="r|") as archive:
                for member in archive:
                    if member.isreg() and (name := _REVIEW.fullmatch(member.name)):
                        yield name[1], _row(archive, member, name)
            while file.read(2**20):  # to the end, where the checksum is
                pass
    except (OSError, EOFError, tarfile.TarError, zlib.error) as error:
        raise tp.TextprepError(
            f"{path}: cannot be read as aclImdb_v1.tar.gz: {error}; download it again"
        ) from error


def _row(archive: tarfile.TarFile, member: tarfile.TarInfo, name: re.Match[str]) -> Row:
    if member.size > MOST_BYTES:
        raise tp.TextprepError(
            f"{member.name}: {member.size:,} bytes are no review; is this the right archive?"
        )
    file = archive.extractfile(member)
    content = file.read() if file else b""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise tp.TextprepError(f"{member.name}: byte {error.start} is not UTF-8") from error
    return {"text": text, "label": CLASSES[name[2]], "rating": int(name[4]), "file": member.name}


@tp.hookimpl
def textprep_datasets() -> dict[str, Callable[..., dict[str, list[Row]]]]:
    """The data set ``imdb``."""
    return {"imdb": imdb}
