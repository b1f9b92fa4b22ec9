"""What every kind of target must hold."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from textprep.testing.check import Check, in_order, run_all

if TYPE_CHECKING:
    import pyarrow as pa

    from textprep.targets import Target

VALUES: tuple[Any, ...] = (
    None, "", " ", "a", "b", " a ", "0", "1", "1.0", "4,5", "1_000", "1e3", "inf", "nan", 0, 1, 2, -1, 2**60,
    0.0, 2.5, float("nan"), float("inf"), True, False, Decimal("2.5"), ["a", "b"], ["a"], [], [None], b"a",
    {"k": 1}, "\ud800",
)  # fmt: skip
"""Raw values as files and people bring them; a target takes some and refuses the others."""
TEXT = "a film, in Rome"
MIXTURES, MOST_ROWS, FEWEST_GOOD = 200, 6, 2


def check_target(
    target: str | type[Target] | Target,
    *,
    examples: Sequence[Any] = (),
    columns: Sequence[str] = ("label",),
    text: str | Sequence[str] = TEXT,
    **options: Any,
) -> None:
    """Check a kind of target with its ``options``.

    The rules: good values are taken, and bad ones refused with a reason that names the column; a column
    of values gives what its values give one by one; name and options survive JSON, those that were found in
    data too; what is stored is checked, comes back as an array row by row, and makes batches of as many rows;
    a row without a target is told from one that has it; splits can be stratified by what it says; it
    describes a column; and its objective can be imported. Of a target that is learned from texts alone, only
    that options survive JSON, that texts of any length have as many labels as tokens, and the last.

    >>> check_target("class", examples=["good", 3])

    Args:
        target: its registered name, its class, or a target itself.
        examples: raw values that are good, beside those that the kit tries; with several ``columns`` a tuple
            of values each.
        columns: the names of the columns that it is read from.
        text: that all values are tried with; a list of words where the target takes words.
        **options: of the target.

    Raises:
        AssertionError: a rule is broken.
    """
    from textprep.targets import target_of

    made = target(**options) if isinstance(target, type) else target_of(target, **options)
    run_all(target_checks(made, examples, columns, text))


def target_checks(
    target: Target,
    examples: Sequence[Any] = (),
    columns: Sequence[str] = ("label",),
    text: str | Sequence[str] = TEXT,
) -> list[Check]:
    """The checks of `check_target`, one a rule; where one fails, those behind it are not tried."""
    who = f"{type(target).__name__} ({target.name!r})"
    rules = _Rules(who, target.for_columns(columns), tuple(columns), examples, text)
    if target.from_text:
        return in_order([Check(who, rule, partial(_run, who, run)) for rule, run in rules.of_texts()])
    checks = [
        ("options survive JSON", rules.survives_json),
        ("bad values are refused with a reason", rules.refuses),
        ("good values are taken", rules.takes),
        ("a column gives what its values give", rules.column_agrees),
        ("what it finds in data survives JSON", rules.settles),
        ("rows are stored, and come back", rules.stores),
        ("a row without a target is told from the others", rules.tells_missing),
        ("splits can be stratified by it", rules.stratifies),
        ("it describes a column", rules.describes),
        ("its objective can be imported", rules.imports),
    ]
    return in_order([Check(who, rule, partial(_run, who, run)) for rule, run in checks])


def _run(who: str, rule: Any) -> None:
    try:
        problem = rule()
    except Exception as error:
        raise AssertionError(f"{who}: it raised {type(error).__name__}: {error}") from error
    if problem:
        raise AssertionError(f"{who}: {problem}")


class _Rules:
    """The rules for one target; each says what is wrong and what to do, or nothing."""

    def __init__(
        self,
        who: str,
        target: Target,
        columns: tuple[str, ...],
        examples: Sequence[Any],
        text: str | Sequence[str],
    ) -> None:
        self.text = text
        self.who, self.target, self.columns = who, target, columns
        self.examples = [self._row(example) for example in examples]
        pool = [*VALUES, *target.classes, *([name] for name in target.classes)]
        self.tried = [*self.examples, *((value,) * len(columns) for value in pool)]

    def _row(self, example: Any) -> tuple[Any, ...]:
        return tuple(example) if len(self.columns) > 1 else (example,)

    def survives_json(self) -> str | None:
        return _differs(self.target, self.target.record(), "use fields that pydantic writes as JSON")

    def of_texts(self) -> list[tuple[str, Callable[[], str | None]]]:
        """The rules where it is learned from texts alone."""
        return [
            ("options survive JSON", self.survives_json),
            ("each token of a text has a label", self.labels_texts),
            ("its objective can be imported", self.imports),
        ]

    def labels_texts(self) -> str | None:
        from textprep.batches.reader import EncodedTexts
        from textprep.ragged import Ragged

        texts = EncodedTexts(Ragged.from_rows([[5, 6, 7], [], [8]]))
        for end_id in (None, 2):
            labels = self.target.of_texts(texts, end_id)
            counts = [len(labels.ids(row)) for row in range(len(texts))]
            if counts != texts.lengths.tolist() or list(labels.lengths) != counts:
                return f"of_texts() gives {counts} labels for texts of 3, 0 and 1 token: give one a token"
            if not self.target.labelled(labels).all():
                return "labelled() says False of a text: every one can be learned from"
        return None

    def refuses(self) -> str | None:
        for values in self.tried:
            if problem := self._badly_refused(values):
                return f"on {values!r:.100} {problem}"
        return None

    def _badly_refused(self, values: tuple[Any, ...]) -> str | None:
        from textprep.targets import BadValueError

        try:
            if self.target.check_row(self.text, self.columns, values) is None:
                return "check() gives None: raise BadValueError, or give what the value means"
        except BadValueError as error:
            if error.column not in self.columns or not error.reason:
                return (
                    f"it blames the column {error.column!r}, reason {error.reason!r}: name column and reason"
                )
        except Exception as error:
            return f"check() raised {type(error).__name__}: {error}; raise BadValueError, with a reason"
        return None

    def takes(self) -> str | None:
        for values in self.examples:
            if self._checked(values) is None:
                return f"it refuses the example {values!r:.100}: take it, or leave it out of examples="
        if (count := len(self._good())) < FEWEST_GOOD:
            return f"it takes {count} of the values that the kit tries: give good ones as examples=[…]"
        return None

    def column_agrees(self) -> str | None:
        draw = random.Random(0)  # noqa: S311
        values = self._good() * 3 + self.tried
        for _ in range(MIXTURES):
            rows = draw.choices(values, k=draw.randint(1, MOST_ROWS))
            if problem := self._disagreement(rows):
                return f"of the values {rows!r:.200} {problem}"
        return None

    def _disagreement(self, rows: Sequence[tuple[Any, ...]]) -> str | None:
        import pyarrow as pa

        try:
            columns = [_column(values) for values in zip(*rows, strict=True)]
            texts = _column([self.text] * len(rows))
            block, good = self.target.check_block(texts, self.columns, columns, False)
        except (pa.ArrowException, ValueError, TypeError, OverflowError):
            return None  # no column, or one whose values are looked at one by one
        one_by_one = [self._checked(row) for row in zip(*(c.to_pylist() for c in columns), strict=True)]
        expected = [each is not None for each in one_by_one]
        if list(map(bool, good)) != expected:
            said = f"check_columns() says {list(map(bool, good))}, check() one by one {expected}"
            return f"{said}: make them agree"
        if (block is not None) != all(expected):
            return "check_columns() gives a block although a row is bad, or none although all are good"
        if block is None:
            return None
        gathered = self.target.gathered(one_by_one)
        some, others = (self._stored([each])[1].to_pylist() for each in (block, gathered))
        differ = f"check_columns() means {some}, check() one by one {others}: make them agree"
        return differ if some != others else None

    def settles(self) -> str | None:
        settled, _ = self._stored(self._blocks())
        return _differs(settled, settled.record(), "let settled() put what it finds into fields")

    def stores(self) -> str | None:
        blocks = self._blocks()
        settled, column = self._stored(blocks)
        rows = len(self._good()) * 2
        if len(column) != rows:
            return f"of {rows} rows it stores {len(column)}: store one value a row"
        settled.check_stored(column)
        whole, none = settled.array(column, rows), settled.array(None, 3)
        if len(whole) != rows or (whole.shape[1:], whole.dtype) != (none.shape[1:], none.dtype):
            differ = f"{whole.shape} {whole.dtype} of {rows} rows, {none.shape} {none.dtype} of 3 without"
            return f"array() gives {differ} a target: let them differ in the number of rows only"
        part = settled.array(column.slice(1, 2), 2)
        if part.tolist() != whole[1:3].tolist():
            among = whole[1:3].tolist()
            return (
                f"rows 1 and 2 are {among} among all, {part.tolist()} by themselves: give each row by itself"
            )
        settled.check_array(whole, rows)
        batch = settled.batch(whole[:2])
        return f"batch() makes {len(batch)} rows of 2: make as many" if len(batch) != 2 else None

    def tells_missing(self) -> str | None:
        settled, column = self._stored(self._blocks())
        has = settled.labelled(settled.array(column, len(column)))
        lacks = settled.labelled(settled.array(None, 3))
        if has.tolist() != [True] * len(column):
            return "labelled() says False of a row that is stored: give True for all of them"
        if lacks.tolist() != [False] * 3:
            return "labelled() says True of array(None, 3): fill it with a value that no row has"
        if settled.per_token:  # whose batches are made of labels of tokens
            return None
        batch, filler = settled.batch(settled.array(None, 3)), np.array(settled.missing)
        if not ((batch == filler) | ((batch != batch) & (filler != filler))).all():  # noqa: PLR0124
            return f"a batch of rows without a target holds {batch.tolist()}: let missing say what is in it"
        return None

    def stratifies(self) -> str | None:
        settled, column = self._stored(self._blocks())
        strata = settled.strata(column)
        if len(strata) != len(column):
            return f"strata() gives {len(strata)} of {len(column)} rows: give one a row"
        if len(groups := settled.drawn_in(settled.array(column, len(column)))) != len(column):
            return f"drawn_in() gives {len(groups)} of {len(column)} rows: give one a row"
        sorted(set(strata) - {None})  # type: ignore[type-var]
        return None

    def describes(self) -> str | None:
        settled, column = self._stored(self._blocks())
        if not settled.describe(column):
            return "describe() says nothing of a column: say in a few words what is in it"
        json.dumps([settled.shown(value) for value in column.to_pylist()])
        json.dumps([settled.figures(column), settled.counts(column)])
        return None

    def imports(self) -> None:
        self.target.trained_by()

    def _checked(self, values: tuple[Any, ...]) -> Any:
        from textprep.targets.coding import ruled

        return ruled(self.target.check_row, self.text, self.columns, values)

    def _good(self) -> list[tuple[Any, ...]]:
        return [values for values in self.tried if self._checked(values) is not None]

    def _blocks(self) -> list[Any]:
        """What the good values are as two blocks, with one without rows between them."""
        rows = [self._checked(values) for values in self._good()]
        return [self.target.gathered(each) for each in (rows, [], rows[::-1])]

    def _stored(self, blocks: list[Any]) -> tuple[Target, pa.ChunkedArray]:
        settled, _ = self.target.settled(blocks, self.columns)
        return settled, settled.stored(blocks)


def _column(values: Sequence[Any]) -> pa.ChunkedArray:
    import pyarrow as pa

    return pa.chunked_array([pa.array(list(values))])


def _differs(target: Target, record: dict[str, Any], remedy: str) -> str | None:
    """Whether the target that a record makes is another one, once it went through JSON."""
    options = json.loads(json.dumps(record, allow_nan=False))
    options.pop("name")
    again = type(target)(**options)
    return None if again == target else f"{target!r} comes back from JSON as {again!r}: {remedy}"
