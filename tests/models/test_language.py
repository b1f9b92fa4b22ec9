"""The language models: blind to padding, to what comes next, and to other documents."""

from __future__ import annotations

import json

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from textprep.errors import ConfigError, TextprepError
from textprep.models.language import GRULanguageModel, LanguageModel, TransformerLanguageModel

VOCABULARY = 20
KINDS = {
    "gru": (GRULanguageModel, {}),
    "gru, not tied": (GRULanguageModel, {"tied": False}),
    "transformer": (TransformerLanguageModel, {"heads": 2, "layers": 2}),
    "learned positions": (TransformerLanguageModel, {"heads": 2, "positions": "learned", "max_length": 40}),
    "transformer, not tied": (TransformerLanguageModel, {"heads": 3, "layers": 1, "tied": False}),
}
every_kind = pytest.mark.parametrize("kind", KINDS)
ids_of = st.lists(st.integers(1, VOCABULARY - 1), max_size=9)
close = {"atol": 1e-5, "rtol": 0}


def make_model(kind: str) -> LanguageModel:
    torch.manual_seed(0)
    cls, options = KINDS[kind]
    model = cls(VOCABULARY, embedding_dim=6, hidden_dim=5, **options)
    with torch.no_grad():
        model.embedding.weight.mul_(10)  # so that what a token says is seen
        torch.nn.init.normal_(model.bias)
    return model.eval()


def pad(texts: list[list[int]], width: int, side: str = "right", fill: int = 0) -> tuple[Tensor, Tensor]:
    ids = torch.full((len(texts), width), fill)
    mask = torch.zeros(len(texts), width, dtype=torch.bool)
    for row, text in enumerate(texts):
        where = slice(0, len(text)) if side == "right" else slice(width - len(text), width)
        ids[row, where] = torch.tensor(text, dtype=torch.int64)
        mask[row, where] = True
    return ids, mask


@every_kind
@settings(max_examples=25, deadline=None)
@given(
    texts=st.lists(ids_of, min_size=1, max_size=5),
    extra=st.integers(0, 4),
    side=st.sampled_from(["left", "right"]),
    fill=st.integers(0, VOCABULARY - 1),
)
def test_logits_attention_and_state_do_not_depend_on_the_batch(kind, texts, extra, side, fill):
    model = make_model(kind)
    ids, mask = pad(texts, max(map(len, texts)) + extra, side, fill)
    asked = {"return_attention": True, "return_state": True}
    with torch.inference_mode():
        logits, weights, state = model(ids, mask, **asked)
        for row, text in enumerate(texts):
            own, own_weights, own_state = model(*pad([text], len(text)), **asked)
            torch.testing.assert_close(logits[row, mask[row]], own[0], **close)
            if weights is not None:
                seen = weights[row][..., mask[row], :][..., mask[row]]
                torch.testing.assert_close(seen, own_weights[0], **close)
                torch.testing.assert_close(weights[row].sum(), seen.sum(), **close)  # none on padding
            if state is not None:
                torch.testing.assert_close(state[row], own_state[0], **close)
    assert (logits[~mask] == model.bias).all()


@every_kind
@settings(max_examples=25, deadline=None)
@given(text=st.lists(st.integers(1, 19), min_size=1, max_size=9), data=st.data())
def test_changing_a_token_changes_no_logits_before_it(kind, text, data):
    model, place = make_model(kind), data.draw(st.integers(0, len(text) - 1))
    other = [*text]
    other[place] = data.draw(st.integers(1, VOCABULARY - 1).filter(lambda token: token != text[place]))
    with torch.inference_mode():
        before, after = model(torch.tensor([text])), model(torch.tensor([other]))
    torch.testing.assert_close(before[:, :place], after[:, :place], atol=0, rtol=0)
    assert not torch.allclose(before[:, place], after[:, place])


@every_kind
@settings(max_examples=25, deadline=None)
@given(documents=st.lists(st.lists(st.integers(1, 19), min_size=1, max_size=5), min_size=1, max_size=4))
def test_documents_of_one_row_have_the_logits_that_each_has_alone(kind, documents):
    model, row = make_model(kind), [token for document in documents for token in document]
    numbers = torch.tensor([[i for i, document in enumerate(documents) for _ in document] + [-1, -1]])
    ids, mask = pad([row], len(row) + 2)
    with torch.inference_mode():
        logits = model(ids, mask, document_ids=numbers)
        alone = [model(torch.tensor([document]))[0] for document in documents]
    torch.testing.assert_close(logits[0, : len(row)], torch.cat(alone), **close)


