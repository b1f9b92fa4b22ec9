"""Columns beside the text that a model may read too: numbers, lists of numbers, booleans and categories.

kinds.py   what such a column is, and its arrays      values.py  what a single value means
"""
