"""Training a classifier on prepared data.

trainer.py    `fit`: the loop; loop/ is what it is made of
directory.py, saved.py   the folder of a run         start.py     models that start at a language model
embeddings/   where a model's embeddings start       scoring/     what its answers are worth
runs/         one training, from configuration to folder; trials/ has several: seeds, variants
"""
