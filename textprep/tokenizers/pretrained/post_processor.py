"""The template of a post-processor, found by trying it: so every kind of post-processor is understood."""

from __future__ import annotations

import json
from itertools import groupby
from typing import Any

from tokenizers import Tokenizer as HFTokenizer

from textprep.errors import TokenizerError
from textprep.template import Part, Template
from textprep.tokenizers.pretrained.source import Record

_TEXTS = {2**32 - 2: 0, 2**32 - 1: 1}  # ids that no vocabulary has → which of the two texts


def template_of(record: Record, pad_id: int | None, *, special_tokens: bool = True) -> Template:
    """The template of the post-processor in the record of a ``tokenizer.json``.

    >>> roberta = {"type": "RobertaProcessing", "cls": ["<s>", 0], "sep": ["</s>", 2]}
    >>> roberta |= {"trim_offsets": True, "add_prefix_space": False}
    >>> template_of({"post_processor": roberta}, pad_id=1).row([7, 8], [9])
    ([0, 7, 8, 2, 2, 9, 2], [0, 0, 0, 0, 0, 0, 0])

    Args:
        record: of the tokenizer.
        pad_id: of its vocabulary.
        special_tokens: False leaves them out, and understands post-processors that repeat a text, too.

    Raises:
        TokenizerError: a text is not in its row once.
    """
    try:
        tried = _tried(record.get("post_processor"))
        single, pair = _parts(tried.encode("a"), [0]), _parts(tried.encode("a", "b"), [0, 1])
    except TokenizerError:
        if not special_tokens:
            return template_of({}, pad_id)
        raise
    template = Template(pad_id or 0, single, pair)
    return template if special_tokens else template.bare()


def without_odd_template(record: Record) -> Record:
    """``record``, without a post-processor that repeats or leaves out a text, which it does to ids, too."""
    try:
        template_of(record, None)
    except TokenizerError:
        return record | {"post_processor": None}
    return record


def _tried(post_processor: Any) -> HFTokenizer:
    """A tokenizer with that post-processor, of which ``a`` and ``b`` are the only words."""
    first, second = _TEXTS
    model = {"type": "WordLevel", "vocab": {"a": first, "b": second}, "unk_token": "a"}
    rest = dict.fromkeys(["truncation", "padding", "normalizer", "pre_tokenizer", "decoder"])
    record = rest | {"version": "1.0", "added_tokens": [], "model": model, "post_processor": post_processor}
    return HFTokenizer.from_str(json.dumps(record))


def _parts(encoding: Any, texts: list[int]) -> tuple[Part, ...]:
    """The parts of a row; special tokens of the same type that follow each other are one part."""
    found = [_TEXTS[i] for i in encoding.ids if i in _TEXTS]
    if sorted(found) != texts:
        raise TokenizerError(
            "the post-processor of the tokenizer does not give each text once, so it is no template",
            option="special_tokens",
            value=False,
            hint="special_tokens=False leaves it out",
        )
    parts: list[Part] = []
    tokens = zip(encoding.ids, encoding.type_ids, strict=True)
    for (text, type_id), ids in groupby(tokens, lambda token: (_TEXTS.get(token[0]), token[1])):
        parts.append(Part(type_id, text, () if text is not None else tuple(i for i, _ in ids)))
    return tuple(parts)
