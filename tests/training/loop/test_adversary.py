"""Adversarial training: where a text is moved to, and what is learned there."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from textprep.config.options import TrainingOptions
from textprep.models import MODELS, TextClassifier
from textprep.training.loop.adversary import embedding_of, moved, watched, worst_move
from textprep.training.loop.session import Session
from textprep.training.loop.step import OptimizerStep
from textprep.training.targets import objective_of
from textprep.training.targets.class_losses import ClassLoss

IDS = torch.tensor([[3, 4, 5, 6], [7, 8, 0, 0], [9, 3, 4, 0]])
LABELS = torch.tensor([0, 1, 1])
OBJECTIVE = objective_of("class")
CLASSIFIERS = [name for name, model in MODELS.items() if model.predicts == "rows"]
every_model = pytest.mark.parametrize("name", CLASSIFIERS)


def make_model(name: str = "gru_attention") -> TextClassifier:
    torch.manual_seed(0)
    return MODELS[name](10, 2, embedding_dim=8, hidden_dim=8, dropout=0.0, word_pairs=16)


def loss_of(model: nn.Module) -> Tensor:
    return functional.cross_entropy(model(IDS), LABELS, reduction="sum")


def gradients(model: nn.Module) -> list[Tensor]:
    return [weights.grad.clone() for weights in model.parameters() if weights.grad is not None]


def first_move(model: TextClassifier, share: float) -> Tensor:
    with watched(model.embedding) as seen:
        loss_of(model).backward()
    return worst_move(seen[0], share)


@every_model
def test_the_move_has_its_length_and_leaves_padding_alone(name: str) -> None:
    model = make_model(name)
    move = first_move(model, share=0.1)
    lengths = model.embedding(IDS).flatten(1).norm(dim=1)
    torch.testing.assert_close(move.flatten(1).norm(dim=1), 0.1 * lengths)
    assert not move[IDS == 0].any()


@every_model
def test_no_move_of_that_length_that_chance_finds_is_as_bad(name: str) -> None:
    model = make_model(name)
    move = first_move(model, share=0.02)
    chances = [torch.randn_like(move) * (IDS != 0).unsqueeze(2) for _ in range(20)]
    sizes = move.flatten(1).norm(dim=1)[:, None, None]
    others = [sizes * chance / chance.flatten(1).norm(dim=1)[:, None, None] for chance in chances]
    losses = []
    for by in (move, *others):
        with moved(model.embedding, [by]):
            losses.append(float(loss_of(model).detach()))
    assert losses[0] > max(losses[1:])
    assert losses[0] > float(loss_of(model).detach())


@pytest.mark.parametrize("frozen", [False, True])
def test_a_step_learns_from_both_places(frozen: bool) -> None:
    plain, trained = make_model(), make_model()
    for model in (plain, trained):
        model.embedding.weight.requires_grad_(not frozen)
    move = first_move(plain, share=0.05)
    with moved(plain.embedding, [move]):
        loss_of(plain).backward()
    options = TrainingOptions(adversarial=0.05, device="cpu", clip_norm=1e9)
    batch = {"input_ids": IDS, "attention_mask": IDS != 0, "labels": LABELS}
    OptimizerStep(Session(trained.train(), OBJECTIVE, options), options, ClassLoss())([batch], 0.0)
    for ours, wanted in zip(gradients(trained), gradients(plain), strict=True):
        torch.testing.assert_close(ours * len(IDS), wanted, atol=1e-5, rtol=1e-4)


def test_the_loss_that_is_told_is_that_of_the_texts_as_they_are() -> None:
    told = []
    for share in (0.0, 0.5):
        model = make_model()
        options = TrainingOptions(adversarial=share, device="cpu")
        step = OptimizerStep(Session(model.train(), OBJECTIVE, options), options, ClassLoss())
        step([{"input_ids": IDS, "attention_mask": IDS != 0, "labels": LABELS}], 0.0)
        told.append(step.loss_now)
    assert told[0] == told[1] == pytest.approx(float(loss_of(make_model()).detach()) / 3, rel=1e-5)


def test_a_text_without_words_and_one_that_teaches_nothing_stay_where_they_are() -> None:
    model = make_model()
    with watched(model.embedding) as seen:
        model(torch.zeros(2, 3, dtype=torch.int64)).sum().backward()
    assert not worst_move(seen[0], 0.1).any()
    with watched(model.embedding) as unseen:
        model.embedding(IDS)
    assert not worst_move(unseen[0], 0.1).any()


@pytest.mark.parametrize("size", [1e-6, 1e-15, 1e-20, 1e-25, 1e-40, 0.0])
def test_however_small_the_gradient_is_the_move_is_no_longer_than_its_share(size: float) -> None:
    embedded = torch.full((1, 40, 8), 0.3, requires_grad=True)
    embedded.grad = torch.full_like(embedded, size)
    assert float(worst_move(embedded, 0.1).norm()) <= 0.1001 * float(embedded.detach().norm())


def test_nothing_is_left_in_the_model() -> None:
    model = make_model()
    before = model(IDS)
    with pytest.raises(ZeroDivisionError), moved(model.embedding, []), watched(model.embedding):
        raise ZeroDivisionError
    torch.testing.assert_close(model(IDS), before)


class Changing(nn.Module):
    """Changes its embeddings in place, and looks a second time when it is called again."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding, self.head, self.calls = nn.Embedding(10, 4), nn.Linear(4, 2), 0

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        self.calls += 1
        embedded = self.embedding(input_ids)
        embedded *= attention_mask.unsqueeze(2)
        if self.calls > 1:
            embedded = embedded + self.embedding(input_ids)
        logits: Tensor = self.head(embedded.mean(dim=1))
        return logits


@pytest.mark.parametrize("frozen", [False, True])
def test_a_model_may_change_its_embeddings_in_place_and_look_them_up_as_often_as_it_likes(
    frozen: bool,
) -> None:
    model = Changing()
    model.embedding.weight.requires_grad_(not frozen)
    options = TrainingOptions(device="cpu")
    step = OptimizerStep(Session(model, OBJECTIVE, options), options, ClassLoss())
    step([{"input_ids": IDS, "attention_mask": IDS != 0, "labels": LABELS}], 0.0)
    assert model.calls == 2
    assert (model.embedding.weight.grad is None) == frozen


def test_the_embedding_is_that_of_the_tokens() -> None:
    model = make_model("transformer")
    assert embedding_of(model) is model.embedding
    assert embedding_of(nn.Linear(2, 2)) is None
