from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import textprep as tp
from textprep.datasets.corpus import Corpus
from textprep.datasets.loading import as_corpus
from textprep.datasets.split import Split
from textprep.preparation.fingerprint import digest, learned_digest, made_of, unversioned
from textprep.targets import ClassTarget, NumberTarget

TEXTS = ["A great film", "", "a dull one é", "𝄞 good"]
CLASSES = ("bad", "good")


def split(text, labels=(0, 1, 0, 1), row_ids=(0, 1, 2, 3), class_names=CLASSES):
    columns = {"text": text, "label": pa.array(labels, pa.int64()), "row_id": pa.array(row_ids, pa.int64())}
    return Split(pa.table(columns), ClassTarget(class_names=class_names))


def corpus(text=None, name="films", splits=("train",), class_names=CLASSES, **options):
    column = pa.array(TEXTS, pa.large_string()) if text is None else text
    made = {split_name: split(column, class_names=class_names, **options) for split_name in splits}
    return Corpus(made, ClassTarget(class_names=class_names), name=name)


def pipeline(steps=None, tokenizer=None):
    return tp.Pipeline(
        [tp.Lowercase(), tp.StripPunctuation(keep="'")] if steps is None else steps,
        tokenizer=tokenizer or tp.WordTokenizer(),
    )


def fingerprint(corpus, pipeline):
    return digest(made_of(corpus, pipeline))


PLAIN = fingerprint(corpus(), pipeline())

LARGE = pa.large_string()
RELEVANT = {
    "a text": lambda: (corpus(pa.array(["b", *TEXTS[1:]], LARGE)), pipeline()),
    "where texts end": lambda: (corpus(pa.array(["A great ", "film", *TEXTS[2:]], LARGE)), pipeline()),
    "the order": lambda: (corpus(pa.array(TEXTS[::-1], LARGE)), pipeline()),
    "a row id": lambda: (corpus(row_ids=(0, 1, 2, 4)), pipeline()),
    "another split": lambda: (corpus(splits=("train", "test")), pipeline()),
    "a split's name": lambda: (corpus(splits=("test",)), pipeline()),
    "an option of a step": lambda: (corpus(), pipeline([tp.Lowercase(), tp.StripPunctuation(keep="-")])),
    "the order of steps": lambda: (corpus(), pipeline([tp.StripPunctuation(keep="'"), tp.Lowercase()])),
    "a step less": lambda: (corpus(), pipeline([tp.Lowercase()])),
    "an option of the tokenizer": lambda: (corpus(), pipeline(tokenizer=tp.WordTokenizer(min_freq=2))),
    "the tokenizer": lambda: (corpus(), pipeline(tokenizer=tp.CharTokenizer())),
    "what was learned": lambda: (corpus(), pipeline().fit(TEXTS)),
}


@pytest.mark.parametrize("change", RELEVANT)
def test_it_changes_with_what_the_ids_depend_on(change):
    assert fingerprint(*RELEVANT[change]()) != PLAIN


def test_all_these_changes_differ_from_each_other():
    assert len({fingerprint(*change()) for change in RELEVANT.values()}) == len(RELEVANT)


def test_a_new_version_of_a_step_changes_it():
    class Shout(tp.Step):
        name = "shout"

        def __call__(self, text):
            return text.upper()

    before = fingerprint(corpus(), pipeline([Shout()]))
    Shout.version = 2
    assert fingerprint(corpus(), pipeline([Shout()])) != before


def test_it_does_not_change_with_the_name_of_the_data_or_the_order_of_splits():
    assert fingerprint(corpus(name="elsewhere.csv"), pipeline()) == PLAIN
    one = corpus(splits=("train", "test"))
    other = corpus(splits=("test", "train"))
    assert fingerprint(one, pipeline()) == fingerprint(other, pipeline())


def test_it_does_not_change_with_further_columns():
    whole = split(pa.array(TEXTS, LARGE))
    wider = Split(whole.table.append_column("source", pa.array(["a"] * 4)), whole.target)
    assert fingerprint(Corpus({"train": wider}, whole.target), pipeline()) == PLAIN


