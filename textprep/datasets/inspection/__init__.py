"""What is wrong with a corpus, or worth knowing, before anything is trained on it: ``textprep check``."""

from __future__ import annotations

from textprep.datasets.inspection.findings import Finding
from textprep.datasets.inspection.inspect import Inspection, inspect_corpus

__all__ = ["Finding", "Inspection", "inspect_corpus"]
