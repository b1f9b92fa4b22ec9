"""Models that read numbers: what a sequence gets does not depend on what it is batched with, nor on padding."""

import pytest
import torch

from textprep.errors import ConfigError, TextprepError
from textprep.models import MODELS
from textprep.testing import assert_padding_invariant

READ_NUMBERS = [name for name, kind in MODELS.items() if kind.predicts != "next_token"]
FEATURES = 3


def model_of(name, **options):
    torch.manual_seed(0)
    sizes = {"embedding_dim": 8, "hidden_dim": 6, **({"heads": 2} if name == "transformer" else {})}
    return MODELS[name](num_classes=2, features=FEATURES, **sizes, **options).eval()


@pytest.mark.parametrize("name", READ_NUMBERS)
@pytest.mark.parametrize("side", ["left", "right"])
def test_padding_changes_nothing(name, side):
    model, steps = model_of(name), torch.randn(5, FEATURES)
    alone = model(inputs=steps[None], attention_mask=torch.ones(1, 5, dtype=torch.bool))
    batch = torch.full((3, 11, FEATURES), 99.0)
    mask = torch.zeros(3, 11, dtype=torch.bool)
    place = slice(0, 5) if side == "right" else slice(6, 11)
    batch[0, place], mask[0, place] = steps, True
    mask[1] = True
    found = model(inputs=batch, attention_mask=mask)
    kept = found[0, place] if model.predicts == "tokens" else found[0]
    assert torch.allclose(kept, alone[0], atol=1e-5)
    assert torch.isfinite(found).all()


@pytest.mark.parametrize("name", READ_NUMBERS)
def test_options_and_weights_make_the_same_model(name):
    model = model_of(name)
    other = type(model)(**model.options())
    other.load_state_dict(model.state_dict())
    inputs = torch.randn(2, 4, FEATURES)
    assert torch.equal(other.eval()(inputs=inputs), model(inputs=inputs))
    assert model.features == FEATURES
    assert "vocab_size" not in model.options()


@pytest.mark.parametrize("name", READ_NUMBERS)
def test_gradients_reach_the_linear_layer(name):
    model = model_of(name)
    model(inputs=torch.randn(2, 4, FEATURES)).square().sum().backward()
    assert model.embedding.weight.grad.abs().sum() > 0


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "give one of them"),
        ({"features": 2, "vocab_size": 9}, "give one of them"),
        ({"features": 0}, "features is 0"),
        ({"features": 2, "word_pairs": 8}, "word_pairs=8 is for texts"),
        ({"features": 2, "pairs": True}, "pairs=True is for texts"),
    ],
)
def test_an_option_that_cannot_be_used_is_named(options, says):
    with pytest.raises(ConfigError, match=says):
        MODELS["gru"](num_classes=2, **options)


def test_other_inputs_than_it_reads_are_named():
    ids, numbers = torch.ones(1, 2, dtype=torch.int64), torch.ones(1, 2, 5)
    with pytest.raises(TextprepError, match=r"reads inputs \(sequences, steps, 3\), and they are missing"):
        model_of("gru")(ids)
    with pytest.raises(TextprepError, match="of shape"):
        model_of("gru")(inputs=numbers)
    with pytest.raises(TextprepError, match="input_ids, and they are missing"):
        MODELS["gru"](9, 2)(inputs=numbers)


@pytest.mark.parametrize("name", READ_NUMBERS)
def test_the_kit_s_check_is_passed(name):
    assert_padding_invariant(model_of(name))


def test_the_kit_s_check_finds_a_model_that_reads_padding():
    class LastStep(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.gru, self.head = torch.nn.GRU(FEATURES, 8, batch_first=True), torch.nn.Linear(8, 2)

        def forward(self, inputs):
            return self.head(self.gru(inputs)[0][:, -1])

    with pytest.raises(AssertionError, match="LastStep: the logits of text"):
        assert_padding_invariant(LastStep(), features=FEATURES)
