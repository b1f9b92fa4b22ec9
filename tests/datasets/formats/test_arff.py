"""ARFF: attributes with their types, quoted values, what is missing, and rows that are bad."""

import pytest

import textprep as tp
from textprep.datasets.formats.arff import read_arff
from textprep.errors import DatasetError

HEAD = "% a comment\n@RELATION made\n\n@attribute 'the x' NUMERIC\n@attribute kind {a,'b, c'}\n@DATA\n"


def read(tmp_path, body, head=HEAD):
    path = tmp_path / "made.arff"
    path.write_text(head + body)
    return list(read_arff(path))


@pytest.mark.parametrize(
    ("line", "row"),
    [
        ("1.5,a", {"the x": 1.5, "kind": "a"}),
        (" -2e3 , 'b, c'", {"the x": -2000.0, "kind": "b, c"}),
        ("?,?", {"the x": None, "kind": None}),
        ("1,'it\\'s'", {"the x": 1.0, "kind": "it's"}),
        ('1,"a"', {"the x": 1.0, "kind": "a"}),
        ("one,a", {"the x": "one", "kind": "a"}),
    ],
)
def test_a_row_is_read_by_its_attributes(tmp_path, line, row):
    (record,) = read(tmp_path, f"% said\n{line}\n\n")
    assert (record.fields, record.line) == (row, 8)


@pytest.mark.parametrize(("line", "says"), [("1", "1 values"), ("1,a,b", "3 values"), ("{0 1}", "sparse")])
def test_a_bad_row_is_named_by_its_line(tmp_path, line, says):
    good, bad = read(tmp_path, f"1,a\n{line}\n")
    assert good.line == 7
    assert bad.line == 8
    assert says in bad.reason


@pytest.mark.parametrize("head", ["@relation x\n", "x,y\n1,2\n", "@attribute x numeric\n"])
def test_what_is_no_arff_file_is_refused(tmp_path, head):
    with pytest.raises(DatasetError, match=r"no @data|no ARFF"):
        read(tmp_path, "", head)


def test_a_file_without_a_column_of_names_is_one_recording(tmp_path):
    path = tmp_path / "eeg.arff"
    path.write_text(HEAD + "".join(f"{step},{'a' if step < 30 else 'b'}\n" for step in range(60)))
    corpus = tp.load_dataset("sequences", path=path, label="kind", windows={"length": 4}, splits=None)
    assert corpus.features == ("the x",)
    assert len(corpus["train"]) == 14
    assert corpus.class_names == ("a", "b")
