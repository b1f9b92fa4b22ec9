"""What a good row is: the columns, their roles, the classes.

columns.py     which columns hold what           guessing.py   which, where it is not said
roles.py       the rules for each role           classes.py    labels and their order
validation.py  blocks by these rules
"""
