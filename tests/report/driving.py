"""What tests do to the page of a run, and what they read off it."""

from __future__ import annotations

COUNTS = "[...document.querySelectorAll('#matrix tbody tr')].map(r => [...r.querySelectorAll('.count')].map(c => Number(c.textContent.replaceAll(',', ''))))"
LIVE = "[...document.querySelectorAll('#live tbody tr')].map(r => [...r.querySelectorAll('td')].map(c => c.textContent))"


def move(tab, step: int) -> None:
    """The slider to the place ``step``."""
    tab.evaluate(
        f"(() => {{ const s = document.getElementById('threshold'); s.value = {step};"
        " s.dispatchEvent(new Event('input', {bubbles: true})); })()"
    )


def choose(tab, index: int) -> None:
    tab.evaluate(
        f"(() => {{ const s = document.getElementById('class'); s.value = {index};"
        " s.dispatchEvent(new Event('change', {bubbles: true})); })()"
    )
