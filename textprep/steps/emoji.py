"""Steps on emoji, as Unicode Technical Standard 51 defines them; both have the scope ``"word"``."""

from __future__ import annotations

import regex
from pydantic import model_validator

from textprep.steps.extras import needed
from textprep.steps.matching import MatchStep

_PICTURE = (
    r"(?:[\p{Emoji_Presentation}[\p{Extended_Pictographic}&&[\u2600-\u27bf\U0001f000-\U0001faff]]](?!\ufe0e)"
    r"|[\p{Emoji}--[0-9#*]]\ufe0f)"
)
_CHANGED = r"(?:\p{Emoji_Modifier}|\ufe0f?+\u20e3|\ufe0f|[\U000e0020-\U000e007e]++\U000e007f)?+"
_EMOJI = (
    rf"(?:\p{{Regional_Indicator}}{{2}}|[0-9#*]\ufe0f?+\u20e3"
    rf"|{_PICTURE}{_CHANGED}(?:\u200d{_PICTURE}{_CHANGED})*+)"
)


class StripEmoji(MatchStep):
    """Replace every run of emoji by ``replacement``.

    For models of words that were trained without them. An emoji is deleted whole, with its skin tone,
    selector and joined parts. What counts is what Unicode shows as a picture, and the symbols of the blocks
    Miscellaneous Symbols and Dingbats (``☺``, ``❤``) unless a text selector follows; ``©``, ``™`` and
    arrows count with an emoji selector only, digits and ``#`` as keycaps only. In reviews and posts, emoji
    say much of what is felt: consider `NameEmoji`.

    Attributes:
        replacement: what stands for a run; a space, so that no words are glued.

    >>> StripEmoji()("Great film👍🏽❤️ for 4 € ☺")
    'Great film  for 4 €  '
    """

    name = "strip_emoji"

    expression = rf"(?V1)(?:{_EMOJI}[\ufe0f\u20e3]*+)++"

    replacement: str = " "

    def _replaced(self, match: regex.Match[str]) -> str:
        return self.replacement


class NameEmoji(MatchStep):
    """Replace every emoji by its name, as the package ``emoji`` (in the extra ``steps``) knows it.

    So what is felt stays, in words that a tokenizer can read, share and count. Where the package does not
    know a joined emoji, it names the parts; what it does not know at all stays. Which characters are emoji
    is said at `StripEmoji`.

    Attributes:
        language: the names' language, a code such as ``"en"``, ``"de"`` or ``"es"``.
        delimiters: what comes before and after a name.

    Raises:
        StepError: when made, ``emoji`` is not installed or does not know the language.

    >>> NameEmoji()("Great film👍")
    'Great film :thumbs_up: '
    >>> NameEmoji(language="de", delimiters=("<", ">"))("Toll ❤️")
    'Toll <rotes_herz>'
    """

    name = "name_emoji"
    libraries = ("emoji", "regex")

    expression = rf"(?V1){_EMOJI}"

    language: str = "en"
    delimiters: tuple[str, str] = (" :", ": ")

    @model_validator(mode="after")
    def _check(self) -> NameEmoji:
        known = needed(self.name, "emoji").LANGUAGES
        if self.language not in known:
            raise ValueError(
                f"there are no names in {self.language!r}; there are: {', '.join(sorted(known))}"
            )
        return self

    def _replaced(self, match: regex.Match[str]) -> str:
        import emoji

        parts = [match[0]] if emoji.is_emoji(match[0]) else match[0].split("\u200d")
        if not all(map(emoji.emoji_count, parts)):
            return match[0]
        return "".join(self._named(part) for part in parts)

    def _named(self, part: str) -> str:
        import emoji

        return emoji.demojize(part, language=self.language, delimiters=self.delimiters)
