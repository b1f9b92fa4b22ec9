"""Hostile text is ordinary text: for every registered step, those of plugins included.

Whatever a text holds, a step returns text that can be written, or raises an error that names it; and it
takes twice the time for twice the text.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator

import pytest

from textprep.encoding.plain import clean_text
from textprep.errors import StepError
from textprep.registry import STEPS
from textprep.steps.base import Step

REQUIRED = {
    "replace_pattern": {"pattern": r"\w+|\s", "replacement": r"<\g<0>>"},
    "truncate_words": {"max_words": 3},
}
NAMES = STEPS.names()

# What goes wrong in programs that take text, kind by kind.
NAUGHTY = {
    "nothing": ["", " ", "\n", "\x00", "\ufeff", "\u200b", "\u2028", "\u3000", "\x1c\x1d\x1e\x1f", "\x85\xa0"],
    "taken for something else": ["null", "None", "NaN", "-inf", "1e309", "0x1F", "true", "1/0", "00:60", "-0.0"],
    "numbers": ["1,000.00", "1.000,00", "1 000", "٣٫١٤", "１２３", "Ⅻ", "½", "²", "1" * 400, "−5", "1_000"],
    "quotes": ["'", '"', "''''", '"\'"', "“”„‟«»‹›", "`code`", "don’t", "'", "\\'", "O’Brien’s"],
    "symbols": ["<>?:\"{}|_+", ",./;'[]\\-=", "!@#$%^&*()`~", "¡™£¢∞§¶•ªº–≠", "œ∑´®†¥¨ˆøπ", "⁰⁴⁵₀₁₂", "¸˛Ç◊ı˜Â¯˘¿"],
    "case that is not one to one": ["ß", "ẞ", "İI", "ıi", "ΣΑΣ ς", "ﬁﬀﬃ", "ŉ", "ǰ", "ΐ", "ᾳ", "Ǆǅǆ", "ŁØĐ", "ﬅ", "K K Å Å"],
    "marks": ["e\u0301", "\u0301e", "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f" * 20, "\u0f73\u0f71", "a\u0323\u0307", "\u0345" * 99],
    "scripts": ["العربية", "עברית שָׁלוֹם", "हिन्दी क्षि", "ไทยกำลัง", "한국어 각", "日本語がｶﾞ", "中文", "ქართული", "አማርኛ", "ᏣᎳᎩ", "𐐷𐐷", "𒀀", "නි", "မြန်မာ"],
    "direction": ["\u202eabc\u202c", "\u2066a\u2069\u2067b\u2069", "\u200fab\u200e", "مرحبا abc שלום", "\u061c1"],
    "ligatures and long mappings": ["\ufdfa", "\ufdfd", "\u33a7", "㍿", "…‥", "\u1e9b\u0323"],
    "emoji": ["👍🏽", "👨‍👩‍👧‍👦", "🇩🇪🇩", "1️⃣#️⃣", "🏴\U000e0067\U000e0062\U000e007f", "❤︎❤️", "\u200d👍\u200d", "\ufe0f\ufe0f", "©️™"],
    "noncharacters": ["\ufffe\uffff", "\ufdd0", "\U0010ffff", "\ufffd"],
    "control": ["\x1b[31mred\x1b[0m", "\x07\x08\x7f", "\x80\x9f", "a\rb\r\nc", "\x0b\x0c", "\x1a", "a\x00b"],
    "markup": ["<b>x</b", "<a b=\"", "<!-- -- >", "<![CDATA[x", "<?php ?>", "</", "<>", "< b>", "&lt;b&gt;", "&#0;&#x110000;&#xD800;", "&", "&notit;", "<script>1<2</script>", "a<b>c<3"],
    "code": ["'; DROP TABLE x; --", "${7*7}{{7*7}}#{7*7}", "%s%n%d", "\\x41\\u0041", "../../etc/passwd", "$(ls)`ls`", "{0.__class__}", r"\1\g<0>\\", "(?R)", "[[:alpha:]]"],
    "addresses": ["http://", "http://[::1]:80/", "https://a.b/((((", "www..", "a@b", "@@", "#", "me@x.org@y.org", "mailto:?", "http://user:pass@x.org/~u/?a=b&c#d", "@a@b@c.d"],
    "mojibake": ["Ã©", "â€™", "Ã\x83Â©", "Ð¿Ñ€", "ä½ å¥½", "Â\xa0", "ï¿½", "ï»¿"],
    "long": ["w" * 5_000, "w " * 2_000, "\u0301" * 5_000, "<" * 2_000, "\n" * 2_000, "漢" * 2_000],
}  # fmt: skip
ALPHABETS = [
    "abcXYZ",
    "0123456789.,-+%",
    "<>/&;=\"'!-[]?",
    "@#:_~*()\\`$^|{}",
    " \t\r\n\x0b\x0c\x1c\x1f\x85\xa0\u1680\u2003\u2028\u2029\u202f\u3000",
    "\x00\x01\x07\x08\x1b\x7f\x80\x9f\xad",
    "\u0301\u0323\u0345\u0308\u05b0\u064b\u0e33\u0f71\u0f73\u3099\uff9e\U0001d165",
    "\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u202a\u202e\u202c\u2066\u2069\u061c",
    "\ufe0e\ufe0f\u20e3\U0001f3fd\U0001f1e9\U0001f1ea\U000e0067\U000e007f\U0001f44d\U0001f468\u2764",
    "\ufffe\uffff\ufdd0\ufffd\U0010ffff\U0001ffff",
    "éßİıΣςσﬁẞÅǅ'’ʼ‐–—“”«»´…",
    "שלוםمرحبا١٢हिन्दीไทย한국日本語ｶ",
    "ÃâÂ€™©ÐÑ¿½",
]  # fmt: skip

ANY = [*range(0xD800), *range(0xE000, 0x110000)]  # a pipeline refuses lone surrogates before any step


def made(name: str) -> Step:
    """The step as it is by default; one with a required option needs an entry in `REQUIRED`."""
    return STEPS.get(name)(**REQUIRED.get(name, {}))


def generated(count: int) -> Iterator[str]:
    """Short texts of a few alphabets each, or of any code points; always the same."""
    generator = random.Random(0)
    for i in range(count):
        if i % 4:
            characters = "".join(generator.sample(ALPHABETS, 3))
            yield "".join(generator.choices(characters, k=generator.randrange(24)))
        else:
            yield "".join(map(chr, generator.choices(ANY, k=generator.randrange(12))))


GENERATED = list(generated(20_000))


def complaint(step: Step, text: str) -> str | None:
    """What is wrong with the result in a pipeline: it cannot be written, or the error names no step."""
    try:
        clean_text([step], text).encode()
    except StepError as error:
        return None if f"step {step.name!r}" in str(error) else f"on {text!r:.80} it says {error}"
    except UnicodeEncodeError as error:
        return f"of {text!r:.80} it makes what cannot be written: {error}"
    return None


@pytest.mark.parametrize("name", NAMES)
def test_naughty_texts_give_text_that_can_be_written(name):
    step = made(name)
    texts = [text for kind in NAUGHTY.values() for text in kind]
    assert [said for text in [*texts, " ".join(texts)] if (said := complaint(step, text))] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_generated_texts_give_text_that_can_be_written(name):
    step = made(name)
    assert next((said for text in GENERATED if (said := complaint(step, text))), None) is None


# Texts that have made a program take the square of their length, or more; repeated, and closed where that counts.
FLOODS = [
    *("w", "W", "é", "漢", "Σ'", "a ", "\n ", "\u3000", "\x00", "\u202e", "\ufdfa"),
    *("\u0301\u0323", "a\u0301", "\u0f73\u0f71", "\U0001f44d", "\U0001f468\u200d", "\u200d", "\U0001f1e9", "1\ufe0f\u20e3", "\U000e0067"),
    *("'", "n't", "y'all'd've", "-a", "_", ".a", "@", "a@", "a@b.", "#", "#1", "1,", "1.", "http://", "www.", "(", ")", "["),
    *("Ã©", "â€™", "ÃÂ", "the-", "soooo", "\\", "%", "&amp;"),
]  # fmt: skip


def seconds(run: Callable[[], object]) -> float:
    """Processor time, with a floor below which it says nothing."""
    start = time.process_time()
    run()
    return max(time.process_time() - start, 0.001)


def growth(step: Step, flood: str, size: int) -> float:
    """How much longer four times the text takes: 4 if time is linear, 16 if it is quadratic."""
    small, large = (flood * (length // len(flood)) for length in (size, 4 * size))
    return seconds(lambda: step(large)) / seconds(lambda: step(small))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_time_is_linear(name):
    """Measured again where the first ratio looks bad: a busy machine is not a slow step."""
    step = made(name)
    slow = [flood for flood in FLOODS if growth(step, flood, 15_000) > 9]
    assert [flood for flood in slow if min(growth(step, flood, 30_000) for _ in range(4)) > 9] == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("letter", ["w", "\u0301", "<"])
def test_a_word_of_a_megabyte_is_a_word(name, letter):
    step, word = made(name), letter * 2**20
    assert complaint(step, word) is None
