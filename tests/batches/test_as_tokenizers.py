"""Rows are laid out and truncated as ``tokenizers`` itself does it, which is the oracle here."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from tests.batches.rows import Rows
from tests.batches.templates import BERT, ROBERTA, XLNET
from textprep.batches.layout import Layout
from textprep.batches.loader import BatchLoader
from textprep.errors import LoaderError

VOCABULARY = {str(number): number for number in range(110)}
DIRECTIONS = {"head": "right", "tail": "left"}
MODELS = {
    "bert": (BERT, processors.BertProcessing(("102", 102), ("101", 101))),
    "roberta": (ROBERTA, processors.RobertaProcessing(("102", 102), ("101", 101))),
    "xlnet": (
        XLNET,
        processors.TemplateProcessing(
            single="$A:0 104:0 103:2",
            pair="$A:0 104:0 $B:1 104:1 103:2",
            special_tokens=[("103", 103), ("104", 104)],
        ),
    ),
}
TEXTS = st.lists(st.lists(st.integers(0, 89), max_size=25), min_size=1, max_size=8)
every_model = pytest.mark.parametrize("model", MODELS)


def oracle(processor):
    tokenizer = Tokenizer(models.WordLevel(VOCABULARY, unk_token="0"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processor
    return tokenizer


def spelled(ids):
    return " ".join(map(str, ids))


def expected(tokenizer, texts, layout):
    """A batch as ``tokenizers`` makes it."""
    tokenizer.no_truncation()
    if layout.max_length is not None:
        tokenizer.enable_truncation(
            layout.max_length, strategy=layout.pair_truncation, direction=DIRECTIONS[layout.truncation]
        )
    tokenizer.enable_padding(
        direction=layout.padding_side,
        pad_id=90,
        pad_token="90",
        pad_to_multiple_of=layout.pad_to_multiple_of,
    )
    found = tokenizer.encode_batch(texts, add_special_tokens=layout.special_tokens)
    return {
        "input_ids": [encoding.ids for encoding in found],
        "token_type_ids": [encoding.type_ids for encoding in found],
        "attention_mask": [encoding.attention_mask for encoding in found],
    }


@st.composite
def layouts(draw):
    return Layout(
        max_length=draw(st.none() | st.integers(5, 60)),
        truncation=draw(st.sampled_from(list(DIRECTIONS))),
        pair_truncation=draw(st.sampled_from(["longest_first", "only_first", "only_second"])),
        special_tokens=draw(st.booleans()),
        padding_side=draw(st.sampled_from(["right", "left"])),
        pad_to_multiple_of=draw(st.none() | st.integers(2, 8)),
    )


def assert_equal(split, layout, reference):
    loader = BatchLoader(
        split, batch_size=len(split), layout=layout, prefetch=0, columns=list(reference), return_tensors="np"
    )
    (batch,) = loader
    width = layout.widths(max(map(len, reference["input_ids"])))  # at least one token, unlike the oracle's
    for name, rows in reference.items():
        filler = 90 if name == "input_ids" else 0
        filled = [row or [filler] * width for row in rows]
        assert batch[name].astype(int).tolist() == filled


@every_model
@given(texts=TEXTS, layout=layouts())
def test_one_text(model, texts, layout):
    template, processor = MODELS[model]
    layout = layout.model_copy(update={"pair_truncation": "longest_first"})
    reference = expected(oracle(processor), [spelled(ids) for ids in texts], layout)
    assert_equal(Rows(texts, template=template), layout, reference)


@every_model
@given(texts=st.data(), layout=layouts())
def test_pairs(model, texts, layout):
    template, processor = MODELS[model]
    pairs = texts.draw(
        st.lists(
            st.tuples(st.lists(st.integers(0, 89), max_size=25), st.lists(st.integers(0, 89), max_size=25)),
            min_size=1,
            max_size=8,
        )
    )
    first, second = ([list(text) for text in side] for side in zip(*pairs, strict=True))
    split = Rows(first, template=template, pair=second)
    try:
        reference = expected(oracle(processor), [tuple(map(spelled, pair)) for pair in pairs], layout)
    except BaseException as error:  # a panic of Rust's, too
        assert "too short to respect the provided max_length" in str(error)  # noqa: PT017
        with pytest.raises(LoaderError, match=f"pair_truncation='{layout.pair_truncation}' cannot cut row"):
            BatchLoader(split, layout=layout)
        return
    assert_equal(split, layout, reference)


@every_model
def test_every_pair_of_short_lengths_at_every_maximum(model):
    template, processor = MODELS[model]
    tokenizer = oracle(processor)
    pairs = [
        (list(range(1, 1 + first)), list(range(20, 20 + second))) for first in range(9) for second in range(9)
    ]
    split = Rows([first for first, _ in pairs], template=template, pair=[second for _, second in pairs])
    for max_length in range(template.specials(pair=True) + 1, 24):
        layout = Layout(max_length=max_length, truncation="tail")
        assert_equal(
            split, layout, expected(tokenizer, [tuple(map(spelled, pair)) for pair in pairs], layout)
        )


def test_the_first_row_that_cannot_be_cut_is_named():
    split = Rows([[1] * 9, [1] * 2], template=BERT, pair=[[2], [2] * 9])
    with pytest.raises(LoaderError, match="cannot cut row 1 to 8 tokens"):
        BatchLoader(split, layout=Layout(max_length=8, pair_truncation="only_first"))
    assert np.array_equal(split.lengths, [9, 2])
