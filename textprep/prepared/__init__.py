"""What `tp.prepare` gives: stores that are opened, and rows of ids for batches.

`prepare` has a store made by `textprep.preparation` unless it is there, and opens it as a `PreparedDataset`
of `PreparedSplit`s. This room stands in front of `textprep.batches`, so that a split can hand out a loader.
"""
