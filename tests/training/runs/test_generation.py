"""What a language model writes: the same again by seed, within its options, and as a text."""

from __future__ import annotations

import pytest
import torch

import textprep as tp
from textprep.errors import ConfigError
from textprep.models.language import GRULanguageModel, TransformerLanguageModel
from textprep.training.runs.generation import Generation, continued, drawn, unwritten, written

V = 12
KINDS = {
    "gru": GRULanguageModel(V, embedding_dim=6, hidden_dim=5),
    "transformer": TransformerLanguageModel(V, embedding_dim=6, hidden_dim=5, heads=2),
}
every_model = pytest.mark.parametrize("model", [model.eval() for model in KINDS.values()], ids=KINDS)


@every_model
def test_the_same_seed_writes_the_same_and_another_seed_something_else(model):
    texts = [continued(model, [3], Generation(seed=seed, max_tokens=20)) for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]
    assert len(texts[0]) == 20


@every_model
def test_the_global_random_state_stays_and_has_no_say(model):
    torch.manual_seed(0)
    before = torch.get_rng_state()
    first = continued(model, [3], Generation())
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(1)
    assert continued(model, [3], Generation()) == first


@every_model
def test_token_by_token_is_what_the_model_says_of_the_whole(model):
    added = continued(model, [3, 4], Generation(temperature=0, max_tokens=6))
    with torch.inference_mode():
        likeliest = model(torch.tensor([[3, 4, *added]]))[0].argmax(dim=-1).tolist()
    assert likeliest[1:-1] == added


def test_a_window_limits_what_a_transformer_sees():
    model, greedy = KINDS["transformer"], Generation(temperature=0, max_tokens=1)
    assert continued(model, [3, 4, 5, 6], greedy, window=2) == continued(model, [5, 6], greedy)


def test_the_draws_have_the_shares_that_the_model_says():
    logits, draws = torch.tensor([0.5, 0.2, 0.3]).log(), torch.Generator().manual_seed(0)
    counts = torch.bincount(torch.tensor([drawn(logits, Generation(), draws) for _ in range(4000)]))
    torch.testing.assert_close(counts / 4000, logits.exp(), atol=0.03, rtol=0)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"temperature": 0}, {3}),
        ({"temperature": 1e-320}, {3}),
        ({"top_k": 1}, {3}),
        ({"top_k": 2}, {1, 3}),
        ({"top_k": 99}, {0, 1, 3}),
    ],
)
def test_only_what_the_options_allow_is_drawn(options, expected):
    logits, draws = torch.tensor([0.0, 1.0, 0.9, 1.1]), torch.Generator().manual_seed(0)
    assert {drawn(logits, Generation(**options), draws, never=[2]) for _ in range(200)} == expected


def test_it_stops_where_the_model_ends_the_text():
    model = KINDS["gru"]
    greedy = Generation(temperature=0, max_tokens=5)
    first, *_ = continued(model, [3], greedy)
    assert continued(model, [3], greedy, end_id=first) == []


@pytest.mark.parametrize("start", ["", "a film", "A FILM", "unheard of"])
@every_model
def test_special_tokens_are_never_written(model, start):
    tokenizer = tp.WordTokenizer(specials=["<end>", "<sep>"])
    pipeline = tp.Pipeline([tp.Lowercase()], tokenizer=tokenizer).fit(["a film that is good", "a bad one !"])
    assert set(unwritten(pipeline)) == {0, 1, 2, 3}
    assert len(pipeline.vocabulary) == V
    for seed in range(20):
        text = written(model, pipeline, start, Generation(seed=seed, max_tokens=10))
        assert text.startswith(pipeline.decode(pipeline.encode(start)))
        added = text.removeprefix(pipeline.decode(pipeline.encode(start)))
        assert not any(token in added for token in ("<end>", "<sep>", "<pad>", "<unk>"))


@pytest.mark.parametrize(
    "options", [{"temperature": -1}, {"top_k": 0}, {"max_tokens": 0}, {"seed": -1}, {"temperature": "hot"}]
)
def test_an_impossible_option_is_one_clear_line(options):
    with pytest.raises(ConfigError, match=next(iter(options))) as caught:
        Generation(**options)
    assert "\n" not in str(caught.value)
