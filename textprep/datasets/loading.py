"""`load_dataset` and `as_corpus`: what is common to all datasets, from rows to a `Corpus`."""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Literal

from textprep.datasets.building import build
from textprep.datasets.corpus import Corpus
from textprep.datasets.elsewhere import called_here, our_name
from textprep.datasets.formats import dataset_of
from textprep.datasets.formats.hugging_face import is_hugging_face
from textprep.datasets.formats.tables import is_table
from textprep.datasets.opening import as_parts, names_in
from textprep.datasets.schema.columns import GUESS, Columns, checked_classes, checked_columns
from textprep.datasets.schema.labels import maps_labels
from textprep.datasets.split import Split
from textprep.datasets.splits import DEFAULT_SPLITS, Division
from textprep.errors import DatasetError, TextprepError
from textprep.registry import DATASETS
from textprep.storage.files import local_path


def load_dataset(
    name: str,
    *,
    text: str | Sequence[str] = GUESS,
    label: str | Sequence[str] | None = GUESS,
    pair: str | None = None,
    join: str = "\n",
    multi_label: bool | str = False,
    threshold: float | None = None,
    empty_text: Literal["keep", "reject"] = "keep",
    class_names: Sequence[str | int] | None = None,
    labels: Any = None,
    splits: Mapping[str, float] | None = DEFAULT_SPLITS,
    seed: int = 0,
    fold: str | None = None,
    group: str | None = None,
    time: str | None = None,
    near_duplicates: float | None = None,
    on_error: Literal["raise", "skip", "quarantine"] = "raise",
    quarantine: str | os.PathLike[str] = "quarantine",
    **options: Any,
) -> Corpus:
    """A registered dataset as a `Corpus`.

    Columns besides text and label are kept; one of mixed kinds (``1`` and ``"x"``) as the JSON of each value.

    >>> import textprep as tp
    >>> rows = [{"review": "Great.", "stars": 5}, {"review": "Dull.", "stars": 1}]
    >>> corpus = tp.load_dataset("memory", rows=rows, text="review", label="stars", splits=None)
    >>> corpus.class_names, corpus["train"].labels.tolist()
    (('1', '5'), [1, 0])

    Args:
        name: a registered dataset. One that returns a ready `Corpus` has settled all that follows here
            but its own options.
        text: the column that holds the texts, or several that are joined; ``"?"`` guesses by the names of
            the columns and says so in ``corpus.notes``.
        label: the column that holds the labels; several columns of 0 and 1, each a class; ``None`` for
            unlabelled rows; ``"?"`` guesses, a source that holds the text alone being unlabelled.
        pair: the column of the second text of a pair, kept as ``pair`` beside ``text``. `tp.prepare` encodes
            ``text``; for both as one, name both in ``text``.
        join: what stands between joined texts.
        multi_label: whether a row may have several labels: ``True`` where they are lists, or the string that
            parts them in a text. A split then has ``labels`` and `Split.multi_hot` in place of ``label``.
        threshold: where labels are numbers, from which on they are of the second of two classes.
        empty_text: ``"reject"`` makes a text without a visible character a bad row.
        class_names: the classes in the order of their ids, and the only ones allowed; sorted if not given,
            whole numbers by value.
        labels: which class a label means: ``{"neg": "negative", 1: "positive"}`` renames, merges and orders
            classes, the others coming after them; ``"neg=negative,1=positive"`` says the same. A dataset
            with an option of this name (``folder``) gets what is neither.
        splits: split name → fraction, where the dataset does not come in splits; stratified by label,
            identical texts never apart (`textprep.datasets.splits`). ``None`` keeps all rows in ``"train"``.
        seed: another seed gives other splits.
        fold: ``"2/5"`` makes the second of five folds ``"test"`` and the others ``"train"``, in place of
            ``splits`` (`Corpus.folds` gives one after the other).
        group: a column; rows of one value of it never come into two splits. An empty cell is no value.
        time: a column of numbers, times or ISO 8601 texts; the oldest rows go to the first split, the newest
            to the last. Seed and labels play no part then.
        near_duplicates: from 0.5 to 1: texts that overlap by so much never come into two splits
            (`textprep.datasets.splits.near`); 0.8 is a good value.
        on_error: ``"raise"`` stops at the first bad row; ``"skip"`` leaves bad rows out and lists them in
            ``corpus.rejected``; ``"quarantine"`` keeps their bytes besides, to be mended and read again
            (`textprep.datasets.quarantine`).
        quarantine: the folder for folders of bad rows; ``corpus.quarantine`` is the one that was made.
        **options: the dataset's own (``textprep show NAME`` lists them).

    Raises:
        UnknownNameError: no dataset has that name.
        DatasetError: an option, a row or a label cannot be used, or there are no rows.
    """
    if on_error not in ("raise", "skip", "quarantine"):
        raise DatasetError(
            f"on_error= is 'raise', 'skip' or 'quarantine', not {on_error!r}", option="on_error"
        )
    division = Division.of(
        splits=splits, seed=seed, fold=fold, group=group, time=time, near_duplicates=near_duplicates
    )
    _check_no_path(name)
    if "labels" in inspect.signature(DATASETS.get(name)).parameters and not maps_labels(labels):
        options, labels = {**options, "labels": labels}, None
    columns = checked_columns(text, label, pair, join, multi_label, threshold, empty_text, labels)
    names = checked_classes(class_names, columns)
    blame = f"dataset {name!r} of {DATASETS.owner(name)}"
    data = _call(name, blame, options)
    if isinstance(data, Corpus):
        data.reading = data.reading or _reading(name, options)
        return data.as_given(division)
    parts, note = as_parts(data, columns, partial(_guarded, blame=blame))
    corpus = build(
        name,
        parts,
        names,
        on_error=on_error,
        quarantine=local_path(quarantine, DatasetError),
        notes=[note] if note else [],
    )
    corpus.reading = _reading(name, {**parts[0].columns._asdict(), **options})
    return corpus.assigned(division) if parts[0].split is None else corpus.as_given(division)


