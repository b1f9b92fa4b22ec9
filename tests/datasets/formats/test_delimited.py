from __future__ import annotations

import csv
import io
import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import textprep as tp
from textprep.datasets.formats.delimited import read_csv
from textprep.datasets.formats.delimited_dialect import Dialect
from textprep.datasets.formats.delimited_rows import StrictReader
from textprep.datasets.rows import Record, Rejected
from textprep.datasets.sources.encodings import Encoding
from textprep.datasets.sources.window import Window
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


WRITTEN = {
    Dialect(delimiter, quote, escape, 0, comment): text
    for delimiter, quote, escape, comment, text in [
        (",", '"', None, None, "\n\r ,;\"'"), (";", '"', None, None, "\n\r ,;\"'"), ("\t", '"', None, None, "\n\t\"'"),
        ("|", '"', None, None, "\n|\"'"), (":", '"', None, None, "\n:\"'"), (",", "'", None, None, "\n,\"'"),
        (";", "'", None, None, "\n;\"'"), (",", '"', None, "#", "\n,#\""), (";", '"', None, "//", "\n;/\""),
        (",", '"', "\\", None, "\n,\"\\"), (";", '"', "\\", None, "\n;\"\\"), ("\t", '"', "\\", None, "\n\t\"\\"),
        (",", '"', "^", None, "\n,\"^"), (",", "'", "\\", None, "\n,'\\"), ("|", '"', "\\", "#", "\n|#\"\\"),
        ("\t", None, None, None, " \r\"'\\"), (",", None, None, None, "\"'\\"), ("|", None, None, None, "\"'\\,"),
        ("\t", None, "\\", None, "\n\t\"\\"), (",", None, "\\", None, "\n,\"\\"), (",", None, "^", None, "\n,\"^"),
    ]
}  # fmt: skip


def field(text, dialect):
    """A field as programs of this dialect write it."""
    delimiter, quote, escape = dialect[:3]
    if escape:
        for special in filter(None, (escape, quote, None if quote else delimiter, None if quote else "\n")):
            text = text.replace(special, escape + special)
        return f"{quote}{text}{quote}" if quote else text
    return f"{quote}{text.replace(quote, quote * 2)}{quote}" if quote else text


@settings(max_examples=200, deadline=None)
@given(st.data(), st.sampled_from(list(WRITTEN)), st.sampled_from(["\n", "\r\n"]))
def test_rows_in_are_rows_out_and_reported_in_twenty_dialects(tmp_path_factory, data, dialect, end):
    text = st.text(st.sampled_from("aé" + WRITTEN[dialect]), max_size=6).map(lambda text: f"t{text}t")
    rows = data.draw(st.lists(st.tuples(text, st.sampled_from(["pos", "neg"])), min_size=1, max_size=9))
    bad = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=3, unique=True))
    lines = [dialect.delimiter.join(field(each, dialect) for each in row) for row in rows]
    for place in bad:
        lines[place] += f"{dialect.delimiter}x"  # a field too many
    rows, lines = [*rows, ("t", "pos")], [*lines, f"t{dialect.delimiter}pos"]
    file = tmp_path_factory.getbasetemp() / "dialect.csv"
    begin = [f"{dialect.comment} no row"] if dialect.comment else []
    header = dialect.delimiter.join(["text", "label"])
    file.write_text(end.join([*begin, header, *lines, ""]), encoding="utf-8", newline="")
    options = {name: value for name, value in dialect._asdict().items() if name != "lone_returns"}
    found = list(read_csv(file, **options))
    assert [tuple(row.fields.values()) for row in found if isinstance(row, Record)] == [
        row for place, row in enumerate(rows) if place not in bad
    ]
    assert len(bad) == sum(isinstance(row, Rejected) for row in found)


CSV_STRICT = {"delimiter": ",", "strict": True}


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(['"', '""', ",", "\n", "\r\n", "a", " ", "é", '"a,b"', ',"'])).map("".join),
    st.sampled_from(['"', None]),
)
def test_a_row_has_the_fields_that_the_csv_module_gives(content, quote):
    style = {"quoting": csv.QUOTE_NONE} if quote is None else {}
    window = Window(io.BytesIO(content.encode()), "x.csv", Encoding("utf-8"))
    found = next(StrictReader(window, Dialect(quote=quote)).rows(), None)
    lines = io.StringIO(content, newline="")
    try:
        expected = next(filter(None, csv.reader(lines, **CSV_STRICT, **style)), None)
    except csv.Error:
        expected = None
    assert (None if isinstance(found, Rejected) else found) == expected


def written(tmp_path, content, name="csv", encoding="utf-8"):
    path = tmp_path / f"reviews.{name}"
    path.write_bytes(content.encode(encoding))
    return path


