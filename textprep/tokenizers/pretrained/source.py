"""A pretrained tokenizer as plain JSON values, and the backend that they make."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from types import MappingProxyType
from typing import Any

from tokenizers import AddedToken
from tokenizers import Tokenizer as HFTokenizer

from textprep.errors import TokenizerError, cause
from textprep.storage.files import digest_of

Record = dict[str, Any]
Config = Mapping[str, Any]
NO_CONFIG: Config = MappingProxyType({})
_OF_CALLS = ("truncation", "padding")  # what a tokenizer was last called with decides no id


class Source:
    """What there is to know of a pretrained tokenizer.

    Args:
        record: what its ``tokenizer.json`` says.
        config: what its ``tokenizer_config.json`` says: of interest are ``pad_token`` and ``unk_token``.

    Attributes:
        record: as given.
        pad: the token of padding, where one is named, or one of the special tokens is called so.
        unk: the token of what is unknown: the model's, or else the one that ``config`` names.

    Raises:
        TokenizerError: ``record`` is not that of a ``tokenizer.json``.
    """

    def __init__(self, record: Record, config: Config = NO_CONFIG, name: str = "the tokenizer") -> None:
        try:
            known = _tokens(record)
            pads, unknown = list(_pad_tokens(record, config)), list(_unknown_tokens(record, config))
        except (KeyError, TypeError, IndexError, AttributeError) as error:
            raise not_a_tokenizer(name, error) from error
        self.record = record
        self.pad = next((token for token in pads if token in known), None)
        self.unk = next((token for token in unknown if token in known), None)

    @cached_property
    def text(self) -> str:
        """The record as JSON, the same whatever the order of its keys: what is saved."""
        kept = {key: value for key, value in self.record.items() if key not in _OF_CALLS}
        return json.dumps(kept, ensure_ascii=False, sort_keys=True)

    @cached_property
    def digest(self) -> str:
        """The same for tokenizers that give the same ids and pad with the same token."""
        return digest_of(json.dumps(self.to_json()).encode())

    def to_json(self) -> dict[str, Any]:
        """``{"tokenizer": "{...}", "pad": "[PAD]", "unk": "[UNK]"}``: the record as one text.

        That is written, read and digested ten times as fast as its hundred thousands of parts.
        """
        return {"tokenizer": self.text, "pad": self.pad, "unk": self.unk}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any], name: str) -> Source:
        """The source of which `to_json` made ``saved``.

        Raises:
            TokenizerError: it is damaged.
        """
        if not saved.keys() >= {"tokenizer", "pad", "unk"}:
            raise TokenizerError(f"the state of {name} lacks 'tokenizer', 'pad' or 'unk'")
        try:
            record = json.loads(saved["tokenizer"])
        except (TypeError, ValueError) as error:
            raise not_a_tokenizer(name, error) from error
        source = cls(record, name=name)
        source.text, source.pad, source.unk = saved["tokenizer"], saved["pad"], saved["unk"]
        return source


def backend_of(record: Record, specials: Sequence[str] = (), *, name: str = "the tokenizer") -> HFTokenizer:
    """The tokenizer of ``record``, which gives a text the same ids each time: without dropout of merges.

    Args:
        record: what a ``tokenizer.json`` says.
        specials: tokens that are found wherever a text spells them; those that it lacks are added at the end.
        name: of the source, for messages.

    Raises:
        TokenizerError: it is not such a record.
    """
    found = set(specials)
    try:
        added = [
            token | {"special": token["special"] and token["content"] not in found}
            for token in record.get("added_tokens") or []
        ]
        model = record["model"] | ({"dropout": None} if record["model"].get("dropout") else {})
        backend = HFTokenizer.from_str(json.dumps(record | {"added_tokens": added, "model": model}))
    except Exception as error:  # of what it is not, in whatever way
        raise not_a_tokenizer(name, error) from error
    contents = {token["content"] for token in added}
    _add(backend, [token for token in specials if token not in contents], name)
    backend.no_padding()
    backend.no_truncation()
    backend.encode_special_tokens = True  # a text that spells one is an ordinary text
    return backend


def _add(backend: HFTokenizer, specials: Sequence[str], name: str) -> None:
    tokens = {i: token for token, i in ids_of(backend).items()} if specials else {}
    for token in specials:
        is_new = backend.token_to_id(token) is None
        backend.add_tokens([AddedToken(token, normalized=False)])
        if is_new and (i := backend.token_to_id(token)) in tokens:
            raise TokenizerError(
                f"the ids of {name} have holes, so that the special {token!r} would get the id {i}, which "
                f"{tokens[i]!r} has",
                option="specials",
                hint="put it into the tokenizer.json with an id of its own",
            )


def ids_of(backend: HFTokenizer) -> dict[str, int]:
    """Token → id, by id; of two tokens with the same id, first the one that the id stands for in a text."""
    ids = backend.get_vocab(with_added_tokens=True)
    if len(set(ids.values())) == len(ids):
        return dict(sorted(ids.items(), key=itemgetter(1)))
    shared = {i for i, times in Counter(ids.values()).items() if times > 1}
    named = {i: backend.id_to_token(i) for i in shared}
    return dict(
        sorted(ids.items(), key=lambda item: (item[1], named.get(item[1]) not in (None, item[0]), item[0]))
    )


def not_a_tokenizer(name: str, error: Exception) -> TokenizerError:
    """What to raise for a record that the library ``tokenizers`` does not understand."""
    return TokenizerError(f"{name} is not a tokenizer.json: {cause(error)}", option="path")


def _tokens(record: Record) -> set[str]:
    """Those of the model, which are the keys of a mapping or come with a score each, and the added ones."""
    vocabulary = record["model"]["vocab"]
    of_model = vocabulary if isinstance(vocabulary, dict) else (token for token, _ in vocabulary)
    return {*of_model, *(token["content"] for token in record.get("added_tokens") or [])}


def token_name(token: object) -> str | None:
    """The text of a token, which configurations write as a text or as an object."""
    content = token.get("content") if isinstance(token, Mapping) else token
    return None if content is None else str(content)


def _pad_tokens(record: Record, config: Config) -> Iterator[str]:
    """Those that are named as padding, then those that are called so."""
    named = config.get("pad_token"), (record.get("padding") or {}).get("pad_token")
    yield from (name for token in named if (name := token_name(token)) is not None)
    special = [token["content"] for token in record.get("added_tokens") or [] if token["special"]]
    yield from (token for token in special if _letters(token) in ("pad", "padding"))


def _letters(token: str) -> str:
    return "".join(filter(str.isalpha, token)).lower()


def _unknown_tokens(record: Record, config: Config) -> Iterator[str]:
    model = record["model"]
    if model.get("unk_id") is not None:
        yield model["vocab"][model["unk_id"]][0]
    named = model.get("unk_token"), config.get("unk_token")
    yield from (name for token in named if (name := token_name(token)) is not None)
