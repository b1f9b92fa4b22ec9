"""Rows of two texts: both are encoded, stored apart, and counted; a split opened alone lays them out."""

from __future__ import annotations

import json
import pickle

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import textprep as tp
from textprep.batches.loader import BatchLoader
from textprep.datasets import as_corpus
from textprep.datasets.corpus import Corpus
from textprep.datasets.split import Split
from textprep.errors import LoaderError, PipelineError, PreparationError, StepError
from textprep.preparation import shards
from textprep.preparation.fingerprint import digest, made_of
from textprep.preparation.inventory import damages
from textprep.prepared.coverage import check_known, prepared_shares, unknown_shares
from textprep.prepared.dataset import open_store
from textprep.prepared.memory import FEW, encode_in_memory
from textprep.prepared.split import open_split
from textprep.template import Template
from textprep.vocabulary import Vocabulary

TOKENIZERS = {
    "word": tp.WordTokenizer(),
    "char": tp.CharTokenizer(specials=["<x>"]),
    "bpe": tp.BPETokenizer(vocab_size=40),
}
ROWS = [("a great film", "dull"), ("A film", "a great great joke"), ("dull", ""), ("", "a joke")] * 5


def corpus_of(pairs, **others):
    rows = {"train": pairs, **others}
    made = {name: [{"text": a, "pair": b} for a, b in each] for name, each in rows.items()}
    return as_corpus(made, pair="pair", label=None)


def pipeline_of(tokenizer="word", steps=()):
    return tp.Pipeline([*steps, tp.Lowercase()], tokenizer=TOKENIZERS[tokenizer])


def rows_of(split):
    return [(split.ids(row).tolist(), split.pair.ids(row).tolist()) for row in range(len(split))]


@pytest.fixture
def small_shards(monkeypatch):
    monkeypatch.setattr(shards, "SHARD_BYTES", (100, 200))
    monkeypatch.setattr(shards, "BATCH_BYTES", 30)


WORDS = st.lists(st.sampled_from(["a", "film", "Great", "é", "<sep>", "<x>", "7"]), max_size=8).map(" ".join)
PAIRS = st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=12)


@pytest.mark.parametrize("tokenizer", TOKENIZERS)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pairs=PAIRS, test=PAIRS, workers=st.integers(1, 3))
def test_the_rows_of_a_store_are_what_the_pipeline_gives(
    tmp_path_factory, small_shards, tokenizer, pairs, test, workers
):
    pairs = [("a film", "é"), *pairs]
    cache = tmp_path_factory.mktemp("cache")
    pipeline = pipeline_of(tokenizer)
    data = tp.prepare(corpus_of(pairs, test=test), pipeline, cache_dir=cache, workers=workers)
    for name, rows in (("train", pairs), ("test", test)):
        split = data[name]
        encoded = [(pipeline.encode(first), pipeline.encode(second)) for first, second in rows]
        assert rows_of(split) == encoded
        assert split.lengths.tolist() == [len(first) for first, _ in encoded]
        assert split.pair.lengths.tolist() == [len(second) for _, second in encoded]
        ids = [i for row in encoded for of_text in row for i in of_text]
        assert split.tokens == len(ids)
        assert split.oov_rate() == pytest.approx(ids.count(1) / max(1, len(ids)))
        in_hf = split.to_hf()
        for number, row in enumerate(split[at] for at in range(len(split))):
            assert (row["input_ids"], row["pair_ids"]) == encoded[number]
            assert {key: in_hf[number][key] for key in row} == row
    alone = open_split(data.path, "test")
    assert (rows_of(alone), alone.template) == (rows_of(data["test"]), pipeline.tokenizer.template)
    again = tp.prepare(corpus_of(pairs, test=test), pipeline_of(tokenizer), cache_dir=cache / "w", workers=1)
    files = {path.name: path.read_bytes() for path in data.path.glob("*") if path.is_file()}
    assert {path.name: path.read_bytes() for path in again.path.glob("*") if path.is_file()} == files


