"""textprep turns raw text into padded training batches: once, fast, and the same way every time.

The front door: every public name, each imported from its module when it is first used, so that
``import textprep`` costs nothing and only those who touch batches or models import torch. The names stand
in the stub ``__init__.pyi``, one import a line, which type checkers and editors read.
"""

from __future__ import annotations

import importlib
from typing import Any

from textprep._version import __version__ as __version__


def _modules() -> dict[str, str]:
    """Public name -> the module that the stub imports it from."""
    with open(f"{__path__[0]}/__init__.pyi", encoding="utf-8") as stub:  # noqa: PTH123  # pathlib takes time to import
        imports = [line.split() for line in stub if line.startswith("from ")]
    return {name: module for _, module, _, name, *_ in imports}


_MODULES = _modules()
__all__ = sorted(_MODULES)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(_unknown(name))
    if _MODULES[name] == __name__:  # a subpackage
        return importlib.import_module(f"{__name__}.{name}")
    return getattr(importlib.import_module(_MODULES[name]), name)


def _unknown(name: str) -> str:
    from difflib import get_close_matches

    like = get_close_matches(name, __all__, n=1)
    return f"module 'textprep' has no attribute {name!r}" + (f"; did you mean {like[0]!r}?" if like else "")


def __dir__() -> list[str]:
    return __all__
