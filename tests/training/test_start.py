"""A model that starts at a language model: same vocabulary, same weights, and more from few labelled texts."""

from __future__ import annotations

import random

import pytest
import torch

import textprep as tp
from textprep.config.experiment import config_of
from textprep.config.options import ModelOptions
from textprep.errors import ConfigError, RunError
from textprep.training.build_model import build_model, settled
from textprep.training.runs.prepared_data import load_prepared
from textprep.training.start import start_at
from textprep.training.targets import objective_of

GOOD = "great superb lovely fine brilliant touching warm witty clever moving charming bright".split()  # noqa: SIM905
BAD = "dull awful poor weak boring tired cold clumsy stale messy hollow bleak".split()  # noqa: SIM905
THINGS = "film book play series song story actor scene ending plot".split()  # noqa: SIM905
SAID = {True: ["we loved it", "a joy", "see it again"], False: ["we left early", "a waste", "never again"]}


def unlabelled(count: int) -> list[str]:
    """Which words are alike shows in what is said around them."""
    drawn = random.Random(0)
    kinds = [drawn.random() < 0.5 for _ in range(count)]
    return [
        f"{drawn.choice(SAID[kind])} : a {drawn.choice(GOOD if kind else BAD)} {drawn.choice(THINGS)} , "
        f"{drawn.choice(SAID[kind])}"
        for kind in kinds
    ]


def labelled(count: int, words: slice, seed: int) -> list[dict[str, str]]:
    """Short texts with a few of the words."""
    drawn = random.Random(seed)
    return [
        {"text": f"a {drawn.choice(some[words])} {drawn.choice(THINGS)}", "label": label}
        for number in range(count)
        for label, some in [(("good", GOOD), ("bad", BAD))[number % 2]]
    ]


ROWS = {
    "train": labelled(16, slice(0, 4), 1),
    "validation": labelled(16, slice(0, 4), 2),
    "test": labelled(200, slice(4, None), 3),  # words that no labelled text of training has
}
SIZES = {"embedding_dim": 16, "hidden_dim": 24}


def language_model(folder, name="gru_language_model", **options):
    return tp.train(
        dataset="memory", rows=unlabelled(1500), target="next_token", steps=["lowercase"],
        tokenizer={"name": "word"}, model={"name": name, **SIZES, **options}, loader={"batch_size": 4, "block_length": 32},
        training={"epochs": 8, "learning_rate": 0.01, "device": "cpu"}, run_dir=folder / name, cache_dir=folder,
    )  # fmt: skip


def small_language_model(folder, name="gru_language_model", **options):
    return tp.train(
        dataset="memory", rows=unlabelled(40), target="next_token", steps=["lowercase"], tokenizer={"name": "word"},
        model={"name": name, **SIZES, **options}, training={"epochs": 1, "device": "cpu"},
        run_dir=folder / name, cache_dir=folder,
    )  # fmt: skip


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return small_language_model(tmp_path_factory.mktemp("small"))


def config(path, **model):
    return config_of(dataset="memory", rows=ROWS, model={"start": str(path), **model})


def classifier(path, folder, **model):
    return tp.train(
        dataset="memory", rows=ROWS, model={"start": str(path), "word_pairs": 0, **model},
        training={"epochs": 1, "device": "cpu"}, run_dir=folder / "classifier", cache_dir=folder,
    )  # fmt: skip


@pytest.mark.slow
def test_words_that_no_labelled_text_has_are_known_from_the_language_model(tmp_path):
    run, found = language_model(tmp_path), {}
    own = {"steps": ["lowercase"], "tokenizer": {"name": "word"}}
    for kind, start, reading in (("started", str(run.path), {}), ("from scratch", None, own)):
        trained = tp.train(
            dataset="memory", rows=ROWS, run_dir=tmp_path / kind, cache_dir=tmp_path, **reading,
            model={"word_pairs": 0, "name": "gru", **SIZES, "start": start},
            loader={"batch_size": 4}, training={"epochs": 12, "device": "cpu", "learning_rate": 0.005},
        )  # fmt: skip
        found[kind] = trained.metrics["accuracy"]
    assert found["from scratch"] < 0.65
    assert found["started"] > found["from scratch"] + 0.2


