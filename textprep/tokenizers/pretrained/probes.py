"""Texts on which a converted tokenizer is compared with the library that it comes from."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textprep.errors import TokenizerError
from textprep.tokenizers.pretrained.source import Source, backend_of

_SPACES = " \t\n\x0b\x0c\r\x1c\x1f\x85\xa0\u1680\u2003\u200b\u2028\u2029\u202f\u205f\u3000\ufeff\u2581"
PROBES = (
    "",
    " ",
    "  a  b ",
    "A great film, isn't it? I'LL see IT'S sequel; 12345 times, 3.14 %!\n\n  Don't you?\r\n \t",
    *(f"a{space}b{space}{space}1{space}" for space in _SPACES),
    _SPACES,
    "na\xefve cafe\u0301 \u0130stanbul \u017fs 'S '\u017f \xdf \ufb01lm \u212b \u0149",
    "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 \u202eabc\u202c \u0e2a\u0e27\u0e31",
    "\u6620\u753b\u306f\u9762\u767d\u3044 \uc601\ud654 \u0928\u092e\u0938\u094d\u0924 \U00020000\U0010ffff",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f44d\U0001f3fd \U0001f1eb\U0001f1f7 \u2764\ufe0f\x00",
    "<s></s><unk><pad><|endoftext|><0x41>[CLS] <|fim_prefix|>",
    "x" * 300 + "aaaaaaaab" * 20 + "=" * 90,
    "def f(x):\n\treturn {'a': x ** 2}  # \u00b2\u00bd\u0663\u2167\n" * 3,
)


def check_same(
    source: Source, encode: Callable[[str], Sequence[int]], differs: Callable[[str], TokenizerError]
) -> None:
    """Raise what ``differs`` makes of the first text that gets other ids than those of ``encode``."""
    backend = backend_of(source.record)
    for text in PROBES:
        if backend.encode(text, add_special_tokens=False).ids != list(encode(text)):
            raise differs(text)
