"""The same words and tags, and the same spans, are the same corpus in every format that can hold them."""

from __future__ import annotations

import json

import datasets as hf
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import textprep as tp
from textprep.datasets import as_corpus
from textprep.preparation.columns import contents_of
from textprep.preparation.fingerprint import digest, made_of
from textprep.targets.tag_schemes import prefixes_of, tags_of, written

PIPELINE = tp.Pipeline(tokenizer=tp.WordTokenizer())
TYPES = ("LOC", "PER")
NAMES = tags_of(TYPES, "iob2")


def written_to(path, content):
    path.write_text(content, encoding="utf-8", newline="")
    return path


def columns(rows):
    return {name: [row[name] for row in rows] for name in rows[0]}


def table(rows):
    types = {"tokens": pa.list_(pa.string()), "tags": pa.list_(pa.string()), "text": pa.string()}
    types["spans"] = pa.list_(pa.struct({"start": pa.int64(), "end": pa.int64(), "label": pa.string()}))
    return pa.table({name: pa.array(values, types[name]) for name, values in columns(rows).items()})


def jsonl(rows, path):
    return {"name": "jsonl", "path": written_to(path, "".join(json.dumps(row) + "\n" for row in rows))}


def parquet(rows, path):
    pq.write_table(table(rows), path)
    return {"name": "parquet", "path": path}


def arrow(rows, path):
    pyarrow.feather.write_feather(table(rows), path)
    return {"name": "arrow", "path": path}


def conll(rows, path):
    lines = ("".join(f"{w} {t}\n" for w, t in zip(row["tokens"], row["tags"], strict=True)) for row in rows)
    return {"name": "conll", "path": written_to(path, "\n".join(lines))}


def conllu(rows, path):
    def line(number, word, tag):
        return "\t".join([str(number), word, "_", tag, *"______"]) + "\n"

    each = ("".join(map(line, range(1, 99), row["tokens"], row["tags"])) for row in rows)
    return {"name": "conllu", "path": written_to(path, "\n".join(each))}


def with_features(rows, _):
    ids = [{"tokens": row["tokens"], "tags": [NAMES.index(tag) for tag in row["tags"]]} for row in rows]
    kinds = {"tokens": hf.Sequence(hf.Value("string")), "tags": hf.Sequence(hf.ClassLabel(names=list(NAMES)))}
    return {"name": "huggingface", "path": hf.Dataset.from_list(ids, features=hf.Features(kinds))}


def with_numbers(rows, _):
    ids = [{"tokens": row["tokens"], "ner_tags": [NAMES.index(tag) for tag in row["tags"]]} for row in rows]
    return {"name": "memory", "rows": ids, "class_names": NAMES}


def one_by_one(rows, _):
    return {
        "name": "memory",
        "rows": [{**row, "more": [{}, [1]]} for row in rows],
    }  # which no column can hold


def polars(rows, _):
    return {"name": "memory", "rows": pytest.importorskip("polars").DataFrame(columns(rows))}


IN_HAND = {
    "mappings": lambda rows, _: {"name": "memory", "rows": rows},
    "columns": lambda rows, _: {"name": "memory", "rows": columns(rows), "text": next(iter(rows[0]))},
    "generator": lambda rows, _: {"name": "memory", "rows": iter(rows)},
    "pandas": lambda rows, _: {"name": "memory", "rows": pd.DataFrame(columns(rows))},
    "polars": polars,
    "arrow table": lambda rows, _: {"name": "memory", "rows": table(rows)},
    "datasets": lambda rows, _: {"name": "huggingface", "path": hf.Dataset(table(rows))},
    "jsonl": jsonl,
    "json": lambda rows, path: {"name": "json", "path": written_to(path, json.dumps(rows))},
    "parquet": parquet,
    "arrow": arrow,
}
OF_WORDS = IN_HAND | {
    "conll": conll,
    "conllu": conllu,
    "one by one": one_by_one,
    "datasets, with names": with_features,
    "numbers": with_numbers,
}


