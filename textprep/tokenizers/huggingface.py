"""Any tokenizer of the Hugging Face hub that comes as a ``tokenizer.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field, PrivateAttr, model_validator
from tokenizers import Tokenizer as HFTokenizer
from typing_extensions import Self

from textprep.errors import TokenizerError
from textprep.storage.files import digest_of, local_path
from textprep.tokenizers.base import Tokenizer
from textprep.vocabulary import PAD, UNK, Vocabulary

if TYPE_CHECKING:
    import pyarrow as pa

    from textprep.ragged import Ragged
    from textprep.tokenizers.cuts import Cuts
    from textprep.tokenizers.pieces import PieceEncoder

PAD_NAMES = ("[PAD]", "<pad>", "<|pad|>", "<PAD>")


class HuggingFaceTokenizer(Tokenizer):
    """A tokenizer that others have trained, read from its ``tokenizer.json``.

    It is fitted from the start; `fit` only counts its tokens. The vocabulary has ``<pad>`` 0 and ``<unk>`` 1,
    into which the tokenizer's own padding and unknown tokens go, then its other tokens in their order. No
    special tokens are added to a text, none is read out of one, and no text is cut short.

    >>> HuggingFaceTokenizer(path="no/such/tokenizer.json")
    Traceback (most recent call last):
    textprep.errors.TokenizerError: cannot read no/such/tokenizer.json: No such file or directory

    Attributes:
        path: the ``tokenizer.json``. It is read once; a saved pipeline holds what it says and needs no file.
        digest: what `options` gives in place of the path, so that a pipeline is known by what the file
            says and not by where it lay. Without a path, the tokenizer waits for `restore`.
    """

    name = "huggingface"
    libraries = ("tokenizers",)

    path: Path | None = None
    digest: str | None = Field(None, pattern="^[0-9a-f]{32}$")
    _record: dict[str, Any] | None = PrivateAttr(None)
    _known_digest: str | None = PrivateAttr(None)  # of the record, which takes long to make
    _backend: HFTokenizer | None = PrivateAttr(None)
    _renamed: dict[str, str] = PrivateAttr(default_factory=dict)
    _pieces: PieceEncoder | None = PrivateAttr(None)
    _own_ids: tuple[Vocabulary, list[int]] | None = PrivateAttr(None)

    @model_validator(mode="after")
    def _read(self) -> Self:
        if self.path is None and self.digest is None:
            raise ValueError("path= is needed: where the tokenizer.json is")
        if self.path is not None:
            self._use(_read_json(self.path), str(self.path))
            self._vocabulary = self.build_vocabulary({})
        return self

    def _use(self, record: dict[str, Any], source: str) -> None:
        digest = _digest(record)
        if self.digest not in (None, digest):
            raise TokenizerError(
                f"{source} has the digest {digest}, not {self.digest}: it is another tokenizer"
            )
        try:
            complete = _with_unknown(record)
            backend = HFTokenizer.from_str(json.dumps(complete))
        except Exception as error:  # of what it is not, in whatever way
            raise TokenizerError(f"{source} is not a tokenizer.json: {error}") from error
        backend.no_padding()
        backend.no_truncation()
        backend.encode_special_tokens = True  # a text that spells one is an ordinary text
        self._record, self._backend, self._known_digest = record, backend, digest
        self._renamed = dict.fromkeys(_pad_tokens(record), PAD) | dict.fromkeys(
            _unknown_tokens(complete), UNK
        )

    def _loaded(self) -> HFTokenizer:
        if self._backend is None:
            raise TokenizerError(
                f"the tokenizer.json with the digest {self.digest} is not here: "
                "give its path, or load a saved pipeline"
            )
        return self._backend

    def split(self, text: str) -> list[str]:
        """The tokens as the wrapped tokenizer spells them, its own unknown token as ``<unk>``."""
        tokens = self._loaded().encode(text, add_special_tokens=False).tokens
        return [self._renamed.get(token, token) for token in tokens]

    def split_spans(self, text: str) -> list[tuple[int, int]]:
        """The offsets that the wrapped tokenizer keeps."""
        offsets: list[tuple[int, int]] = self._loaded().encode(text, add_special_tokens=False).offsets
        return offsets

    def encode_column(self, texts: pa.LargeStringArray) -> Ragged:
        """The ids of many texts, by the wrapped tokenizer's own batches."""
        from textprep.tokenizers.columns import encode_apart

        return encode_apart(self, texts, self._encode_ordinary)

    def _encode_ordinary(self, texts: pa.LargeStringArray) -> Ragged:
        from textprep.ragged import Ragged

        backend = self._loaded()
        encoded = backend.encode_batch_fast(texts.to_pylist(), add_special_tokens=False)
        return self._as_own(Ragged.from_rows([encoding.ids for encoding in encoded]))

    @property
    def cuts(self) -> Cuts | None:
        """Whether texts may be cut before single spaces, proven from the ``tokenizer.json``, and why."""
        return self._piece_encoder().cuts if self._backend else None

    def encode_pieces(self, pieces: pa.LargeStringArray) -> Ragged:
        """The ids of pieces of texts, many of which go to the wrapped tokenizer in one string."""
        from textprep.tokenizers.columns import encode_apart

        return encode_apart(self, pieces, lambda some: self._as_own(self._piece_encoder().encode(some)))

    def _piece_encoder(self) -> PieceEncoder:
        from textprep.tokenizers.pieces import PieceEncoder

        backend = self._loaded()
        if self._pieces is None or self._pieces.backend is not backend:
            self._pieces = PieceEncoder(backend, self.specials)
        return self._pieces

    def _as_own(self, rows: Ragged) -> Ragged:
        import numpy as np

        from textprep.ragged import Ragged

        if self._own_ids is None or self._own_ids[0] is not self.vocabulary:
            self._own_ids = self.vocabulary, self._number_tokens()
        return Ragged(np.array(self._own_ids[1], dtype=np.int64)[rows.values], rows.offsets)

    def _number_tokens(self) -> list[int]:
        """The id here of each id that the wrapped tokenizer gives."""
        backend = self._loaded()
        highest = max(backend.get_vocab(with_added_tokens=True).values(), default=-1)
        tokens = (backend.id_to_token(i) or UNK for i in range(highest + 1))
        return self.vocabulary.encode(self._renamed.get(token, token) for token in tokens)

    def join(self, tokens: list[str]) -> str:
        """The text that the wrapped tokenizer's decoder makes of ``tokens``."""
        decoder = self._loaded().decoder
        return str(decoder.decode(tokens)) if decoder else super().join(tokens)

    def build_vocabulary(self, counts: Mapping[str, int]) -> Vocabulary:
        """All tokens of the wrapped tokenizer in their order, whether counted or not."""
        ids = self._loaded().get_vocab(with_added_tokens=True)
        tokens = (token for token in sorted(ids, key=lambda token: ids[token]) if token not in self._renamed)
        return Vocabulary.of_tokens(tokens, counts, self.specials)

    def options(self) -> dict[str, Any]:
        """The options as plain JSON values, the digest in place of the path."""
        return super().options() | {"path": None, "digest": self._known_digest or self.digest}

    def state(self) -> dict[str, Any]:
        """``{"tokenizer": {...}}``: what the ``tokenizer.json`` says."""
        return {} if self._record is None else {"tokenizer": self._record}

    def restore(self, vocabulary: Vocabulary, state: Mapping[str, Any]) -> Self:
        """Take over a ``tokenizer.json`` and the vocabulary made of it, and return this tokenizer.

        Raises:
            TokenizerError: they do not fit together, or not with the options.
        """
        if "tokenizer" not in state:
            raise TokenizerError("the state of tokenizer 'huggingface' has no 'tokenizer'")
        restored = self.model_copy()
        restored._use(state["tokenizer"], "the saved tokenizer")
        if restored.build_vocabulary({}).tokens != vocabulary.tokens:
            raise TokenizerError("the saved vocabulary is not that of the saved tokenizer.json")
        super().restore(vocabulary, state)
        self._record, self._backend, self._renamed = restored._record, restored._backend, restored._renamed
        self._known_digest = restored._known_digest
        return self


