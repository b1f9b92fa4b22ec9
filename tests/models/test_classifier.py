"""The classifier: exact on packed sequences, blind to padding, an answer for every text."""

from __future__ import annotations

import json

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from textprep.errors import ConfigError, TextprepError
from textprep.models import GRUAttentionClassifier

VOCABULARY = 50
texts_of_ids = st.lists(st.lists(st.integers(1, VOCABULARY - 1), max_size=12), min_size=1, max_size=6)


def make_model(num_classes: int = 3) -> GRUAttentionClassifier:
    torch.manual_seed(0)
    model = GRUAttentionClassifier(VOCABULARY, num_classes, embedding_dim=6, hidden_dim=5)
    nn.init.normal_(model.head.bias)  # an empty text has the bias for logits: let it be something
    return model.eval()


def pad(texts: list[list[int]], width: int = 0, side: str = "right", fill: int = 0) -> tuple[Tensor, Tensor]:
    width = max(width, *map(len, texts), 0)
    ids = torch.full((len(texts), width), fill)
    mask = torch.zeros(len(texts), width, dtype=torch.bool)
    for row, text in enumerate(texts):
        where = slice(0, len(text)) if side == "right" else slice(width - len(text), width)
        ids[row, where] = torch.tensor(text, dtype=torch.int64)
        mask[row, where] = True
    return ids, mask


def packed_reference(model: GRUAttentionClassifier, ids: Tensor, lengths: Tensor) -> Tensor:
    """The states of torch's bidirectional GRU, with the model's weights, over packed sequences."""
    gru = nn.GRU(6, 5, batch_first=True, bidirectional=True)
    with torch.no_grad():
        for name, parameter in model.forward_gru.named_parameters():
            getattr(gru, name).copy_(parameter)
        for name, parameter in model.backward_gru.named_parameters():
            getattr(gru, f"{name}_reverse").copy_(parameter)
    packed = pack_padded_sequence(model.embedding(ids), lengths, batch_first=True, enforce_sorted=False)
    return pad_packed_sequence(gru(packed)[0], batch_first=True, total_length=ids.shape[1])[0]


def test_states_are_those_of_a_packed_bidirectional_gru():
    model = make_model()
    ids, mask = pad([[5, 6, 7, 8, 9], [3], [4, 2], [1, 1, 1, 1]], width=7)
    expected = packed_reference(model, ids, mask.sum(dim=1))
    states = model.encode(ids, mask)
    torch.testing.assert_close(states[mask], expected[mask], atol=1e-6, rtol=0)


@settings(max_examples=40, deadline=None)
@given(texts=texts_of_ids, extra=st.integers(0, 5), side=st.sampled_from(["left", "right"]))
def test_logits_and_attention_do_not_depend_on_the_batch(texts, extra, side):
    model = make_model()
    longest = max(map(len, texts))
    ids, mask = pad(texts, longest + extra, side)
    with torch.inference_mode():
        together, weights = model(ids, mask, return_attention=True)
        for row, text in enumerate(texts):
            alone, own_weights = model(*pad([text]), return_attention=True)
            torch.testing.assert_close(together[row], alone[0], atol=1e-5, rtol=0)
            torch.testing.assert_close(weights[row][mask[row]], own_weights[0], atol=1e-5, rtol=0)
    assert together.isfinite().all()
    assert weights[~mask].abs().sum() == 0


@settings(max_examples=20, deadline=None)
@given(texts=texts_of_ids, fill=st.integers(0, VOCABULARY - 1), side=st.sampled_from(["left", "right"]))
def test_ids_on_padding_are_never_read(texts, fill, side):
    model = make_model()
    width = max(map(len, texts)) + 2
    plain, filled = pad(texts, width, side), pad(texts, width, side, fill)
    with torch.inference_mode():
        torch.testing.assert_close(model(*plain), model(*filled), atol=0, rtol=0)


def test_no_gradient_flows_from_padding():
    model = make_model().train()
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


@pytest.mark.parametrize("width", [0, 1, 4])
def test_an_empty_text_has_the_bias_for_logits(width):
    model = make_model()
    logits, weights = model(torch.zeros(2, width, dtype=torch.int64), return_attention=True)
    torch.testing.assert_close(logits, model.head.bias.expand(2, 3))
    assert weights.shape == (2, width)


def test_a_text_of_unknown_words_gets_an_answer():
    assert make_model()(torch.ones(1, 9, dtype=torch.int64)).isfinite().all()


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


def test_the_options_rebuild_the_model():
    model = make_model()
    twin = GRUAttentionClassifier(**json.loads(json.dumps(model.options()))).eval()
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