def triples(rows):
    return [
        {"text": row["text"], "label": [[s["start"], s["end"], s["label"]] for s in row["spans"]]}
        for row in rows
    ]


def label_studio(rows, path):
    def task(row):
        results = [{"type": "labels", "value": {**span, "labels": [span["label"]]}} for span in row["spans"]]
        return {"data": {"text": row["text"]}, "annotations": [{"result": results}]}

    return {"name": "label-studio", "path": written_to(path, json.dumps(list(map(task, rows)), indent=1))}


OF_SPANS = IN_HAND | {
    "doccano": lambda rows, path: jsonl(triples(rows), path),
    "triples in hand": lambda rows, _: {"name": "memory", "rows": triples(rows)},
    "label studio": label_studio,
}

words = st.text(st.characters(categories=["L", "N", "P", "S", "M"]), min_size=1, max_size=4).filter(
    lambda word: word == word.strip() and len(word.split()) == 1 and word[0] not in "<{[#\ufeff"
)
sentences = st.lists(
    st.tuples(st.lists(words, min_size=1, max_size=3), st.sampled_from([*TYPES, ""])), min_size=1, max_size=4
)


def rows_of(sentences):
    """The same as words with tags, and as spans; a first row says which scheme it is, and all types."""
    usual = [(["Ada"], "PER"), (["New", "York"], "LOC")]
    as_words, as_spans = [], []
    for sentence in [usual, *sentences]:
        tokens, tags, spans, at = [], [], [], 0
        for each, kind in sentence:
            text = " ".join(each)
            tokens += each
            tags += (
                [written(prefix, kind) for prefix in prefixes_of(len(each), "iob2")]
                if kind
                else ["O"] * len(each)
            )
            spans += [{"start": at, "end": at + len(text), "label": kind}] if kind else []
            at += len(text) + 1
        as_words.append({"tokens": tokens, "tags": tags})
        as_spans.append({"text": " ".join(tokens), "spans": spans})
    return as_words, as_spans


def found_in(formats, rows, folder, **options):
    found = {}
    for name, write in formats.items():
        corpus = tp.load_dataset(**write(rows, folder / name.replace(" ", "-")), splits=None, **options)
        own = corpus["train"].table.select(["text", "tags", "row_id"])
        prints = digest(made_of(corpus, PIPELINE)), contents_of(corpus)
        found[name] = (own.to_pylist(), own.schema, corpus.target, prints)
    return found


@settings(max_examples=15, deadline=None)
@given(st.lists(sentences, max_size=4))
def test_the_same_words_and_tags_are_the_same_corpus(tmp_path_factory, sentences):
    rows, _ = rows_of(sentences)
    found = found_in(OF_WORDS, rows, tmp_path_factory.mktemp("words"))
    for name in found:
        assert found[name] == found["mappings"], name
    corpus = as_corpus({"train": rows}, text="tokens", label="tags")
    assert corpus["train"].table["tags"].to_pylist() == [row["tags"] for row in found["mappings"][0]]


@settings(max_examples=15, deadline=None)
@given(st.lists(sentences, max_size=4))
def test_the_same_spans_are_the_same_corpus(tmp_path_factory, sentences):
    _, rows = rows_of(sentences)
    found = found_in(OF_SPANS, rows, tmp_path_factory.mktemp("spans"), target="tags")
    for name in found:
        assert found[name] == found["mappings"], name


@settings(max_examples=30, deadline=None)
@given(st.lists(sentences, max_size=4))
def test_words_and_spans_have_the_same_entities(sentences):
    of_words, of_spans = (
        tp.load_dataset("memory", rows=rows, splits=None, target="tags") for rows in rows_of(sentences)
    )
    for one, other in zip(of_words["train"], of_spans["train"], strict=True):
        assert of_words.target.shown(one["tags"]) == of_spans.target.shown(other["tags"])
    assert of_words.target.tags == of_spans.target.tags