def corpus_of(tmp_path, content, name="csv", encoding="utf-8", **options):
    return tp.load_dataset(name, path=written(tmp_path, content, name, encoding), splits=None, **options)


def pairs(corpus):
    return list(
        zip(
            corpus["train"].text.to_pylist(),
            map(corpus.class_names.__getitem__, corpus["train"].labels),
            strict=True,
        )
    )


def test_plain_tsv_has_no_quotes(tmp_path):
    corpus = corpus_of(tmp_path, 'text\tlabel\none\ta\n"two\tb\nthree"\tc\nfour\td\n', "tsv")
    assert pairs(corpus) == [("one", "a"), ('"two', "b"), ('three"', "c"), ("four", "d")]
    assert corpus.notes == ()


def test_every_row_of_a_tsv_file_with_stray_quotes_is_there_byte_for_byte(tmp_path):
    quoted = [
        'he said "no"',
        '"open',
        'close"',
        '"all"',
        'in"side',
        "plain",
        'two "" beside',
        "a\rb",
        " white ",
    ]
    rows = [
        (f"{number} {quoted[number % 9]}", f"{quoted[number % 7]}", str(number % 2)) for number in range(4076)
    ]
    lines = "".join(f"{label}\t{first}\t{second}\n" for first, second, label in rows)
    corpus = corpus_of(
        tmp_path,
        "Quality\t#1 String\t#2 String\n" + lines,
        "tsv",
        text="#1 String",
        pair="#2 String",
        label="Quality",
    )
    train = corpus["train"]
    assert (
        list(
            zip(train.text.to_pylist(), train.table["pair"].to_pylist(), map(str, train.labels), strict=True)
        )
        == rows
    )
    assert corpus.rejected == ()


def test_tsv_that_can_only_have_been_written_with_quotes_is_read_with_them(tmp_path):
    content = 'text\tlabel\n"one\nline ""two"""\ta\nb\tb\n'
    corpus = corpus_of(tmp_path, content, "tsv")
    assert pairs(corpus) == [('one\nline "two"', "a"), ("b", "b")]
    assert "fields stand in quotes" in corpus.notes[0]
    with pytest.raises(DatasetError, match=r"line 2: the row has 1 fields.*say quote='\"'"):
        corpus_of(tmp_path, content, "tsv", quote=None)


def test_a_backslash_escapes_as_spark_writes_it(tmp_path):
    content = 'text,label\n"say \\"no\\", she",a\nb,b\n'
    assert pairs(corpus_of(tmp_path, content, escape="\\")) == [('say "no", she', "a"), ("b", "b")]
    with pytest.raises(DatasetError, match=r"column 'text': .*say escape=") as caught:
        corpus_of(tmp_path, content)
    assert caught.value.option == "escape"


@pytest.mark.parametrize(
    "content", ["sep=;\ntext;label\na, b;x\nc;y\n", '#TYPE System.Row\ntext,label\n"a, b",x\nc,y\n']
)
def test_what_the_first_line_says_is_taken_and_reported(tmp_path, content):
    corpus = corpus_of(tmp_path, content)
    assert pairs(corpus) == [("a, b", "x"), ("c", "y")]
    assert "its first line" in corpus.notes[0]


def test_mysql_writes_that_there_is_no_value(tmp_path):
    content = "text\tlabel\na\tx\n\\N\ty\nb\\\nc\tx\nd\t\\N\n"
    corpus = corpus_of(tmp_path, content, "tsv", escape="\\", on_error="skip")
    assert pairs(corpus) == [("a", "x"), ("", "y"), ("b\nc", "x")]
    assert [row.column for row in corpus.rejected] == ["label"]


def test_lines_are_skipped_and_comments_left_out(tmp_path):
    content = "A report\n\n# of\ntext,label\n# rows\na,x\nb # c,y\n"
    corpus = corpus_of(tmp_path, content, skip_lines=2, comment="#")
    assert pairs(corpus) == [("a", "x"), ("b # c", "y")]


def test_a_column_without_a_name_is_called_by_its_position(tmp_path):
    corpus = corpus_of(tmp_path, ",text,label\n0,a,x\n1,b,y\n")
    assert corpus["train"].table["column_1"].to_pylist() == ["0", "1"]
    assert "are called column_1" in corpus.notes[0]


