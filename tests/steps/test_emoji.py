"""Emoji are found whole, deleted or named; what only could be one stays."""

from __future__ import annotations

import emoji
import pytest

from textprep import NameEmoji, StripEmoji
from textprep.errors import StepError

ALL = [text for text, about in emoji.EMOJI_DATA.items() if about["status"] == emoji.STATUS["fully_qualified"]]


def test_every_emoji_of_unicode_is_deleted_whole():
    assert len(ALL) > 3_000
    assert [text for text in ALL if StripEmoji()(f"a{text}b") != "a b"] == []
    assert StripEmoji()("".join(ALL)) == " "


def test_every_emoji_of_unicode_is_named():
    assert [text for text in ALL if NameEmoji()(text) != emoji.demojize(text, delimiters=(" :", ": "))] == []


@pytest.mark.parametrize("text", ["1 2 # *", "© ™ ® ↔ ‼", "❤\ufe0e ☺\ufe0e", "a\u200db\ufe0f", "日本 ½ ² €"])
def test_what_is_shown_as_text_stays(text):
    assert StripEmoji()(text) == NameEmoji()(text) == text


def test_a_selector_makes_an_emoji():
    assert StripEmoji(replacement="")("a©\ufe0fb1\ufe0f\u20e3c") == "abc"


def test_a_run_is_replaced_once_and_each_emoji_is_named():
    assert StripEmoji()("so\U0001f44d\U0001f44dgood") == "so good"
    assert NameEmoji()("so\U0001f44d\U0001f44dgood") == "so :thumbs_up:  :thumbs_up: good"


def test_the_parts_of_an_unknown_sequence_are_named():
    assert NameEmoji(delimiters=("<", ">"))("\U0001f44d\u200d\U0001f3ac") == "<thumbs_up><clapper_board>"
    assert NameEmoji()("\U0001f1e9") == "\U0001f1e9"


def test_an_unknown_language_says_which_there_are():
    with pytest.raises(StepError, match=r"no names in 'xx'; there are: .*de, .*en"):
        NameEmoji(language="xx")