def test_an_unfitted_pipeline_learns_from_both_and_finds_its_store_again(tmp_path):
    pipeline = pipeline_of()
    data = tp.prepare(corpus_of(ROWS), pipeline, cache_dir=tmp_path)
    assert data.pipeline is pipeline
    assert pipeline.tokenizer.specials == ("<sep>",)
    assert {"dull", "joke", "film"} < {*pipeline.vocabulary}
    fitted = pipeline_of().fit(corpus_of(ROWS)["train"])
    assert fitted.vocabulary == pipeline.vocabulary
    for same in (pipeline, pipeline_of(), fitted):
        assert tp.prepare(corpus_of(ROWS), same, cache_dir=tmp_path).path == data.path
        assert open_store(data.path, same).pipeline is same
        assert same.vocabulary == pipeline.vocabulary
    assert len(list(tmp_path.iterdir())) == 1


def test_a_pipeline_fitted_on_single_texts_serves_them_apart(tmp_path):
    pipeline = pipeline_of().fit(["a film"])
    split = tp.prepare(corpus_of(ROWS), pipeline, cache_dir=tmp_path)["train"]
    in_memory = encode_in_memory(pipeline, ["a"], pair=["b"])
    assert "<sep>" not in pipeline.vocabulary
    for rows in (split, open_split(split.path, "train"), in_memory):
        with pytest.raises(LoaderError, match="no special token to put between the texts") as error:
            BatchLoader(rows)
        advised = {error.value.option: error.value.value}
        (batch,) = BatchLoader(rows, **advised)
        assert batch["pair_input_ids"].shape[0] == len(rows)
    unfitted = tp.Pipeline([tp.Lowercase()], tokenizer=tp.WordTokenizer())
    with_separator = tp.Pipeline(tokenizer=tp.WordTokenizer(specials=["<sep>"])).fit(["a film"])
    for advised in (unfitted, with_separator):
        prepared = tp.prepare(corpus_of(ROWS), advised, cache_dir=tmp_path)
        assert next(iter(prepared["train"].loader())).token_type_ids.max() == 1
    pipeline.fit(corpus_of(ROWS)["train"])  # fitting again on pairs is enough
    assert pipeline.tokenizer.template.pair is not None


def test_a_failure_leaves_no_trace_in_the_pipeline(tmp_path):
    pipeline = pipeline_of(steps=[tp.step(version=1)(boom)()])
    with pytest.raises(StepError, match="second texts: step 'boom' failed on row 1"):
        tp.prepare(corpus_of([("a", "b"), ("c", "boom")]), pipeline, cache_dir=tmp_path)
    assert (pipeline.is_fitted, pipeline.tokenizer.specials) == (False, ())
    fitted = pipeline.fit(corpus_of([("a", "b")])["train"])
    with pytest.raises(StepError, match="split 'test', second texts: step 'boom' failed on row 1"):
        tp.prepare(corpus_of([("a", "b")], test=[("a", "b"), ("c", "boom")]), fitted, cache_dir=tmp_path)


def boom(text: str) -> str:
    if "boom" in text:
        raise ZeroDivisionError
    return text


def test_the_second_texts_take_part_in_the_fingerprint():
    pipeline = pipeline_of().fit(corpus_of(ROWS)["train"])
    others = [
        ROWS,
        [(b, a) for a, b in ROWS],
        [(a + b[:1], b[1:]) for a, b in ROWS],
        [(a, b + ".") for a, b in ROWS],
    ]
    names = [digest(made_of(corpus_of(rows), pipeline)) for rows in others]
    names.append(digest(made_of(as_corpus({"train": [a for a, _ in ROWS]}), pipeline)))
    assert len({*names}) == len(names)
    table = corpus_of(ROWS)["train"].table
    chunked = pa.concat_tables([table.slice(0, 3), table.slice(3)])
    assert digest(made_of(Corpus({"train": Split(chunked)}), pipeline)) == names[0]


def test_a_split_is_pickled_with_its_second_texts_and_its_template(tmp_path):
    split = tp.prepare(corpus_of(ROWS), pipeline_of(), cache_dir=tmp_path)["train"]
    copied = pickle.loads(pickle.dumps(split))
    assert (rows_of(copied), copied.template) == (rows_of(split), split.template)
    with pytest.raises(IndexError, match="rows 0 to 19, no row 20"):
        copied.pair.ids(20)


def test_single_texts_have_a_template_and_no_pair(tmp_path):
    pipeline = pipeline_of()
    split = tp.prepare({"train": ["a film"]}, pipeline, cache_dir=tmp_path)["train"]
    assert (split.pair, split.template, pipeline.tokenizer.specials) == (None, Template(), ())
    assert "pair_ids" not in split[0]
    assert split.to_hf().column_names == ["input_ids", "length", "row_id"]


