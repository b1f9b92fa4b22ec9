"""What a person sees of scores and curves."""

from textprep.report.class_scores import class_summary, confusion_table, scores_table, threshold_table
from textprep.report.scores import epochs_table, seeds_table
from textprep.tables import table

__all__ = [
    "class_summary",
    "confusion_table",
    "epochs_table",
    "scores_table",
    "seeds_table",
    "table",
    "threshold_table",
]
