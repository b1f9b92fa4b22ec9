"""``textprep list`` and ``textprep show``: what there is, and what it takes."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Mapping
from contextlib import suppress
from enum import Enum
from typing import Annotated, Any, get_args

import typer

from textprep._version import __version__
from textprep.cli.output import print_json
from textprep.errors import UnknownNameError, nearest_first
from textprep.registry import REGISTRIES, Component, Registry, broken, load_builtins
