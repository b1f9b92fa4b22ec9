"""Where every token came from: `textprep.Pipeline.explain`, and nothing else, runs this.

`explain.py` runs a pipeline on one text, or on a pair, and keeps what happened; `alignment.py` carries
characters back to the raw text through edits; `differences.py` finds the edits of a step that does not report
them; `token_spans.py` finds tokens in the cleaned text; `row.py` lays out the row that a batch would hold. To
show it, `segments.py` cuts texts where tokens begin and steps changed them, `text.py` prints them, and
`html.py` is for notebooks.
"""

from textprep.explanation.explain import Explanation, StepTrace, TextTrace, Token, explain
from textprep.explanation.row import Row, RowToken

__all__ = ["Explanation", "Row", "RowToken", "StepTrace", "TextTrace", "Token", "explain"]
