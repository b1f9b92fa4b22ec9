"""`prepare`: raw text to ids on disk, once."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from textprep.datasets.corpus import Corpus
from textprep.datasets.loading import as_corpus
from textprep.errors import PreparationError
from textprep.pipeline import Pipeline
from textprep.preparation.cache import cache_folder, make_entry
from textprep.preparation.fingerprint import digest, made_of, unversioned
from textprep.preparation.manifest import read_manifest
from textprep.preparation.store import PreparedDataset, open_store
from textprep.preparation.writer import write_store


def prepare(
    corpus: Any, pipeline: Pipeline, *, cache_dir: str | os.PathLike[str] | None = None
) -> PreparedDataset:
    """Encode ``corpus`` with ``pipeline`` into a memory-mapped store, or open the one that is there.

    An unfitted pipeline is fitted on the split "train" only, and is fitted afterwards. The store's folder is
    named by a fingerprint of the text, the labels and the pipeline, so the same call finds it again, in
    any process, and any change of them makes another.

    >>> import tempfile, textprep as tp
    >>> pipeline = tp.Pipeline(tokenizer=tp.WordTokenizer())
    >>> data = prepare({"train": ["a great film", "a dull one"]}, pipeline, cache_dir=tempfile.mkdtemp())
    >>> data["train"].ids(0).tolist(), data["train"].lengths.tolist()
    ([2, 5, 4], [3, 3])

    Args:
        corpus: a `tp.Corpus`, a mapping from split name to texts, or a ``datasets.DatasetDict``.
        pipeline: fitted, or not yet.
        cache_dir: where stores are kept; by default ``TEXTPREP_CACHE`` or the platform's cache folder.

    Raises:
        PreparationError: there is nothing to fit on, the cache cannot be written, or the store that is
            there is damaged; says which file.
        DatasetError: ``corpus`` is not one.
        StepError, TokenizerError: a step or the tokenizer failed on a text; names the split and the row.

    Warns:
        UserWarning: a step has neither a version nor source text: the work is done, but not kept.
    """
    corpus = as_corpus(corpus)
    _check_can_fit(corpus, pipeline)
    record = made_of(corpus, pipeline)
    nameless = unversioned(pipeline)
    if nameless:
        warnings.warn(_uncached_message(nameless), UserWarning, stacklevel=2)
        return _prepare_for_now(corpus, pipeline, record)
    cache = cache_folder(cache_dir)
    entry = _fitted_there(cache, record) or make_entry(
        cache, digest(record), lambda folder: _fit_and_write(folder, corpus, pipeline, record)
    )
    return open_store(entry, pipeline)


def _fit_and_write(folder: Path, corpus: Corpus, pipeline: Pipeline, record: Mapping[str, Any]) -> None:
    """Fill ``folder``; ``pipeline`` itself stays as it is, so that a failure leaves no trace in it."""
    fitted = Pipeline(pipeline.steps, tokenizer=pipeline.tokenizer)
    if not fitted.is_fitted:
        fitted.fit(corpus["train"])
    write_store(folder, corpus, fitted, record)


def _fitted_there(cache: Path, record: Mapping[str, Any]) -> Path | None:
    """The store where this fitted pipeline was fitted, so that preparing twice in a notebook works once."""
    entry = cache / digest({**record, "learned": None})
    found = (
        record["learned"] is not None
        and entry.exists()
        and read_manifest(entry)["learned"] == record["learned"]
    )
    return entry if found else None


def _prepare_for_now(corpus: Corpus, pipeline: Pipeline, record: Mapping[str, Any]) -> PreparedDataset:
    """A store in a temporary folder that goes when the `PreparedDataset` does."""
    folder = Path(tempfile.mkdtemp(prefix="textprep-"))
    try:
        data = open_store(
            make_entry(folder, digest(record), lambda entry: _fit_and_write(entry, corpus, pipeline, record)),
            pipeline,
        )
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    weakref.finalize(data, shutil.rmtree, folder, ignore_errors=True)
    return data


def _check_can_fit(corpus: Corpus, pipeline: Pipeline) -> None:
    if not pipeline.is_fitted and "train" not in corpus:
        raise PreparationError(
            "the pipeline is not fitted and there is no split 'train' to fit it on "
            f"(there are: {', '.join(corpus) or 'none'}): call one 'train', or use pipeline.fit first"
        )


def _uncached_message(names: list[str]) -> str:
    return (
        f"{', '.join(map(repr, names))}: no version and no source text to tell results apart by, so this "
        "preparation is not kept for the next time; give @tp.step(version=1), or define it in a file"
    )
