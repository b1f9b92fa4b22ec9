"""Taggers: an answer for every token, whatever it is batched with; none on padding; attention that can be read."""

from __future__ import annotations

import json

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from textprep.errors import ConfigError
from textprep.models import MODELS, GRUTagger, TextModel
from textprep.testing import assert_padding_invariant

VOCABULARY = 50
KINDS = {
    "plain": {},
    "attention": {"attention": "multihead", "heads": 2},
    "extra columns": {"categories": {"author": 4}, "numbers": {"year": 1, "place": 2}},
    "numbers": {"offset": [1.0, 2, 3], "scale": [3.0, 2, 1]},
    "no padding id": {"pad_id": None},
}
EXTRA = {"author": torch.tensor([0, 3, 1]), "year": torch.randn(3), "place": torch.randn(3, 2)}
texts_of_ids = st.lists(st.lists(st.integers(1, VOCABULARY - 1), max_size=12), min_size=1, max_size=6)
every_kind = pytest.mark.parametrize("kind", KINDS)


def make_model(kind: str) -> GRUTagger:
    torch.manual_seed(0)
    model = GRUTagger(VOCABULARY, 3, embedding_dim=6, hidden_dim=4, **KINDS[kind])
    if model.extra:
        for table in model.extra.of_categories:
            nn.init.normal_(table.weight)
    return model.eval()


def extra_of(model: TextModel, rows: int) -> dict[str, Tensor]:
    turn = torch.arange(rows) % 3
    return {name: EXTRA[name][turn] for name in model.extra_names}


def pad(texts: list[list[int]], width: int = 0, side: str = "right", fill: int = 0) -> tuple[Tensor, Tensor]:
    width = max(width, *map(len, texts), 0)
    ids, mask = torch.full((len(texts), width), fill), torch.zeros(len(texts), width, dtype=torch.bool)
    for row, text in enumerate(texts):
        where = slice(0, len(text)) if side == "right" else slice(width - len(text), width)
        ids[row, where] = torch.tensor(text, dtype=torch.int64)
        mask[row, where] = True
    return ids, mask


@every_kind
@settings(max_examples=25, deadline=None)
@given(
    texts=texts_of_ids,
    beyond=st.integers(0, 5),
    fill=st.integers(0, 9),
    side=st.sampled_from(["left", "right"]),
)
def test_what_a_token_gets_does_not_depend_on_the_batch(kind, texts, beyond, fill, side):
    model = make_model(kind)
    ids, mask = pad(texts, max(map(len, texts)) + beyond, side, fill)
    extra = extra_of(model, len(texts))
    with torch.inference_mode():
        together, weights = model(ids, mask, return_attention=True, **extra)
        assert together.shape == (*ids.shape, 3)
        for row, text in enumerate(texts):
            own = {name: rows[row : row + 1] for name, rows in extra.items()}
            alone, own_weights = model(*pad([text]), return_attention=True, **own)
            torch.testing.assert_close(together[row, mask[row]], alone[0], atol=1e-5, rtol=0)
            if weights is not None:
                seen = weights[row][:, mask[row]][:, :, mask[row]]
                torch.testing.assert_close(seen, own_weights[0], atol=1e-5, rtol=0)
                torch.testing.assert_close(weights[row].sum(), seen.sum())  # none on padding
        assert not together[~mask].any()
        torch.testing.assert_close(model(ids, mask, **extra), together, atol=1e-5, rtol=0)


@every_kind
def test_the_kit_finds_no_padding_that_is_read(kind):
    model = make_model(kind)
    assert_padding_invariant(model, extra=extra_of(model, 3))


@every_kind
@pytest.mark.parametrize("width", [0, 1, 4])
def test_an_empty_text_has_no_answer(kind, width):
    model = make_model(kind)
    ids, mask = torch.zeros(2, width, dtype=torch.int64), torch.zeros(2, width, dtype=torch.bool)
    logits, weights = model(ids, mask, return_attention=True, **extra_of(model, 2))
    assert logits.shape == (2, width, 3)
    assert not logits.any()
    assert weights is None if model.attention is None else weights.shape == (2, 2, width, width)


@every_kind
def test_no_gradient_flows_from_padding(kind):
    model = make_model(kind).train()
    ids, mask = pad([[5, 6, 7], [8], []], width=6, fill=40)
    model(ids, mask, **extra_of(model, 3)).square().sum().backward()
    gradient = model.embedding.weight.grad
    assert gradient[40].abs().sum() == 0
    assert gradient[[5, 6, 7, 8]].abs().sum(dim=1).min() > 0
    assert all(parameter.grad.isfinite().all() for parameter in model.parameters())


@every_kind
def test_a_tagger_is_made_again_from_its_options(kind):
    model = make_model(kind)
    again = MODELS["gru_tagger"](**json.loads(json.dumps(model.options()))).eval()
    again.load_state_dict(model.state_dict())
    ids, mask = pad([[5, 6, 7], [8]])
    extra = extra_of(model, 2)
    assert torch.equal(model(ids, mask, **extra), again(ids, mask, **extra))


def test_each_token_is_read_with_both_of_its_sides():
    model = make_model("plain")
    one, other = (model(torch.tensor([ids])) for ids in ([4, 9, 3], [5, 9, 7]))
    assert not torch.allclose(one[0, 1], other[0, 1], atol=1e-5)


@pytest.mark.parametrize("attention", ["additive", "dot", "Multihead", 1])
def test_one_query_a_text_is_no_attention_of_a_tagger(attention):
    with pytest.raises(ConfigError, match=r"attention is .*: that of a tagger must be 'multihead', or None"):
        GRUTagger(9, 2, attention=attention)


def test_a_tagger_that_reads_padding_is_told():
    class Reads(GRUTagger):
        def encode(self, embedded, mask, *, return_attention):
            return super().encode(embedded, mask | True, return_attention=return_attention)

    with pytest.raises(AssertionError, match=r"Reads: the logits of text \d+ differ"):
        assert_padding_invariant(Reads(VOCABULARY, 3, embedding_dim=6, hidden_dim=4))


def test_a_model_of_others_says_that_it_has_logits_for_each_token():
    class Other(nn.Module):
        def __init__(self):
            super().__init__()
            self.words = nn.Embedding(20, 4)

        def forward(self, input_ids):
            return self.words(input_ids)

    assert_padding_invariant(Other(), per_token=True)