@settings(max_examples=25, deadline=None)
@given(text=st.lists(st.integers(1, 19), min_size=2, max_size=12), data=st.data())
def test_a_text_in_pieces_with_its_state_carried_has_the_logits_of_the_whole(text, data):
    model, cut = make_model("gru"), data.draw(st.integers(1, len(text) - 1))
    with torch.inference_mode():
        first, state = model(torch.tensor([text[:cut]]), return_state=True)
        second = model(torch.tensor([text[cut:]]), state=state)
        torch.testing.assert_close(torch.cat([first, second], dim=1), model(torch.tensor([text])), **close)


def test_a_state_goes_on_with_the_first_document_only():
    model, state = make_model("gru"), torch.ones(1, 5)
    ids, documents = torch.tensor([[3, 4, 5, 6]]), torch.tensor([[1, 1, 2, 2]])
    with torch.inference_mode():
        logits = model(ids, state=state, document_ids=documents)
        torch.testing.assert_close(logits[:, :2], model(ids[:, :2], state=state), **close)
        torch.testing.assert_close(logits[:, 2:], model(ids[:, 2:]), **close)


@every_kind
def test_no_gradient_flows_from_padding_or_from_later_tokens(kind):
    model = make_model(kind).train()
    ids, mask = pad([[5, 6, 7, 8]], 6, fill=9)
    seen: list[Tensor] = []
    model.embedding.register_forward_hook(lambda *given: given[-1].retain_grad() or seen.append(given[-1]))
    model(ids, mask)[0, 1].square().sum().backward()
    gradient = seen[0].grad
    assert gradient is not None
    assert gradient[0, 2:].abs().sum() == 0
    assert gradient[0, :2].abs().sum(dim=1).min() > 0


@every_kind
@pytest.mark.parametrize("shape", [(0, 3), (2, 0), (0, 0)])
def test_no_texts_and_empty_texts_have_logits_of_their_shape(kind, shape):
    ids = torch.zeros(shape, dtype=torch.int64)
    model = make_model(kind)
    assert model(ids).shape == model(ids, document_ids=ids).shape == (*shape, VOCABULARY)
    assert model(ids, return_attention=True)[0].shape == (*shape, VOCABULARY)


@every_kind
def test_the_options_rebuild_the_model_and_its_weights_have_each_their_own_memory(kind):
    import safetensors.torch

    model = make_model(kind)
    twin = type(model)(**json.loads(json.dumps(model.options()))).eval()
    twin.load_state_dict(safetensors.torch.load(safetensors.torch.save(model.state_dict())))
    ids = torch.tensor([[4, 9, 0]])
    torch.testing.assert_close(twin(ids), model(ids), atol=0, rtol=0)


def test_tied_embeddings_are_what_tokens_are_scored_by():
    model = make_model("transformer")
    states = torch.randn(2, 6)
    torch.testing.assert_close(model.scores(states), states @ model.embedding.weight.T + model.bias)
    assert make_model("gru, not tied").head is not None


@every_kind
def test_attention_looks_back_only_and_is_had_for_the_asking(kind):
    model, ids = make_model(kind), torch.tensor([[5, 6, 7, 8]])
    logits, weights = model(ids, return_attention=True)
    torch.testing.assert_close(model(ids), logits, **close)
    if weights is None:
        return
    assert (weights.triu(1) == 0).all()
    torch.testing.assert_close(weights.sum(-1), torch.ones(weights.shape[:-1]), **close)


@pytest.mark.parametrize(
    "options", [{"vocab_size": 0}, {"hidden_dim": 0}, {"dropout": 1.0}, {"tied": "yes"}, {"pad_id": 9}]
)
@pytest.mark.parametrize("cls", [GRULanguageModel, TransformerLanguageModel])
def test_an_impossible_option_is_named(cls, options):
    with pytest.raises(ConfigError, match=next(iter(options))):
        cls(**{"vocab_size": 9, **options})


@pytest.mark.parametrize("options", [{"heads": 3}, {"positions": "relative"}, {"layers": 0}])
def test_an_impossible_transformer_is_named(options):
    with pytest.raises(ConfigError, match=next(iter(options))):
        TransformerLanguageModel(9, embedding_dim=8, **options)


@every_kind
def test_tensors_that_do_not_fit_are_named(kind):
    model, ids = make_model(kind), torch.ones(2, 3, dtype=torch.int64)
    for wrong in ({"attention_mask": ids[:, :2]}, {"document_ids": ids[:, :2]}):
        with pytest.raises(TextprepError, match=f"{next(iter(wrong))} of one shape"):
            model(ids, **wrong)
    with pytest.raises(TextprepError, match="a vocabulary of 20"):
        model(ids * 20)


def test_the_fields_of_a_batch_are_keywords():
    ids = torch.tensor([[5, 6], [8, 0]])
    batch = {"input_ids": ids, "attention_mask": ids != 0, "lengths": None, "labels": ids, "row_ids": None}
    assert make_model("gru")(**batch).shape == (2, 2, VOCABULARY)
