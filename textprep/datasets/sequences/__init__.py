"""Recordings → a corpus whose rows are sequences of numbers.

options.py    which columns hold what, and what happens to missing steps
steps.py      blocks of rows, one per time step → arrays of all steps, each checked
values.py     which values are missing, which columns hold numbers, times as numbers
whole.py      rows that are whole sequences already → the same arrays
filling.py    missing values and missing steps: an error, or filled
building.py   arrays of steps → a `Corpus`
dividing.py   which recording, or which part of one, comes into which split
windows.py    sequences → windows of them, or runs of one label
"""
