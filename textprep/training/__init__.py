"""Training a classifier on prepared data: trainer, metrics, run directory."""
