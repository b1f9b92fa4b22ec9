"""The check of padding passes what masks it, and tells what is wrong with what does not."""

from __future__ import annotations

import inspect
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from textprep.models import MODELS
from textprep.testing import assert_padding_invariant


class MeanOfWords(nn.Module):
    """A model of few lines; ``divide_by`` says what its mean is taken over."""

    def __init__(self, divide_by: str = "tokens", wrap: str = "") -> None:
        super().__init__()
        self.embedding, self.head = nn.Embedding(20, 8, padding_idx=0), nn.Linear(8, 2)
        self.divide_by, self.wrap = divide_by, wrap

    def forward(self, input_ids, lengths):
        tokens = {
            "tokens": lengths.clamp(min=1),
            "columns": torch.full_like(lengths, input_ids.shape[1]),
            "nothing": lengths,
        }[self.divide_by]
        logits = self.head(self.embedding(input_ids).sum(1) / tokens[:, None])
        return {"": logits, "object": SimpleNamespace(logits=logits), "tuple": (logits, None)}[self.wrap]


class OnlyIds(nn.Module):
    """Takes the ids under a name of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.EmbeddingBag(20, 2, mode="sum", padding_idx=0)

    def forward(self, x):
        return self.words(x)


class Numbers(nn.Module):
    """A number a text, in the thousands, (B,) or (B, 1); with ``of_batch``, made of the features of all."""

    def __init__(self, of_batch: bool = False, column: bool = False) -> None:
        super().__init__()
        self.words = nn.EmbeddingBag(20, 1, mode="sum", padding_idx=0)
        self.of_batch, self.column = of_batch, column

    def forward(self, x, year):
        year = year.mean() if self.of_batch else year
        numbers = 3000 * self.words(x)[:, 0] + year
        return numbers[:, None] if self.column else numbers


YEARS = {"year": torch.tensor([1.0, 20, 300])}


@pytest.mark.parametrize("column", [False, True])
def test_a_model_of_numbers_passes_and_gets_further_fields(column):
    assert_padding_invariant(Numbers(column=column), extra=YEARS)


def test_features_of_another_text_are_told():
    with pytest.raises(AssertionError, match=r"Numbers: the logits of text \d+ differ"):
        assert_padding_invariant(Numbers(of_batch=True), extra=YEARS)


@pytest.mark.parametrize("name", MODELS)
def test_every_model_of_the_package_passes(name):
    classes = {"num_classes": 3} if "num_classes" in inspect.signature(MODELS[name]).parameters else {}
    model = MODELS[name](vocab_size=30, embedding_dim=8, hidden_dim=8, **classes).train()
    assert_padding_invariant(model)
    assert model.training


@pytest.mark.parametrize(
    "model", [MeanOfWords(), MeanOfWords(wrap="object"), MeanOfWords(wrap="tuple"), OnlyIds()]
)
def test_anybodys_model_passes_if_it_masks(model):
    assert_padding_invariant(model)


def test_a_mean_over_padding_is_told():
    with pytest.raises(AssertionError, match=r"MeanOfWords: the logits of text \d+ differ by .* flip"):
        assert_padding_invariant(MeanOfWords("columns"))


def test_no_answer_to_an_empty_text_is_told():
    with pytest.raises(AssertionError, match="an empty text are not finite"):
        assert_padding_invariant(MeanOfWords("nothing"))


def test_a_model_that_takes_padding_on_the_right_only_can_say_so():
    class FromTheLeft(MeanOfWords):
        def forward(self, input_ids, lengths):
            mask = torch.arange(input_ids.shape[1]) < lengths[:, None]
            summed = (self.embedding(input_ids) * mask[:, :, None]).sum(1)
            return self.head(summed / lengths.clamp(min=1)[:, None])

    assert_padding_invariant(FromTheLeft(), sides=("right",))
    with pytest.raises(AssertionError, match="padded on the left"):
        assert_padding_invariant(FromTheLeft())


def test_a_model_without_an_embedding_needs_the_size():
    class Counts(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.head = nn.Linear(1, 2)

        def forward(self, input_ids):
            return self.head((input_ids > 0).sum(1, keepdim=True).float())

    with pytest.raises(AssertionError, match="say vocab_size="):
        assert_padding_invariant(Counts())
    assert_padding_invariant(Counts(), vocab_size=9)


class OfIdsAlone(nn.Module):
    """A mean of embeddings, padding known by its id; of pairs, with the second text counted twice."""

    def __init__(self, pad_id: int) -> None:
        super().__init__()
        self.embedding, self.pad_id = nn.Embedding(20, 4), pad_id

    def forward(self, input_ids, token_type_ids=None):
        weights = (input_ids != self.pad_id).float() * (1 if token_type_ids is None else 1 + token_type_ids)
        total = (self.embedding(input_ids) * weights.unsqueeze(2)).sum(dim=1)
        return total / weights.sum(dim=1, keepdim=True).clamp(min=1)


def test_padding_has_the_id_that_the_vocabulary_says():
    for pairs in (False, True):
        assert_padding_invariant(OfIdsAlone(19), pad_id=19, pairs=pairs)
    with pytest.raises(AssertionError, match="Padding is read somewhere"):
        assert_padding_invariant(OfIdsAlone(19), pad_id=7)
