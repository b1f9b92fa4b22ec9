"""`Blocks`: the texts of a split joined and cut into blocks of equal length, for language models.

All texts stand in one line, in order, with an end token behind each. Every token but the first of all, which
has nothing before it, is to be predicted from those before it: so the labels of a block are the tokens that
follow its own, the first of the next block included, and no token is a label twice an epoch, and none lost.
The last end of the line is a label only. As an input, an end asks for the first token of the text behind it:
there a text begins anew, and the end belongs to it, as the field ``document_ids`` says.

With lanes, the line is first cut into so many pieces of equal length, give or take a token, and each piece
into blocks: first come the first blocks of all lanes, then their second ones, and so on. So in batches of as
many rows as there are lanes, each row goes on where the same row of the batch before stopped, and a recurrent
model can keep its state (as with the ``BPTTIterator`` of torchtext). All lanes have as many blocks.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from numbers import Integral
from operator import index
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np
import numpy.typing as npt

from textprep.batches.joined import Joined
from textprep.batches.lanes import Lanes, check_lanes
from textprep.batches.options import natural
from textprep.batches.permutation import Rows
from textprep.batches.reader import EncodedRows, second_texts, template_of
from textprep.batches.state import array_digest
from textprep.errors import LoaderError
from textprep.ragged import Ragged
from textprep.storage.files import digest_of
from textprep.targets import NextTokenTarget
from textprep.template import Template

if TYPE_CHECKING:
    from textprep.batches.layout import Layout
    from textprep.batches.loader import BatchLoader
    from textprep.batches.plan import PlanOptions

Gather = Callable[[Rows], Ragged]
Memo = tuple[Rows, Ragged] | None


class Blocks:
    """A view of a split as blocks of tokens: rows for a loader, of which nothing is copied.

    Texts are read where they lie, when a batch asks for them. In memory are 8 bytes a text and 16 a block.

    >>> from textprep.batches.reader import EncodedTexts
    >>> rows = EncodedTexts(Ragged.from_rows([[5, 6, 7], [8, 9]]))
    >>> blocks = Blocks(rows, 4, end_id=2)
    >>> [(blocks.ids(row).tolist(), blocks.labels.ids(row).tolist()) for row in range(len(blocks))]
    [([5, 6, 7, 2], [6, 7, 2, 8]), ([8, 9], [9, 2])]

    Args:
        rows: the texts, without special tokens: a `PreparedSplit`, say.
        length: of a block in tokens; the last one, or the last two of a lane, may be shorter.
        lanes: how many rows of a batch go on where the batch before stopped; ``None``: none does.
        end_id: the id of the token behind each text; the tokenizer's own (`Template.ending`) if not given.

    Attributes:
        lengths: (N,) int64, the tokens of each block.
        labels: ``lengths`` and ``ids(row)`` of the tokens that follow those of a block.
        row_ids: (N,) int64, 0, 1, 2 …, the blocks in their order.
        target: ``next_token``.
        template: without special tokens.
        token_fields: ``document_ids``, a field on request: which row of ``rows`` each token belongs to.
        row_fields: with lanes ``continues``, a field on request, bool: whether a row goes on where the batch
            before stopped, or its lane begins.

    Raises:
        LoaderError: an option cannot be used, there is no token to end a text, or rows have two texts.
    """

    def __init__(
        self, rows: EncodedRows, length: int = 128, *, lanes: int | None = None, end_id: int | None = None
    ) -> None:
        self.rows = rows
        self.length = _positive("length", length)
        self.lanes = None if lanes is None else _positive("lanes", lanes)
        if self.lanes is not None and self.length == 1:
            raise LoaderError("lanes need blocks of two tokens or more", option="length", value=2)
        self.end_id = _end_id(rows, end_id)
        self.target = NextTokenTarget()
        self.template = Template(template_of(rows).pad_id, end_id=self.end_id)
        self.name = getattr(rows, "name", "")
        self._line = Joined(rows, self.end_id)
        self._cut = Lanes(max(len(self._line) - 1, 0), self.length, self.lanes or 1)
        self.lengths = self._cut.lengths
        self.row_ids: Rows = np.arange(len(self.lengths), dtype=np.int64)
        self.labels = View(self.lengths, partial(self._gather, of_labels=True))
        self.token_fields = {"document_ids": View(self.lengths, self._documents)}
        self.row_fields = {} if lanes is None else {"continues": self._cut.continues()}
        self._memo: Memo = None

    def __len__(self) -> int:
        return len(self.lengths)

    def ids(self, row: SupportsIndex) -> npt.NDArray[np.int64]:
        """The ids of a block, (length,) int64.

        Raises:
            IndexError: there is no such block; they count from 0.
        """
        return _one(self.gather, len(self), row)

    def gather(self, rows: Rows) -> Ragged:
        """The ids of several blocks, int64."""
        return self._gather(rows, of_labels=False)

    def _gather(self, rows: Rows, of_labels: bool) -> Ragged:
        """What `gather` gives, or the labels: both are made of the same tokens, which are read once."""
        memo = self._memo
        if memo is None or memo[0] is not rows:
            memo = self._memo = rows, self._line.tokens(self._cut.starts(rows), self.lengths[rows] + 1)
        read = memo[1]
        values, offsets = read.values, read.offsets - np.arange(len(read.offsets))
        if len(values) == len(rows) * (self.length + 1):  # all of them are whole
            whole = values.reshape(len(rows), self.length + 1)
            return Ragged((whole[:, 1:] if of_labels else whole[:, :-1]).reshape(-1), offsets)
        kept = np.ones(len(values), bool)
        kept[read.offsets[:-1] if of_labels else read.offsets[1:] - 1] = False
        return Ragged(values[kept], offsets)

    def begins(self, rows: Rows) -> Rows:
        """(B,) int64, at which token of the line of all texts blocks begin."""
        return self._cut.starts(rows)

    def _documents(self, rows: Rows) -> Ragged:
        return self._line.documents(self._cut.starts(rows), self.lengths[rows])

    @property
    def fingerprint(self) -> str:
        """A digest of the texts and of how they are cut."""
        known = getattr(self.rows, "fingerprint", "") or array_digest(self.rows.lengths, self.rows.row_ids)
        said = f"{known}/{self.name}/{self.length}/{self.lanes}/{self.end_id}"
        return digest_of(said.encode())

    def check_files(self) -> None:
        """See whether the files of the texts are still there and whole."""
        if check := getattr(self.rows, "check_files", None):
            check()

    def check_served(self, options: PlanOptions, layout: Layout, world_size: int) -> None:
        """Check that a loader with these options serves whole blocks, and lanes row by row.

        Raises:
            LoaderError: it does not.
        """
        longest = int(self.lengths.max(initial=0))
        if layout.max_length is not None and layout.max_length < longest:
            raise LoaderError(
                f"a block of {longest} tokens is never cut, and rows are to have {layout.max_length} at most",
                option="max_tokens" if options.max_tokens else "max_length",
                hint=f"give max_tokens or max_length of at least {longest}, or shorter blocks",
            )
        if self.lanes is not None:
            check_lanes(self.lanes, options, world_size)

    def loader(self, **options: Any) -> BatchLoader:
        """Batches of blocks, with the options of `textprep.batches.loader.BatchLoader`.

        With lanes, a batch has as many rows as there are lanes, shared among ``world_size`` ranks.

        Raises:
            LoaderError: there is no such option, or one has a value that it cannot have.
        """
        from textprep.batches.loader import loader_of

        if self.lanes is not None and options.get("max_tokens") is None:
            options = {"batch_size": self.lanes // (options.get("world_size") or 1) or 1, **options}
        return loader_of(self, options)

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(Blocks, lanes=self.lanes, end_id=self.end_id), (self.rows, self.length)

    def __repr__(self) -> str:
        lanes = f" in {self.lanes} lanes" if self.lanes else ""
        return f"Blocks({self.rows!r}, {len(self):,} of {self.length} tokens{lanes})"


class View:
    """Something of each token of the blocks.

    Attributes:
        lengths: (N,) int64.
    """

    def __init__(self, lengths: Rows, gather: Gather) -> None:
        self.lengths, self.gather = lengths, gather

    def __len__(self) -> int:
        return len(self.lengths)

    def ids(self, row: SupportsIndex) -> npt.NDArray[np.int64]:
        """(length,) int64, of a block."""
        return _one(self.gather, len(self), row)


def _one(gather: Gather, count: int, row: SupportsIndex) -> npt.NDArray[np.int64]:
    number = index(row)
    if not 0 <= number < count:
        raise IndexError(f"there are blocks 0 to {count - 1}, no block {number}")
    return np.asarray(gather(np.array([number], np.int64)).values, np.int64)


def _positive(name: str, value: object) -> int:
    if not isinstance(value, Integral) or isinstance(value, bool) or value < 1:
        raise LoaderError(
            f"{name}={value!r:.60} cannot be used", option=name, hint="give an integer of at least 1"
        )
    return int(value)


def _end_id(rows: EncodedRows, given: int | None) -> int:
    """The id of the token behind each text."""
    if second_texts(rows) is not None:
        raise LoaderError(
            "rows of two texts cannot be joined to blocks: prepare them without pair=", option="pair"
        )
    found = template_of(rows).ending if given is None else natural("end_id", given)
    if found is None:
        raise LoaderError(
            "there is no token to put behind each text: the tokenizer has no special token that ends one",
            option="end_id",
            hint="say which id it is; a tokenizer of textprep's own has one where the corpus is loaded with "
            "target='next_token', or with specials=['<end>']",
        )
    return found
