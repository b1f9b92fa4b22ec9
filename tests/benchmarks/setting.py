"""What the rows of the benchmark share: the texts, in both sides' files, and the fitted pipelines."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from itertools import islice
from pathlib import Path

import datasets
import pyarrow as pa

import textprep as tp
from tests.benchmarks import growth, texts

TOLERANCE = 0.05  # of the exponents


class Setting:
    """Sizes, and what is made for them once.

    Args:
        work: a folder for everything that is written.
        rows: how many of the 25,000 reviews; ``None`` for all.
        repeats: how often each side runs.
        times: how many times the texts the row "scale" has.
        memory_mb: the two sizes of the row "memory", in MB of text.
        adapters_mb: the size of the files of the row "adapters", at least.
        until_seconds: how long the peer of the row "until-87" may take.

    Attributes:
        notes: lines to print under the table.
        rows: as given.
    """

    def __init__(
        self,
        work: Path,
        *,
        rows: int | None,
        repeats: int,
        times: int,
        memory_mb: tuple[float, float],
        adapters_mb: float = 100,
        until_seconds: float = 1200,
    ) -> None:
        self.work = work
        self.repeats = repeats
        self.times = times
        self.memory_mb = memory_mb
        self.adapters_mb = adapters_mb
        self.until_seconds = until_seconds
        self.rows = rows
        self.texts = texts.reviews(rows)
        self.notes: list[str] = []
        self._fitted: dict[str, Path] = {}

    def describe(self) -> str:
        """``25,000 film reviews (33.1 MB)``."""
        return f"{len(self.texts):,} film reviews ({texts.megabytes(self.texts):.1f} MB)"

    @cached_property
    def file(self) -> Path:
        """The reviews as our corpus."""
        return texts.write_texts(self.work / "reviews.arrow", [self.texts])

    @cached_property
    def corpus(self) -> tp.Corpus:
        """The reviews, memory-mapped."""
        return texts.open_texts(self.file)

    @cached_property
    def dataset_folder(self) -> Path:
        """The reviews as the peer's dataset."""
        folder = self.work / "dataset"
        datasets.Dataset.from_dict({"text": self.texts.to_pylist()}).save_to_disk(folder)
        return folder

    @cached_property
    def dataset(self) -> datasets.Dataset:
        """The reviews, memory-mapped by ``datasets``."""
        return datasets.load_from_disk(self.dataset_folder)

    def fitted(self, name: str, steps: Iterable[tp.Step], tokenizer: tp.Tokenizer) -> Path:
        """A pipeline fitted on the reviews, saved; made once for each ``name``."""
        if name not in self._fitted:
            path = self.work / f"{name}.json"
            tp.Pipeline(list(steps), tokenizer=tokenizer).fit(self.corpus["train"]).save(path)
            self._fitted[name] = path
        return self._fitted[name]

    @cached_property
    def bpe(self) -> Path:
        """The pipeline of most rows."""
        tokenizer = tp.BPETokenizer(vocab_size=10_000)
        return self.fitted("bpe", [tp.StripMarkup(), tp.Lowercase()], tokenizer)

    @cached_property
    def _laws(self) -> tuple[growth.Law, growth.Law]:
        return growth.law(growth.split_words(self.texts)), growth.law(growth.split_runs(self.texts))

    def grown(self, name: str, *, times: int | None = None, megabytes: float | None = None) -> Path:
        """A corpus of so many copies of the reviews, or MB of them, whose vocabulary grows on."""
        path = self.work / f"{name}.arrow"
        copies = growth.copies(self.texts, *self._laws)
        if megabytes is None:
            return texts.write_texts(path, islice(copies, times))
        return texts.write_texts(path, copies, megabytes)

    def check_growth(self, times: int) -> None:
        """Measure whether the vocabulary of ``times`` the texts grows as that of the reviews does; note it.

        Raises:
            ValueError: it does not.
        """
        for what, split, law in zip(
            ("words", "runs of letters"), (growth.split_words, growth.split_runs), self._laws, strict=True
        ):
            parts: Iterable[pa.Array] = islice(growth.copies(self.texts, *self._laws), times)
            counts = growth.count(map(split, parts))
            found = growth.exponent(counts)
            line = (
                f"vocabulary of {times} times the texts: {counts[0][1]:,} to {counts[-1][1]:,} distinct {what}, "
                f"which grow with the power {found:.3f} of the text (in the reviews themselves: {law.exponent:.3f})"
            )
            if abs(found - law.exponent) > TOLERANCE:
                raise ValueError(f"{line}: that is not how natural text grows")
            self.notes.append(line)
