"""New data, read as the training data of a run was."""

from __future__ import annotations

import codecs
import inspect
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from textprep.datasets.corpus import Corpus
from textprep.datasets.formats import ENDINGS, dataset_of
from textprep.datasets.loading import WHERE, column_names, load_dataset
from textprep.datasets.schema.columns import GUESS
from textprep.datasets.sources.encodings import checked_encoding
from textprep.datasets.sources.source import COMPRESSED
from textprep.datasets.sources.urls import is_url
from textprep.errors import DatasetError
from textprep.registry import DATASETS
from textprep.storage.files import is_file, is_folder
from textprep.targets import target_of

if TYPE_CHECKING:
    from textprep.training.runs.run import Run

DIVISION = {"splits", "seed", "fold", "group", "time", "near_duplicates", "class_names"}
ABOUT_LABELS = {"label", "labels", "target", "threshold", "separator", "class_names"}
LOOKED_AT = 2**16  # bytes


def reading_of(run: Run, data: str) -> tuple[dict[str, Any], list[str]]:
    """``dataset`` of a configuration: ``data``, and every option of the training data that applies to it.

    The same format has all of them; another one those that it has too, with the same meaning.

    Returns:
        the options, and where ``data`` plainly differs.

    Raises:
        DatasetError: ``data`` is of no kind that is read.
    """
    given = run.config.dataset
    told = {"name": given.name, **given.options(), **run.data.reading}
    where = _where(told, data)
    target = where["name"]
    own = inspect.signature(DATASETS.get(told["name"])).parameters
    of_all = inspect.signature(load_dataset).parameters.keys() - {"options", *own}
    order = {"time"} if run.model.features is not None else set()  # of the steps of recordings
    kept = (_shared(told["name"], target) | of_all) - (DIVISION - order) - {*WHERE, "name"}
    options = {option: value for option, value in told.items() if option in kept}
    if isinstance(options.get("members"), Mapping):
        options["members"] = _all_of(options["members"].values())
    encoding, notes = _encoding(options, where.get("path"))
    return {**options, **encoding, **where}, notes


def read_all(run: Run, name: str, options: Mapping[str, Any], *, labelled: bool = True) -> Corpus:
    """All rows of the data set ``name``, with such options as `reading_of` gives, in the split "train".

    Raises:
        DatasetError: it cannot be read; says what training was told.
    """
    left_out = {"splits"} if labelled else {"splits", *ABOUT_LABELS}
    kept = {option: value for option, value in options.items() if option not in left_out}
    kept |= {"target": _target(run, kept)} if labelled else {"label": None}
    lacks: dict[str, str] = {}
    try:
        lacks = _lacking(run, name, kept)
        corpus = load_dataset(name, **{**kept, **dict.fromkeys(lacks, GUESS)}, splits=None)
        corpus.notes = (*(f"{what}; {option}= is guessed" for option, what in lacks.items()), *corpus.notes)
        return corpus
    except DatasetError as error:
        if error.option in lacks and error.value is ...:  # nor can it be guessed
            error = _says_which(lacks[error.option], error.option)
        raise _as_told(error, name, kept) from error


def _target(run: Run, told: Mapping[str, Any]) -> dict[str, Any]:
    """The run's target, read as training was told; or another kind, where somebody asks for it."""
    given = told.get("target") or run.target.name
    reading = dict(given) if isinstance(given, Mapping) else {"name": given}
    return reading if reading["name"] != run.target.name else {**reading, **run.target.record()}


def _where(told: Mapping[str, Any], data: str) -> dict[str, Any]:
    """The data set that reads ``data``, and the option that says where it is."""
    folder = is_folder(Path(data))
    if "url" in told and (data.startswith(told["url"].partition("://")[0] + "://") or _is_database(data)):
        return {"name": told["name"], "url": data if is_url(data) else f"sqlite:///{data}"}
    if "path" in told and not folder and _ending(data) in map(_ending, _all_of(told["path"])):
        return {"name": told["name"], "path": data}
    found = dataset_of(data)
    if "path" not in found:
        raise DatasetError(f"{data} is neither a folder nor a file whose name ends in {ENDINGS}")
    return found


