"""The other side: Hugging Face ``datasets`` and ``tokenizers``, with our vocabulary and merges, at their best.

Each peer comes in several forms that give the same ids; the benchmark tries all of them and measures against
the fastest. "guide" does everything inside the tokenizer, as the guides of ``tokenizers`` do; the others move
to Python what Python does faster.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import datasets
import numpy as np
import pyarrow as pa
import regex
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

import textprep as tp
from tests.benchmarks.timing import Contestant, Run
from textprep.letters import without_invisible

HEAD = "▁"
# What the package regex calls \w: Oniguruma, which tokenizers uses, has ½ in its own \w.
W = r"\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\u200c\u200d"
BPE_PIECE = rf"{HEAD}?(?:[{W}]{{1,64}}|[^{W}{HEAD}]{{1,64}})|{HEAD}"
WORD_PIECE = rf"[{W}]+|[^{W}\s]"
_OUR_BPE_PIECE = regex.compile(rf"{HEAD}?(?:\w{{1,64}}|[^\w{HEAD}]{{1,64}})|{HEAD}")
_MARK = regex.compile(r"([^\w\s])")
_LONG = re.compile(r"\S{65,}")

TextFunction = Callable[[str], str]


class Form(NamedTuple):
    """A tokenizer of Hugging Face, and what Python does to a text before.

    Attributes:
        name: for people.
        clean: ``str → str``.
        tokenizer: with the vocabulary of a pipeline.
        arrow: whether it hands Arrow tables to ``datasets``, which is faster than lists.
    """

    name: str
    clean: TextFunction
    tokenizer: Tokenizer
    arrow: bool = True

    def fresh(self) -> Form:
        """The same with a tokenizer whose caches are empty."""
        tokenizer = Tokenizer.from_str(self.tokenizer.to_str())
        tokenizer.encode_special_tokens = self.tokenizer.encode_special_tokens  # which is not saved
        return self._replace(tokenizer=tokenizer)

    def encode_batch(self, texts: list[str]) -> list[list[int]]:
        """The ids of each text."""
        cleaned = [self.clean(text) for text in texts]
        return [e.ids for e in self.tokenizer.encode_batch_fast(cleaned, add_special_tokens=False)]


def bpe_forms(pipeline: tp.Pipeline, clean: TextFunction, lower: TextFunction = str.lower) -> list[Form]:
    """Forms that give the ids of ``pipeline``, whose tokenizer is a fitted `tp.BPETokenizer`.

    In "words" the pieces are not cut at all: no merge reaches from letters to punctuation, since training saw
    them apart, so merging within words gives the same. Only words longer than a piece may be are cut.
    """
    vocabulary = {token: i for i, token in enumerate(pipeline.vocabulary.tokens)}
    merges = [tuple(merge.split(" ")) for merge in pipeline.tokenizer.state()["merges"]]
    model = partial(models.BPE, vocabulary, merges, unk_token=tp.Vocabulary.UNK)
    heads = pre_tokenizers.Metaspace(replacement=HEAD, prepend_scheme="always", split=False)
    pieces = pre_tokenizers.Split(Regex(BPE_PIECE), "isolated")
    inside = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), heads, pieces])
    cleaned = Cleaner(clean, lower)
    return [
        Form("guide", clean, _assembled(model(), inside, normalizers.Lowercase()), arrow=False),
        Form("pieces", cleaned.with_heads, _assembled(model(), pieces)),
        Form("words", cleaned.with_heads_apart, _assembled(model(), pre_tokenizers.WhitespaceSplit())),
    ]


def as_lines(with_heads: TextFunction) -> TextFunction:
    """The pieces of a text, one per line: what training need not cut then."""
    return lambda text: "\n".join(_OUR_BPE_PIECE.findall(with_heads(text)))


def word_forms(pipeline: tp.Pipeline, clean: TextFunction) -> list[Form]:
    """Forms that give the ids of ``pipeline``, whose tokenizer is a fitted `tp.WordTokenizer`."""
    vocabulary = {token: i for i, token in enumerate(pipeline.vocabulary.tokens)}
    model = partial(models.WordLevel, vocabulary, unk_token=tp.Vocabulary.UNK)
    pieces = pre_tokenizers.Split(Regex(WORD_PIECE), "removed", invert=True)
    clean = Visible(clean)  # a word tokenizer has no tokens of what nobody sees
    cleaned = Cleaner(clean, str.lower)
    return [
        Form("guide", clean, _assembled(model(), pieces, normalizers.Lowercase()), arrow=False),
        Form("pieces", cleaned, _assembled(model(), pieces)),
        Form("words", cleaned.with_marks_apart, _assembled(model(), pre_tokenizers.WhitespaceSplit())),
    ]


class Visible(NamedTuple):
    """Cleans a text in Python, then removes its invisible characters, such as soft hyphens."""

    clean: TextFunction

    def __call__(self, text: str) -> str:
        """Cleaned; a text of ASCII has none of these."""
        cleaned = self.clean(text)
        return cleaned if cleaned.isascii() else without_invisible(cleaned)


class Cleaner(NamedTuple):
    """What Python does to a text before the tokenizer of Hugging Face sees it."""

    clean: TextFunction
    lower: TextFunction

    def __call__(self, text: str) -> str:
        """Cleaned, in lower case."""
        return self.lower(self.clean(text))

    def with_heads(self, text: str) -> str:
        """``a film.`` as ``▁a▁film.``."""
        words = self(text).split()
        return HEAD + HEAD.join(words) if words else ""

    def with_heads_apart(self, text: str) -> str:
        """``a film.`` as ``▁a ▁film.``; a word longer than a piece may be is cut into its pieces."""
        words = self(text).split()
        joined = f"{HEAD}{f' {HEAD}'.join(words)}" if words else ""
        return _LONG.sub(lambda word: " ".join(_OUR_BPE_PIECE.findall(word[0])), joined)

    def with_marks_apart(self, text: str) -> str:
        """``a film.`` as ``a film . ``."""
        return _MARK.sub(r" \1 ", self(text))


def mapped(form: Form, dataset: datasets.Dataset, processes: int | None) -> Contestant:
    """``datasets.Dataset.map(batched=True)``, raw texts to ids in its Arrow file; nothing is taken from a cache."""

    def ready(folder: Path) -> Run:
        # `datasets` turns the threads of `tokenizers` off when it starts processes, and leaves them off.
        os.putenv("TOKENIZERS_PARALLELISM", "true")
        source, function, options = map_call(form.fresh(), dataset)
        options |= {"load_from_cache_file": False, "cache_file_name": str(folder / "ids.arrow")}
        return lambda: source.map(function, num_proc=processes, **options)

    return Contestant(f"{form.name}/{processes or 1}", ready, ids_of_dataset)


def found(form: Form, dataset: datasets.Dataset) -> Contestant:
    """The same once more, with the cache that ``map`` keeps beside the dataset."""

    def ready(_: Path) -> Run:
        source, function, options = map_call(form.fresh(), dataset)
        source.map(function, **options)
        return lambda: source.map(function, **options)

    return Contestant("datasets.map, mapped before", ready, ids_of_dataset)


def map_call(form: Form, dataset: datasets.Dataset) -> tuple[datasets.Dataset, Any, dict[str, Any]]:
    """The dataset, the function and the options of ``map`` for ``form``."""
    options = {"batched": True, "remove_columns": dataset.column_names}
    if form.arrow:
        return dataset.with_format("arrow"), partial(_encode_table, form), options
    return dataset, partial(_encode_lists, form), options


def one_by_one(form: Form, texts: list[str]) -> Contestant:
    """A loop over texts as in a notebook: clean, encode, append; then one file."""

    def ready(folder: Path) -> Run:
        tokenizer = form.fresh().tokenizer

        def run() -> Path:
            rows = []
            for text in texts:
                rows.append(tokenizer.encode(form.clean(text), add_special_tokens=False).ids)
            values = np.fromiter(chain.from_iterable(rows), dtype=np.int64)
            np.savez(folder / "ids.npz", values=values, lengths=np.array([len(row) for row in rows]))
            return folder / "ids.npz"

        return run

    return Contestant(form.name, ready, _ids_of_file)


def ids_of_dataset(mapped_dataset: datasets.Dataset) -> tp.Ragged:
    """The column ``input_ids``."""
    column = mapped_dataset.with_format("arrow")[:]["input_ids"].combine_chunks()
    return tp.Ragged(column.values.to_numpy(), column.offsets.to_numpy().astype(np.int64))


def _ids_of_file(path: Path) -> tp.Ragged:
    with np.load(path) as file:
        return tp.Ragged(file["values"], np.concatenate([[0], np.cumsum(file["lengths"])]))


def _encode_lists(form: Form, batch: dict[str, list[str]]) -> dict[str, list[list[int]]]:
    return {"input_ids": form.encode_batch(batch["text"])}


def _encode_table(form: Form, table: pa.Table) -> pa.Table:
    rows = form.encode_batch(table["text"].to_pylist())
    kind = pa.uint16() if form.tokenizer.get_vocab_size() <= 1 << 16 else pa.uint32()
    return pa.table({"input_ids": pa.array(rows, pa.list_(kind))})


def _assembled(model: Any, pre_tokenizer: Any, normalizer: Any = None) -> Tokenizer:
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizer
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    return tokenizer