def column_names(name: str, **options: Any) -> list[str]:
    """The columns of a registered dataset, as its first good rows have them; none where there are none.

    >>> column_names("memory", rows=[{"review": "Great.", "stars": 5}])
    ['review', 'stars']

    Args:
        name: of the dataset.
        **options: its own.
    """
    data = _call(name, f"dataset {name!r} of {DATASETS.owner(name)}", options)
    return names_in(data) or []


WHERE = ("path", "url", "rows", "bunch")
"""Options of data sets that say which data, not how it is read."""


def _reading(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that another source can be read with, as JSON values; a column alone is its name."""
    from pydantic_core import to_jsonable_python

    usual = Columns(text=(), label=())._asdict()
    how = {option: value for option, value in options.items() if option not in WHERE}
    how = {option: value for option, value in how.items() if option not in usual or value != usual[option]}
    how |= {"text": _alone(how.get("text")), "label": _alone(how.get("label"))} if "text" in how else {}
    return {"name": name, **to_jsonable_python(how, fallback=repr)}


def _alone(names: Sequence[str] | None) -> Sequence[str] | str | None:
    return names[0] if names and len(names) == 1 else names or None


def as_corpus(data: Any, *, text: str = "text", label: str | None = "label") -> Corpus:
    """What a person has in hand as a `Corpus`.

    >>> as_corpus({"train": [("Great.", "good"), ("Dull.", "bad")], "test": [("Fine.", "good")]})
    <Corpus 'data'>
    train  2 rows: bad 1, good 1
    test   1 rows: bad 0, good 1

    Args:
        data: a `Corpus`, or a mapping of split names to `Split` objects, to rows (texts, ``(text, label)``
            pairs, or mappings with ``"text"`` and perhaps ``"label"``) or to tables of such columns (see
            `textprep.datasets.formats.tables`); a ``datasets.DatasetDict``; or a table or a
            ``datasets.Dataset`` alone, which becomes ``"train"``. What is memory-mapped stays so: its texts
            become no Python objects and are not copied.
        text: the column that holds the texts.
        label: the column that holds the labels, where there is one; ``None`` for unlabelled rows.

    Raises:
        DatasetError: it is none of these, or a row cannot be used.
    """
    if isinstance(data, Corpus):
        return data
    if is_hugging_face(data) or is_table(data, text):
        data = {"train": data}
    if not isinstance(data, Mapping):
        raise DatasetError(
            f"cannot make a corpus of {type(data).__name__}: give a Corpus, a table, a DatasetDict, or "
            'a mapping of split names to rows such as {"train": [("Great.", "good"), …]}'
        )
    splits = [split for split in data.values() if isinstance(split, Split)]
    if splits:
        return Corpus(data, next((split.class_names for split in splits if split.labels is not None), ()))
    return _in_hand(data, Columns((text,), () if label is None else (label,)))


def _in_hand(splits: Mapping[str, Any], columns: Columns) -> Corpus:
    """The rows of every split; the first bad row is an error."""
    parts = [as_parts({name: rows}, columns, labelled_if_named=True)[0][0] for name, rows in splits.items()]
    return build("data", parts)


def _check_no_path(name: object) -> None:
    reader = dataset_of(os.fspath(name)) if isinstance(name, (str, os.PathLike)) else {}
    if "path" in reader:
        call = f"load_dataset({reader['name']!r}, path={reader['path']!r})"
        raise DatasetError(f"load_dataset takes the name of a dataset, and the file as an option: {call}")


def _call(name: str, blame: str, options: dict[str, Any]) -> Any:
    component = DATASETS.get(name)
    parameters = inspect.signature(component).parameters
    own = [
        option for option in inspect.signature(load_dataset).parameters if option not in ("name", "options")
    ]
    taken = [option for option in ("name", *own) if option in parameters and option != "labels"]
    if taken:
        raise DatasetError(
            f"{blame} has an option {taken[0]!r}, which load_dataset takes itself: rename it there"
        )
    try:
        inspect.signature(component).bind(**options)
    except TypeError as error:
        unknown = [option for option in options if option not in parameters]
        if unknown:
            known = [*parameters, *own]
            ours = our_name(unknown[0], known)
            raise DatasetError(f"{blame}: {called_here(unknown, known)}", option=ours) from error
        takes = ", ".join(parameters) or "no options"
        raise DatasetError(f"{blame}: {error}; it takes: {takes}") from error
    try:
        return component(**options)
    except TextprepError:
        raise
    except Exception as error:  # whatever third-party code raises
        raise DatasetError(f"{blame} failed: {type(error).__name__}: {error}") from error


def _guarded(rows: Iterable[Any], blame: str) -> Iterator[Any]:
    """The rows; what the dataset's own code raises on the way names the dataset."""
    number = 0
    try:
        for row in rows:
            yield row
            number += 1
    except TextprepError:
        raise
    except Exception as error:  # whatever third-party code raises
        raise DatasetError(f"{blame} failed after {number} rows: {type(error).__name__}: {error}") from error
