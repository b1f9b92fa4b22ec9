"""The classifiers: blind to padding, an answer for every text, attention that can be read."""

from __future__ import annotations

import json

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from textprep.errors import ConfigError, TextprepError
from textprep.models import MODELS, GRUAttentionClassifier, TextClassifier, TransformerClassifier

VOCABULARY = 50
texts_of_ids = st.lists(st.lists(st.integers(1, VOCABULARY - 1), max_size=12), min_size=1, max_size=6)


KINDS = {
    "gru": {"name": "gru"},
    "additive": {"name": "gru_attention"},
    "word pairs": {"name": "gru_attention", "word_pairs": 64},
    "dot": {"name": "gru_attention", "attention": "dot"},
    "multihead": {"name": "gru_attention", "attention": "multihead", "heads": 2},
    "transformer": {"name": "transformer", "heads": 2, "layers": 3},
    "learned positions": {"name": "transformer", "heads": 2, "positions": "learned", "max_length": 30},
}
HEADS = {"multihead": (2,), "transformer": (3, 2), "learned positions": (2, 2)}


def make_model(kind: str = "additive", num_classes: int = 3) -> TextClassifier:
    torch.manual_seed(0)
    options = {"embedding_dim": 6, "hidden_dim": 5, **KINDS[kind]}
    model = MODELS[options.pop("name")](VOCABULARY, num_classes, **options)
    nn.init.normal_(model.head.bias)  # an empty text has the bias for logits: let it be something
    if model.bag:
        for table in (model.bag.of_tokens, model.bag.of_pairs):
            nn.init.normal_(table.weight)
    return model.eval()


every_kind = pytest.mark.parametrize("kind", KINDS)


def pad(texts: list[list[int]], width: int = 0, side: str = "right", fill: int = 0) -> tuple[Tensor, Tensor]:
    width = max(width, *map(len, texts), 0)
    ids = torch.full((len(texts), width), fill)
    mask = torch.zeros(len(texts), width, dtype=torch.bool)
    for row, text in enumerate(texts):
        where = slice(0, len(text)) if side == "right" else slice(width - len(text), width)
        ids[row, where] = torch.tensor(text, dtype=torch.int64)
        mask[row, where] = True
    return ids, mask


def of_real_tokens(weights: Tensor, mask: Tensor) -> Tensor:
    """The weights (T,) or (…, T, T) of one text, padding cut away."""
    return weights[mask] if weights.ndim == 1 else weights[..., mask, :][..., mask]


@every_kind
@settings(max_examples=25, deadline=None)
@given(texts=texts_of_ids, extra=st.integers(0, 5), side=st.sampled_from(["left", "right"]))
def test_logits_and_attention_do_not_depend_on_the_batch(kind, texts, extra, side):
    model = make_model(kind)
    longest = max(map(len, texts))
    ids, mask = pad(texts, longest + extra, side)
    with torch.inference_mode():
        together, weights = model(ids, mask, return_attention=True)
        for row, text in enumerate(texts):
            alone, own_weights = model(*pad([text]), return_attention=True)
            torch.testing.assert_close(together[row], alone[0], atol=1e-5, rtol=0)
            if weights is None:
                continue
            seen = of_real_tokens(weights[row], mask[row])
            torch.testing.assert_close(seen, own_weights[0], atol=1e-5, rtol=0)
            torch.testing.assert_close(weights[row].sum(), seen.sum())  # none on padding
            torch.testing.assert_close(seen.sum(-1), torch.ones_like(seen.sum(-1)) * (len(text) > 0))
    assert together.isfinite().all()


@every_kind
@settings(max_examples=15, deadline=None)
@given(texts=texts_of_ids, fill=st.integers(0, VOCABULARY - 1), side=st.sampled_from(["left", "right"]))
def test_ids_on_padding_are_never_read(kind, texts, fill, side):
    model = make_model(kind)
    width = max(map(len, texts)) + 2
    plain, filled = pad(texts, width, side), pad(texts, width, side, fill)
    with torch.inference_mode():
        torch.testing.assert_close(model(*plain), model(*filled), atol=0, rtol=0)


@every_kind
def test_no_gradient_flows_from_padding(kind):
    model = make_model(kind).train()
    ids, mask = pad([[5, 6, 7], [8], []], width=6, fill=40)
    model(ids, mask).square().sum().backward()
    gradient = model.embedding.weight.grad
    assert gradient is not None
    assert gradient[40].abs().sum() == 0
    assert gradient[[5, 6, 7, 8]].abs().sum(dim=1).min() > 0
    assert all(parameter.grad.isfinite().all() for parameter in model.parameters())


