"""What a model's answers are worth.

predictions.py  labels and probabilities, row by row    metrics.py    the scores of a split
intervals.py    how far chance could move them          curves.py     ROC, precision-recall, calibration
thresholds.py   the threshold that serves a trade-off   numbers.py    those of numbers, beside ridge.py's
entities.py     which entities tags make                entity_scores.py   what they are worth
"""
