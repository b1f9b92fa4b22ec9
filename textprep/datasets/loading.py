"""`load_dataset` and `as_corpus`: what is common to all datasets, from rows to a `Corpus`."""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from textprep.datasets.building import build
from textprep.datasets.corpus import Corpus
from textprep.datasets.formats.hugging_face import is_hugging_face
from textprep.datasets.formats.tables import is_table
from textprep.datasets.opening import Splits, as_splits, call_dataset, check_no_path, guard_of, names_in
from textprep.datasets.schema.columns import GUESS, Columns
from textprep.datasets.sequences.loading import check_no_texts, load_sequences, reads_sequences
from textprep.datasets.split import Split
from textprep.datasets.splits import DEFAULT_SPLITS, Division
from textprep.errors import DatasetError
from textprep.registry import DATASETS
from textprep.storage.files import local_path
from textprep.targets import Target
from textprep.targets.earlier import check_not_earlier
from textprep.targets.label_mapping import maps_labels


def load_dataset(
    name: str,
    *,
    text: str | Sequence[str] = GUESS,
    label: str | Sequence[str] | None = GUESS,
    pair: str | None = None,
    join: str = "\n",
    empty_text: Literal["keep", "reject"] = "keep",
    target: str | Mapping[str, Any] | Target | None = None,
    class_names: Sequence[str | int] | None = None,
    labels: Any = None,
    threshold: float | None = None,
    separator: str | None = None,
    extra: Sequence[str] | Mapping[str, Any] | None = None,
    splits: Mapping[str, float] | None = DEFAULT_SPLITS,
    seed: int = 0,
    fold: str | None = None,
    group: str | None = None,
    time: str | None = None,
    near_duplicates: float | None = None,
    sequence: str | None = None,
    features: Sequence[str] | None = None,
    missing: str | float = "error",
    windows: Mapping[str, Any] | None = None,
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
        text: the column that holds the texts, or lists of words, or several columns that are joined; ``"?"``
            guesses by the names of the columns and says so in ``corpus.notes``.
        label: the column that holds the labels; several columns of 0 and 1, each a class, or of numbers;
            ``None`` for unlabelled rows; ``"?"`` guesses, a source that holds the text alone being
            unlabelled.
        pair: the column of the second text of each row, kept as ``pair`` next to ``text``: `tp.prepare`
            encodes both, and a batch has them as one row, or apart. The rules for texts hold for it, too, and
            rows are the same only where both texts are (``group="text"`` keeps those together that share the
            first).
        join: what stands between joined texts.
        empty_text: ``"reject"`` makes a row bad that has a text without a visible character.
        target: what a model is to learn from a label: ``"class"``, one class a row; ``"classes"``, any number
            of them, from a list, a text with a ``separator``, or several columns; ``"number"``, a number;
            ``"tags"``, a class for each token, from lists of words and tags or from spans of a text;
            or a kind that a plugin brings (``textprep list targets``), with its options as a mapping:
            ``{"name": "class", "threshold": 3.5}``. If not given, ``"classes"`` where there are several
            columns or a ``separator``, ``"tags"`` where texts are lists of words, else ``"class"``.
        class_names: the classes in the order of their ids, and the only ones allowed; sorted if not given,
            whole numbers by value.
        labels: which class a label means: ``{"neg": "negative", 1: "positive"}`` renames, merges and orders
            classes, the others coming after them; ``"neg=negative,1=positive"`` says the same. A dataset
            with an option of this name (``folder``) gets what is neither.
        threshold: where labels are numbers, from which on they are of the second of two classes.
        separator: what stands between the labels in a text that names several.
        extra: columns that a model reads with the text, such as a year: a list of names, or a mapping of
            names to ``"number"`` or ``"category"``, or to options (`textprep.extra.kinds.Extra`):
            ``{"year": {"missing": 0}}``. They go with the rows into what `tp.prepare` makes, and into batches
            where ``loader(columns=…)`` asks for them.
        splits: split name → fraction, where the dataset does not come in splits; stratified by label,
            identical texts never apart (`textprep.datasets.splits`). ``None`` keeps all rows in ``"train"``.
        seed: another seed gives other splits.
        fold: ``"2/5"`` makes the second of five folds ``"test"`` and the others ``"train"``, in place of
            ``splits`` (`Corpus.folds` gives one after the other).
        group: a column; rows of one value of it never come into two splits. An empty cell counts as missing.
        time: a column of numbers, times or ISO 8601 texts; the oldest rows go to the first split, the newest
            to the last. Seed and labels play no part then. Of sequences, when each step was: they are put in
            that order, and steps that are missing are found.
        near_duplicates: from 0.5 to 1: texts that overlap by so much never come into two splits
            (`textprep.datasets.splits.near`); 0.8 is a good value.
        sequence: rows are time steps, and this column says of which sequence (`textprep.datasets.sequences`);
            or it holds whole sequences. A row of the corpus is a sequence of numbers in place of a text then,
            as it is with ``features`` or ``windows``, and with the data set ``sequences``.
        features: the columns with the numbers of a step; all columns of numbers if not given.
        missing: missing numbers and steps of sequences: ``"error"``; or what fills them, which
            ``corpus.notes`` report: ``"forward"``, ``"linear"``, ``"mean"`` of the sequence, or a number.
        windows: options of `textprep.windows`, for windows of the sequences in place of these; each recording
            is in one split, a few recordings are divided in time.
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
    about_sequences = {"sequence": sequence, "features": features, "missing": missing, "windows": windows}
    of_sequences = reads_sequences(name, about_sequences)
    division = Division.of(
        splits=splits, seed=seed, fold=fold, group=group, time=None if of_sequences else time,
        near_duplicates=near_duplicates,
    )  # fmt: skip
    check_no_path(name)
    check_not_earlier(options)
    if "labels" in inspect.signature(DATASETS.get(name)).parameters and not maps_labels(labels):
        options, labels = {**options, "labels": labels}, None
    about_target = {"class_names": class_names, "labels": labels, "threshold": threshold}
    if of_sequences:
        check_no_texts({"text": text, "pair": pair, "extra": extra})
        about_target["separator"] = separator
        corpus, told = load_sequences(
            name, call_dataset(name, options, OWN), guard_of(name), division, on_error, target, about_target,
            label=label, time=time, **about_sequences,
        )  # fmt: skip
        corpus.reading = _reading(name, {**told, **options})
        return corpus
    columns = Columns.of(
        target, {**about_target, "separator": separator},
        text=text, label=label, pair=pair, join=join, empty_text=empty_text, extra=extra,
    )  # fmt: skip
    data = call_dataset(name, options, OWN)
    if isinstance(data, Corpus):
        data.reading = data.reading or _reading(name, options)
        return data.as_given(division)
    splits_read = as_splits(data, columns, guard_of(name), target_given=target is not None)
    corpus = build(name, splits_read, on_error=on_error, quarantine=local_path(quarantine, DatasetError))
    (_, columns), *_ = splits_read.values()
    reading = {**columns._asdict(), "target": columns.target.reading()}
    reading["extra"] = {name: kind.reading() for name, kind in columns.extra.items()} or None
    corpus.reading = _reading(name, {**reading, **options})
    return corpus.assigned(division) if None in splits_read else corpus.as_given(division)


OWN = tuple(option for option in inspect.signature(load_dataset).parameters if option != "options")


def column_names(name: str, **options: Any) -> list[str]:
    """The columns of a registered dataset, as its first good rows have them; none where there are none.

    >>> column_names("memory", rows=[{"review": "Great.", "stars": 5}])
    ['review', 'stars']

    Args:
        name: of the dataset.
        **options: its own.
    """
    return names_in(call_dataset(name, options, OWN))


WHERE = ("path", "url", "rows", "bunch")
"""Options of data sets that say which data, not how it is read."""


def _reading(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that another source can be read with, as JSON values; a column alone is its name."""
    from pydantic_core import to_jsonable_python

    usual = {**Columns(text=(), label=())._asdict(), "target": {"name": "class"}, "extra": None}
    how = {option: value for option, value in options.items() if option not in WHERE}
    how = {option: value for option, value in how.items() if option not in usual or value != usual[option]}
    how |= {"text": _alone(how.get("text")), "label": _alone(how.get("label"))} if "text" in how else {}
    return {"name": name, **to_jsonable_python(how, fallback=repr, bytes_mode="base64")}


def _alone(names: Sequence[str] | None) -> Sequence[str] | str | None:
    return names[0] if names and len(names) == 1 else names or None


def as_corpus(
    data: Any,
    *,
    text: str = "text",
    label: str | Sequence[str] | None = "label",
    pair: str | None = None,
    target: str | Mapping[str, Any] | Target | None = None,
) -> Corpus:
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
        label: the column that holds the labels, where there is one; several as in `load_dataset`; ``None``
            for unlabelled rows.
        pair: the column that holds the second text of each row, where they have two.
        target: what a model is to learn from a label, as in `load_dataset`.

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
        return Corpus(data, next((s.target for s in splits if s.has_target), None))
    columns = Columns.of(target, text=text, label=label, pair=pair)
    read: Splits = {}
    for name, rows in data.items():
        read |= as_splits({name: rows}, columns, labelled_if_named=True, target_given=target is not None)
    return build("data", read)
