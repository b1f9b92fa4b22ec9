"""Data sets of the Hugging Face hub, and folders that ``save_to_disk`` wrote; no code of theirs is run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from textprep.errors import DatasetError


def read_huggingface(
    path: Any, *, config: str | None = None, split: str | None = None, revision: str | None = None
) -> Any:
    """A data set of the Hugging Face hub, or a folder that ``save_to_disk`` wrote; class names are kept.

    One in hand can also go to `textprep.datasets.as_corpus` or straight to `tp.prepare`.

        tp.load_dataset("huggingface", path="stanfordnlp/imdb", revision="e6281661", label="label")

    Args:
        path: ``"owner/name"`` on the hub, a folder, or a ``Dataset`` or ``DatasetDict`` in hand.
        config: of a data set that has several.
        split: one split alone, as ``datasets`` writes it (``"train[:10%]"``); all if not given.
        revision: a commit of the hub, so that the same rows come each time.

    Raises:
        DatasetError: there is no such data set, it needs code of its own to be read, or there is no network.
    """
    import datasets

    if isinstance(path, (datasets.Dataset, datasets.DatasetDict, datasets.IterableDataset)):
        return path[split] if split else path
    try:
        if Path(path).is_dir() and any(
            (Path(path) / name).exists() for name in ("state.json", "dataset_dict.json")
        ):
            found = datasets.load_from_disk(path)
            return found[split] if split else found
        return datasets.load_dataset(
            path, config, split=split, revision=revision, **_no_code(datasets.__version__)
        )
    except Exception as error:  # whatever the package or the network raises
        reason = str(error).strip().partition("\n")[0]
        raise DatasetError(f"huggingface {path!r}: {type(error).__name__}: {reason}") from error


def _no_code(version: str) -> dict[str, bool]:
    """Before release 4, ``datasets`` would run code that a data set brings, if it were let."""
    return {"trust_remote_code": False} if int(version.partition(".")[0]) < 4 else {}
