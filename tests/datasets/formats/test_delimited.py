from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

import textprep as tp
from textprep.datasets.formats.delimited import read_csv
from textprep.datasets.rows import Record, Rejected
from textprep.errors import DatasetError


@pytest.fixture
def read(tmp_path):
    def read(content, **options):
        path = tmp_path / "reviews.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return list(read_csv(path, **options))

    return read


def kept(rows):
    return [(row.line, *row.fields.values()) for row in rows if isinstance(row, Record)]


def bad(rows):
    return [(row.line, row.reason, row.raw) for row in rows if isinstance(row, Rejected)]


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(st.lists(st.tuples(texts, texts), min_size=1), st.sampled_from([",", ";", "\t"]))
def test_whatever_a_csv_writer_writes_comes_back(tmp_path_factory, rows, delimiter):
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows([("text", "label"), *rows])
    path = tmp_path_factory.mktemp("csv") / "reviews.csv"
    path.write_text(file.getvalue(), encoding="utf-8", newline="")
    assert [tuple(row.fields.values()) for row in read_csv(path, delimiter=delimiter)] == rows


def test_lines_are_those_on_which_rows_begin(read):
    assert kept(read('text,label\n"a\nb",1\n\n"c",0\r\nd,1')) == [
        (2, "a\nb", "1"),
        (5, "c", "0"),
        (6, "d", "1"),
    ]


def test_an_open_quote_costs_one_row_and_not_the_rest(read):
    rows = read('text,label\na,1\n"b,0\nc,1\nd,0\n')
    assert kept(rows) == [(2, "a", "1"), (4, "c", "1"), (5, "d", "0")]
    assert bad(rows) == [(3, "a quote is opened and never closed", '"b,0')]


def test_an_open_quote_that_a_later_row_closes_is_found_where_it_began(read):
    rows = read('text,label\n"b,0\n"c",1\nd,0\n')
    assert kept(rows) == [(3, "c", "1"), (4, "d", "0")]
    assert [(line, raw) for line, _, raw in bad(rows)] == [(2, '"b,0')]
    assert "after its closing quote" in bad(rows)[0][1]


def test_hostile_quoting_ends_in_an_error_and_not_in_endless_reading(read, monkeypatch):
    monkeypatch.setattr("textprep.datasets.formats.delimited_rows.MOST_REREAD", 1000)
    with pytest.raises(DatasetError, match=r"line .*quoting is broken in too many rows"):
        read("text,label\n" + 'a","""\n' * 500)
    assert len(bad(read("text,label\n" + '"a,1\n' * 500))) == 500


@pytest.mark.parametrize("row", ["a", "a,1,2", '"a\nb"', "a,1,"])
def test_too_few_and_too_many_fields(read, row):
    rows = read(f"text,label\n{row}\nb,1\n")
    ((line, reason, raw),) = bad(rows)
    assert (line, raw) == (2, row)
    assert f"the row has {len(next(csv.reader(io.StringIO(row))))} fields, the header 2" in reason
    assert [row[1:] for row in kept(rows)] == [("b", "1")]


def test_a_bad_byte_costs_its_row(read):
    rows = read(b'text,label\ngood,1\n"two\ncaf\xe9",0\nb,1\n')
    assert kept(rows) == [(2, "good", "1"), (5, "b", "1")]
    ((line, reason, _),) = bad(rows)
    assert line == 3
    assert reason.startswith("line 4: byte 0xe9 (number 3 of the line, from 0) is not utf-8")


def test_a_nul_costs_its_row(read):
    rows = read("text,label\na\0b,1\nc,0\n")
    assert kept(rows) == [(3, "c", "0")]
    assert "NUL" in bad(rows)[0][1]
    assert bad(rows)[0][2] == "a\0b,1"


def test_encodings_and_byte_order_marks(read):
    assert kept(read(b"\xef\xbb\xbftext,label\nb,1\n")) == [(2, "b", "1")]
    assert kept(read("text,label\ncafé,1\n".encode("utf-16"), encoding="utf-16")) == [(2, "café", "1")]
    assert kept(read("text,label\ncafé,1\n".encode("latin-1"), encoding="latin-1")) == [(2, "café", "1")]
    with pytest.raises(DatasetError, match="no encoding is called 'utf-9'"):
        read("text,label\n", encoding="utf-9")


def test_a_field_longer_than_the_csv_module_likes(read):
    assert len(kept(read(f"text,label\n{'x' * 200_000},1\n"))[0][1]) == 200_000


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "reviews.csv: the file is empty"),
        ("\n\n", "no header and no rows"),
        ("text,text\na,1\n", "line 1: the header has the column 'text' twice"),
        ('text,"label\na,1\n', "line 1: a quote is opened and never closed"),
        (b"t\xff,label\na,1\n", "line 1: byte 0xff"),
        ("t,l\n".encode("utf-16"), "line 1: .*NUL"),
    ],
)
def test_files_that_cannot_be_read(read, content, message):
    with pytest.raises(DatasetError, match=message):
        read(content)


@pytest.mark.parametrize("delimiter", ["", ",,", '"', "\n", None])
def test_delimiters_that_cannot_be(read, delimiter):
    with pytest.raises(DatasetError, match="delimiter= is one character"):
        read("text,label\n", delimiter=delimiter)


def test_through_load_dataset_the_first_bad_row_names_file_and_line(tmp_path):
    path = tmp_path / "reviews.csv"
    path.write_text('text,label\na,x\n"b,y\nc,x\n')
    with pytest.raises(DatasetError, match=r"reviews\.csv, line 3, column 'text': a quote is opened"):
        tp.load_dataset("csv", path=path, splits=None)
    corpus = tp.load_dataset("csv", path=path, splits=None, on_error="skip")
    assert corpus["train"].row_ids.tolist() == [0, 2]
    assert [(row.line, row.raw) for row in corpus.rejected] == [(3, '"b,y')]
    assert "3 rows read = 2 kept + 1 skipped" in corpus.summary()
