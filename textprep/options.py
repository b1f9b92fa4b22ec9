"""Options: the pydantic fields of steps, tokenizers and configurations, as people write and read them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ValidationError


def plain_options(model: BaseModel) -> dict[str, Any]:
    """The fields as plain JSON values; a set comes sorted, so that equal models have equal options."""
    plain = model.model_dump(mode="json")
    sets = [name for name in plain if isinstance(getattr(model, name), (set, frozenset))]
    return plain | {name: sorted(plain[name], key=repr) for name in sets}


def explain_validation(error: ValidationError) -> str:
    """Pydantic's complaints in one line: ``option 'keep': Input should be a valid string (given 3)``."""
    parts = []
    for problem in error.errors(include_url=False, include_context=False):
        where = ".".join(str(part) for part in problem["loc"])
        given = f" (given {problem['input']!r:.60})" if problem["type"] != "missing" else ""
        parts.append((f"option {where!r}: " if where else "") + problem["msg"] + given)
    return "; ".join(parts)
