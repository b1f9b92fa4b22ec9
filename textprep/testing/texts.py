"""The texts on which every rule is tried: awkward ones, then generated ones that grow."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textprep.tokenizers.base import Tokenizer

WHITE_SPACE = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
AWKWARD_TEXTS = (
    "",
    " ",
    "film",
    WHITE_SPACE,
    WHITE_SPACE.join(["", *"Aa9.", ""]),
    "e\u0301 \u0301e a\u0323\u0307 a\u0307\u0323 \u1112\u1161\u11ab \u212b",
    "a\x00b \ufeffc\ufffd \U0010ffff",
    "\u202eabc\u202c \u05e9\u05dc\u05d5\u05dd \u200fab \u0645\u0631\u062d\u0628\u0627",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f44d\U0001f3fd \U0001f1eb\U0001f1f7 \u2764\ufe0f",
    "\u03a3\u03a3 \u039f\u0394\u039f\u03a3. \u0130I\u0131i \xdf\u1e9e \ufb01lm x\xb2 \u2026 \xa8",
    "a < b, i <3 u, AT&T; <br/><b class='x'>&lt;p&gt;</b><!-- <![CDATA[ ]]> </ <a b=\"> &#0; &#x110000; &",
    "<pad> <unk> <sep> [PAD] <s></s> \\1 \\g<0> $1 {0} %s",
    "don't state-of-the-art 3.14 $5 1,000 #tag @user https://example.org/?q=a&b=c",
    "w" * 10_000,
    "<" * 2_000,
)
_WORDS = ["a", "film", "great", "not", "the", "Was", "B-9", "don't", "10.", "\u039f\u03a3"]
_CHARACTERS = "aB9'-.,<>&;\u03a3\xdf\u0130\ufb01\xa8\xb2\u0301\u0323\u200d\u2026" + WHITE_SPACE


def texts() -> Iterator[str]:
    """The awkward texts, then generated ones that grow; always the same."""
    yield from AWKWARD_TEXTS
    generator = random.Random(0)  # noqa: S311
    for i in range(600):
        length = 1 + i // 50
        yield "".join(generator.choices(_CHARACTERS, k=length))
        yield " ".join(generator.choices(_WORDS, k=length))


def has_ids(tokenizer: Tokenizer, text: str) -> bool:
    """Whether a fitted tokenizer has ids for ``text``: one without an unknown token may refuse some texts."""
    if tokenizer.vocabulary.unk_id is not None:
        return True
    try:
        tokenizer.encode(text)
    except Exception:  # of whatever class the tokenizer raises
        return False
    return True


def texts_for(tokenizer: Tokenizer) -> list[str]:
    """Those of `texts` that a fitted tokenizer has ids for."""
    return [text for text in texts() if has_ids(tokenizer, text)]
