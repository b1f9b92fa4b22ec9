from __future__ import annotations

import pytest

from textprep.cli.sizes import bytes_of
from textprep.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("2GB", 2 * 10**9),
        ("2 gb", 2 * 10**9),
        ("1.5GiB", 1_610_612_736),
        ("10k", 10_000),
        ("7", 7),
        ("7B", 7),
    ],
)
def test_sizes_are_written_as_people_write_them(text, size):
    assert bytes_of(text) == size


@pytest.mark.parametrize("text", ["", "GB", "-1", "2XB", "2 G B", "1e9", "2iB"])
def test_other_words_are_no_sizes(text):
    with pytest.raises(ConfigError, match="is no size"):
        bytes_of(text)
