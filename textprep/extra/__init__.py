"""Extra columns that a model reads with the text: numbers, lists of numbers, booleans and categories.

kinds.py   what such a column is, and its arrays      values.py  what a single value means
"""