def _is_database(data: str) -> bool:
    return PurePosixPath(data.lower()).suffix in (".db", ".sqlite", ".sqlite3") and is_file(Path(data))


def _ending(path: object) -> str:
    plain = PurePosixPath(str(path).lower())
    return plain.with_suffix("").suffix if plain.suffix in COMPRESSED else plain.suffix


def _all_of(values: Any) -> list[Any]:
    """What stands in a value, a list of values or a mapping to either, in one list."""
    inner = values.values() if isinstance(values, Mapping) else values
    if isinstance(inner, (str, Path)) or not isinstance(inner, Iterable):
        return [inner]
    return [value for each in inner for value in _all_of(each)]


def _shared(trained: str, target: str) -> set[str]:
    """The options that mean the same to both data sets: in another format their defaults are equal too."""
    mine, theirs = (inspect.signature(DATASETS.get(name)).parameters for name in (trained, target))
    return {
        option
        for option, parameter in mine.items()
        if option in theirs and (trained == target or parameter.default == theirs[option].default)
    }


def _lacking(run: Run, name: str, options: Mapping[str, Any]) -> dict[str, str]:
    """The option of each column to guess, since another format calls it otherwise, and what is missing.

    Raises:
        DatasetError: data of the same format lacks a column.
    """
    own = set(inspect.signature(DATASETS.get(name)).parameters)
    there = column_names(name, **{option: value for option, value in options.items() if option in own})
    lacks = {}
    beside = set(run.extra) - {*there}
    if there and beside:
        raise _lacks_beside(beside, there)
    for option in ("text", "pair", "label"):
        missing = set(_all_of(options.get(option))) - {*there, GUESS, None}
        if there and missing:
            what = f"there is no column {min(missing)!r}, which the training data have; there are: "
            lacks[option] = what + ", ".join(map(repr, there))
            if name == run.data.reading.get("name") or option == "pair":  # which nobody can guess
                raise _says_which(lacks[option], option)
    return lacks


def _lacks_beside(missing: set[str], there: list[str]) -> DatasetError:
    """The error for data without an extra column that the run needs."""
    names, known = (", ".join(map(repr, each)) for each in (sorted(missing), there))
    return DatasetError(
        f"the run needs the extra column {names}, and the data have {known}",
        hint="add the column, or give texts with --extra NAME=VALUE",
    )  # fmt: skip


def _says_which(what: str, option: str) -> DatasetError:
    return DatasetError(what, option=option, hint=f"{option}= says which one to read")


def _encoding(options: Mapping[str, Any], path: str | None) -> tuple[dict[str, str], list[str]]:
    """UTF-8, and that it is, where the training data were of an encoding that the file is plainly not of."""
    told = options.get("encoding", "utf-8")
    if checked_encoding(told) == "utf-8" or path is None or not is_file(path):
        return {}, []
    with Path(path).open("rb") as stream:
        beginning = stream.read(LOOKED_AT)
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(beginning)
    except UnicodeDecodeError:
        return {}, []
    if "\0" in text or (text.isascii() and text.encode(told) == beginning):  # either will do
        return {}, []
    return {"encoding": "utf-8"}, [f"{path} is UTF-8 and read as that; the training data were {told}"]


def _as_told(error: DatasetError, name: str, options: Mapping[str, Any]) -> DatasetError:
    """The error, with how the data were read, as far as that is not how they are read anyway."""
    usual = inspect.signature(load_dataset).parameters | inspect.signature(DATASETS.get(name)).parameters
    target = target_of(options["target"]).reading() if "target" in options else None
    told = ", ".join(
        f"{option}={value!r}"
        for option, value in ({**options, "target": target} if target else options).items()
        if option in usual and option not in (*WHERE, "class_names") and value != usual[option].default
    )
    if told:
        error.message += f" (read as the training data were: {told:.300})"
    return error
