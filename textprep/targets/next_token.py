"""``next_token``: each token of a text is to be predicted from those before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from textprep.targets.base import Target
from textprep.vocabulary import END

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    from textprep.targets.base import Good


class NextTokenTarget(Target):
    """The token that follows, at every token of a text: what a language model learns.

    A row brings nothing but its text, so every row can be learned from, whether it is labelled or not.
    ``labels`` (B, T) int64 are shifted already: at each token, the id of the one that follows it, and the
    token that ends a text at its last; -100 on padding and special tokens. For a model that shifts labels
    itself, as those of Hugging Face do, give it ``labels=batch.input_ids`` instead.

    A tokenizer of textprep's own gets the special ``<end>`` when it is fitted.

    >>> import textprep as tp
    >>> corpus = tp.load_dataset("memory", rows=["a film", "a dull film"], target="next_token", splits=None)
    >>> corpus["train"].target
    NextTokenTarget()

    Raises:
        DatasetError: an option is given, and it has none.
    """

    name: ClassVar[str] = "next_token"
    objective: ClassVar[str] = "textprep.training.targets.next_token:NextTokenObjective"
    per_token: ClassVar[bool] = True
    from_text: ClassVar[bool] = True
    specials: ClassVar[tuple[str, ...]] = (END,)

    @property
    def column(self) -> None:
        """None: nothing is stored."""
        return None

    def of_texts(self, texts: Any, end_id: int | None) -> NextTokens:
        """At each token, the id of the one that follows."""
        return NextTokens(texts, end_id)

    def labelled(self, labels: Any) -> Good:
        """(N,): every row."""
        return np.ones(len(labels.lengths), bool)

    def check_trainable(self, columns: Mapping[str, pa.ChunkedArray]) -> str | None:
        """Any text can be learned from."""
        return None


class NextTokens:
    """The label of each token of texts: the id of the token that follows it.

    >>> from textprep.batches.reader import EncodedTexts
    >>> from textprep.ragged import Ragged
    >>> NextTokens(EncodedTexts(Ragged.from_rows([[5, 6, 7]])), end_id=2).ids(0).tolist()
    [6, 7, 2]

    Args:
        texts: with ``lengths`` and ``ids(row)``.
        end_id: the label of the last token of a text; -100 if not given.
    """

    def __init__(self, texts: Any, end_id: int | None) -> None:
        self._texts = texts
        self._last = NextTokenTarget.missing if end_id is None else end_id

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """(N,) int64, as many as each text has tokens."""
        lengths: npt.NDArray[np.int64] = self._texts.lengths
        return lengths

    def ids(self, row: Any) -> npt.NDArray[np.int64]:
        """(length,) int64, of the tokens of ``row``."""
        ids = self._texts.ids(row)
        labels = np.full(len(ids), self._last, np.int64)
        labels[:-1] = ids[1:]
        return labels