def test_pipeline_sizes_embeddings_and_forward_gru_are_those_of_the_language_model(small, tmp_path):
    run = classifier(small.path, tmp_path)
    assert run.pipeline.vocabulary.digest == small.pipeline.vocabulary.digest
    assert run.config.steps == small.config.steps
    assert run.config.tokenizer == small.config.tokenizer
    assert {size: run.model.options()[size] for size in SIZES} == SIZES
    assert tp.Run.load(run.path).config.model.hidden_dim == SIZES["hidden_dim"]


@pytest.mark.parametrize("name", ["gru", "gru_attention"])
def test_first_weights_are_exactly_those_of_the_language_model(small, name):
    options = config(small.path, name=name, word_pairs=0)
    data = load_prepared(options)
    lines: list[str] = []
    objective = objective_of("class").__class__(data.target)
    model = build_model(options.model, data, objective, seed=0, report=lines.append)
    assert torch.equal(model.embedding.weight, small.model.embedding.weight)
    for key, tensor in small.model.gru.state_dict().items():
        assert torch.equal(model.gru.forward_gru.state_dict()[key], tensor)
    assert lines == [f"the embeddings and gru start at those of {small.path}"]


def test_a_transformer_starts_at_a_transformer(tmp_path):
    language = small_language_model(tmp_path, "transformer_language_model", heads=2, layers=1)
    model = classifier(language.path, tmp_path, name="transformer").model
    assert model.options()["layers"] == 1
    assert set(dict(model.blocks.named_parameters())) == set(dict(language.model.blocks.named_parameters()))


def test_a_transformer_reads_what_the_language_model_reads(tmp_path):
    language = small_language_model(tmp_path, "transformer_language_model", heads=2, layers=1).model.eval()
    options = config(tmp_path / "transformer_language_model", name="transformer", word_pairs=0)
    data = load_prepared(options, tmp_path)
    model = build_model(options.model, data, objective_of("class").__class__(data.target), seed=0).eval()
    ids = torch.tensor([[3, 4, 5]])
    torch.testing.assert_close(
        model.positions(model.embedding(ids)),
        language.positions(language.embedding(ids) * language.embedding_scale),
    )


def test_a_model_of_another_kind_takes_the_embeddings_alone(small, tmp_path):
    options = settled(ModelOptions(start=str(small.path), name="transformer"), objective_of("class"))
    assert (options.embedding_dim, options.hidden_dim) == (SIZES["embedding_dim"], 64)


def test_a_language_model_goes_on_with_all_weights_of_another(small):
    twin = type(small.model)(**small.model.options())
    start_at(twin, "gru_language_model", str(small.path), small.pipeline.vocabulary)
    for key, tensor in small.model.state_dict().items():
        assert torch.equal(twin.state_dict()[key], tensor), key


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ({"hidden_dim": 5}, "has hidden_dim=24, and the model 5"),
        ({"embedding_dim": 5}, "has embedding_dim=16, and the model 5"),
        ({"vectors": "cooccurrence"}, "model.start and model.vectors both say"),
    ],
)
def test_what_does_not_fit_is_one_clear_line(small, tmp_path, model, message):
    with pytest.raises(ConfigError, match=message) as caught:
        classifier(small.path, tmp_path, **model)
    assert "\n" not in str(caught.value)


def test_other_steps_or_another_tokenizer_are_refused(small, tmp_path):
    with pytest.raises(ConfigError, match="tokenizer asks for others; leave tokenizer out"):
        tp.train(config(small.path), tokenizer={"name": "char"}, run_dir=tmp_path / "run", cache_dir=tmp_path)


def test_another_vocabulary_is_refused(small):
    other = tp.Pipeline(tokenizer=tp.WordTokenizer()).fit(["something else"]).vocabulary
    with pytest.raises(ConfigError, match="another vocabulary: its weights mean other tokens"):
        start_at(type(small.model)(len(other)), "gru_language_model", str(small.path), other)


def test_a_start_must_be_a_language_model(small, tmp_path):
    run = classifier(small.path, tmp_path)
    with pytest.raises(
        ConfigError, match="the target of that run is 'class', and a model starts at a language"
    ):
        settled(ModelOptions(start=str(run.path)), objective_of("class"))
    with pytest.raises(RunError, match="no run"):
        settled(ModelOptions(start=str(tmp_path / "nothing")), objective_of("class"))
