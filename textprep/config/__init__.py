"""The configuration of an experiment: what can be set, where it was set, and the checks before anything runs.

options.py     the options of batches, model and training, each with its default
overrides.py   the keys of a TOML file, and ``--set a.b=value`` over them
experiment.py  all of it as one `Config`
reference.py   every key with its meaning: docs/configuration.md
"""
