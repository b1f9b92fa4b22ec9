"""Where the tokens of many texts came from: the ends of what `explain` traces, for a whole column.

A text that no step with the scope ``"document"`` changes is cut into words, as the engine cuts it
(`textprep.encoding.engine`), or into pieces, and each distinct one is looked at once: where its tokens spell
it, their lengths say where they are; otherwise it is traced. Where such steps change a text, the places in
the cleaned text are carried back through their edits. Whatever is not certain that way is traced by itself:

    raw text   "A <b>great</b> film!"       edits of strip_markup   (2, 5, "") (10, 14, "")
    cleaned    "A great film!"              words                   a| great| film!
    spans      (0, 1) (2, 7) (8, 12) (12, 13)
    raw spans  (0, 1) (5, 10) (15, 19) (19, 20)

Shapes are written with N texts, W words, M tokens of all texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from textprep.encoding.engine import TABLE_WORDS, clean_array, folded
from textprep.encoding.execution import Execution
from textprep.encoding.pieces import cut_into_pieces
from textprep.encoding.words import ASCII_SPACE, Cut, cut, number
from textprep.explanation.alignment import Alignment, Span
from textprep.explanation.explain import alignments_of, spans_in, trimmed
from textprep.explanation.spelled import SpelledWords
from textprep.explanation.token_spans import rising
from textprep.memo import MAX_BYTES, Memo
from textprep.ragged import Ragged, large_offsets, numbers
from textprep.steps.base import Step
from textprep.tokenizers.base import Tokenizer
from textprep.tokenizers.columns import interleaved

Spans = npt.NDArray[np.int64]
_SPACES = np.isin(np.arange(256), [ord(space) for space in ASCII_SPACE])
_SPACE, _ASCII = 0x20, 0x7F
_PAIRS = np.dtype(np.int32)


class SpanFinder:
    """Where the tokens of texts came from, with the words that it has met remembered.

    >>> from textprep import Lowercase, StripMarkup, WordTokenizer
    >>> steps, tokenizer = [StripMarkup(), Lowercase()], WordTokenizer().fit(["a great film!"])
    >>> finder = SpanFinder(steps, tokenizer)
    >>> texts = pa.array(["A <b>great</b> film!"], pa.large_string())
    >>> finder.spans(texts, np.array([0, 4])).tolist()
    [[0, 1], [5, 10], [15, 19], [19, 20]]

    Args:
        steps: what runs before the tokenizer, in order.
        tokenizer: fitted.
    """

    def __init__(self, steps: Sequence[Step], tokenizer: Tokenizer) -> None:
        self._steps, self._tokenizer = tuple(steps), tokenizer
        self._execution = Execution(steps, tokenizer)
        self._spelled = SpelledWords(self._execution.on_words, tokenizer)
        self._words = Memo(max_keys=TABLE_WORDS, max_bytes=MAX_BYTES)

    def spans(self, texts: pa.LargeStringArray, offsets: npt.NDArray[np.int64]) -> Spans:
        """(M, 2) int64, start and stop in the raw text of each token, in characters, as `spans_in` has them.

        Args:
            texts: (N,) raw texts without nulls.
            offsets: (N + 1,) where the tokens of each text begin, and the last end.

        Raises:
            StepError: a step failed.
            TokenizerError: the tokenizer failed.
        """
        cuts = self._execution.cuts
        if not self._execution.is_cut or not len(texts) or (cuts and cuts.prefix):
            return _joined([self._traced(text) for text in texts.to_pylist()])
        cleaned, is_same = self._cleaned(texts)
        found = self._of_words(cleaned)
        counts, expected = np.diff(found.offsets), np.diff(offsets)
        if (counts == expected).all() and is_same.all():
            return _settled(found.spans, offsets)
        parts = np.split(found.spans, found.offsets[1:-1])
        for row in np.flatnonzero(~is_same | (counts != expected)).tolist():
            certain = counts[row] == expected[row]
            parts[row] = self._carried_back(texts[row].as_py(), parts[row] if certain else None)
        return _settled(_joined(parts), offsets)

    def spans_of_column(self, column: pa.ChunkedArray, offsets: npt.NDArray[np.int64]) -> Spans:
        """The same for a column of texts in several chunks."""
        parts, row = [], 0
        for texts in column.chunks:
            part = offsets[row : row + len(texts) + 1]
            parts.append(self.spans(texts, part - part[0]))
            row += len(texts)
        return _joined(parts)

    def _cleaned(self, texts: pa.LargeStringArray) -> tuple[pa.LargeStringArray, npt.NDArray[np.bool_]]:
        """The texts after the steps on whole texts, and which of them no such step changed."""
        is_same = np.ones(len(texts), bool)
        for step in self._execution.on_texts:
            before, texts = texts, clean_array([step], texts)
            is_same &= numbers(pc.equal(before, texts).cast(pa.uint8())) > 0
        return texts, is_same

    def _of_words(self, texts: pa.LargeStringArray) -> _Found:
        """The spans of the tokens of each word, in ``texts``, which are cleaned but for these words."""
        words = self._cut(texts)
        numbered = number(words)
        (of_distinct,) = self._words.look_up([numbered.distinct], self._of_distinct)
        pairs = Ragged.from_arrow(of_distinct.take(pa.array(numbered.numbers)), _PAIRS)
        places = np.repeat(_word_places(words, texts), np.diff(pairs.offsets))
        return _Found((pairs.values + places).reshape(-1, 2), pairs.offsets[words.offsets] // 2)

    def _cut(self, texts: pa.LargeStringArray) -> Cut:
        if self._execution.cuts:
            return cut_into_pieces(texts, self._execution.cuts)
        return cut(_folded(self._execution.on_words, texts))

    def _of_distinct(self, words: pa.LargeStringArray) -> pa.LargeBinaryArray:
        if self._execution.cuts:
            return _as_pairs(self._of_pieces(words.to_pylist()))
        is_spelled, spelled = self._spelled.spans(words)
        others = words.filter(pa.array(~is_spelled)).to_pylist()
        found = (spans_in(self._execution.on_words, self._tokenizer, word) for word in others)
        return _as_pairs(found, is_spelled, spelled)

    def _of_pieces(self, pieces: Sequence[str]) -> Iterator[list[Span]]:
        """As `spans_in` has them, of all at once."""
        for piece, spans in zip(pieces, self._tokenizer.spans_of_pieces(pieces), strict=True):
            yield [trimmed(piece, span) for span in rising(spans, len(piece))]

    def _carried_back(self, text: str, spans: Spans | None) -> Spans:
        """Spans of the text that the steps on whole texts gave, as spans of ``text``."""
        if spans is None or (self._execution.on_words and (spans[:, 0] == spans[:, 1]).any()):
            return self._traced(text)  # what a step put into a word may come from text, by the steps before
        alignments = alignments_of(self._execution.on_texts, text)
        moved = _moved(alignments[0], spans) if len(alignments) == 1 else None
        if moved is None:  # or several steps: the ends of a token by one may be in a gap by the one before
            return self._traced(text)
        return _trimmed(text, moved)

    def _traced(self, text: str) -> Spans:
        return _as_array(spans_in(self._steps, self._tokenizer, text))


def _as_pairs(
    found: Iterable[Sequence[Span]],
    is_spelled: npt.NDArray[np.bool_] | None = None,
    spelled: Ragged | None = None,
) -> pa.LargeBinaryArray:
    """Start and stop of each token of words, those that are spelled and those that were found, in order."""
    pairs = Ragged.from_rows([[place for span in spans for place in span] for spans in found])
    if is_spelled is not None and spelled is not None:
        pairs = interleaved(is_spelled, spelled, pairs)
    return Ragged(pairs.values.astype(_PAIRS), pairs.offsets).to_arrow()


class _Found(NamedTuple):
    """(M, 2) spans, and (N + 1,) where those of each text begin."""

    spans: Spans
    offsets: npt.NDArray[np.int64]


def _folded(steps: Sequence[Step], texts: pa.LargeStringArray) -> pa.LargeStringArray:
    """``texts``, made more alike where no character moves by that."""
    alike = folded(steps, texts)
    return alike if np.array_equal(large_offsets(alike), large_offsets(texts)) else texts


def _word_places(words: Cut, texts: pa.LargeStringArray) -> npt.NDArray[np.int64]:
    """(W,) where each word begins in its text, in characters, without its margin."""
    starts, ends = large_offsets(words.words), large_offsets(texts)
    data = np.frombuffer(words.words.buffers()[2] or b"", np.uint8)
    begins = starts[:-1].copy()
    if words.margin:
        there = np.flatnonzero(starts[1:] > begins)
        begins[there] += _SPACES[data[begins[there]]]
    of_texts = np.repeat(ends[:-1] - ends[0], np.diff(words.offsets))
    inner = np.flatnonzero((data & 0xC0) == 0x80)  # of a character the bytes behind the first
    if not len(inner):
        places: npt.NDArray[np.int64] = begins - of_texts
        return places
    beyond = np.searchsorted(inner, begins) - np.searchsorted(inner, of_texts)
    in_characters: npt.NDArray[np.int64] = begins - of_texts - beyond
    return in_characters


def _moved(alignment: Alignment, spans: Spans) -> Spans | None:
    """The ends of what each span came from; ``None`` where some came from no text."""
    blocks = np.array(alignment.blocks, np.int64).reshape(-1, 5)
    if not len(blocks):
        return None if len(spans) else spans
    starts, stayed, shift = blocks[:, 0], blocks[:, 4] > 0, blocks[:, 2] - blocks[:, 0]
    first, last = (np.searchsorted(starts, ends, side="right") - 1 for ends in (spans[:, 0], spans[:, 1] - 1))
    is_empty = spans[:, 0] == spans[:, 1]
    moved = np.stack([spans[:, 0] + shift[first], spans[:, 1] + shift[last]], axis=1)
    moved[is_empty] = 0
    for token in np.flatnonzero(~(stayed[first] & stayed[last] | is_empty)).tolist():
        pieces = alignment.back([(int(spans[token, 0]), int(spans[token, 1]))])
        if any(start == stop for start, stop in pieces):
            return None
        moved[token] = pieces[0][0], pieces[-1][1]
    return moved


def _trimmed(text: str, spans: Spans) -> Spans:
    """The spans without white space at their ends; only those that may have some are looked at."""
    codes = np.frombuffer(f"{text}\n".encode("utf-32-le", "surrogatepass"), "<u4")
    ends = codes[np.stack([spans[:, 0], np.maximum(spans[:, 1] - 1, 0)], axis=1)]
    may_be_space = ((ends <= _SPACE) | (ends > _ASCII)).any(axis=1)
    trim = np.flatnonzero(may_be_space & (spans[:, 0] < spans[:, 1]))
    if len(trim):
        spans = spans.copy()
        spans[trim] = [trimmed(text, (start, stop)) for start, stop in spans[trim].tolist()]
    return spans


def _settled(spans: Spans, offsets: npt.NDArray[np.int64]) -> Spans:
    """The spans, of which empty ones lie behind those before them in their text."""
    is_empty = spans[:, 0] == spans[:, 1]
    if not is_empty.any():
        return spans
    rows = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets)) << 40  # no text has so many characters
    stops = np.where(is_empty, 0, spans[:, 1]) + rows
    behind = np.maximum.accumulate(stops) - rows
    return np.where(is_empty[:, None], behind[:, None], spans)


def _joined(parts: Sequence[Spans]) -> Spans:
    return np.concatenate([np.zeros((0, 2), np.int64), *parts])


def _as_array(spans: Sequence[Span]) -> Spans:
    return np.array(spans, np.int64).reshape(-1, 2)
