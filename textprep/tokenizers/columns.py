"""Columns of texts in which some take the way of one text at a time: those that hold specials, above all."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import regex

from textprep.letters import UNUSUAL_ALONE, UNUSUAL_PAIRS
from textprep.ragged import Ragged
from textprep.tokenizers.base import Tokenizer
from textprep.tokenizers.cutting import every_character


def encode_apart(
    tokenizer: Tokenizer,
    texts: pa.LargeStringArray,
    encode_ordinary: Callable[[pa.LargeStringArray], Ragged],
    also_apart: pa.BooleanArray | None = None,
) -> Ragged:
    """The ids of ``texts``: by ``tokenizer.encode`` of those with a special, and of those ``also_apart``."""
    masks = [pc.match_substring(texts, special) for special in tokenizer.found_specials]
    masks += [] if also_apart is None else [also_apart]
    if not any(mask.true_count for mask in masks):
        return encode_ordinary(texts)
    apart = np.any([mask.to_numpy(zero_copy_only=False) for mask in masks], axis=0)
    one_by_one = [tokenizer.encode(text) for text in texts.filter(pa.array(apart)).to_pylist()]
    at_once = encode_ordinary(texts.filter(pa.array(~apart)))
    return interleaved(apart, Ragged.from_rows(one_by_one), at_once)


def interleaved(chosen: npt.NDArray[np.bool_], these: Ragged, others: Ragged) -> Ragged:
    """The rows of ``these`` where ``chosen`` is true, those of ``others`` where it is not.

    >>> interleaved(np.array([False, True]), Ragged.from_rows([[1, 2]]), Ragged.from_rows([[3]])).rows()
    [[3], [1, 2]]
    """
    places = np.empty(len(chosen), dtype=np.int64)
    places[chosen] = np.arange(len(these))
    places[~chosen] = len(these) + np.arange(len(others))
    return Ragged.join([these, others]).gather(Ragged(places, np.arange(len(chosen) + 1)))


def unusual(texts: pa.LargeStringArray) -> pa.BooleanArray:
    """Which texts hold characters that `textprep.letters` looks at together with their neighbours."""
    beyond_ascii = pc.invert(pc.string_is_ascii(texts))
    found = pc.match_substring_regex(texts.filter(beyond_ascii), _unusual())
    return pc.replace_with_mask(beyond_ascii, beyond_ascii, found)


@cache
def _unusual() -> str:
    """A pattern for Arrow, which does not know all properties."""
    runs = regex.finditer(f"{UNUSUAL_ALONE}++", every_character())
    alone = "".join(rf"\x{{{run.start():x}}}-\x{{{run.end() - 1:x}}}" for run in runs)
    return f"[{alone}]|{UNUSUAL_PAIRS}"