def numbers(*values):
    table, target = as_corpus({"train": TEXTS})["train"].table, NumberTarget()
    return Corpus({"train": Split(table.append_column("label", pa.array(values)), target)}, target)


@pytest.mark.parametrize(
    "other",
    [
        lambda: corpus(labels=(1, 1, 0, 1)),
        lambda: corpus(class_names=("bad", "fine")),
        lambda: as_corpus({"train": TEXTS}),
        lambda: numbers(0.5, 1.0, 2.25, -3.0),
    ],
    ids=["a label", "a class name", "no labels", "another target"],
)
def test_it_does_not_change_with_labels(other):
    assert fingerprint(other(), pipeline()) == PLAIN


@given(cuts=st.lists(st.integers(0, 4), max_size=5), before=st.integers(0, 3), after=st.integers(0, 3))
def test_it_does_not_depend_on_how_arrow_holds_the_texts(cuts, before, after):
    padded = pa.array(["before"] * before + TEXTS + ["after"] * after, LARGE).slice(before, len(TEXTS))
    edges = [0, *sorted(cuts), len(TEXTS)]
    pieces = [padded.slice(start, stop - start) for start, stop in pairwise(edges)]
    assert fingerprint(corpus(pa.chunked_array(pieces, LARGE)), pipeline()) == PLAIN


def test_it_does_not_change_when_the_tokenizer_is_used():
    fitted = pipeline(tokenizer=tp.BPETokenizer(vocab_size=60)).fit(TEXTS)
    before = fingerprint(corpus(), fitted)
    fitted.encode("a great dull film")
    fitted.encode_batch(TEXTS)
    assert fingerprint(corpus(), fitted) == before


def test_what_was_learned_is_told_apart_by_ids_and_counts():
    once, twice = pipeline().fit(["a b"]), pipeline().fit(["a b a b"])
    swapped = pipeline().fit(["b b a"])
    assert len({learned_digest(fitted) for fitted in (once, twice, swapped)}) == 3
    assert learned_digest(pipeline().fit(["b a"])) == learned_digest(once)


def test_the_order_of_keys_takes_part_because_a_step_may_apply_them_in_turn():
    assert digest({"map": {"a": "b", "b": "c"}}) != digest({"map": {"b": "c", "a": "b"}})


def test_hash_seed_and_process_do_not_matter():
    program = (
        "import textprep as tp\n"
        "from textprep.datasets.loading import as_corpus\n"
        "from textprep.preparation.fingerprint import digest, made_of\n"
        "pipeline = tp.Pipeline([tp.Lowercase()], tokenizer=tp.WordTokenizer()).fit(['b a c a', 'd e b'])\n"
        "print(digest(made_of(as_corpus({'train': [('a', 'x'), ('b', 'y')]}), pipeline)))\n"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("0", "7")
    }
    assert len(runs) == 1


def test_it_changes_with_the_libraries_that_decide_and_with_no_others(monkeypatch):
    words, characters = pipeline(), pipeline([tp.Lowercase()], tp.CharTokenizer())
    before = fingerprint(corpus(), words), fingerprint(corpus(), characters)
    versions = {"regex": "another"}
    monkeypatch.setattr("textprep.components._version", lambda name: versions.get(name, "as before"))
    assert fingerprint(corpus(), words) != before[0]
    assert fingerprint(corpus(), characters) == before[1]
    assert set(made_of(corpus(), pipeline(tokenizer=tp.BPETokenizer()))["libraries"]) == {
        "regex",
        "tokenizers",
    }


def test_it_changes_with_the_table_of_characters(monkeypatch):
    monkeypatch.setattr("unicodedata.unidata_version", "99.0.0")
    assert fingerprint(corpus(), pipeline()) != PLAIN


def test_a_step_without_version_and_source_is_named():
    class Prompted(tp.Step):
        name = "typed_at_a_prompt"
        version = None

    assert unversioned(pipeline([tp.Lowercase(), Prompted()])) == ["typed_at_a_prompt"]
    assert unversioned(pipeline()) == []
