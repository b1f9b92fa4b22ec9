"""What every data set must hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, partial
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from textprep.registry import DATASETS
from textprep.testing.check import Check, after, run_all
from textprep.testing.fresh import RULE, in_fresh_python, is_installed

if TYPE_CHECKING:
    from textprep.datasets.corpus import Corpus

NEAR = 0.8


def check_dataset(name: str, /, **options: Any) -> None:
    """Check a registered data set with ``options``; give it a small one, since it is loaded several times.

    The rules: `textprep.load_dataset` makes a corpus of it with a split ``"train"`` that holds rows; labels
    are dense ids from 0, each with its class name; row ids are unique; loaded or iterated again, it has the
    same rows; nothing is wrong with them that ``textprep check`` finds, but for the flaws that it declares;
    with its default options it has the rows and classes that it declares; and one of an installed
    plugin says its license and citation, and has the same rows in another process.

    >>> check_dataset("memory", rows=[("good", "pos"), ("bad", "neg")], splits=None)

    Raises:
        AssertionError: a rule is broken.
        TextprepError: the data set cannot be loaded at all.
    """
    run_all(dataset_checks(name, options))


def dataset_checks(name: str, options: Mapping[str, Any]) -> list[Check]:
    """The checks of `check_dataset`, one a rule."""
    from textprep.datasets.about import about
    from textprep.datasets.loading import load_dataset

    who = f"dataset {name!r}"
    first = cache(lambda: load_dataset(name, **options))
    said = about(DATASETS.get(name))
    same = Check(
        who,
        "loaded again, it has the same rows",
        lambda: _check_same(who, first(), load_dataset(name, **options)),
    )
    checks = [
        Check(who, "there are rows in 'train'", lambda: _check_train(who, first())),
        Check(who, "row ids are unique", lambda: _check_row_ids(who, first())),
        Check(who, "labels are dense ids of classes", lambda: _check_labels(who, first())),
        Check(who, "what it returns can be iterated twice", partial(_check_twice, who, name, options)),
        Check(
            who, "nothing is wrong with its rows", partial(_check_findings, who, name, options, said.flaws)
        ),
    ]
    if said.rows is not None and not own_options(options):
        checks.append(
            Check(who, "it has the rows that it declares", lambda: _check_rows(who, first(), said.rows))
        )
    if said.class_names and not own_options(options):
        checks.append(
            Check(
                who,
                "it has the classes that it declares",
                lambda: _check_classes(who, first(), said.class_names),
            )
        )
    if is_installed(DATASETS.owner(name)):
        fresh = Check(who, RULE, partial(_check_fresh, who, name, options))
        loaded = after(Check(who, "it can be loaded", first), [*checks, *after(same, [fresh])])
        return [Check(who, "it says its license and citation", partial(_check_said, who, name)), *loaded]
    return after(Check(who, "it can be loaded", first), [*checks, same])


def own_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Those of ``options`` that are the data set's own, not `load_dataset`'s."""
    import inspect

    from textprep.datasets.loading import load_dataset

    common = inspect.signature(load_dataset).parameters
    return {name: value for name, value in options.items() if name not in common}