@pytest.mark.parametrize("fourth", ["", "more"])
def test_an_empty_column_without_a_name_is_left_out(tmp_path, fourth):
    lines = "v1,v2,,,\n" + "ham,hello,,,\n" * 30 + f"spam,win,,{fourth},\n"
    corpus = corpus_of(tmp_path, lines, label="v1", text="v2")
    assert ("column_4" in corpus["train"].table.column_names) == bool(fourth)
    if fourth:
        assert corpus["train"].table["column_4"].to_pylist() == [None] * 30 + ["more"]
    assert f"left out: number 3, {'5' if fourth else '4, 5'}" in corpus.notes[0]


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("review,stars", ["text", "label"]),
        ("label,text", ["text", "label"]),
        ("v1,v2", ["text", "label"]),
        ("Text,Nr", ["text", "label"]),
    ],
)
def test_names_replace_a_header(tmp_path, header, names):
    rows = [(f"text {number}", str(number % 2)) for number in range(8)]
    lines = "".join(f"{text},{label}\n" for text, label in rows)
    corpus = corpus_of(tmp_path, f"{header}\n{lines}", names=names)
    assert pairs(corpus) == rows
    assert "names= replaces the header" in corpus.notes[0]
    assert pairs(corpus_of(tmp_path, f"{header}\n{lines}", names=names, header=True)) == rows
    assert len(corpus_of(tmp_path, f"{header}\n{lines}", names=names, header=False)["train"]) == 9
    assert pairs(corpus_of(tmp_path, lines, names=names)) == rows


def test_a_row_is_not_taken_for_a_header(tmp_path):
    content = "ham\tWhere are you?\nham\tat home\nspam\twin\nham\tok\nspam\tbuy\n"
    with pytest.raises(DatasetError, match=r"line 1: this is a row .*'ham' is there again.*names=") as caught:
        corpus_of(tmp_path, content, "tsv")
    assert caught.value.option == "names"
    assert len(corpus_of(tmp_path, content, "tsv", names=["label", "text"])["train"]) == 5


@pytest.mark.parametrize("mark", ["\ufeff\ufeff{}", "{}\u200b"])
def test_a_name_with_what_nobody_can_see_is_shown(tmp_path, mark):
    with pytest.raises(DatasetError, match=r"'(\\ufefftext|text\\u200b)'"):
        corpus_of(tmp_path, f"{mark.format('text')},label\na,x\n")


@pytest.mark.parametrize("name", ["csv", "tsv"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_another_delimiter_is_named_and_then_works(tmp_path, name, delimiter):
    lines = [["text", "label"], ["a; b, c | d", "x"], ["e", "y"], ["f, g", "x"]]
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows(lines)
    if delimiter == {"csv": ",", "tsv": "\t"}[name]:
        return
    with pytest.raises(DatasetError, match="the columns are then text, label") as caught:
        corpus_of(tmp_path, file.getvalue(), name)
    assert (caught.value.option, caught.value.value) == ("delimiter", delimiter)
    assert f"delimiter={json.dumps(delimiter)}" in str(caught.value)
    corpus = corpus_of(tmp_path, file.getvalue(), name, delimiter=delimiter, quote='"')
    assert pairs(corpus) == [tuple(line) for line in lines[1:]]


def test_from_an_export_of_excel_to_a_corpus_in_two_messages(tmp_path):
    rows = "".join(
        f"{number};Schöner Film, wirklich;{'gut' if number % 2 else 'übel'}\n" for number in range(249)
    )
    content = "Nr;Rezension;Bewertung\n" + rows
    with pytest.raises(
        DatasetError, match=r'say delimiter=";" and encoding="cp1252"; .*Nr, Rezension, Bewertung'
    ):
        corpus_of(tmp_path, content, encoding="cp1252")
    path, options = tmp_path / "reviews.csv", {"delimiter": ";", "text": "Rezension", "label": "Bewertung"}
    with pytest.raises(DatasetError, match=r"byte 0xf6.* is not utf-8; encoding=\"cp1252\" .* can read it$"):
        tp.load_dataset("csv", path=path, **options)
    corpus = tp.load_dataset("csv", path=path, **options, encoding="cp1252", splits=None)
    assert (len(corpus["train"]), corpus.class_names) == (249, ("gut", "übel"))


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("C\u2019était génial, à voir", "cp1252"), ("żadnych uwag, źródło, łąka", "cp1250"), ("Отличный фильм", "cp1251"),
        ("这部电影很好看", "gb18030"), ("plain", "utf-16"), ("plain", "utf-16-le"), ("plain", "utf-16-be"),
    ],
)  # fmt: skip
def test_an_encoding_that_reads_every_line_is_proposed(tmp_path, text, encoding):
    content = f'text,label\n"{text}",a\nmore,b\n'
    with pytest.raises(DatasetError, match="can read it") as caught:
        corpus_of(tmp_path, content, encoding=encoding)
    proposed = str(caught.value).split('encoding="')[1].split('"')[0]
    path = tmp_path / "reviews.csv"
    assert pairs(tp.load_dataset("csv", path=path, encoding=proposed, splits=None))[0] == (text, "a")


