"""Words with a tag each: of one row, and of all rows of a block at Arrow's speed; by the same rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from textprep.targets.coding import distinct, ruled
from textprep.targets.problems import BadValueError
from textprep.targets.tag_schemes import PREFIXES, USED, O, Parts, Scheme, normal, taken_apart, written
from textprep.targets.tagged import Pieces, Tagged

if TYPE_CHECKING:
    import pyarrow as pa

    from textprep.targets.base import Good
    from textprep.targets.tagged import Array


def pieces_of(column: str, words: Sequence[Any], tags: Sequence[str], scheme: Scheme, repair: bool) -> Pieces:
    """The pieces of a text that is ``words`` joined by spaces, each with its tag.

    Raises:
        BadValueError: a word is empty or no text, there are more or fewer tags, or they break the rules of
            the scheme.
    """
    for place, word in enumerate(words):
        if not isinstance(word, str) or not word:
            what = "is empty" if word == "" else f"is {type(word).__name__}, not a string"
            raise BadValueError(column, f"word {place + 1} of the text {what}", place=place)
    if len(words) != len(tags):
        raise BadValueError(column, f"there are {len(words)} words and {len(tags)} tags: each word needs one")
    stops = np.cumsum([len(word) + 1 for word in words], dtype=np.int64) - 1
    starts = stops - np.array([len(word) for word in words], np.int64)
    kept = list(tags) if scheme == "plain" else _kept(column, words, tags, scheme, repair)
    return Pieces(starts.tolist(), stops.tolist(), kept)


def _kept(column: str, words: Sequence[str], tags: Sequence[str], scheme: Scheme, repair: bool) -> list[str]:
    """The tags by the rules of IOB2 or BIOES."""
    each = [tag_apart(column, tag, scheme, place) for place, tag in enumerate(tags)]
    kinds = [kind for _, kind in each]
    numbers = {kind: number for number, kind in enumerate(dict.fromkeys(kinds))}
    prefixes = np.array([prefix for prefix, _ in each], np.int64)
    parts = Parts(prefixes, np.array([numbers[kind] for kind in kinds], np.int64), np.arange(len(each)) == 0)
    kept = normal(parts, scheme)
    if scheme != "iob1" and not repair and (broken := np.flatnonzero(kept != prefixes)).size:
        raise _broken(column, words, tags, scheme, int(broken[0]), written(kept[broken[0]], kinds[broken[0]]))
    return [written(prefix, kind) for prefix, kind in zip(kept.tolist(), kinds, strict=True)]


def tag_apart(column: str, tag: str, scheme: Scheme, place: int | None = None) -> tuple[int, str]:
    """The prefix and the type of a tag of a scheme with entities.

    Raises:
        BadValueError: it is none.
    """
    apart = taken_apart(tag)
    if apart is None or (apart[0] != O and PREFIXES[apart[0]] not in USED[scheme]):
        wanted = ", ".join(["O", *(f"{prefix}-…" for prefix in USED[scheme])])
        raise BadValueError(
            column,
            f"{tag!r:.40} is not a tag of {scheme.upper()}, which has {wanted}",
            option="target",
            hint='target={"name": "tags", "scheme": "plain"} takes tags as they are',
            value={"name": "tags", "scheme": "plain"},
            place=place,
        )
    return apart


def _broken(
    column: str, words: Sequence[str], tags: Sequence[str], scheme: Scheme, place: int, repaired: str
) -> BadValueError:
    before = f"behind {tags[place - 1]!r}" if place else "at the beginning"
    after = f" before {tags[place + 1]!r}" if place + 1 < len(tags) else " at the end"
    where = before if scheme == "iob2" else before + after
    return BadValueError(
        column,
        f"the tag {tags[place]!r} of word {place + 1}, {words[place]!r:.40}, cannot come {where} in "
        f"{scheme.upper()}; read as conlleval reads it, it is {repaired!r}",
        option="target",
        hint=f'target={{"name": "tags", "scheme": "{scheme}", "repair": True}} repairs such tags',
        value={"name": "tags", "scheme": scheme, "repair": True},
        place=place,
    )


def block_of_words(
    words: pa.ChunkedArray,
    tags: pa.ChunkedArray,
    read: Callable[[Any], str],
    scheme: Scheme,
    repair: bool,
) -> tuple[Tagged | None, Good]:
    """The same of all rows: lists of words and lists of tags, which ``read`` makes texts of.

    Returns:
        the pieces, or ``None`` where a row is bad; and of each row whether it is good.
    """
    import pyarrow.compute as pc

    lengths, others = (pc.fill_null(pc.list_value_length(column), -1) for column in (words, tags))
    alike = pc.and_(pc.equal(lengths, others), pc.greater_equal(lengths, 0))
    if not pc.all(alike, min_count=0).as_py():
        good = alike.to_numpy().copy()
        good[good] = block_of_words(words.filter(alike), tags.filter(alike), read, scheme, repair)[1]
        return None, good
    sizes = lengths.to_numpy().astype(np.int64)
    rows = np.repeat(np.arange(len(sizes)), sizes)
    first = np.diff(rows, prepend=-1) != 0
    characters = pc.fill_null(pc.utf8_length(pc.list_flatten(words)), 0).to_numpy().astype(np.int64)
    codes, values = distinct(pc.list_flatten(tags))
    codes, names, known = _coded(codes, values, read, scheme, repair, first)
    good = np.bincount(rows[~known | (characters == 0)], minlength=len(sizes)) == 0
    if not good.all():
        return None, good
    stops = np.cumsum(characters + 1) - 1
    starts = stops - characters
    begins = np.repeat(starts[first], sizes[sizes > 0])
    return Tagged(
        sizes, (starts - begins).astype(np.int32), (stops - begins).astype(np.int32), codes, names
    ), good


def _coded(
    codes: Array,
    values: Sequence[Any],
    read: Callable[[Any], str],
    scheme: Scheme,
    repair: bool,
    first: Array,
) -> tuple[Array, tuple[str, ...], Array]:
    """(T,) the kept tags, as places in names; these; and (T,) which tags are good."""
    tags = [ruled(read, value) for value in values]
    if scheme == "plain":
        names = tuple(dict.fromkeys(tag for tag in tags if tag is not None))
        places = np.array([-1 if tag is None else names.index(tag) for tag in tags], np.int64)
        return places[codes], names, places[codes] >= 0
    apart = [None if tag is None else ruled(tag_apart, "", tag, scheme) for tag in tags]
    kinds = [*dict.fromkeys(each[1] for each in apart if each)]
    prefix = np.array([each[0] if each else -1 for each in apart], np.int64)
    kind = np.array([kinds.index(each[1]) if each else -1 for each in apart], np.int64)
    parts = Parts(prefix[codes], kind[codes], first)
    kept = normal(parts, scheme)
    known = parts.prefixes >= 0
    if scheme != "iob1" and not repair:
        known &= kept == parts.prefixes
    width = len(PREFIXES)
    pairs, places = np.unique(parts.types * width + kept, return_inverse=True)
    names = tuple(written(pair % width, kinds[pair // width]) if pair >= 0 else "" for pair in pairs.tolist())
    return places.reshape(-1), names, known