def contents(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The target, and row counts and digests of every split, as JSON values."""
    from textprep.datasets.loading import load_dataset
    from textprep.pipeline import Pipeline
    from textprep.preparation.columns import contents_of
    from textprep.preparation.fingerprint import made_of
    from textprep.tokenizers.char import CharTokenizer

    corpus = load_dataset(name, **options)
    texts = made_of(corpus, Pipeline(tokenizer=CharTokenizer()))["splits"]
    beside = contents_of(corpus)
    splits = {split: {**texts[split], **columns} for split, columns in beside["splits"].items()}
    return {"target": beside["target"], "splits": splits}


def _check_train(who: str, corpus: Corpus) -> None:
    if "train" not in corpus or not len(corpus["train"]):
        raise AssertionError(f"{who}: no rows in a split 'train', only the splits {list(corpus)}: add one")


def _check_row_ids(who: str, corpus: Corpus) -> None:
    seen: set[int] = set()
    for name, split in corpus.items():
        for row_id in split.row_ids.tolist():
            if row_id in seen:
                problem = f"two rows have the row id {row_id}, one of them in {name!r}"
                raise AssertionError(f"{who}: {problem}: number rows over all splits")
            seen.add(row_id)


def _check_labels(who: str, corpus: Corpus) -> None:
    counts = [split.class_counts() for split in corpus.values()]
    found = {i for i, name in enumerate(corpus.class_names) if any(rows.get(name) for rows in counts)}
    if found != set(range(corpus.num_classes)):
        raise AssertionError(
            f"{who}: its rows have the labels {sorted(found)}, its classes are {list(corpus.class_names)}: "
            "leave out classes that no row has"
        )


def _check_same(who: str, first: Corpus, second: Corpus) -> None:
    remedy = "sort what you read and seed what is random"
    if list(first) != list(second):
        raise AssertionError(
            f"{who}: loaded twice, the splits are {list(first)}, then {list(second)}: {remedy}"
        )
    for split in first:
        if not first[split].table.equals(second[split].table):
            differ = f"the rows of {split!r} differ, first {_first_difference(first[split], second[split])}"
            raise AssertionError(f"{who}: loaded twice, {differ}: {remedy}")


def _first_difference(some: Iterable[Any], others: Iterable[Any]) -> str:
    pairs = enumerate(zip_longest(some, others))
    return next(f"number {i}: {one!r:.200}, then {other!r:.200}" for i, (one, other) in pairs if one != other)


def _check_findings(who: str, name: str, options: Mapping[str, Any], flaws: tuple[str, ...]) -> None:
    """What ``textprep check`` finds; between splits only where the data set makes them itself."""
    from textprep.datasets.inspection import inspect_corpus
    from textprep.datasets.loading import load_dataset

    corpus = load_dataset(name, **{"splits": None, **options})
    near = (
        NEAR if len(corpus) > 1 else None
    )  # within one split it is slow, and nothing that is found is wrong
    inspection = inspect_corpus(corpus, near)
    wrong = [finding for finding in inspection.wrong if finding.name not in flaws]
    if wrong:
        found = "; ".join(
            f"{finding.name}: {finding.times:,} {finding.says} ({', '.join(map(str, finding.examples))})"
            for finding in wrong
        )
        known = ", ".join(f'"{finding.name}"' for finding in wrong)
        raise AssertionError(f"{who}: {found}; if it was published so: @tp.dataset(…, flaws=[{known}])")


def _check_twice(who: str, name: str, options: Mapping[str, Any]) -> None:
    """Of an iterator there is nothing to say: `load_dataset` calls for a new one."""
    data = DATASETS.get(name)(**own_options(options))
    for rows in data.values() if isinstance(data, Mapping) else [data]:
        if isinstance(rows, Iterable) and not isinstance(rows, Iterator):
            once, again = list(rows), list(rows)
            if str(once) != str(again):
                problem = (
                    f"iterated twice it differs, first {_first_difference(map(str, once), map(str, again))}"
                )
                raise AssertionError(f"{who}: {problem}: let __iter__ begin anew each time")


def _check_rows(who: str, corpus: Corpus, declared: Any) -> None:
    found: Any = {name: len(split) for name, split in corpus.items()}
    for row in corpus.rejected:
        found[row.split or "train"] = found.get(row.split or "train", 0) + 1
    if not isinstance(declared, Mapping):
        found = sum(found.values())
    if found != declared:
        raise AssertionError(f"{who}: it declares rows={declared!r} and has {found!r}: mend one of them")


def _check_classes(who: str, corpus: Corpus, declared: tuple[str, ...]) -> None:
    if corpus.class_names != declared:
        raise AssertionError(
            f"{who}: it declares the classes {declared} and has {corpus.class_names}: mend one of them"
        )


def _check_said(who: str, name: str) -> None:
    from textprep.datasets.about import about

    said = about(DATASETS.get(name))
    missing = [key for key in ("license", "citation") if not getattr(said, key).strip()]
    if missing:
        put = ", ".join(f'{key}="…"' for key in missing)
        raise AssertionError(
            f"{who}: it does not say its {' and '.join(missing)}: put @tp.dataset({put}) above it"
        )


def _check_fresh(who: str, name: str, options: Mapping[str, Any]) -> None:
    here, there = (
        contents(name, options),
        in_fresh_python({"task": "dataset", "name": name, "options": dict(options)}),
    )
    if here != there:
        differing = [key for key in here["splits"] if here["splits"][key] != there["splits"].get(key)]
        problem = f"in another process {differing or 'its target'} differ"
        raise AssertionError(f"{who}: {problem}: sort what you read and seed what is random")