def test_the_columns_are_named_in_the_encoding_that_reads_them(tmp_path):
    with pytest.raises(
        DatasetError,
        match=r'say delimiter="\\t" and encoding="utf-16"; the columns are then Länge, Text',
    ):
        corpus_of(tmp_path, "Länge\tText\n1\ta\n2\tb\n", encoding="utf-16")
    with pytest.raises(DatasetError, match='encoding="utf-8" can read it'):
        tp.load_dataset("csv", path=written(tmp_path, "text,label\né,x\n"), encoding="ascii")


def test_a_damaged_line_among_good_ones_is_no_reason_for_another_encoding(tmp_path):
    (tmp_path / "reviews.csv").write_bytes("text,label\ncafé,a\n".encode() + b"caf\xe9,b\n")
    with pytest.raises(DatasetError, match="other lines are utf-8: mend this one"):
        tp.load_dataset("csv", path=tmp_path / "reviews.csv")


def test_a_quote_in_an_unquoted_field_is_text_and_reported(tmp_path):
    corpus = corpus_of(tmp_path, 'text,label\na,x\n5" pipe,y\n6" pipe,y\n')
    assert pairs(corpus) == [("a", "x"), ('5" pipe', "y"), ('6" pipe', "y")]
    (note,) = corpus.notes
    assert "quotes inside unquoted fields are kept as text, the first in line 3" in note


def test_white_space_around_labels_and_names_is_left_out_and_texts_stay(tmp_path):
    content = "text , label\n good,pos\nbad , neg \n ,neg\n"
    corpus = corpus_of(tmp_path, content)
    assert pairs(corpus) == [(" good", "pos"), ("bad ", "neg"), (" ", "neg")]
    assert corpus_of(tmp_path, content, strip=False, text="text ", label=" label").class_names == (
        " neg ",
        "neg",
        "pos",
    )


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("sep", "delimiter"), ("names_in", None), ("quotechar", "quote"), ("escapechar", "escape"), ("skiprows", "skip_lines"),
        ("comment_prefix", "comment"), ("usecols", "text"), ("filename", "path"), ("file", "path"), ("column", "text"),
        ("text_column", "text"), ("targets", "label"), ("task", "target"), ("label_column", "label"), ("column_names", "names"),
        ("on_bad_lines", "on_error"), ("random_state", "seed"), ("test_size", "splits"), ("has_header", "header"),
    ],
)  # fmt: skip
def test_the_words_of_other_libraries_are_answered_with_ours(theirs, ours):
    with pytest.raises(DatasetError, match=f"there is no option '{theirs}'") as caught:
        tp.load_dataset("csv", path="reviews.csv", **{theirs: "x"})
    assert caught.value.option == ours
    assert ours is None or f"it is called {ours}= here" in str(caught.value)


def test_several_unknown_options_are_answered_at_once():
    with pytest.raises(
        DatasetError, match=r"'sep': it is called delimiter= here; .*'quotechar': it is called quote="
    ):
        tp.load_dataset("csv", path="reviews.csv", sep=";", quotechar="'")


def test_time_is_linear_in_the_columns(tmp_path):
    def seconds(columns):
        names = ",".join(f"c{number}" for number in range(columns))
        started = time.process_time()
        corpus_of(tmp_path, f"text,label,{names}\na,x{',1' * columns}\nb,y{',1' * columns}\n")
        return time.process_time() - started

    seconds(500)
    assert seconds(4000) < 12 * max(seconds(1000), 0.05)


def test_bad_rows_are_kept_in_part(tmp_path):
    corpus = corpus_of(tmp_path, "text,label\na,x\n" + "b" * 10**6 + "\nc,y\n", on_error="skip")
    ((row),) = corpus.rejected
    assert len(row.raw) < 20_000
    assert pairs(corpus) == [("a", "x"), ("c", "y")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
@pytest.mark.parametrize("between", [1, 3000])
def test_a_header_in_the_middle_is_a_bad_row_in_both_readers(tmp_path, end, encoding, between):
    part = ["text,label", *(f"row {number},pos" for number in range(between)), '"of text,label",neg']
    path = tmp_path / "parts.csv"
    path.write_bytes(end.join(part * 3).encode(encoding))
    corpus = tp.load_dataset("csv", path=path, encoding=encoding, splits=None, on_error="skip")
    assert [rejected.line for rejected in corpus.rejected] == [between + 3, 2 * between + 5]
    assert {rejected.reason for rejected in corpus.rejected} == {
        "this is the header again, as where files were put together"
    }
    assert len(corpus["train"]) == 3 * (between + 1)
