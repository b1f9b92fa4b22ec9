"""Where a model's embeddings start.

start.py             makes the model and chooses among: vectors of a file, and the following two
cooccurrence.py      words that are used alike            log_count_ratios.py   which class a word speaks for
"""
