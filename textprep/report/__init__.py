"""What a person sees of scores and curves."""

from textprep.report.scores import (
    confusion_table,
    epochs_table,
    scores_report,
    scores_table,
    seeds_table,
    threshold_table,
)
from textprep.tables import table

__all__ = [
    "confusion_table",
    "epochs_table",
    "scores_report",
    "scores_table",
    "seeds_table",
    "table",
    "threshold_table",
]
