"""What a classifier's answers are worth.

predictions.py  labels and probabilities, row by row    metrics.py    the scores of a split
intervals.py    how far chance could move them          curves.py     ROC, precision-recall, calibration
thresholds.py   the threshold that serves a trade-off
"""
