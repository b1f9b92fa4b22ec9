"""Extra columns, and numbers in their own unit, in every classifier."""

from __future__ import annotations

import json

import pytest
import torch
from torch import nn

from tests.models.test_classifier import KINDS, VOCABULARY
from textprep.errors import ConfigError, TextprepError
from textprep.models import MODELS, GRUClassifier
from textprep.testing import assert_padding_invariant

FEATURES = {"categories": {"author": 5, "type": 3}, "numbers": {"year": 1, "ratings": 3}}
UNITS = {"offset": [1950.0, -3, 0], "scale": [30.0, 0.001, -2]}
ROWS = {
    "author": torch.tensor([0, 4, 1, 2, 3]),
    "type": torch.tensor([2, 0]),
    "year": torch.tensor([0.0, 1.5, -2]),
    "ratings": torch.randn(4, 3, generator=torch.Generator().manual_seed(0)),
}
IDS = torch.tensor([[5, 8, 2], [7, 0, 0]])
GIVEN = {name: rows[:2] for name, rows in ROWS.items()}
every_kind = pytest.mark.parametrize("kind", KINDS)


def make_model(kind="additive", **more):
    torch.manual_seed(0)
    options = {"embedding_dim": 6, "hidden_dim": 5, **KINDS[kind], **more}
    return MODELS[options.pop("name")](VOCABULARY, 3, **options).eval()


def shake(model):
    """Random weights everywhere, so that nothing that begins at zero hides a mistake."""
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.3)
    model.embedding.weight.data[0] = 0
    return model


@every_kind
@pytest.mark.parametrize("more", [FEATURES, UNITS, FEATURES | UNITS], ids=["features", "units", "both"])
def test_padding_changes_nothing(kind, more):
    extra = ROWS if "numbers" in more else None
    options = {"max_length": 100} if kind == "learned positions" else {}
    assert_padding_invariant(shake(make_model(kind, **more, **options)), extra=extra)


@every_kind
def test_without_any_a_model_is_what_it_was(kind):
    plain, empty, units = (
        make_model(kind),
        make_model(kind, categories=None, offset=None),
        make_model(kind, **UNITS),
    )
    assert plain.options() == empty.options()
    assert not {"categories", "numbers", "offset", "scale"} & plain.options().keys()
    assert not [name for name in plain.state_dict() if name.startswith(("extra", "offset", "scale"))]
    assert set(units.state_dict()) == {*plain.state_dict(), "offset", "scale"}
    assert [name for name, _ in units.named_parameters()] == [name for name, _ in plain.named_parameters()]
    assert all(torch.equal(units.state_dict()[name], value) for name, value in plain.state_dict().items())
    torch.testing.assert_close(plain(IDS, year=torch.tensor([1.0, 2.0])), plain(IDS), atol=0, rtol=0)


@every_kind
def test_outputs_are_in_their_own_unit_the_pairs_among_them(kind):
    plain, units = shake(make_model(kind)), make_model(kind, **UNITS)
    units.load_state_dict(plain.state_dict() | {name: units.state_dict()[name] for name in UNITS})
    expected = plain(IDS) * torch.tensor(UNITS["scale"]) + torch.tensor(UNITS["offset"])
    torch.testing.assert_close(units(IDS), expected)
    offset = make_model(kind, offset=UNITS["offset"])
    assert "scale" not in offset.state_dict()
    torch.testing.assert_close(offset(IDS), make_model(kind)(IDS) + torch.tensor(UNITS["offset"]))


@every_kind
def test_the_options_rebuild_the_model(kind):
    model = shake(make_model(kind, **FEATURES, **UNITS))
    twin = type(model)(**json.loads(json.dumps(model.options()))).eval()
    twin.load_state_dict(model.state_dict())
    torch.testing.assert_close(twin(IDS, **GIVEN), model(IDS, **GIVEN), atol=0, rtol=0)


@every_kind
def test_every_feature_reaches_the_logits_and_gets_a_gradient(kind):
    model = shake(make_model(kind, **FEATURES))
    before = model(IDS, **GIVEN)
    for name, value in GIVEN.items():
        other = (value + 1) % 3 if name in FEATURES["categories"] else value + 1
        assert not torch.allclose(model(IDS, **GIVEN | {name: other}), before), name
    before.square().sum().backward()
    assert all(parameter.grad is not None for parameter in model.extra.parameters())
    assert before.shape == (2, 3)


