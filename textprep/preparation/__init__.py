"""A corpus through a pipeline → ids on disk, once: fingerprint, cache folder, Arrow store.

`fingerprint` says whether the work is done already; `cache` has it done once, and keeps what a killed process
had finished; `writer` and `shards` do it; `manifest` says what is there, undamaged. `textprep.prepared` opens
it. `inventory` tells people what is there and why something is not.
"""
