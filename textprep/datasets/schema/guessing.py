"""Which columns hold text and labels, where nobody said: by their names, and never by their values."""

from __future__ import annotations

from collections.abc import Sequence

from textprep.datasets.schema.columns import Columns
from textprep.errors import DatasetError

GUESS = "?"
TEXTS = (
    "text", "review", "review_text", "sentence", "content", "body", "document", "article", "tweet", "comment",
    "comment_text", "message", "utterance", "question", "headline", "description", "title", "summary",
)  # fmt: skip
LABELS = (
    "label", "sentiment", "class", "category", "target", "polarity", "topic", "intent", "emotion", "stars",
    "rating", "tag", "labels", "y",
)  # fmt: skip


def guessed(columns: Columns, names: Sequence[str]) -> tuple[Columns, str | None]:
    """The columns with what is to be guessed put in, and what people should know about it.

    A source that holds the text alone is unlabelled. What cannot be guessed gets its usual name, and the
    first row then says that there is no such column.

    >>> guessed(Columns(("?",), ("?",)), ["id", "Review", "sentiment"])[1]
    "guessed from the header: text='Review', label='sentiment'; say text= and label= to choose"
    """
    said: dict[str, str] = {}
    if columns.text == (GUESS,):
        taken = [name for name in names if name not in (*columns.label, columns.pair)]
        said["text"] = _first(TEXTS, taken) or (taken[0] if len(taken) == 1 else "text")
        columns = columns._replace(text=(said["text"],))
    if columns.label == (GUESS,):
        others = [name for name in names if name not in (*columns.text, columns.pair)]
        label = _first(LABELS, others) or "label"
        if label in columns.text and others:
            raise DatasetError(f"text= and label= are the same column {label!r}: name two, or say label=None")
        columns = columns._replace(label=(label,) if others else ())
        said |= {"label": label} if others else {}
    usual = all(key == name for key, name in said.items())
    note = ", ".join(f"{key}={name!r}" for key, name in said.items())
    options = " and ".join(f"{key}=" for key in said)
    return columns, None if usual else f"guessed from the header: {note}; say {options} to choose"


def _first(wanted: Sequence[str], names: Sequence[str]) -> str | None:
    """The name that comes first among those wanted, however it is written."""
    plain = {
        str(name).strip().casefold().replace(" ", "_").replace("-", "_"): name for name in reversed(names)
    }
    return next((plain[name] for name in wanted if name in plain), None)
