"""Sizes of files, as people read and write them."""

from __future__ import annotations

import re

from textprep.errors import ConfigError

UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
BINARY_UNITS = {"ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}


def sized(size: float) -> str:
    """Bytes for people.

    >>> sized(999), sized(12_345), sized(2_000_000_000)
    ('999 B', '12.3 kB', '2.0 GB')
    """
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def bytes_of(text: str) -> int:
    """The size that a person wrote.

    >>> bytes_of("2GB"), bytes_of("1.5 MiB"), bytes_of("0")
    (2000000000, 1572864, 0)

    Raises:
        ConfigError: it is no size.
    """
    written = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?i?)b?\s*", text.lower())
    if not written or written[2] == "i":
        raise ConfigError(f"--max-size {text!r} is no size: write 2GB, 500MB, 1.5GiB or a number of bytes")
    return int(float(written[1]) * (UNITS | BINARY_UNITS)[written[2]])
