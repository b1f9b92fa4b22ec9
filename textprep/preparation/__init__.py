"""A corpus through a pipeline → ids on disk, once: fingerprint, cache folder, Arrow store.

`prepare` says whether the work is done already (`fingerprint`), has it done once (`cache`, `writer`), and
opens it (`store`).
"""