def test_a_damaged_second_text_is_refused(tmp_path):
    data = tp.prepare(corpus_of(ROWS), pipeline_of(), cache_dir=tmp_path)
    path = data.path / "train-00000.arrow"
    table = pa.ipc.open_stream(path.read_bytes()).read_all()
    content = bytearray(path.read_bytes())
    values = table["pair_ids"].chunk(0).values.buffers()[1]
    content[content.index(values.to_pybytes()[: len(table["pair_ids"].chunk(0).values)])] ^= 1
    path.write_bytes(content)
    with pytest.raises(PreparationError, match=r"train-00000\.arrow is damaged"):
        open_split(data.path, "train").pair.ids(0)
    assert len(damages(data.path)) == 1


def test_the_template_stands_in_the_manifest(tmp_path):
    data = tp.prepare(corpus_of(ROWS), pipeline_of(), cache_dir=tmp_path)
    manifest = json.loads((data.path / "manifest.json").read_text())
    assert Template.from_json(manifest["template"]) == data.pipeline.tokenizer.template
    assert list(manifest["schema"]) == ["input_ids", "length", "pair_ids", "pair_length", "row_id"]


@pytest.mark.parametrize("many", [1, FEW])
def test_in_memory_they_are_the_same(many):
    pipeline = pipeline_of().fit(corpus_of(ROWS)["train"])
    first, second = ([row[at] for row in ROWS[:4]] * many for at in (0, 1))
    rows = encode_in_memory(pipeline, first, pair=second)
    assert rows_of(rows) == [
        (pipeline.encode(a), pipeline.encode(b)) for a, b in zip(first, second, strict=True)
    ]
    assert rows.pair.lengths.tolist() == [len(ids) for ids in map(pipeline.encode, second)]
    assert rows.template == pipeline.tokenizer.template
    assert encode_in_memory(pipeline, first).pair is None
    with pytest.raises(PipelineError, match=f"there are {4 * many} first and {4 * many - 1} second"):
        encode_in_memory(pipeline, first, pair=second[1:])
    with pytest.raises(PipelineError, match="the second texts: row 1 is int"):
        encode_in_memory(pipeline, first, pair=["a", 7, *second[2:]])


def test_texts_that_are_nearly_all_unknown_are_found_in_either_column(tmp_path):
    with pytest.raises(PreparationError, match="unknown"):
        tp.prepare(
            corpus_of([(f"w{n} v{n}", f"x{n} y{n}") for n in range(20)]),
            tp.Pipeline(tokenizer=tp.WordTokenizer(min_freq=2)),
            cache_dir=tmp_path,
        )


class Given(tp.Tokenizer):
    """A tokenizer that came with its ids: padding is last, and an unknown token may be lacking."""

    name = "given"
    tokens: tuple[str, ...] = ("a", "b", "[UNK]", "[PAD]")

    def split(self, text):
        return text.split()

    def build_vocabulary(self, counts):
        ids = {token: number for number, token in enumerate(self.tokens)}
        known = {token: token if token in ids else None for token in ("[UNK]", "[PAD]")}
        return Vocabulary.pretrained(ids, counts, unk=known["[UNK]"], pad=known["[PAD]"])


def test_the_vocabulary_says_what_is_unknown_and_what_pads(tmp_path):
    rows = {"train": ["a b", "b x"] * 20}
    split = tp.prepare(rows, tp.Pipeline(tokenizer=Given()), cache_dir=tmp_path)["train"]
    assert split.template.pad_id == 3
    assert (split.ids(1).tolist(), split.oov_rate()) == ([1, 2], 0.25)
    two = tp.prepare(
        {"train": ["a b"] * 40}, tp.Pipeline(tokenizer=Given(tokens=("a", "b"))), cache_dir=tmp_path
    )
    assert (len(two.pipeline.vocabulary), two["train"].oov_rate()) == (2, 0)  # few tokens, and all are known
    assert unknown_shares(two.pipeline, as_corpus({"train": ["a b"] * 40})) == {"train": 0}
    unknown = tp.Pipeline(tokenizer=Given()).fit(["a"])
    corpus = as_corpus({"train": ["x y z"] * 40})
    assert unknown_shares(unknown, corpus) == {"train": 1}
    with pytest.raises(PreparationError, match=r"100% of the tokens of split 'train' are unknown"):
        check_known(corpus, unknown, prepared_shares(tp.prepare(corpus, unknown, cache_dir=tmp_path)))
