"""Tokenizers that others have trained, with the ids that they have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pydantic import Field, PrivateAttr, model_validator
from tokenizers import Tokenizer as HFTokenizer
from typing_extensions import Self

from textprep.errors import TokenizerError, cause
from textprep.template import Template
from textprep.tokenizers.base import Tokenizer, checked_texts, replace_surrogates
from textprep.tokenizers.pretrained import byte_level
from textprep.tokenizers.pretrained.post_processor import template_of, without_odd_template
from textprep.tokenizers.pretrained.source import Source, backend_of, ids_of
from textprep.vocabulary import Vocabulary

if TYPE_CHECKING:
    import pyarrow as pa

    from textprep.ragged import Ragged
    from textprep.tokenizers.cuts.pieces import PieceEncoder
    from textprep.tokenizers.cuts.proof import Cuts

_AT_ONCE = 1000  # texts


class HuggingFaceTokenizer(Tokenizer):
    """A pretrained tokenizer, run by the library ``tokenizers``: a text has the ids that it gives.

    It is fitted from the start, and `fit` only counts tokens. Padding, unknown and special tokens stay what
    and where they are; a vocabulary may lack them. What has no id vanishes, as in ``tokenizers``. `template`
    says which special tokens a row gets; texts are encoded without them, and none is cut short.

    A text that spells a special token is ordinary text: ``[SEP]`` in a review ends nothing. The default of
    Hugging Face is another (this is their ``encode_special_tokens=True``); `specials` names tokens to find.
    Only where the model itself has the token as a word or a piece, as Unigram does, it is found all the same.

    >>> from tokenizers import Tokenizer, models, processors
    >>> bert = Tokenizer(models.WordLevel({"[PAD]": 0, "[CLS]": 7, "film": 9, "[SEP]": 8}, "[PAD]"))
    >>> bert.post_processor = processors.BertProcessing(("[SEP]", 8), ("[CLS]", 7))
    >>> tokenizer = HuggingFaceTokenizer.of(bert)
    >>> tokenizer.encode("film"), tokenizer.template.row(tokenizer.encode("film"))
    ([9], ([7, 9, 8], [0, 0, 0]))
    >>> HuggingFaceTokenizer(path="no/such/tokenizer.json")
    Traceback (most recent call last):
    textprep.errors.TokenizerError: cannot read no/such/tokenizer.json: No such file or directory

    Attributes:
        path: a ``tokenizer.json``, a model's folder, its name on the hub, the ``vocab.txt`` of a BERT, the
            ``vocab.json`` of a GPT-2 or RoBERTa with its ``merges.txt``, a file of tiktoken or the ``.model``
            of a SentencePiece BPE. It is read once; a saved pipeline holds what
            it says and needs no file. `of` takes an existing tokenizer object.
        pattern: how a tiktoken file that textprep does not know cuts texts: its ``pat_str``.
        special_tokens: False leaves the special tokens out of the `template`.
        specials: tokens that are found wherever a text spells them. Those that the tokenizer lacks get ids
            after all others, as ``tokenizers`` gives them; a model needs as many more embeddings.
        digest: what `options` gives in place of path and pattern, so that a pipeline is known by what the
            tokenizer says and not by where it was. Without a path, the tokenizer waits for `restore`.
    """

    name = "huggingface"
    version = 3
    libraries = ("tokenizers",)

    path: Path | None = None
    pattern: str | None = None
    special_tokens: bool = True
    digest: str | None = Field(None, pattern="^[0-9a-f]{32}$")
    _source: Source | None = PrivateAttr(None)
    _backend: HFTokenizer | None = PrivateAttr(None)
    _pieces: PieceEncoder | None = PrivateAttr(None)

    @model_validator(mode="after")
    def _read(self) -> Self:
        if self.path is None and self.digest is None:
            raise ValueError("path= is needed: where the tokenizer.json, or the folder of the model, is")
        if self.path is not None:
            from textprep.tokenizers.pretrained.reading import read

            self._use(read(self.path, self.pattern), str(self.path))
        return self

    @classmethod
    def of(cls, tokenizer: Any, **options: Any) -> Self:
        """Wrap an existing tokenizer object of ``tokenizers``, ``transformers`` or ``tiktoken``.

        Args:
            tokenizer: the object; it stays as it is.
            options: ``special_tokens`` and ``specials``.

        Raises:
            TokenizerError: it is something else, or cannot be converted exactly.
        """
        from textprep.tokenizers.pretrained.objects import source_of

        source = source_of(tokenizer)
        made = cls(**options, digest=source.digest)
        made._use(source, "the tokenizer")
        return made

    def _use(self, source: Source, name: str) -> None:
        if self.digest not in (None, source.digest):
            raise TokenizerError(
                f"{name} has the digest {source.digest}, not {self.digest}: it is another tokenizer"
            )
        if source.pad in self.specials:
            raise TokenizerError(
                f"the special {source.pad!r} is the padding of {name}, which no text becomes",
                option="specials",
                hint="leave it out",
            )
        self._source, self._backend = source, self._made_of(source, name)
        self._vocabulary = self.build_vocabulary({})

    def _made_of(self, source: Source, name: str) -> HFTokenizer:
        return backend_of(without_odd_template(source.record), self.specials, name=name)

    def _loaded(self) -> HFTokenizer:
        if self._source is None:
            raise TokenizerError(
                f"the tokenizer with the digest {self.digest} is not here: "
                "give its path, or load a saved pipeline"
            )
        if self._backend is None:
            self._backend = self._made_of(self._source, "the tokenizer")
        return self._backend

    def __getstate__(self) -> dict[Any, Any]:
        """Without the wrapped tokenizer: what it pickles forgets that special tokens are ordinary text."""
        state = super().__getstate__()
        left_out = {"_backend": None, "_pieces": None}
        return state | {"__pydantic_private__": state["__pydantic_private__"] | left_out}

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        return self.model_copy()  # nothing that it holds ever changes

    @property
    def template(self) -> Template:
        """The layout of one text and of two by the post-processor.

        Raises:
            TokenizerError: it does not give each text once.
        """
        self._loaded()
        record = cast("Source", self._source).record
        template = template_of(record, self.vocabulary.pad_id, special_tokens=self.special_tokens)
        if template.ending is not None:
            return template
        added = (token["content"] for token in record.get("added_tokens") or [] if token["special"])
        return replace(template, end_id=self._end_id({*self.specials, *added}))

    def cut_specials(self, text: str) -> list[tuple[str, bool]]:
        """The whole text: the wrapped tokenizer finds `specials` itself."""
        return [(replace_surrogates(text), False)]

    def split(self, text: str) -> list[str]:
        """The tokens as the wrapped tokenizer spells them."""
        tokens: list[str] = self._loaded().encode(text, add_special_tokens=False).tokens
        return tokens

    def split_spans(self, text: str) -> list[tuple[int, int]]:
        """The offsets that the wrapped tokenizer keeps."""
        offsets: list[tuple[int, int]] = self._loaded().encode(text, add_special_tokens=False).offsets
        return offsets

    def spans_of_pieces(self, pieces: Sequence[str]) -> list[list[tuple[int, int]]]:
        """`token_spans` of many pieces of texts, by one call of the wrapped tokenizer."""
        return [found.offsets for found in self._loaded().encode_batch(pieces, add_special_tokens=False)]

    def readable(self, token: str) -> str:
        """The text that the bytes of a byte-level token spell."""
        return byte_level.readable(token) if _is_byte_level(self._loaded()) else token

    def encode(self, text: str) -> list[int]:
        """The ids that the wrapped tokenizer gives, without special tokens around them."""
        ids: list[int] = self._loaded().encode(replace_surrogates(text), add_special_tokens=False).ids
        return ids

    def encode_column(self, texts: pa.LargeStringArray) -> Ragged:
        """The ids of many texts, by the wrapped tokenizer's own batches."""
        return self._encode_many(texts.to_pylist())

    def _encode_many(self, texts: list[str]) -> Ragged:
        from textprep.ragged import Ragged

        encoded = self._loaded().encode_batch_fast(texts, add_special_tokens=False)
        return Ragged.from_rows([encoding.ids for encoding in encoded])

    @property
    def cuts(self) -> Cuts | None:
        """Whether texts may be cut before single spaces, proven from the tokenizer itself, and why."""
        return self._piece_encoder().cuts if self._source else None

    def encode_pieces(self, pieces: pa.LargeStringArray) -> Ragged:
        """The ids of pieces of texts, many of which go to the wrapped tokenizer in one string."""
        return self._piece_encoder().encode(pieces)

    def _piece_encoder(self) -> PieceEncoder:
        from textprep.tokenizers.cuts.pieces import PieceEncoder

        backend = self._loaded()
        if self._pieces is None or self._pieces.backend is not backend:
            self._pieces = PieceEncoder(backend)
        return self._pieces

    def fit(self, texts: Iterable[str]) -> Self:
        """Count the tokens of ``texts``, and return this tokenizer.

        Raises:
            TokenizerError: there is no text, no token in them, or something else than a text.
        """
        import numpy as np

        counts = np.zeros(len(self.vocabulary), dtype=np.int64)
        for ids in self._encoded(map(replace_surrogates, checked_texts(texts))):
            counts += np.bincount(ids.values, minlength=len(counts))
        if not counts.any():
            raise TokenizerError(f"tokenizer {self.name!r} cannot count tokens: the texts hold none")
        self._vocabulary = self.build_vocabulary(dict(zip(self.vocabulary, counts.tolist(), strict=True)))
        return self

    def _encoded(self, texts: Iterator[str]) -> Iterator[Ragged]:
        """The ids of ``texts``, some at a time."""
        done = 0
        while some := list(islice(texts, _AT_ONCE)):
            try:
                yield self._encode_many(some)
            except Exception as error:  # such as that of a model without an unknown token
                raise self._failure(some, done, error) from error
            done += len(some)

    def _failure(self, texts: list[str], start: int, error: Exception) -> TokenizerError:
        for row, text in enumerate(texts, start):
            try:
                self.encode(text)
            except Exception as of_text:
                return TokenizerError(f"tokenizer {self.name!r} failed on row {row}: {cause(of_text)}")
        return TokenizerError(f"tokenizer {self.name!r} failed: {cause(error)}")

    def join(self, tokens: list[str]) -> str:
        """The text that the wrapped tokenizer's decoder makes of ``tokens``."""
        decoder = self._loaded().decoder
        return str(decoder.decode(tokens)) if decoder else super().join(tokens)

    def decode(self, ids: Iterable[int]) -> str:
        """The text that the wrapped tokenizer makes of ``ids``, without padding; special tokens are shown.

        Raises:
            TokenizerError: an id is out of range; the message names it.
        """
        kept = [i for i in ids if i != self.vocabulary.pad_id]
        self.vocabulary.decode(kept)
        return str(self._loaded().decode(kept, skip_special_tokens=False))

    def build_vocabulary(self, counts: Mapping[str, int]) -> Vocabulary:
        """All tokens of the wrapped tokenizer with their ids, whether counted or not."""
        source = cast("Source", self._source)
        return Vocabulary.pretrained(ids_of(self._loaded()), counts, pad=source.pad, unk=source.unk)

    def options(self) -> dict[str, Any]:
        """The options as plain JSON values, the digest in place of path and pattern."""
        digest = self.digest if self._source is None else self._source.digest
        return super().options() | {"path": None, "pattern": None, "digest": digest}

    def state(self) -> dict[str, Any]:
        """``{"tokenizer": "{...}", "pad": …, "unk": …}``: a ``tokenizer.json`` as text, and two tokens."""
        return {} if self._source is None else self._source.to_json()

    def restore(self, vocabulary: Vocabulary, state: Mapping[str, Any]) -> Self:
        """Take over a saved tokenizer and the vocabulary made of it, and return this one.

        Raises:
            TokenizerError: they do not fit together, or not with the options.
        """
        restored = self.model_copy()
        restored._use(Source.from_json(state, f"tokenizer {self.name!r}"), "the saved tokenizer")
        if _without_counts(restored.vocabulary) != _without_counts(vocabulary):
            raise TokenizerError("the saved vocabulary is not that of the saved tokenizer.json")
        self._source, self._backend = restored._source, restored._backend
        self._vocabulary = vocabulary
        return self


def _is_byte_level(backend: HFTokenizer) -> bool:
    """Whether tokens are spelled in the characters that stand for bytes, so that "Ġ" is read as a space."""
    return bool(backend.decoder) and backend.decoder.decode(["aĠ"]) == "a "


def _without_counts(vocabulary: Vocabulary) -> tuple[Any, ...]:
    return vocabulary.tokens, vocabulary.pad_id, vocabulary.unk_id, vocabulary.is_pretrained