def test_without_a_mask_id_zero_is_padding():
    model = make_model()
    ids, mask = pad([[5, 6, 7], [8]], width=5)
    torch.testing.assert_close(model(ids), model(ids, mask))
    torch.testing.assert_close(model(ids, mask.long()), model(ids, mask))


@every_kind
@pytest.mark.parametrize("width", [0, 1, 4])
def test_an_empty_text_has_the_bias_for_logits(kind, width):
    model = make_model(kind)
    logits, weights = model(torch.zeros(2, width, dtype=torch.int64), return_attention=True)
    torch.testing.assert_close(logits, model.head.bias.expand(2, 3))
    square = (*HEADS[kind], width, width) if kind in HEADS else (width,)
    assert weights is None if kind == "gru" else weights.shape == (2, *square)


@every_kind
def test_a_text_of_unknown_words_gets_an_answer(kind):
    assert make_model(kind)(torch.ones(1, 9, dtype=torch.int64)).isfinite().all()


@every_kind
def test_weights_are_had_for_the_asking_and_change_no_logit(kind):
    model = make_model(kind)
    ids, mask = pad([[5, 6, 7], [8]], width=5, side="left")
    logits, _ = model(ids, mask, return_attention=True)
    torch.testing.assert_close(model(ids, mask), logits, atol=1e-6, rtol=1e-5)


def test_positions_tell_the_order_of_words():
    model = make_model("transformer")
    assert not torch.allclose(model(torch.tensor([[4, 9, 3]])), model(torch.tensor([[3, 9, 4]])), atol=1e-4)


def test_the_fields_of_a_batch_are_keywords():
    ids, mask = pad([[5, 6], [8]])
    batch = {
        "input_ids": ids,
        "attention_mask": mask,
        "lengths": mask.sum(1),
        "labels": ids[:, 0],
        "row_ids": None,
    }
    assert make_model(num_classes=1)(**batch).shape == (2, 1)


def test_padding_stays_a_row_of_zeros_in_training():
    model = make_model().train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
    model(torch.tensor([[3, 4, 0]])).sum().backward()
    optimizer.step()
    assert model.embedding.weight[0].abs().sum() == 0


@every_kind
def test_the_options_rebuild_the_model(kind):
    model = make_model(kind)
    twin = type(model)(**json.loads(json.dumps(model.options()))).eval()
    twin.load_state_dict(model.state_dict())
    ids = torch.tensor([[4, 9, 0]])
    torch.testing.assert_close(twin(ids), model(ids), atol=0, rtol=0)


def test_dropout_is_for_training_only():
    model, ids = make_model(), torch.tensor([[4, 9, 3]])
    assert torch.equal(model(ids), model(ids))
    model.train()
    assert not torch.equal(model(ids), model(ids))


@pytest.mark.parametrize(
    "options",
    [
        {"vocab_size": 0},
        {"num_classes": 0},
        {"hidden_dim": 2.5},
        {"embedding_dim": -1},
        {"dropout": 1.0},
        {"dropout": -0.1},
        {"dropout": "half"},
        {"num_classes": True},
        {"attention": "adaptive"},
    ],
)
def test_an_impossible_option_is_named(options):
    with pytest.raises(ConfigError, match=next(iter(options))):
        GRUAttentionClassifier(**{"vocab_size": 9, "num_classes": 2, **options})


@pytest.mark.parametrize("shapes", [((4,), (4,)), ((2, 4), (2, 3))])
def test_shapes_that_do_not_fit_are_named(shapes):
    ids, mask = torch.ones(shapes[0], dtype=torch.int64), torch.ones(shapes[1], dtype=torch.bool)
    with pytest.raises(TextprepError, match=r"\(texts, tokens\)"):
        make_model()(ids, mask)


@pytest.mark.parametrize("wrong", [-1, VOCABULARY])
def test_ids_of_another_vocabulary_are_named(wrong):
    with pytest.raises(TextprepError, match=rf"{wrong}.* a vocabulary of {VOCABULARY}"):
        make_model()(torch.tensor([[3, wrong]]), torch.ones(1, 2))


@every_kind
def test_no_texts_have_no_logits(kind):
    assert make_model(kind)(torch.zeros((0, 3), dtype=torch.int64)).shape[0] == 0


@pytest.mark.parametrize("options", [{"heads": 3}, {"positions": "relative"}, {"layers": 0}])
def test_an_impossible_transformer_is_named(options):
    with pytest.raises(ConfigError, match=next(iter(options))):
        TransformerClassifier(vocab_size=9, num_classes=2, embedding_dim=8, **options)
