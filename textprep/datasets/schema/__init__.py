"""What a good row is: the columns, their roles, the classes.

columns.py    which columns hold what, given or guessed    classes.py     labels and their order
roles.py      the rules for each role of a column          labels.py      which class a label is to mean
labelling.py  the rules for labels                         validation.py  blocks by these rules
"""
