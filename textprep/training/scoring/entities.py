"""Which entities tags make, and which predicted ones are right, counted as the `seqeval` package counts them.

An entity is right where its type, its beginning and its end are. Shapes are written with M tokens of N rows,
E entities, C tags, K types of entities.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Marks = npt.NDArray[np.bool_]
OUTSIDE = "O"
ALONE = "S"  # what every tag of a scheme without entities is: a unit by itself


class Scheme(NamedTuple):
    """What the tags of a data set mean.

    Attributes:
        parts: (C,) one letter a tag: B begins an entity, I is inside of one, E ends one, S is one, O is none.
        types: (C,) int64, an index into ``names``; -1 for O.
        names: the K types.
    """

    parts: npt.NDArray[np.str_]
    types: Ints
    names: tuple[str, ...]

    @classmethod
    def of(cls, tags: Sequence[str], names: Sequence[str]) -> Scheme:
        """That of tags such as ``B-PER``, or of tags that are types themselves.

        Args:
            tags: the C tags.
            names: the K types; where they are the tags, each token is a unit by itself.

        >>> Scheme.of(["O", "B-PER", "I-PER"], ["PER"]).parts.tolist()
        ['O', 'B', 'I']
        >>> Scheme.of(["NOUN", "VERB"], ["NOUN", "VERB"]).parts.tolist()
        ['S', 'S']
        """
        if tuple(tags) == tuple(names):
            return cls(np.array([ALONE] * len(tags)), np.arange(len(tags)), tuple(names))
        split = [(OUTSIDE, "") if tag == OUTSIDE else (tag[0], tag[2:]) for tag in tags]
        types = [-1 if part == OUTSIDE else tuple(names).index(name) for part, name in split]
        return cls(np.array([part for part, _ in split]), np.array(types, np.int64), tuple(names))


class Entities(NamedTuple):
    """Entities in the order of their tokens, of which none has two.

    Attributes:
        starts, stops: (E,) int64, places among the M tokens, the second exclusive.
        types: (E,) int64.
    """

    starts: Ints
    stops: Ints
    types: Ints

    def of_tokens(self, tokens: int) -> Ints:
        """(M,) which entity each token is of; -1 where it is of none."""
        found = np.full(tokens, -1, np.int64)
        lengths = self.stops - self.starts
        within = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        found[np.repeat(self.starts, lengths) + within] = np.repeat(np.arange(len(lengths)), lengths)
        return found


def entities_of(tags: Ints, offsets: Ints, scheme: Scheme, *, strict: bool = False) -> Entities:
    """The entities that tags make; none reaches over the end of a row.

    By default tags that no entity could have are read as those of an entity all the same, as the script
    ``conlleval`` of the CoNLL shared tasks reads them (Tjong Kim Sang and Buchholz, "Introduction to the
    CoNLL-2000 shared task: chunking", 2000): an I or E after another type begins one.

    Args:
        tags: (M,) ids.
        offsets: (N + 1,) where each row begins among the tokens, and M.
        scheme: what the ids mean.
        strict: leave out what does not begin with B or S, and, where there is E, what does not end with it.

    >>> scheme = Scheme.of(["O", "B-PER", "I-PER"], ["PER"])
    >>> tags = np.array([1, 2, 0, 2])
    >>> entities_of(tags, np.array([0, 4]), scheme)
    Entities(starts=array([0, 3]), stops=array([2, 4]), types=array([0, 0]))
    >>> entities_of(tags, np.array([0, 4]), scheme, strict=True).starts.tolist()
    [0]
    """
    parts, types = scheme.parts[tags], scheme.types[tags]
    before, type_before = _shifted(parts, OUTSIDE), _shifted(types, -1)
    first = np.zeros(len(tags) + 1, bool)
    first[offsets] = True
    before[first[:-1]], type_before[first[:-1]] = OUTSIDE, -1
    opens, follows = np.isin(parts, ["B", ALONE]), np.isin(before, ["B", "I"]) & (type_before == types)
    goes_on = np.isin(parts, ["I", "E"]) & follows
    begins = opens if strict else (parts != OUTSIDE) & ~goes_on
    starts = np.flatnonzero(begins)
    ends = np.append(np.flatnonzero(~goes_on), len(tags))
    stops: Ints = ends[np.searchsorted(ends, starts, side="right")]
    if strict and "E" in scheme.parts:
        whole = np.isin(parts[stops - 1], ["E", ALONE])
        starts, stops = starts[whole], stops[whole]
    return Entities(starts, stops, types[starts])


def entity_counts(
    true: Ints, predicted: Ints, offsets: Ints, scheme: Scheme, *, strict: bool = False
) -> Ints:
    """(N, 3, K): of each row and type, entities that are right, that are true, and that were predicted.

    Args:
        true: (M,) ids of tags.
        predicted: (M,) ids of tags.
        offsets: (N + 1,) where each row begins among the tokens, and M.
        scheme: what the ids mean.
        strict: see `entities_of`.
    """
    has, given = (entities_of(tags, offsets, scheme, strict=strict) for tags in (true, predicted))
    right = Entities(*(each[right_ones(has, given)] for each in given))
    rows = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    return np.stack(
        [_by_row(each, rows, len(offsets) - 1, len(scheme.names)) for each in (right, has, given)], 1
    )


def parts_of_f1(counts: Ints) -> Floats:
    """(N,) numbers whose mean is the F1 of all rows, and whose deviation says how far chance moves that.

    The F1 is no mean over rows; these are its linearization, the influence of each row (Efron, "The
    jackknife, the bootstrap and other resampling plans", 1982, chapter 6).

    Args:
        counts: (N, 3, K), see `entity_counts`.

    >>> parts_of_f1(np.array([[[1], [1], [1]], [[0], [1], [1]]])).tolist()
    [1.0, 0.0]
    """
    right, has, given = counts.sum(axis=2).T
    total = max(int((has + given).sum()), 1)
    f1 = 2 * right.sum() / total
    parts: Floats = f1 + len(counts) * (2 * right - f1 * (has + given)) / total
    return parts


def _shifted(values: npt.NDArray[Any], first: Any) -> npt.NDArray[Any]:
    """(M,) the value before each."""
    shifted = np.roll(values, 1)
    shifted[:1] = first
    return shifted


def right_ones(has: Entities, given: Entities) -> Marks:
    """(E,) bool: which predicted entities are true."""
    places = np.searchsorted(has.starts, given.starts)
    true = np.stack([np.append(each, -1) for each in has])[:, places]
    right: Marks = (true == np.stack(given)).all(axis=0)
    return right


def _by_row(entities: Entities, rows: Ints, count: int, types: int) -> Ints:
    """(N, K) how many each row has."""
    cells = rows[entities.starts] * types + entities.types
    return np.bincount(cells, minlength=count * types).reshape(count, types)
