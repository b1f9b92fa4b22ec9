"""A page with nothing but what is shown of predicted numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from markupsafe import Markup

from textprep.report.numbers import number_data, numbers_section, rows_to_show
from textprep.report.page import _digest, _environment, asset, script_json
from textprep.training.scoring.numbers import number_scores

STYLES = ("page", "reading", "run")
TEMPLATE = """{% extends "page.html" %}{% block header %}<h1>Numbers</h1>{% endblock %}
{% block main %}{% include "numbers.html" %}{% endblock %}"""


def page_of_numbers(
    labels, predictions, names=(), *, text: str = "A <b>great</b> film number {}", pair: str | None = None
) -> str:
    context, data = parts_of_numbers(labels, predictions, names, text=text, pair=pair)
    script = asset("row_texts.js") + asset("numbers.js")
    return _environment().from_string(TEMPLATE).render(
        section=context,
        title="Numbers",
        style=Markup("").join(asset(f"{sheet}.css") for sheet in STYLES),
        script=script,
        policy=f"default-src 'none'; style-src 'unsafe-inline'; script-src '{_digest(script)}'",
        data=script_json(data),
        version="1",
    )  # fmt: skip


def parts_of_numbers(
    labels, predictions, names=(), *, text: str = "text {}", pair: str | None = None
) -> tuple[dict[str, Any], Any]:
    """What the template and the script get."""
    forms = [text] if pair is None else [text, pair]
    shown = rows_to_show(labels, predictions).tolist()
    texts = {row: [form.format(row) for form in forms] for row in shown}
    scores = number_scores(labels, predictions, names)
    mean = number_scores(labels, np.broadcast_to(np.mean(labels, axis=0), np.shape(labels)), names)
    scores |= {
        "baseline": mean,
        "ridge": number_scores(labels, predictions, names),
    }
    context = numbers_section(labels, predictions, texts, names, scores)
    return context, number_data(labels, predictions, texts, names)
