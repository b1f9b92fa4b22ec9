"""`prepare`: raw text to ids on disk, once."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
import weakref
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from textprep.datasets.corpus import Corpus
from textprep.datasets.loading import as_corpus
from textprep.errors import PreparationError
from textprep.options import names_options
from textprep.preparation.cache import open_entry, remove_entry, tidy_up
from textprep.preparation.columns import ColumnsJob
from textprep.preparation.fingerprint import digest, made_of, unversioned
from textprep.preparation.form import Encoding, encoding_for
from textprep.preparation.manifest import COLUMNS, MANIFEST, read_manifest
from textprep.preparation.stored_columns import mark_prepared
from textprep.preparation.writer import StoreJob
from textprep.prepared.coverage import check_known, prepared_shares
from textprep.prepared.dataset import PreparedDataset, open_store
from textprep.prepared.split import Verify
from textprep.storage.files import cache_folder
from textprep.storage.locks import Lease
from textprep.vocabulary import Vocabulary

Opener = Callable[[Path], PreparedDataset]


@names_options(PreparationError)
def prepare(
    corpus: Any,
    pipeline: Encoding | None = None,
    *,
    cache_dir: str | os.PathLike[str] | None = None,
    workers: int | None = None,
    verify: Verify = "lazy",
    rebuild: bool = False,
) -> PreparedDataset:
    """Encode ``corpus`` with ``pipeline`` into a memory-mapped store, or open the one that is there.

    An unfitted pipeline is fitted on the split "train" only, and is fitted afterwards. The store's folder is
    named by a fingerprint of the texts and the pipeline, so the same call finds it again, in any process, and
    any change of them makes another. Of rows with a second text both are encoded, stored apart; an unfitted
    tokenizer of textprep's own gets the special ``<sep>`` to put between them; with a fitted one that has
    none they can only be served with ``pair="apart"``. Labels are stored next to the ids: other labels of the
    same texts encode nothing again. A run that was killed resumes where it was.

    >>> import tempfile, textprep as tp
    >>> pipeline = tp.Pipeline(tokenizer=tp.WordTokenizer())
    >>> data = prepare({"train": ["a great film", "a dull one"]}, pipeline, cache_dir=tempfile.mkdtemp())
    >>> data["train"].ids(0).tolist(), data["train"].lengths.tolist()
    ([2, 5, 4], [3, 3])

    Args:
        corpus: a `tp.Corpus`, a mapping from split name to texts, a ``datasets.DatasetDict``, or a
            ``datasets.Dataset``.
        pipeline: fitted, or not yet; of sequences of numbers a `textprep.Scaler`, which is made if not given.
        cache_dir: where stores are kept, a folder of this machine or a ``file://`` URL; by default
            ``TEXTPREP_CACHE`` or the platform's cache folder.
        workers: threads that encode; all cores if not given. The store is the same for any number.
        verify: when files are compared with their checksums, see `textprep.prepared.dataset.open_store`.
        rebuild: remove the store that is there, and make it again.

    Raises:
        PreparationError: ``pipeline`` is none, there is nothing to fit on, it knows no token of the texts,
            the cache cannot be written, or the store that is there is damaged; says which file.
        DatasetError: ``corpus`` is not one.
        StepError, TokenizerError: a step or the tokenizer failed on a text; names the split and the row.

    Warns:
        UserWarning: a step has neither a version nor source text: the work is done, but not kept.
    """
    corpus = as_corpus(corpus)
    pipeline = encoding_for(corpus, pipeline)
    _check_can_fit(corpus, pipeline)
    data = _prepared(corpus, pipeline, cache_folder(cache_dir), workers, verify, rebuild)
    if data.features is None and _learned_nothing(data.pipeline.vocabulary):
        check_known(corpus, data.pipeline, prepared_shares(data))
    return data


def _learned_nothing(vocabulary: Vocabulary) -> bool:
    return not vocabulary.is_pretrained and len(vocabulary) == len(vocabulary.specials) + 2


def _prepared(
    corpus: Corpus, pipeline: Encoding, cache: Path, workers: int | None, verify: Verify, rebuild: bool
) -> PreparedDataset:
    start = perf_counter()
    job, columns = StoreJob(corpus, pipeline, made_of(corpus, pipeline), workers), ColumnsJob(corpus)
    job.stages["fingerprint"] = perf_counter() - start
    opener = partial(_opened, columns, pipeline=pipeline, verify=verify, stages=job.stages)
    nameless = unversioned(pipeline)
    if nameless:
        warnings.warn(_uncached_message(nameless), UserWarning, stacklevel=4)
        return _prepare_for_now(job, opener)
    return _prepare_in(cache, job, opener, rebuild)


def _prepare_in(cache: Path, job: StoreJob, opener: Opener, rebuild: bool = False) -> PreparedDataset:
    own, fitted_there = _names(job.made_of)
    if rebuild:
        remove_entry(cache / own)
        remove_entry(cache / fitted_there)
    if own != fitted_there:
        data = _fitted_before(cache / fitted_there, job, opener)
        if data is not None:
            return data
    return open_entry(cache, own, job, opener)


def _opened(columns: ColumnsJob, store: Path, *, pipeline: Encoding, **options: Any) -> PreparedDataset:
    """The ``store`` with these columns, which are put there if need be."""
    lease = Lease(store / MANIFEST)  # so that nobody prunes it meanwhile
    if (store / MANIFEST).exists():
        open_entry(store / COLUMNS, columns.digest, columns, mark_prepared, parents=False)
    data = open_store(store, pipeline, columns=columns.digest, **options)
    del lease
    return data


def _names(record: Mapping[str, Any]) -> tuple[str, str]:
    """The names of the store and, for a fitted pipeline, of the one where it may have been fitted.

    The second makes that preparing twice in a notebook works once.
    """
    return digest(record), digest({**record, "learned": None})


def _fitted_before(entry: Path, job: StoreJob, opener: Opener) -> PreparedDataset | None:
    """The store ``entry``, if it is there and its pipeline has learned the same as the job's."""
    if not entry.exists():
        return None
    try:
        if read_manifest(entry)["learned"] != job.made_of["learned"]:
            return None
        tidy_up(entry)
        return opener(entry)
    except PreparationError:
        if entry.exists():
            raise
        return None  # another process has just removed it


def _prepare_for_now(job: StoreJob, opener: Opener) -> PreparedDataset:
    """A store in a temporary folder that goes when nobody has it open any more."""
    folder = Path(tempfile.mkdtemp(prefix="textprep-"))
    try:
        data = _prepare_in(folder, job, opener)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    weakref.finalize(data.lease, shutil.rmtree, folder, ignore_errors=True)
    return data


def _check_can_fit(corpus: Corpus, pipeline: Encoding) -> None:
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
