"""Made recordings in long form, and the same in every format that is read."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

FEATURES = ["x", "y"]


def long_rows(lengths=(3, 1, 4), *, seed=0):
    """One row per time step; each recording has a label, a person and a state that changes."""
    random = np.random.default_rng(seed)
    return [
        {
            "recording": f"r{number}",
            "t": step,
            "x": round(float(random.normal()), 3),
            "y": float(step),
            "person": f"p{number // 2}",
            "state": "on" if step >= 2 else "off",
            "label": "wave" if number % 2 else "push",
        }
        for number, length in enumerate(lengths)
        for step in range(length)
    ]


def arrays_of(rows):
    """Recording -> (T, F)."""
    names = dict.fromkeys(row["recording"] for row in rows)
    return {
        name: np.array([[row["x"], row["y"]] for row in rows if row["recording"] == name]) for name in names
    }


def write_csv(folder: Path, rows):
    path = folder / "long.csv"
    lines = [",".join(rows[0]), *(",".join(map(str, row.values())) for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    return path


def write_parquet(folder: Path, rows):
    path = folder / "long.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


def write_jsonl(folder: Path, rows):
    path = folder / "long.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def write_arff(folder: Path, rows):
    path = folder / "long.arff"
    kinds = {str: "string", float: "numeric", int: "integer"}
    head = [f"@attribute {name} {kinds[type(value)]}" for name, value in rows[0].items()]
    body = [",".join(map(str, row.values())) for row in rows]
    path.write_text("\n".join(["% made", "@relation long", *head, "@data", *body]) + "\n")
    return path


WRITERS = {"csv": write_csv, "parquet": write_parquet, "jsonl": write_jsonl, "arff": write_arff}
