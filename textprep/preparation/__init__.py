"""A corpus through a pipeline → ids on disk, once: fingerprint, cache folder, Arrow store.

`prepare` says whether the work is done already (`fingerprint`), has it done once (`cache`, `work`: which
process works where, and what a killed one leaves; `writer`, `shards`: what it writes), and opens it (`store`,
`reader`, `manifest`). `inventory` and `differences` tell people what is there and why something is not.
"""
