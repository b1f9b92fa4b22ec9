"""What is said of a model that reads is what came out of it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from textprep.models import MODELS
from textprep.report.findings import Reading
from textprep.targets import ClassesTarget, ClassTarget
from textprep.training.runs.insight import read_rows
from textprep.training.targets import objective_of

ROWS = [[5, 7, 2, 9], [3], []]
VARIANTS = [
    ("gru", {}),
    ("gru_attention", {"attention": "additive"}),
    ("gru_attention", {"attention": "dot"}),
    ("gru_attention", {"attention": "multihead", "heads": 2}),
    ("transformer", {"heads": 2, "layers": 2}),
    ("gru", {"word_pairs": 8}),
]


NAMES = ["a", "b", "c"]
CLASS = objective_of(ClassTarget(class_names=NAMES))


def probabilities_of(reading: Reading) -> np.ndarray:
    """(B, C)."""
    return np.array([[*answer.record["probabilities"].values()] for answer in reading.answers])


def model_of(name: str, options: dict[str, object]):
    torch.manual_seed(0)
    return MODELS[name](12, 3, embedding_dim=6, hidden_dim=4, **options).eval()


@pytest.mark.parametrize(("name", "options"), VARIANTS)
def test_probabilities_and_attention_are_the_models(name, options):
    model = model_of(name, options)
    reading = read_rows(model, ROWS, CLASS, width=6)
    ids = torch.zeros(3, 6, dtype=torch.int64)
    ids[0, :4], ids[1, :1] = torch.tensor(ROWS[0]), torch.tensor(ROWS[1])
    with torch.inference_mode():
        logits, weights = model(ids, return_attention=True)
    assert np.allclose(probabilities_of(reading), logits.softmax(dim=1), atol=1e-6)
    assert reading.mask.sum(axis=1).tolist() == [4, 1, 0]
    if weights is None:
        assert reading.attention is None
    else:
        assert np.allclose(reading.attention, weights)
        assert not reading.attention[..., 4:].any()  # nothing looks at padding


@pytest.mark.parametrize(("name", "options"), VARIANTS)
def test_every_layer_is_there_with_its_shape_and_all_parameters(name, options):
    model = model_of(name, options)
    reading = read_rows(model, ROWS, CLASS)
    shapes = {layer.name: dict(layer.tensors) for layer in reading.layers}
    assert next(iter(shapes)) == "ids"
    assert list(shapes)[-1] == "probabilities"
    assert shapes["ids"][""] == (3, 4)
    assert shapes["embedding"][""] == (3, 4, 6)
    assert shapes["head"]["logits"] == shapes["probabilities"][""] == (3, 3)
    assert shapes["head"]["input"] == (3, model.head.in_features)
    extra = sum(parameter.numel() for parameter in model.parameters(recurse=False))
    assert sum(layer.parameters for layer in reading.layers) + extra == sum(
        parameter.numel() for parameter in model.parameters()
    )


def test_attention_and_states_have_names():
    layers = {layer.name: layer for layer in read_rows(model_of(*VARIANTS[3]), ROWS, CLASS).layers}
    assert layers["gru.forward_gru"].tensors == (("output", (3, 4, 4)), ("last state", (1, 3, 4)))
    assert layers["attention"].tensors == (("output", (3, 4, 8)), ("weights", (3, 2, 4, 4)))


def test_nobody_watches_afterwards():
    model = model_of(*VARIANTS[1])
    read_rows(model, ROWS, CLASS)
    assert not any(module._forward_hooks for module in model.modules())


@pytest.mark.parametrize("target", [ClassTarget, ClassesTarget])
def test_the_logits_are_the_deep_models_and_what_every_token_and_pair_adds(target):
    objective = objective_of(target(class_names=NAMES))
    model = model_of("gru_attention", {"word_pairs": 8})
    for table in (model.bag.of_tokens, model.bag.of_pairs):
        torch.nn.init.normal_(table.weight)
    reading = read_rows(model, ROWS, objective, width=6)
    logits = reading.linear.deep + reading.linear.tokens.sum(axis=1) + reading.linear.pairs.sum(axis=1)
    powers = np.exp(logits)
    shares = powers / (1 + powers) if target is ClassesTarget else powers / powers.sum(axis=1, keepdims=True)
    assert np.allclose(shares, probabilities_of(reading), atol=1e-6)
    alone = model_of("gru_attention", {"word_pairs": 8})
    alone.load_state_dict(model.state_dict())
    alone.bag = None
    without = read_rows(alone, ROWS, objective, width=6)
    assert np.allclose(np.exp(reading.linear.deep).argmax(axis=1), probabilities_of(without).argmax(axis=1))
    assert without.linear is None
    assert reading.layers[-1].kind == ("sigmoid" if target is ClassesTarget else "softmax")


def test_a_linear_model_beside_is_shown_to_be_added():
    layers = read_rows(model_of("gru", {"word_pairs": 8}), ROWS, CLASS).layers
    assert [(layer.name, layer.kind) for layer in layers[-3:]] == [
        ("bag", "BagOfPairs"),
        ("logits", "head + bag"),
        ("probabilities", "softmax"),
    ]
    assert layers[-2].tensors == (("", (3, 3)),)
