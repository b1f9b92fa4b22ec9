"""What a good row is: the columns, their roles, the classes.

columns.py    the options about columns; guesses    classes.py     labels and their order
roles.py      the rules for texts and other values  labels.py      which class a label is to mean
labelling.py  the rules for labels                  validation.py  blocks by these rules
"""