def test_a_number_may_come_as_a_column_and_in_any_type():
    model = make_model(numbers={"year": 1}, categories={"author": 5})
    given = {"year": torch.tensor([1, 2]), "author": torch.tensor([1, 4], dtype=torch.int32)}
    as_columns = {"year": given["year"].double()[:, None], "author": given["author"]}
    torch.testing.assert_close(model(IDS, **given), model(IDS, **as_columns))


def test_a_category_that_training_never_met_says_nothing():
    model = make_model(categories={"author": 5}).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
    for _ in range(3):
        model(IDS, author=torch.tensor([2, 3])).square().sum().backward()
        optimizer.step()
    table = model.extra.of_categories[0].weight
    assert table[[2, 3]].abs().sum(dim=1).min() > 0
    assert table[[0, 1, 4]].abs().sum() == 0


@pytest.mark.parametrize("name", GIVEN)
def test_a_feature_that_is_not_given_is_named(name):
    model = make_model(**FEATURES)
    for given in ({key: value for key, value in GIVEN.items() if key != name}, GIVEN | {name: None}):
        with pytest.raises(ConfigError, match=f"needs the feature '{name}', which is missing; pass {name}="):
            model(IDS, **given)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("year", torch.zeros(3), r"'year' is a tensor of shape \(2,\), one row per text, not one of \(3,\)"),
        (
            "year",
            torch.zeros(2, 2),
            r"'year' is a tensor of shape \(2,\), one row per text, not one of \(2, 2\)",
        ),
        ("year", [1.0, 2.0], r"'year' is a tensor of shape \(2,\), one row per text, not \[1.0, 2.0\]"),
        (
            "ratings",
            torch.zeros(3, 2),
            r"'ratings' is a tensor of shape \(2, 3\), one row per text, not one of \(3, 2\)",
        ),
        ("author", torch.zeros(2), "'author' is a category, and its ids are torch.float32: give int64"),
        (
            "author",
            torch.tensor([0, 5]),
            "ids of 'author' run from 0 to 5, and the model was made for 5, from 0",
        ),
        ("author", torch.tensor([-1, 2]), "ids of 'author' run from -1 to 2"),
    ],
)
def test_a_feature_that_does_not_fit_is_named(name, value, message):
    with pytest.raises(TextprepError, match=message):
        make_model(**FEATURES)(IDS, **GIVEN | {name: value})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"categories": ["author"]}, "categories is .*: it must be a mapping of name → how many ids"),
        ({"categories": {"author": 1}}, "categories has 'author': 1: how many ids .* at least 2"),
        ({"numbers": {"year": 0}}, "numbers has 'year': 0: how many numbers a row .* at least 1"),
        ({"numbers": {"year": True}}, "numbers has 'year': True"),
        ({"numbers": {"labels": 1}}, "numbers has a feature 'labels': it must have a name of its own"),
        ({"numbers": {3: 1}}, "numbers has a feature 3: it must have a name of its own"),
        ({"categories": {"a": 3}, "numbers": {"a": 1}}, "numbers has a feature 'a': it must have a name of"),
        ({"offset": [1.0]}, "offset is .*: it must be 2 finite numbers, one an output"),
        ({"offset": [1.0, float("nan")]}, "offset is .*: it must be 2 finite numbers"),
        ({"offset": 3.5}, "offset is 3.5: it must be 2 finite numbers"),
        ({"scale": [1.0, 0]}, "scale is .*: it must be 2 finite numbers, one an output, none of them 0"),
        ({"scale": ["a", "b"]}, "scale is .*: it must be 2 finite numbers"),
    ],
)
@pytest.mark.parametrize("name", [name for name, model in MODELS.items() if model.predicts != "next_token"])
def test_an_impossible_option_is_named(name, options, message):
    with pytest.raises(ConfigError, match=message):
        MODELS[name](vocab_size=9, num_classes=2, **options)


def test_what_a_number_means_may_depend_on_the_text():
    """The label is whether word and number agree: neither alone says anything."""
    torch.manual_seed(0)
    words, years = torch.randint(2, 4, (200, 1)), torch.randn(200)
    labels = ((words[:, 0] == 2) == (years > 0)).long()
    found = {}
    for name, numbers in {"with": {"year": 1}, "without": None}.items():
        torch.manual_seed(0)
        model = GRUClassifier(9, 2, embedding_dim=8, hidden_dim=8, numbers=numbers).train()
        optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
        for _ in range(150):
            loss = nn.functional.cross_entropy(model(words, year=years), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        found[name] = float((model.eval()(words, year=years).argmax(1) == labels).float().mean())
    assert found["with"] > 0.95 > 0.7 > found["without"]
