"""What holds for every kind of target, with every option that changes how values are read."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import textprep as tp
from textprep.datasets.rows import Record, block_of
from textprep.datasets.schema.columns import Columns
from textprep.datasets.schema.validation import validated
from textprep.errors import DatasetError, UnknownNameError
from textprep.registry import TARGETS
from textprep.targets import Target, target_of
from textprep.targets.coding import checked_distinct
from textprep.testing.targets import TEXT, VALUES, target_checks

ONE, TWO = ("label",), ("a", "b")
KINDS = {
    "class": ("class", {}, ONE),
    "class, classes known": ("class", {"class_names": ["low", "1"]}, ONE),
    "class, renamed": ("class", {"labels": {"a": "b", "1": "one"}}, ONE),
    "class, by a threshold": ("class", {"threshold": 2}, ONE),
    "classes, in lists": ("classes", {}, ONE),
    "classes, known": ("classes", {"class_names": ["a", "b"]}, ONE),
    "classes, in a text": ("classes", {"separator": "|"}, ONE),
    "classes, a column each": ("classes", {}, TWO),
    "number": ("number", {}, ONE),
    "number, of two columns": ("number", {}, TWO),
    "next_values": ("next_values", {"horizon": 2}, ONE),
    "next_values, of two columns": ("next_values", {}, TWO),
    "next_token": ("next_token", {}, ONE),
    "tags, on spans": ("tags", {}, ONE),
    "tags, on spans, as BIOES": ("tags", {"scheme": "bioes", "class_names": ["a", "b"]}, ONE),
    "tags, on words": ("tags", {}, ONE),
    "tags, on words, of a scheme": ("tags", {"scheme": "iob1"}, ONE),
    "tags, on words, repaired": ("tags", {"scheme": "iob2", "repair": True}, ONE),
    "tags, on words, plain": ("tags", {"scheme": "plain", "class_names": ["a", "b", "c"]}, ONE),
}
EXAMPLES = {"classes, in a text": ["a|b"], "classes, a column each": [(1, "0")], "number": [2.5, "1e3"]}
EXAMPLES["next_values"] = EXAMPLES["number"]
SPANS = [[], [{"start": 0, "end": 1, "label": "a"}], [[2, 6, "b"], [0, 1, "a"]]]
EXAMPLES |= {kind: SPANS for kind in KINDS if kind.startswith("tags, on spans")}
TAGS = [["O", "I-a"], ["B-a", "I-a"], ["I-b", "B-b"]]
EXAMPLES |= {kind: TAGS for kind in KINDS if kind.startswith("tags, on words") and "plain" not in kind}
EXAMPLES["tags, on words, plain"] = [["a", "b"], [0, 1], ["c", "c"]]
TEXTS = {kind: ["a", "film"] for kind in KINDS if kind.startswith("tags, on words")}
BUILT_IN = [name for name in TARGETS.names() if TARGETS.owner(name).startswith("textprep ")]
NEEDS_TORCH = "its objective can be imported"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_keeps_the_rules_of_the_kit(kind):
    name, options, columns = KINDS[kind]
    for check in target_checks(
        target_of(name, **options), EXAMPLES.get(kind, ()), columns, TEXTS.get(kind, TEXT)
    ):
        if check.rule != NEEDS_TORCH:
            check()


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_objective_of_every_kind_can_be_imported(name):
    pytest.importorskip("textprep.training.targets")
    assert target_of(name).trained_by()


def test_every_kind_is_tried():
    assert {name for name, _, _ in KINDS.values()} == set(BUILT_IN)


RAW = st.one_of(
    st.sampled_from([value for value in VALUES if value != "\ud800"]), st.integers(), st.floats(),
    st.floats(width=32), st.decimals(), st.text(max_size=3), st.booleans(),
    st.sampled_from(["4,5", "1,234.5", "inf", "-inf", "nan", "", " 4.5 ", "1e3", "1e39", "1_000", "٤", "x", "a|b"]),
)  # fmt: skip


TAGGED = st.one_of(
    st.lists(st.sampled_from(["O", "B-a", "I-a", "I-b", "E-a", "S-b", "x", "", 0, None]), max_size=3),
    st.lists(
        st.fixed_dictionaries({"start": st.integers(-1, 2), "end": st.integers(0, 2), "label": st.just("a")})
    ),
    st.none(),
)


@pytest.mark.parametrize("kind", KINDS)
@given(st.data())
def test_a_block_gives_what_its_rows_give(kind, data):
    """Row by row, column by column, and once for each distinct value: the same rows, with the same meaning."""
    name, options, columns = KINDS[kind]
    usual = [RAW, st.integers(-3, 3), st.sampled_from(["1", "2.5", "", "a"])]
    value = data.draw(st.sampled_from([*usual, *([TAGGED] if name == "tags" else [])]))
    rows = data.draw(st.lists(st.tuples(*[value for _ in columns]), max_size=6))
    strip = data.draw(st.booleans())
    schema = Columns.of(name, options, label=list(columns))._replace(strip=strip)
    records = [
        Record({"text": TEXTS.get(kind, "a"), **dict(zip(columns, row, strict=True))}, None, at)
        for at, row in enumerate(rows)
    ]
    block = block_of(records)
    by_column, by_row = (validated(one, schema, 0) for one in (block, block._replace(table=None)))
    assert by_column.row_ids.tolist() == by_row.row_ids.tolist()
    assert str(by_column.rejected) == str(by_row.rejected)  # NaN differs from itself
    assert len(by_row.row_ids) + len(by_row.rejected) == len(rows)
    if len(by_row.row_ids) and not schema.target.from_text:
        assert meant(schema.target, by_column.target) == meant(schema.target, by_row.target)


def meant(target, block):
    try:
        settled, _ = target.settled([block], ("label",))
    except DatasetError as error:
        return str(error)
    return settled.classes, settled.stored([block]).to_pylist()


TYPES = {
    "int8": [1, None, -3], "uint64": [2**64 - 1, 0], "int64": [2**63 - 1, -(2**53) - 1, None],
    "float16": [0.5, float("inf"), None], "float32": [0.1, float("nan")], "float64": [1e39, -1e38, 0.1, None],
    "bool": [True, False, None], "string": ["4.5", "4,5", None], "large_string": [" 1 ", ""],
    "string_view": ["7", "x"], "decimal128(9, 2)": [1, 2, None], "null": [None, None],
    "date32": [1, 2], "timestamp[us]": [1, 2], "binary": [b"1", None],
}  # fmt: skip


@pytest.mark.parametrize("dictionary", [False, True])
@pytest.mark.parametrize("kind", TYPES)
def test_numbers_of_every_type_of_arrow_are_read_as_their_values_are(kind, dictionary):
    made = {"decimal128(9, 2)": pa.decimal128(9, 2), "string_view": pa.string_view()}
    of_type = made.get(kind) or pa.type_for_alias(kind)
    values = [np.float16(v) if kind == "float16" and v is not None else v for v in TYPES[kind]]
    column = pa.chunked_array([pa.array(values, of_type), pa.array([], of_type)])
    if dictionary:
        if kind in ("null", "string_view"):
            pytest.skip("Arrow has no dictionary of these")
        column = pa.chunked_array([column.combine_chunks().dictionary_encode()])
    target = target_of("number")
    numbers, good = target.check_columns(("n",), [column], strip=False)
    expected, as_values = checked_distinct(target, ("n",), [column], False)
    assert good.tolist() == as_values.tolist()
    assert numbers is None if expected is None else numbers.tolist() == expected.tolist()


@pytest.mark.parametrize("kind", ["class", "classes", "number"])
def test_a_name_a_mapping_a_class_and_a_target_stand_for_the_same(kind):
    target = target_of(kind)
    assert target_of({"name": kind}) == target_of(type(target)) == target_of(target) == target


def test_a_name_that_no_kind_has_is_answered_with_those_that_exist():
    with pytest.raises(UnknownNameError, match="no target is called 'numbr'; there are: number, "):
        target_of("numbr")
    with pytest.raises(UnknownNameError, match="say label='stars'"):
        tp.load_dataset("memory", rows=["a"], target="stars")
    for odd in (3, {"nam": "class"}, ["class"]):
        with pytest.raises(DatasetError, match="target= is the name of a kind"):
            target_of(odd)


@pytest.mark.parametrize(
    ("options", "message", "option"),
    [
        ({"target": "number", "separator": "|"}, "separator= has no meaning for the target 'number'", "target"),
        ({"target": "number", "class_names": ["a"]}, "class_names= has no meaning for .*'number'", "target"),
        ({"target": "class", "separator": "|"}, "separator= has no meaning for the target 'class'", "target"),
        ({"threshold": 2, "label": ["a", "b"]}, "threshold= has no meaning for the target 'classes'", "target"),
        ({"target": {"name": "class", "treshold": 2}}, "did you mean 'threshold'", "treshold"),
        ({"target": "class", "label": ["a", "b"]}, "read from one column, not from 2", "label"),
        ({"threshold": 2, "label": None}, "label=None reads none", "label"),
    ],
)  # fmt: skip
def test_options_that_do_not_go_together(options, message, option):
    with pytest.raises(DatasetError, match=message) as caught:
        tp.load_dataset("memory", rows=[{"text": "a", "a": 1, "b": 0}], **options)
    assert caught.value.option == option


def test_a_kind_of_ones_own_needs_little(monkeypatch):
    class Length(Target):
        """How long a word is."""

        name = "length"
        objective = "nowhere:Nothing"

        def check(self, columns, values):
            return len(values[0])

        def gathered(self, checked):
            return list(checked)

        def settled(self, blocks, columns):
            return self, []

        def stored(self, blocks):
            return pa.chunked_array([pa.array([n for block in blocks for n in block], pa.int64())])

        def array(self, column, rows):
            return np.full(rows, -1) if column is None else column.to_numpy()

        def labelled(self, labels):
            return labels >= 0

    rows = [{"text": "x", "label": "abc"}, {"text": "y", "label": "de"}]
    corpus = tp.load_dataset("memory", rows=rows, splits=None, target=Length())
    assert corpus["train"].labels.tolist() == [3, 2]
    assert (corpus.class_names, corpus["train"].class_counts(), corpus.num_classes) == ((), {}, 0)
    assert corpus.summary() == "train  2 rows"
    with pytest.raises(DatasetError, match="its objective 'nowhere:Nothing' cannot be imported"):
        Length().trained_by()


@pytest.mark.parametrize(
    ("values", "good"),
    [
        ([1e9, 1e9 + 1], False),
        ([1e-46, 2e-46], False),
        ([1e9, 2e9], True),
        ([1e-30, 2e-30], True),
        ([1.0, 1.01], True),
    ],
)
def test_numbers_that_float32_cannot_tell_apart_are_not_learned(values, good):
    target = target_of("number")
    column = target.stored([target.gathered([(each,) for each in values])])
    problem = target.check_trainable({"train": column})
    assert (problem is None) == good, problem
    assert good or "float32" in problem
    assert ("too_close" in {each.name for each in target.problems({"train": column})}) != good


def test_what_is_said_of_several_numbers_can_be_done():
    rows = [{"text": f"a {n}", "a": n / 2, "b": n} for n in range(30)]
    with pytest.raises(DatasetError, match='target="number"') as caught:
        tp.load_dataset("memory", rows=rows, label=["a", "b"])
    assert (caught.value.option, caught.value.value) == ("target", "number")
    assert (
        tp.load_dataset("memory", rows=rows, label=["a", "b"], target="number")["train"].labels.shape[1] == 2
    )
    with pytest.raises(DatasetError, match="several numbers are a column each"):
        tp.load_dataset("memory", rows=[{"text": "a", "label": [1.0, 2.0]}], target="number")