def _read_json(path: Path) -> Any:
    try:
        return json.loads(local_path(path, TokenizerError).read_text(encoding="utf-8"))
    except OSError as error:
        raise TokenizerError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:  # not UTF-8, or not JSON: it says where
        raise TokenizerError(f"{path} is not JSON: {error}") from error


def _digest(record: dict[str, Any]) -> str:
    return digest_of(json.dumps(record, sort_keys=True).encode())


def _with_unknown(record: dict[str, Any]) -> dict[str, Any]:
    """``record`` with an unknown token if its model lacks one: without it, unknown characters vanish."""
    model = record["model"]
    vocabulary = model["vocab"]
    if isinstance(vocabulary, dict) and model.get("unk_token") not in vocabulary:
        more = {UNK: vocabulary.get(UNK, max(vocabulary.values(), default=-1) + 1)}
        return record | {"model": model | {"vocab": vocabulary | more, "unk_token": UNK}}
    if isinstance(vocabulary, list) and model.get("unk_id") is None:
        lowest = min((score for _, score in vocabulary), default=0.0)
        return record | {"model": model | {"vocab": [*vocabulary, [UNK, lowest]], "unk_id": len(vocabulary)}}
    return record


def _unknown_tokens(record: dict[str, Any]) -> list[str]:
    model = record["model"]
    if model.get("unk_id") is not None:
        return [model["vocab"][model["unk_id"]][0]]
    return [model["unk_token"]] if model.get("unk_token") else []


def _pad_tokens(record: dict[str, Any]) -> list[str]:
    """What the tokenizer pads with, and the usual names of such a token among its special ones."""
    special = [token["content"] for token in record.get("added_tokens", []) if token["special"]]
    padding = record.get("padding") or {}
    return [name for name in special if name in PAD_NAMES] + [padding.get("pad_token", PAD)]
