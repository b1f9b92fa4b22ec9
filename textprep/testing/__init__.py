"""The conformance kit: what every step, tokenizer, data set and target must hold, for the tests of a plugin.

    from textprep.testing import check_step

    def test_shout():
        check_step(Shout(marks=2))

Each check is a plain function that needs no test framework. It raises ``AssertionError`` with the rule
that is broken, the smallest text it finds that breaks it, and what to do. `checks_of` gives the checks of
everything that a plugin registers, and ``textprep check-plugin`` runs them.
"""

from __future__ import annotations

from textprep.testing.check import Check
from textprep.testing.datasets import check_dataset
from textprep.testing.padding import assert_padding_invariant
from textprep.testing.plugins import checks_of
from textprep.testing.steps import check_step
from textprep.testing.targets import check_target
from textprep.testing.texts import AWKWARD_TEXTS, WHITE_SPACE
from textprep.testing.tokenizers import check_tokenizer

__all__ = [
    "AWKWARD_TEXTS",
    "WHITE_SPACE",
    "Check",
    "assert_padding_invariant",
    "check_dataset",
    "check_step",
    "check_target",
    "check_tokenizer",
    "checks_of",
]
