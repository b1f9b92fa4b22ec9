"""One training from its configuration to a folder, and what that folder can be asked.

prepared_data.py  a corpus and its ids, checked          experiment.py  train, score, save, report
run.py         what was trained: predict, evaluate       outputs.py     what a model gives for texts in memory
extra_inputs.py   what a run reads with a text              data.py        what is kept of the training data
loaders.py     batches to train on and to score          log.py         every step, as JSON lines
generation.py  texts that a language model writes        neighbours.py  which words the model holds for alike
findings.py    what the report of a run shows            readings.py    the texts that it shows being read
insight.py     shapes and attention while it reads       new_data.py    new data, read as training data was
"""
