"""A tag for each token: names, places and dates in made sentences, those of the test split never seen before.

The words of a name say nothing here: names and places are made of the same syllables, and a model has to
learn where they stand. From the command line, with no Python but this script to write the data:

    python examples/tagging.py sentences
    textprep check sentences/tags.toml
    textprep train sentences/tags.toml --run runs/tags
    textprep predict runs/tags "Since 3 May 1987, Tomira Balen has lived in Sorvik with Osjo."

python examples/tagging.py
"""

from __future__ import annotations

import itertools
import json
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import textprep as tp

PATTERNS = (
    "{PER} moved from {LOC} to {LOC} on {DATE}.",
    "{PER}, who was born in {LOC}, met {PER} there.",
    "The mayor of {LOC} wrote to {PER} on {DATE}.",
    "Ms {PER} sold her house near {LOC}.",
    "In {LOC} nobody remembers {PER}.",
    "{PER} and {PER} may visit {LOC} in {DATE}.",
    "Since {DATE}, {PER} has lived in {LOC} with {PER}.",
    "It was {DATE} when the train from {LOC} brought {PER} home.",
    "{LOC} has had no school since {DATE}, says {PER}.",
    "Nothing happened that day in {LOC}.",
    "The letter to {PER} never reached {LOC}.",
    "They may come back to {LOC}, but not before {DATE}.",
    "Who sent {PER} to {LOC}?",
    "The council of {LOC} thanked Dr {PER} for {DATE}.",
    "Nobody asked {ANY}.",  # a person or a place: only how long the name is tells a little
    "In {DATE} the news were all about {ANY}.",
)
SYLLABLES = (
    "ba",
    "den",
    "fi",
    "gor",
    "hal",
    "ir",
    "jo",
    "kel",
    "lun",
    "mir",
    "nor",
    "os",
    "ra",
    "sor",
    "vik",
)
MONTHS = ("January", "March", "April", "May", "June", "July", "August", "October", "November")
POOLS = 8  # of words, of which no two have one in common


def words(pool: int) -> list[str]:
    """All made words of a pool."""
    made = ("".join(parts).title() for size in (2, 3) for parts in itertools.product(SYLLABLES, repeat=size))
    return [word for word in made if sum(map(ord, word)) % POOLS == pool]


def sentences(pool: int, count: int) -> Iterator[dict[str, Any]]:
    """Texts with ``spans``, as annotation tools write them; names are made of the words of a pool."""
    drawn, names = random.Random(pool), words(pool)  # noqa: S311 - nothing is kept secret

    def entity(kind: str) -> str:
        if kind == "DATE":
            month, year = drawn.choice(MONTHS), drawn.randint(1900, 2030)
            return drawn.choice((f"{drawn.randint(1, 28)} {month} {year}", f"{month} {year}", f"{year}"))
        several = drawn.choices((1, 2, 3), (4, 5, 1) if kind == "PER" else (7, 3, 0))[0]
        return " ".join(drawn.choices(names, k=several))

    for _ in range(count):
        text, spans = "", []
        pattern = drawn.choice(PATTERNS).replace("ANY", drawn.choice(("PER", "LOC")))
        for part in pattern.replace("{", "\0{").replace("}", "}\0").split("\0"):
            kind = part.strip("{}") if part.startswith("{") else None
            piece = entity(kind) if kind else part
            if kind:
                spans.append({"start": len(text), "end": len(text) + len(piece), "label": kind})
            text += piece
        yield {"text": text, "spans": spans}


CONFIGURATION = """\
dataset = {{ name = "jsonl", path = {{ {paths} }}, target = "tags" }}
steps = ["collapse_whitespace"]  # and not lowercase: capitals say much about names
model = {{ attention = "multihead" }}
"""


def write(folder: Path) -> Path:
    """Write a file for each split, as an annotation tool would, and the configuration of an experiment."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {split: folder / f"{split}.jsonl" for split in ("train", "validation", "test")}
    for pool, (file, count) in enumerate(zip(files.values(), (1200, 200, 400), strict=True)):
        lines = (json.dumps(sentence) for sentence in sentences(pool, count))
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    paths = ", ".join(f"{split} = {json.dumps(str(file))}" for split, file in files.items())
    (folder / "tags.toml").write_text(CONFIGURATION.format(paths=paths), encoding="utf-8")
    return folder / "tags.toml"


def main() -> tuple[float, float]:
    """Train, print what is found in a new text, and return the F1 of the tagger and of guessing."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        run = tp.train(
            write(folder / "sentences"),
            training={"epochs": 12, "device": "cpu"},
            run_dir=folder / "run",
            cache_dir=folder / "cache",
        )
    text = "Since 3 May 1987, Tomira Balen has lived in Sorvik with Osjo."
    for span in run.predict([text])[0].spans:
        print(f"{text[span['start'] : span['end']]:<14} {span['label']:<6} {span['probability']:.1%}")
    scores: dict[str, Any] = dict(run.metrics)
    print(f"F1 of entities {scores['f1']:.4f}, of guessing {scores['baseline']['f1']:.4f}")
    return scores["f1"], scores["baseline"]["f1"]


if __name__ == "__main__":
    if len(sys.argv) > 1:
        write(Path(sys.argv[1]))
    else:
        main()
