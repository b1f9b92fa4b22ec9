"""Each message leads to a corpus: what it advises is done, word for word, and at most two are needed."""

import gzip
import io
import json
import tarfile
import zipfile

import pytest

import textprep as tp
from textprep.errors import DatasetError

ROWS = [("Schöner Film, wirklich", "gut"), ("Très mauvais, hélas", "schlecht"), ("L'été", "gut")] * 3


def delimited(delimiter=",", quote='"', names=("text", "label"), rows=ROWS):
    lines = [names, *rows] if names else rows
    return "".join(delimiter.join(f"{quote}{each}{quote}" for each in line) + "\n" for line in lines)


SEMICOLONS = delimited(";", "")
LINES = "".join(json.dumps({"text": a, "label": b}, ensure_ascii=False) + "\n" for a, b in ROWS)
DOCUMENT = "[" + LINES.replace("\n", ",\n")[:-2] + "]"
NAMES = {"names": ["text", "label"]}
FILES = {  # name, content, and what only a person can know
    "semicolons": ("r.csv", SEMICOLONS.encode(), {}),
    "semicolons, another encoding": ("r.csv", SEMICOLONS.encode("cp1252"), {}),
    "tabs, UTF-16": ("r.csv", delimited("\t").encode("utf-16"), {}),
    "commas in .tsv": ("r.tsv", delimited().encode(), {}),
    "another encoding": ("r.csv", delimited().encode("cp1252"), {}),
    "tildes": ("r.csv", delimited("~", "").encode(), {}),
    "control characters": ("r.csv", delimited("\x01", "").encode(), {}),
    "semicolons and single quotes": (
        "r.csv",
        delimited(";", "'", rows=[("a; b", "gut"), ("c", "gut")]).encode(),
        {},
    ),
    "a title before the header": ("r.csv", b"Export\n\nby me\n" + delimited().encode(), {}),
    "comments before the header": ("r.csv", b"# by me\n# today\n" + delimited().encode(), {}),
    "the header again": ("r.csv", delimited(rows=ROWS[:3]).encode() + delimited(rows=ROWS[3:]).encode(), {}),
    "UTF-16": ("r.csv", delimited().encode("utf-16"), {}),
    "UTF-16 without a mark": ("r.csv", delimited().encode("utf-16-le"), {}),
    "UTF-32": ("r.csv", delimited().encode("utf-32"), {}),
    "UTF-32 without a mark": ("r.csv", delimited().encode("utf-32-be"), {}),
    "single quotes": ("r.csv", delimited(quote="'", rows=[("a, b", "gut"), ("c", "gut")]).encode(), {}),
    "backslashes": ("r.csv", b'text,label\n"a \\"b\\" c",gut\n"d",gut\n', {}),
    "no header": ("r.csv", delimited(names=()).encode(), NAMES),
    "a damaged line": ("r.csv", delimited().encode() + "été,gut\n".encode("cp1252"), {}),
    "JSON Lines, another encoding": ("r.jsonl", LINES.encode("cp1252"), {}),
    "JSON Lines, UTF-16": ("r.jsonl", LINES.encode("utf-16"), {}),
    "JSON, another encoding": ("r.json", DOCUMENT.encode("cp1252"), {}),
    "JSON, UTF-16": ("r.json", DOCUMENT.encode("utf-16"), {}),
    "JSON, a key below a key": (
        "r.json",
        f'{{"data": {{"rows": {DOCUMENT}}}}}'.encode(),
        {"key": "data.rows"},
    ),
    "JSON, a key": ("r.json", f'{{"n": 1, "rows": {DOCUMENT}}}'.encode(), {}),
}

OTHERS = {
    "single quotes": [("a, b", "gut"), ("c", "gut")],
    "semicolons and single quotes": [("a; b", "gut"), ("c", "gut")],
    "backslashes": [('a "b" c', "gut"), ("d", "gut")],
}


def packed(container, name, content):
    """An adapter, and a file that holds this one."""
    out = io.BytesIO()
    if container == "plain":
        return name.partition(".")[2], name, content
    if container == "gzip":
        return name.partition(".")[2], f"{name}.gz", gzip.compress(content)
    if container == "zip":
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr(f"data/{name}", content)
        return "archive", "r.zip", out.getvalue()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return "archive", "r.tar.gz", out.getvalue()


def followed(adapter, person, messages=2, **options):
    """The corpus that advice leads to; a person adds what no message can know."""
    for _ in range(messages):
        try:
            return tp.load_dataset(adapter, splits=None, **options)
        except DatasetError as error:
            options[error.option] = person[error.option] if error.value is ... else error.value
    return tp.load_dataset(adapter, splits=None, **options)


@pytest.mark.parametrize("container", ["plain", "gzip", "zip", "tar.gz"])
@pytest.mark.parametrize("kind", FILES)
def test_two_messages_lead_to_a_corpus(tmp_path, kind, container):
    name, content, person = FILES[kind]
    adapter, file, content = packed(container, name, content)
    path = tmp_path / file
    path.write_bytes(content)
    corpus = followed(adapter, person, path=path)
    rows = [(row["text"], corpus.class_names[row["label"]]) for row in corpus["train"]]
    assert rows == OTHERS.get(kind, ROWS)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-32"])
def test_texts_that_are_files_are_led_to_their_encoding(tmp_path, encoding):
    with zipfile.ZipFile(tmp_path / "r.zip", "w") as archive:
        for number, (text, label) in enumerate(ROWS[:3]):
            for file in (tmp_path / "r" / label / f"{number}.txt",):
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(text.encode(encoding))
                archive.write(file, f"r/{label}/{number}.txt")
    for adapter, file in (("folder", "r"), ("archive", "r.zip")):
        corpus = followed(adapter, {}, path=tmp_path / file)
        assert sorted(corpus["train"].text.to_pylist()) == sorted(text for text, _ in ROWS[:3])


def test_a_file_of_labels_is_led_to_its_delimiter(tmp_path):
    (tmp_path / "1.txt").write_text("a")
    (tmp_path / "2.txt").write_text("b")
    (tmp_path / "labels.csv").write_text("file;label\n1.txt;x\n2.txt;y\n")
    corpus = followed("folder", {}, path=tmp_path, labels="labels.csv")
    assert corpus.class_names == ("x", "y")
