"""Texts encoded in memory: few of them take another way than many, to the same ids."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import textprep as tp
from textprep.errors import PipelineError, TokenizerError
from textprep.prepared.memory import FEW, encode_in_memory

PIPELINE = tp.Pipeline([tp.StripMarkup(), tp.Lowercase()], tokenizer=tp.WordTokenizer()).fit(
    ["A great <b>film</b>.", "a dull one"]
)


@given(st.lists(st.text() | st.sampled_from(["", "<b>Great</b>\x00film", " "]), max_size=FEW))
def test_few_texts_have_the_ids_that_they_have_among_many(texts) -> None:
    few = encode_in_memory(PIPELINE, texts)
    many = encode_in_memory(PIPELINE, texts + ["a film"] * FEW)
    for row in range(len(texts)):
        assert few.ids(row).tolist() == many.ids(row).tolist()
    assert few.lengths.tolist() == many.lengths.tolist()[: len(texts)]


@pytest.mark.parametrize("company", [0, FEW])
def test_a_row_that_is_no_text_is_named(company) -> None:
    with pytest.raises(PipelineError, match="row 1 is int, not a text: 7"):
        encode_in_memory(PIPELINE, ["film", 7, *["film"] * company])
    with pytest.raises(PipelineError, match="many texts are needed, not str"):
        encode_in_memory(PIPELINE, "film")
    with pytest.raises(TokenizerError, match="not fitted"):
        encode_in_memory(tp.Pipeline(tokenizer=tp.WordTokenizer()), ["film"] * (1 + company))
