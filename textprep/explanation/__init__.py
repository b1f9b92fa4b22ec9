"""Where every token came from: `textprep.Pipeline.explain`, and nothing else, runs this.

`explain.py` runs a pipeline on one text and keeps what happened; `alignment.py` carries characters back to
the raw text through edits; `differences.py` finds the edits of a step that does not report them;
`token_spans.py` finds tokens in the cleaned text. To show it, `segments.py` cuts texts where tokens begin and
steps changed them, and `text.py` prints them.
"""

from textprep.explanation.explain import Explanation, Row, StepTrace, Token, Truncation, explain

__all__ = ["Explanation", "Row", "StepTrace", "Token", "Truncation", "explain"]
