"""The engine gives exactly what the plain path gives, for every stack of steps and every tokenizer."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import textprep as tp
from tests.encoding.stacks import KINDS, STACKS, TEXTS, TRAINING, Swap, Turn, Upper, tokenizers
from textprep.encoding import blocks, engine
from textprep.encoding.columns import as_column
from textprep.encoding.engine import Encoder
from textprep.encoding.plain import encode_texts
from textprep.errors import StepError, TokenizerError
from textprep.steps.base import Step
from textprep.tokenizers import BPETokenizer, CharTokenizer, Tokenizer, WordTokenizer


@pytest.fixture(scope="module")
def fitted(tmp_path_factory) -> dict[str, Tokenizer]:
    return tokenizers(tmp_path_factory.mktemp("tokenizers"))


@pytest.fixture
def one_row_blocks(monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 1)
    monkeypatch.setattr(blocks, "BUNDLE_BYTES", 40)  # two or three of them
    monkeypatch.setattr(blocks, "ROUND_BYTES", (20, 60))


@pytest.fixture
def only_fast(monkeypatch):
    def plainly(self, block):
        raise AssertionError(f"the fast way failed on {block.texts.to_pylist()}")

    monkeypatch.setattr(Encoder, "_ids_of_block", plainly)


shared = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize("kind", KINDS)
@given(steps=STACKS, texts=st.lists(TEXTS, max_size=8))
@shared
def test_the_engine_gives_the_ids_of_the_plain_path(kind, fitted, only_fast, steps, texts):
    expected = encode_texts(steps, fitted[kind], texts)
    got = engine.encode_column(steps, fitted[kind], as_column(texts))
    assert got.rows() == expected.rows()
    assert got.values.dtype == got.offsets.dtype == np.int64


@pytest.mark.parametrize("kind", KINDS)
@given(
    steps=STACKS,
    calls=st.lists(st.lists(TEXTS, max_size=6), max_size=3),
    workers=st.sampled_from([1, 2, 4]),
    table=st.sampled_from([{}, {"table_words": 3}, {"table_words": 0}, {"table_bytes": 40}]),
)
@shared
def test_blocks_calls_workers_and_a_full_table_make_no_difference(
    kind, fitted, one_row_blocks, only_fast, steps, calls, workers, table
):
    encoder = Encoder(steps, fitted[kind], workers=workers, **table)
    for texts in calls:
        got = encoder.encode(as_column(texts))
        assert got.rows() == encode_texts(steps, fitted[kind], texts).rows()
        assert got.values.dtype == np.uint8


@pytest.mark.parametrize("kind", ["word", "char"])
@given(
    steps=STACKS, columns=st.lists(st.lists(TEXTS, max_size=4), max_size=5), workers=st.sampled_from([1, 2])
)
@shared
def test_many_columns_are_encoded_as_each_is(kind, fitted, one_row_blocks, steps, columns, workers):
    encoder = Encoder(steps, fitted[kind], workers=workers)
    got = encoder.encode_many(as_column(texts) for texts in columns)
    assert [ids.rows() for ids in got] == [
        encode_texts(steps, fitted[kind], texts).rows() for texts in columns
    ]


def test_an_error_comes_in_the_turn_of_its_column(fitted, one_row_blocks):
    columns = [["fine"], ["good", "film"], ["fine", "a bomb"], ["fine"]]  # in bundles across columns
    got = Encoder([ExplodeByWord()], fitted["word"], workers=2).encode_many(map(as_column, columns))
    assert [len(next(got).rows()) for _ in range(2)] == [1, 2]
    with pytest.raises(StepError, match="failed on row 1: ZeroDivisionError"):
        next(got)


def test_columns_are_asked_for_no_more_than_three_rounds_ahead(fitted, one_row_blocks):
    asked = []

    def columns():
        for i in range(30):
            asked.append(i)
            yield as_column([f"a film of {i}"])

    for i, _ in enumerate(Encoder([], fitted["word"], workers=2).encode_many(columns())):
        assert len(asked) <= i + 16


def test_ids_are_of_the_smallest_type_that_holds_the_vocabulary():
    for size, dtype in ((255, np.uint8), (256, np.uint8), (257, np.uint16)):
        tokenizer = WordTokenizer(max_size=size).fit([" ".join(f"w{i}" for i in range(300))])
        assert Encoder([], tokenizer).encode(as_column(["w1 w299"])).values.dtype == dtype


@pytest.mark.parametrize("tokenizer", [WordTokenizer(), BPETokenizer(vocab_size=40), CharTokenizer()])
def test_a_word_of_ten_megabytes(tokenizer):
    fitted = tokenizer.model_copy().fit(TRAINING)
    texts = ["good film", "goodfilm" * 1_310_720, "", "a" + "." * 100_000]
    got = engine.encode_column([tp.Lowercase()], fitted, as_column(texts))
    expected = encode_texts([tp.Lowercase()], fitted, texts)
    assert np.array_equal(got.values, expected.values)
    assert np.array_equal(got.offsets, expected.offsets)


def test_a_word_step_runs_once_for_each_distinct_word_over_all_blocks_and_calls(one_row_blocks):
    seen = []

    class Watch(Step):
        name = "watch"
        scope = "word"

        def __call__(self, text: str) -> str:
            seen.append(text)
            return text

    tokenizer = WordTokenizer().fit(TRAINING)
    encoder = Encoder([Swap(), Turn(), Watch()], tokenizer, workers=2)
    for _ in range(3):
        encoder.encode(as_column(["good film", "a good good film"] * 50))
    assert len(seen) == len(set(seen)) < 10


def test_threads_may_share_an_encoder(fitted):
    steps, tokenizer = [tp.Lowercase(), Swap()], fitted["bpe"]
    encoder = Encoder(steps, tokenizer, workers=2, table_words=20)
    texts = [[f"film{i % 7} {j} good w{i * j}" for j in range(200)] for i in range(8)]
    got: dict[int, list[list[int]]] = {}

    def encode(i: int) -> None:
        got[i] = encoder.encode(as_column(texts[i])).rows()

    threads = [threading.Thread(target=encode, args=[i]) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == {i: encode_texts(steps, tokenizer, texts[i]).rows() for i in range(8)}


def test_words_from_the_last_document_step_on_are_those_of_the_cleaned_texts():
    column = as_column(["Good film", "a\u2003Film "])
    cleaned = list(engine.clean_column([tp.Lowercase(), Turn(), Upper()], column))
    assert cleaned == ["MLIFDOOG", "MLIF\u3000A"]


class Odd(Step):
    """Gives a lone surrogate, which no Arrow column can hold."""

    name = "odd"
    scope = "word"

    def __call__(self, text: str) -> str:
        return text.replace("o", "\ud800")


@pytest.mark.parametrize("kind", ["word", "char", "bpe"])
def test_a_step_may_make_lone_surrogates(kind, fitted):
    texts = ["good film", "film", "<url>o"]
    expected = encode_texts([Odd(), tp.Lowercase()], fitted[kind], texts).rows()
    assert Encoder([Odd(), tp.Lowercase()], fitted[kind]).encode(as_column(texts)).rows() == expected


class Explode(Step):
    name = "explode"

    def __call__(self, text: str) -> str:
        if "bomb" in text:
            raise ZeroDivisionError("of all things")
        return text


class ExplodeByWord(Explode):
    name = "explode_by_word"
    scope = "word"


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("step", [Explode(), ExplodeByWord()], ids=lambda step: step.name)
def test_the_first_row_that_fails_is_named_whatever_block_it_is_in(step, workers, one_row_blocks, fitted):
    texts = [f"fine {i}" for i in range(20)]
    texts[7] = texts[13] = "a bomb"
    encoder = Encoder([step], fitted["word"], workers=workers)
    for _ in range(2):  # a failure leaves nothing behind
        with pytest.raises(StepError, match=rf"{step.name}' failed on row 7: ZeroDivisionError") as failure:
            encoder.encode(as_column(texts))
        assert isinstance(failure.value.__cause__, ZeroDivisionError)
    assert encoder.encode(as_column(texts[:7])).rows() == encode_texts([], fitted["word"], texts[:7]).rows()


class Wild(Tokenizer):
    name = "wild"
    scope = "word"

    def split(self, text: str) -> list[str]:
        return text.split()

    def encode(self, text: str) -> list[int]:
        return [300 if token == "bomb" else 2 for token in self.split(text)]


def test_an_id_beyond_the_vocabulary_is_refused_and_not_wrapped_around():
    tokenizer = Wild().fit(["a b"])
    assert engine.encode_column([], tokenizer, as_column(["a"])).rows() == [[2]]
    with pytest.raises(TokenizerError, match="'wild' gave the id 300, its vocabulary ends at 3"):
        engine.encode_column([], tokenizer, as_column(["a", "a bomb"]))


def test_stages_tell_where_the_time_went(fitted):
    encoder = Encoder([tp.StripMarkup(), tp.Lowercase()], fitted["bpe"])
    assert set(encoder.stages.values()) == {0.0}
    encoder.encode(as_column(["A good film<br />"] * 1000))
    assert all(seconds > 0 for seconds in encoder.stages.values())


ENCODE = """
import hashlib, json, sys
import textprep as tp
from tests.encoding.stacks import DEBRIS, SPACES, TRAINING, Swap
from textprep.encoding import blocks
blocks.BLOCK_BYTES = 64
blocks.BUNDLE_BYTES = 200
texts = [f"{a}{b} good{b} {a}film" for a in DEBRIS for b in SPACES] + TRAINING
digest = hashlib.blake2b(digest_size=8)
for tokenizer in (tp.WordTokenizer(), tp.BPETokenizer(vocab_size=90, max_training_pieces=2000), tp.CharTokenizer()):
    pipeline = tp.Pipeline([tp.StripMarkup(), tp.Lowercase(), Swap()], tokenizer=tokenizer).fit(texts)
    ids = pipeline.encoder(workers=int(sys.argv[1])).encode(tp.encoding.columns.as_column(texts))
    digest.update(json.dumps([pipeline.vocabulary.to_json(), pipeline.tokenizer.state()]).encode())
    digest.update(ids.values.tobytes() + ids.offsets.tobytes())
print(digest.hexdigest())
"""


def test_hash_seeds_and_workers_change_nothing():
    def encode(seed: int, workers: int) -> str:
        environment = {**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": os.pathsep.join(sys.path)}
        run = [sys.executable, "-c", ENCODE, str(workers)]
        return subprocess.run(run, env=environment, capture_output=True, check=True, text=True).stdout

    assert len({encode(seed, workers) for seed, workers in ((0, 1), (1, 2), (2, 4), (3, 1))}) == 1
