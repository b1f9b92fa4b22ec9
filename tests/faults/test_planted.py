"""``textprep check`` finds every fault of a CSV file and of a folder that hold many at once."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import textprep as tp
from textprep.datasets.inspection import inspect_corpus

GOOD = [
    f"{i},a {word} film number {i},{label},a{i % 7}".encode()
    for i in range(40)
    for word, label in (("dull", "neg"), ("great", "pos"))
]
PLANTED_ROWS = {
    b"40,a capital,Neg,a1": r'alike_labels: 1 labels .*: "Neg" and "neg"; labels=\{"Neg": "neg"\}',
    b"41,caf\xe9 of another encoding,neg,a1": r"line \d+, column 'review': byte 0xe9 .* is not utf-8",
    b'42,the "best" of films,pos,a2': r"quotes inside unquoted fields are kept as text, the first in line \d+",
    b"43,too,many,pos,a2": r"line \d+: the row has 5 fields, the header 4",
    b"44,no label,,a3": r"line \d+, column 'sentiment': the label is missing",
    b"45,,pos,a3": r"empty: 1 texts are empty: leave them out",
    b"46,said of both,neg,a4\n47,said of both,pos,a4": r"contradiction: 1 texts have two labels",
    b"48,twice the same,pos,a5\n49,twice the same,pos,a5": r"duplicates: 2 rows are repeated",
    "50,a zero\u200bwidth space,pos,a6".encode(): r"invisible: 1 texts .*U\+200B",
    "51,it was caf\u00c3\u00a9 food,pos,a6".encode(): r"mojibake: 1 texts .*U\+00C3 U\+00A9",
    b"52,a bell \x07 rings,pos,a1": r"control: 1 texts .*U\+0007",
    "53,a lost \ufffd character,neg,a1".encode(): r"replaced: 1 texts hold U\+FFFD",
    b"54,written by nobody,neg,": r"group='author': 1 row has none",
    b"55,a label with a space,neg ,a2": "",  # white space around a label is left out
    b'56,"never closed,pos,a2': r"line \d+, column 'review': a quote is opened and never closed",
}
OF_THE_HEADER = r"columns without a name in the header are called column_1"

PLANTED_FILES = {
    "train/README.txt": (b"About these texts.", r"1 beside the class folders: README.txt"),
    "train/.DS_Store": (b"x", r"3 left by operating systems: .DS_Store, neg/Thumbs.db, pos/._1.txt"),
    "train/pos/._1.txt": (b"x", r"left by operating systems"),
    "train/neg/Thumbs.db": (b"x", r"left by operating systems"),
    "train/pos/old/1.txt": (b"Deeper.", r"1 below the class folders: pos/old/1.txt; .*recursive=True"),
    "train/neg/1.md": (b"Of another ending.", r"2 of other endings: neg/1.md, neg/noend; .*endings="),
    "train/neg/noend": (b"Of none.", r"of other endings"),
    "train/.git/1.txt": (b"Hidden.", r"1 in hidden folders: .git/1.txt"),
    "train/neg/upper.TXT": (b"An upper ending is read.", ""),
    "train/neg/cp1252.txt": (b"A caf\xe9.", r"cp1252.txt, line 1, .*byte 0xe9 .* is not utf-8"),
    "train/neg/cut.txt.gz": (gzip.compress(b"Cut off.")[:-9], r"cut.txt.gz, line 1: .*the end is missing"),
    "train/pos/really.txt": (b"%PDF-1.7 x", r"really.txt, line 1: this is a PDF document"),
    "train/neg/empty.txt": (b"", r"empty: 1 texts are empty"),
    "train/neg/marks.txt": ("\ufeff\ufeffTwo marks.".encode(), r"control: 1 texts .*U\+FEFF"),
    "train/neg/zero.txt": ("Zero\u200bwidth.".encode(), r"invisible: 1 texts .*U\+200B"),
    "train/neg/both.txt": (b"Said of both.", r"contradiction: 1 texts have two labels"),
    "train/pos/both.txt": (b"Said of both.", r"train row \d+: 'Said of both.'"),
    "test/neg/leak.txt": (b"A dull film number 1 of train!", r"leak: 1 times train and test share"),
    "train/Neg/1.txt": (b"Of a class in capitals.", r'"Neg" and "neg"'),
}
DANGLING = r"dangling.txt, line 1: cannot be read: No such file"


def checked(folder: Path, *arguments: str) -> tuple[int, str]:
    """The exit code of ``textprep check``, and all that a person reads."""
    command = [sys.executable, "-m", "textprep", "check", *arguments]
    root = str(Path(tp.__file__).parents[1])
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))}
    done = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, encoding="utf-8", timeout=120, check=False
    )
    return done.returncode, done.stdout + done.stderr


def said_in_python(corpus: tp.Corpus) -> str:
    """All findings and notes of the Python API."""
    found = inspect_corpus(corpus).findings
    lines = [f"{f.name}: {f.times} {f.says}\n" + "\n".join(map(str, f.examples)) for f in found]
    return "\n".join([*lines, *map(str, corpus.rejected), *corpus.notes])


def missing(said: str, planted: list[str]) -> list[str]:
    return [words for words in planted if not re.search(words, said)]


def rows_of(corpus: tp.Corpus) -> int:
    return sum(map(len, corpus.values()))


@pytest.fixture
def planted_csv(tmp_path: Path) -> Path:
    path = tmp_path / "planted.csv"
    path.write_bytes(b"\n".join([b",review,sentiment,author", *GOOD, *PLANTED_ROWS]) + b"\n")
    return path


def test_every_fault_of_a_csv_file(planted_csv: Path) -> None:
    planted = [OF_THE_HEADER, *PLANTED_ROWS.values()]
    corpus = tp.load_dataset("csv", path=planted_csv, group="author", on_error="skip")
    assert missing(said_in_python(corpus), planted) == []
    lines = planted_csv.read_bytes().count(b"\n") - 1
    assert (rows_of(corpus) + len(corpus.rejected), len(corpus.rejected)) == (lines, 4)
    code, said = checked(planted_csv.parent, planted_csv.name, "--set", "dataset.group=author")
    assert (code, missing(said, planted)) == (1, [])


@pytest.fixture
def planted_folder(tmp_path: Path) -> Path:
    good = {
        f"{split}/{label}/{i}.txt": f"A {word} film number {i} of {split}.".encode()
        for split in ("train", "test")
        for label, word in (("neg", "dull"), ("pos", "great"))
        for i in range(12)
    }
    for name, content in {**good, **{name: content for name, (content, _) in PLANTED_FILES.items()}}.items():
        path = tmp_path / "reviews" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (tmp_path / "reviews/train/neg/dangling.txt").symlink_to("nowhere")
    return tmp_path / "reviews"


def test_every_fault_of_a_folder(planted_folder: Path) -> None:
    """Rows and what is left out are all the files: nothing is passed over."""
    planted = [DANGLING, *(words for _, words in PLANTED_FILES.values())]
    paths = {split: planted_folder / split for split in ("train", "test")}
    corpus = tp.load_dataset("folder", path=paths, on_error="skip")
    said = said_in_python(corpus)
    assert missing(said, planted) == []
    left_out = sum(map(int, re.findall(r"(\d+) (?:beside|left by|below|of other|in hidden)", said)))
    files = sum(path.is_symlink() or path.is_file() for path in planted_folder.rglob("*"))
    assert rows_of(corpus) + len(corpus.rejected) + left_out == files
    setting = 'dataset.path={train = "reviews/train", test = "reviews/test"}'
    code, said = checked(planted_folder.parent, "reviews", "--set", setting)
    assert (code, missing(said, planted)) == (1, [])


@pytest.mark.parametrize("other", ["test", "val"])
def test_a_folder_of_splits_is_no_folder_of_classes(planted_folder: Path, other: str) -> None:
    """A README in the folder of a split would make a class of that, and leave out all others."""
    (planted_folder / "test").rename(planted_folder / other)
    code, said = checked(planted_folder.parent, "reviews")
    assert code == 1
    assert "this holds one folder per split, not per class" in said
    advice = re.search(r"in a command --set '(.*)'\)", said)
    assert advice
    code, said = checked(planted_folder.parent, "reviews", "--set", advice[1])
    assert (code, missing(said, [r"leak: 1 times train and (test|validation) share"])) == (1, [])


def test_the_tests_that_the_table_names_exist() -> None:
    here = Path(__file__).resolve().parent
    for line in (here / "README.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("| ") and "`" in line:
            for name in re.findall(r"`([\w./]+\.py)`", line.split(" | ")[1]):
                assert (here.parent / name).is_file(), name
