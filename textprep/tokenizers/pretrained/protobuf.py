"""Messages of protocol buffers, read field by field.

Source: https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

Fields = dict[int, list[Any]]


def number_in(fields: Fields, number: int, default: int) -> int:
    """A whole number with its sign, which protocol buffers write with 64 bits."""
    value = int(fields.get(number, [default])[-1])
    return value - 2**64 if value >= 2**63 else value


def by_number(message: bytes) -> Fields:
    """The values of each field of a message."""
    fields: Fields = {}
    for number, value in fields_of(message):
        fields.setdefault(number, []).append(value)
    return fields


def fields_of(message: bytes) -> Iterator[tuple[int, Any]]:
    """Number and value of each field: whole numbers, or the bytes of what is longer."""
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        size, value = {1: 8, 5: 4}.get(key & 7, 0), cast("Any", None)
        if key & 7 in (0, 2):
            size, place = _varint(message, place)
            value = size if key & 7 == 0 else None
        elif not size:
            raise ValueError(f"there is no type {key & 7} at byte {place}")
        if value is None:
            value, place = message[place : place + size], place + size
            if place > len(message):
                raise ValueError("it ends within a field")
        yield key >> 3, value


def _varint(message: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place
        if shift > 63:
            raise ValueError(f"there is no number at byte {place}")
