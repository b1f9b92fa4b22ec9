"""Pretrained word vectors in the text formats of GloVe, word2vec and fastText, aligned to a vocabulary.

Each line is a token and its numbers, separated by spaces or tabs; word2vec and fastText put a line with two
counts before them. Shapes are written with V tokens of the vocabulary, E features.
"""

from __future__ import annotations

import gzip
import importlib.util
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from textprep.errors import ConfigError
from textprep.storage.contents import LOOKED_AT, TEXTS, check, check_file
from textprep.storage.files import local_path

PACKAGE = "package:"
TEXT_IS_NEEDED = (
    "vectors are read as text, a word and its numbers a line, gzip or not: save them so, or unpack them"
)
Floats = npt.NDArray[np.float32]


class Vectors(NamedTuple):
    """Vectors for the tokens of a vocabulary.

    Attributes:
        matrix: (V, E) float32, zeros where the file has no such token.
        found: (V,) bool, True where it has.
    """

    matrix: Floats
    found: npt.NDArray[np.bool_]

    def coverage(self, tokens: Sequence[str], counts: Mapping[str, int]) -> str:
        """How much of the vocabulary, and of the text that it was made from, has a vector."""
        share = sum(counts.get(token, 0) for token, found in zip(tokens, self.found, strict=True) if found)
        total = sum(counts.values())
        return (
            f"{int(self.found.sum()):,} of {len(tokens):,} tokens have a pretrained vector, "
            f"{share / max(total, 1):.1%} of the words of the training text"
        )


def read_vectors(source: str, tokens: Sequence[str]) -> Vectors:
    """The vectors of ``tokens``; of a token that stands there twice, the first.

    A token that the file has only in lower case gets that vector, so that a cased vocabulary may use an
    uncased file.

    Args:
        source: a text file, also ``.gz``; or ``"package:NAME/data/file.txt"``, a file in an installed
            package, which is found without importing it.
        tokens: the vocabulary, in the order of its ids.

    Raises:
        ConfigError: there is no such file, or a line has another number of features than the first, or
            something that is no number; names file and line.
    """
    exact = {_bytes(token): row for row, token in enumerate(tokens)}
    lower: dict[bytes, list[int]] = defaultdict(list)
    for row, token in enumerate(tokens):
        lower[_bytes(token.lower())].append(row)
    matrix = np.zeros((len(tokens), 0), np.float32)
    fit = np.zeros(len(tokens), dtype=np.int8)  # 1: the file has it in lower case, 2: as it is
    for name, numbers in _lines(_path(source), exact.keys() | lower.keys()):
        if not matrix.shape[1]:
            matrix = np.zeros((len(tokens), len(numbers)), np.float32)
        for rows, how in ((lower.get(name, []), 1), ([exact[name]] if name in exact else [], 2)):
            better = [row for row in rows if fit[row] < how]
            matrix[better], fit[better] = numbers, how
    if not fit.any():
        raise ConfigError(f"{source} has a vector for none of the {len(tokens):,} tokens of the vocabulary")
    return Vectors(matrix, fit > 0)


def start_from_vectors(embedding: nn.Embedding, vectors: Vectors) -> None:
    """Put the vectors that were found into ``embedding`` (V, E); the others keep their random start, scaled.

    Raises:
        ConfigError: the vectors have another number of features.
    """
    features = vectors.matrix.shape[1]
    if features != embedding.embedding_dim:
        raise ConfigError(
            f"the pretrained vectors have {features} features, the model {embedding.embedding_dim}: "
            f"set model.embedding_dim={features}"
        )
    found = torch.from_numpy(vectors.found)
    given = torch.from_numpy(vectors.matrix)[found]
    padding, drawn = embedding.padding_idx, torch.ones_like(found)
    if padding is not None:
        drawn[padding] = False
    with torch.no_grad():
        embedding.weight *= given.std() / embedding.weight[drawn].std()
        embedding.weight[found] = given.to(embedding.weight)
        embedding.weight[~drawn] = 0


def _bytes(token: str) -> bytes:
    return token.encode("utf-8", "surrogatepass")


def _path(source: str) -> Path:
    if not source.startswith(PACKAGE):
        return local_path(source, ConfigError)
    name, _, inside = source.removeprefix(PACKAGE).partition("/")
    spec = importlib.util.find_spec(name)
    folders = (spec and spec.submodule_search_locations) or ()
    for folder in folders:
        if (Path(folder) / inside).is_file():
            return Path(folder) / inside
    problem = f"has no file {inside}" if folders else "is not installed"
    raise ConfigError(f"vectors from {source}: the package {name!r} {problem}")


def _lines(path: Path, wanted: AbstractSet[bytes]) -> Iterator[tuple[bytes, Floats]]:
    """Token and features (E,) of every line whose token is wanted."""
    try:
        with _opened(path) as file:
            features = 0
            for number, line in enumerate(file, 1):
                parts = line.rstrip().replace(b"\t", b" ").split(b" ")
                if number == 1 and len(parts) == 2 and all(part.isdigit() for part in parts):
                    features = int(parts[1])
                    continue
                features = features or len(parts) - 1
                token = b" ".join(parts[:-features])  # in some files a token has spaces
                if token in wanted:
                    yield token, _numbers(parts[-features:], f"{path}, line {number}")
                elif len(parts) <= features:
                    raise ConfigError(
                        f"{path}, line {number}: a token and {features} numbers should stand here"
                    )
    except FileNotFoundError as error:
        raise ConfigError(f"there is no file of vectors {path}") from error
    except (OSError, EOFError) as error:
        raise ConfigError(f"cannot read the vectors {path}: {error}") from error


def _opened(path: Path) -> BinaryIO:
    """The file, decompressed if it is a gzip, whatever it is called."""
    with path.open("rb") as stored:
        is_gzip = stored.read(2) == b"\x1f\x8b"
    check_file(path, ConfigError, reads=("gzip", *TEXTS), hint=TEXT_IS_NEEDED)
    file = cast("io.BufferedReader", gzip.open(path) if is_gzip else path.open("rb"))  # noqa: SIM115 - of the caller
    check(file.peek(LOOKED_AT), str(path), ConfigError, reads=TEXTS, hint=TEXT_IS_NEEDED)
    return cast("BinaryIO", file)


def _numbers(parts: list[bytes], where: str) -> Floats:
    try:
        numbers = np.array([float(part) for part in parts], dtype=np.float32)
    except ValueError as error:
        raise ConfigError(f"{where}: {error}; a token and {len(parts)} numbers should stand here") from error
    if not np.isfinite(numbers).all():
        raise ConfigError(f"{where}: not every number is finite: take the line out, or mend it")
    return numbers
