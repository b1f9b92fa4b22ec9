"""What a good row is: the columns and their roles.

columns.py     the options about columns; guesses
roles.py       the rules for texts and other values
validation.py  blocks by these rules; those for targets are in `textprep.targets`
"""
