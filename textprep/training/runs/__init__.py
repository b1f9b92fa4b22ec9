"""One training from its configuration to a folder, and what that folder can be asked.

experiment.py  load, prepare, train, score, save      run.py        what was trained: predict, evaluate, save
directory.py   the folder: claimed, whole, checked    log.py        every step, as JSON lines
loaders.py     batches to train on and to score       neighbours.py which words the model holds for alike
findings.py    what the report of a run shows         readings.py   the texts that it shows being read
insight.py     shapes and attention while it reads    data.py       what is kept of the training data
new_data.py    new data, read as the training data was
"""
