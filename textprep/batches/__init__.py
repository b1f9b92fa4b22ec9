"""Prepared rows → padded batches: a plan (a pure function), the `Batch`, and the loader that fills it."""
