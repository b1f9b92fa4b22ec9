"""Steps, tokenizer and vocabulary as one artefact: what a model was trained on, in one readable file."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from operator import index
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from typing_extensions import Self

from textprep._version import __version__
from textprep.components import (
    build,
    checked_steps,
    checked_tokenizer,
    describe,
    libraries,
    owner,
    warn_of_other_libraries,
)
from textprep.encoding.columns import Texts, as_column, checked_text
from textprep.encoding.counting import fit
from textprep.encoding.engine import Encoder, encode_column
from textprep.encoding.execution import Execution
from textprep.encoding.plain import clean_text, encode_text
from textprep.errors import PipelineError, StepError, TextprepError, TokenizerError, cause
from textprep.notebook import call
from textprep.options import names_options
from textprep.ragged import Ragged
from textprep.registry import STEPS, TOKENIZERS
from textprep.steps.base import Step
from textprep.storage.files import local_path, read_json, write_text
from textprep.tokenizers.base import Tokenizer
from textprep.vocabulary import END, SEP, Vocabulary

if TYPE_CHECKING:
    import pyarrow as pa

    from textprep.explanation import Explanation
    from textprep.explanation.column_spans import SpanFinder
    from textprep.truncation import PairTruncation, Truncation

FORMAT = "textprep.pipeline"
FORMAT_VERSION = 1


class Pipeline:
    """Cleaning steps, in order, and a tokenizer with its vocabulary: text in, ids out.

    >>> from textprep import Lowercase, StripMarkup, WordTokenizer
    >>> pipeline = Pipeline(steps=[StripMarkup(), Lowercase()], tokenizer=WordTokenizer())
    >>> ids = pipeline.fit(["A <b>great</b> film", "a dull film"]).encode("A dull<br/>FILM!")
    >>> ids, pipeline.decode(ids)
    ([2, 4, 3, 1], 'a dull film <unk>')

    Attributes:
        steps: the cleaning steps, in the order in which they run.
        tokenizer: the pipeline's own copy of the tokenizer, so that fitting one pipeline never changes
            what another one encodes.

    Raises:
        PipelineError: a step or the tokenizer is not one, or has an option that a saved pipeline could not
            give back as it is.
    """

    @names_options(PipelineError)
    def __init__(self, steps: Iterable[Step] = (), *, tokenizer: Tokenizer) -> None:
        self.steps = checked_steps(steps)
        self.tokenizer = checked_tokenizer(tokenizer).model_copy()

    @property
    def is_fitted(self) -> bool:
        """Whether the tokenizer is trained and the vocabulary made."""
        return self.tokenizer.is_fitted

    @property
    def vocabulary(self) -> Vocabulary:
        """The vocabulary that fitting made.

        Raises:
            TokenizerError: the pipeline is not fitted yet.
        """
        return self.tokenizer.vocabulary

    def fit(self, texts: Texts, *, workers: int | None = None) -> Self:
        """Train the tokenizer and the vocabulary on ``texts``: give it the training split only.

        Args:
            texts: a list of texts, an Arrow string column, or a split of a corpus. Of a split whose rows have
                two texts both are learned from, and a tokenizer of textprep's own gets the special ``<sep>``,
                which separates them; and ``<end>`` where the next token is to be learned.
            workers: how many threads; by default one for each core. What is learned does not depend on it.

        Raises:
            PipelineError: something among ``texts`` is not text; the message names its row.
            StepError: a step failed; the message names it and the row.
            TokenizerError: there is nothing to learn from, or the tokenizer failed.
        """
        try:
            tokenizer = _with_specials(self.tokenizer.model_copy(), getattr(texts, "specials", ()))
            self.tokenizer = fit(self.steps, tokenizer, _columns(texts), workers=workers)
        except TextprepError:
            raise
        except Exception as error:  # whatever somebody's tokenizer raises
            problem = f"failed while it was fitted: {type(error).__name__}: {error}"
            raise TokenizerError(f"tokenizer {self.tokenizer.name!r} {problem}") from error
        return self

    def clean(self, text: str) -> str:
        """``text`` after every step.

        Raises:
            PipelineError: ``text`` is no text.
            StepError: a step failed.
        """
        return clean_text(self.steps, _checked_text(text))

    def encode(self, text: str) -> list[int]:
        """The ids of ``text``. A token outside the vocabulary is 1, ``<unk>``.

        Raises:
            PipelineError: ``text`` is no text.
            StepError: a step failed.
            TokenizerError: the pipeline is not fitted, or the tokenizer failed.
        """
        self.tokenizer.check_fitted()
        return encode_text(self.steps, self.tokenizer, _checked_text(text))

    def tokenize(self, text: str) -> list[str]:
        """The tokens of ``text`` after every step, as the tokenizer cuts them, known or not.

        >>> from textprep import Lowercase, WordTokenizer
        >>> Pipeline([Lowercase()], tokenizer=WordTokenizer()).fit(["a film"]).tokenize("A great FILM")
        ['a', 'great', 'film']

        Raises: as `encode` does.
        """
        self.tokenizer.check_fitted()
        cleaned = self.clean(text)
        try:
            return self.tokenizer.tokenize(cleaned)
        except Exception as error:  # whatever somebody's tokenizer raises
            raise TokenizerError(f"tokenizer {self.tokenizer.name!r} failed: {cause(error)}") from error

    def encode_batch(self, texts: Texts) -> Ragged:
        """The ids of many texts, the same that `encode` gives: a row a text, kept in two flat arrays.

        >>> from textprep import WordTokenizer
        >>> ids = Pipeline(tokenizer=WordTokenizer()).fit(["a film"]).encode_batch(["film", "a film"])
        >>> list(ids), ids.values.tolist(), ids.offsets.tolist()
        ([[3], [2, 3]], [3, 2, 3], [0, 1, 3])
        """
        return encode_column(self.steps, self.tokenizer, as_column(texts))

    def encode_with_spans(self, texts: Texts) -> tuple[Ragged, npt.NDArray[np.int64]]:
        """The ids of many texts, and where in its raw text each token came from.

        >>> from textprep import CollapseWhitespace, Lowercase, WordTokenizer
        >>> pipeline = Pipeline([Lowercase()], tokenizer=WordTokenizer()).fit(["a film"])
        >>> ids, spans = pipeline.encode_with_spans(["A  FILM", "film"])
        >>> ids.rows(), spans.tolist()
        ([[2, 3], [3]], [[0, 1], [3, 7], [0, 4]])

        Returns:
            the ids, as `encode_batch` gives them; and (tokens, 2) int64, of each token the start of the first
            and the stop of the last of its ``raw_spans`` in `explain`, in characters of its text, without the
            white space around it.
        """
        column = as_column(texts)
        ids = encode_column(self.steps, self.tokenizer, column)
        return ids, self.span_finder().spans_of_column(column, ids.offsets)

    def span_finder(self) -> SpanFinder:
        """What finds where tokens came from, column after column, and remembers the words that it has met."""
        from textprep.explanation.column_spans import SpanFinder

        return SpanFinder(self.steps, self.tokenizer)

    def encoder(self, *, workers: int | None = None) -> Encoder:
        """What encodes column after column with this pipeline, and remembers the words that it has met.

        Args:
            workers: how many threads; by default one for each core.

        Raises:
            TokenizerError: the pipeline is not fitted yet.
        """
        return Encoder(self.steps, self.tokenizer, workers=workers)

    def explain(
        self,
        text: str,
        pair: str | None = None,
        *,
        max_length: int | None = None,
        truncation: Truncation = "head",
        pair_truncation: PairTruncation = "longest_first",
    ) -> Explanation:
        """Every step's text and what it replaced, every token with its id and the raw text it came from.

        >>> from textprep import StripMarkup, WordTokenizer
        >>> pipeline = Pipeline([StripMarkup()], tokenizer=WordTokenizer()).fit(["a greater film"])
        >>> token = pipeline.explain("a <b>great</b>er film").tokens[1]
        >>> token.text, token.id, token.count, token.raw_spans
        ('greater', 4, 1, ((5, 10), (14, 16)))

        Args:
            text: a raw text.
            pair: the second text of a pair: the row has both, with what separates them.
            max_length, truncation, pair_truncation: of the padded row, as in a loader.

        Raises:
            PipelineError: the tokenizer cannot separate two texts, or an option cannot be used; and as
                `encode` does.
        """
        from textprep.explanation import explain

        return explain(
            self.steps,
            self.tokenizer,
            _checked_text(text),
            None if pair is None else _checked_text(pair),
            max_length=max_length,
            truncation=truncation,
            pair_truncation=pair_truncation,
        )

    def execution(self) -> Execution:
        """Which steps run text by text, over a whole column or once a distinct word, and why.

        >>> from textprep import Lowercase, WordTokenizer
        >>> print(Pipeline([Lowercase()], tokenizer=WordTokenizer()).execution())
        lowercase  once a distinct word  it never looks across white space
        word       once a distinct word  it never looks across white space
        """
        return Execution(self.steps, self.tokenizer)

    def decode(self, ids: Iterable[int]) -> str:
        """A text that reads like the cleaned one that ``ids`` came from; padding is left out.

        Raises:
            PipelineError: these are not the ids of one text.
            TokenizerError: the pipeline is not fitted, or an id is out of range.
        """
        try:
            one_text = [index(i) for i in ids]
        except TypeError as error:
            problem = f"the ids of one text are needed, not {type(ids).__name__}: {error}"
            raise PipelineError(f"{problem}; of a batch, decode row by row") from error
        return self.tokenizer.decode(one_text)

    def description(self) -> dict[str, Any]:
        """Names, versions and options of steps and tokenizer as JSON values; nothing that was learned."""
        return {
            "steps": [describe(step) for step in self.steps],
            "tokenizer": describe(self.tokenizer),
        }

    def to_json(self) -> dict[str, Any]:
        """Everything that encodes, as JSON values.

        Raises:
            TokenizerError: the pipeline is not fitted yet.
        """
        record = self.description()
        for step, entry in zip(record["steps"], self.steps, strict=True):
            step["owner"] = owner(entry)
        record["tokenizer"]["state"] = self.tokenizer.state()
        return {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "textprep_version": __version__,
            "libraries": libraries([*self.steps, self.tokenizer]),
            **record,
            "vocabulary": self.vocabulary.to_json(),
        }

    @classmethod
    def from_json(cls, record: Any, *, source: str = "the pipeline") -> Self:
        """The pipeline that `to_json` described.

        Warns:
            UserWarning: a step has no version, so that it may be other code than it was; or a library that
                decides what a step or the tokenizer gives has another version than when it was saved.

        Raises:
            PipelineError: ``record`` is something else, or a step or tokenizer is not installed here, or
                is another version than the one that was saved.
        """
        if not isinstance(record, dict) or record.get("format") != FORMAT:
            raise PipelineError(f"{source} does not hold a textprep pipeline")
        if record.get("format_version") != FORMAT_VERSION:
            raise PipelineError(
                f"{source} has format version {record.get('format_version')!r}; textprep {__version__} reads "
                f"{FORMAT_VERSION}: use the version that wrote it ({record.get('textprep_version')})"
            )
        try:
            steps = [build(STEPS, step, source) for step in record["steps"]]
            tokenizer = build(TOKENIZERS, record["tokenizer"], source)
            vocabulary = Vocabulary.from_json(record["vocabulary"])
            tokenizer.restore(vocabulary, record["tokenizer"]["state"])
            warn_of_other_libraries(record.get("libraries", {}), [*steps, tokenizer], source)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise PipelineError(
                f"{source} is damaged ({type(error).__name__}: {error}): save it again"
            ) from error
        except (StepError, TokenizerError) as error:
            raise PipelineError(f"{source} cannot be loaded: {error}") from error
        return cls(steps, tokenizer=tokenizer)

    def save(self, path: str | Path) -> None:
        """Write the fitted pipeline as one readable JSON file, whole or not at all."""
        write_text(
            local_path(path, PipelineError),
            json.dumps(self.to_json(), ensure_ascii=False, indent=1) + "\n",
            PipelineError,
        )

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """The pipeline that `save` wrote; it encodes exactly as the saved one.

        Raises:
            PipelineError: there is no such file, it is damaged, or a step is missing here.
        """
        return cls.from_json(read_json(local_path(path, PipelineError), PipelineError), source=str(path))

    def for_pairs(self) -> Pipeline:
        """This pipeline, or, where it is not fitted, one that can lay out two texts in one row.

        >>> from textprep import WordTokenizer
        >>> Pipeline(tokenizer=WordTokenizer()).for_pairs().tokenizer.specials
        ('<sep>',)
        """
        return self.with_specials([SEP])

    def with_specials(self, specials: Iterable[str]) -> Pipeline:
        """This pipeline, or, where it is not fitted, one whose tokenizer has these specials, too.

        >>> from textprep import WordTokenizer
        >>> Pipeline(tokenizer=WordTokenizer()).with_specials(["<end>"]).tokenizer.specials
        ('<end>',)
        """
        tokenizer = self.tokenizer.with_specials(specials)
        return self if tokenizer is self.tokenizer else Pipeline(self.steps, tokenizer=tokenizer)

    def adopt(self, fitted: Pipeline) -> None:
        """Take over what ``fitted``, a pipeline of the same steps and tokenizer, has learned.

        That may be what it learned for pairs, or for texts that are joined, see `with_specials`.
        """
        added = [token for token in fitted.tokenizer.specials if token in (SEP, END)]
        if fitted.description() not in (self.description(), self.with_specials(added).description()):
            raise PipelineError(
                "a pipeline can only adopt what one with the same steps and tokenizer learned"
            )
        self.tokenizer = fitted.tokenizer

    def _repr_html_(self) -> str:
        """The steps as a list, the tokenizer, and the size of the vocabulary."""
        steps = "".join(f"<li>{call(step)}</li>" for step in self.steps)
        state = f"{len(self.vocabulary):,} tokens" if self.is_fitted else "not fitted"
        return f"<ol>{steps}<li>{call(self.tokenizer)} <small>{state}</small></li></ol>"

    def __repr__(self) -> str:
        state = f"{len(self.vocabulary):,} tokens" if self.is_fitted else "not fitted"
        return f"Pipeline(steps={list(self.steps)!r}, tokenizer={self.tokenizer!r}) # {state}"


def _columns(texts: Texts) -> list[pa.ChunkedArray]:
    """The column of texts, and that of the second texts of a split that has some."""
    first, pair = as_column(texts), getattr(texts, "pair", None)
    return [first] if pair is None else [first, as_column(pair)]


def _with_specials(tokenizer: Tokenizer, specials: Collection[str]) -> Tokenizer:
    """One that has these specials, not fitted where it has to be fitted again for that."""
    is_pretrained = tokenizer.is_fitted and tokenizer.vocabulary.is_pretrained
    if tokenizer.is_fitted and not is_pretrained and not set(specials) <= set(tokenizer.specials):
        tokenizer = type(tokenizer)(**tokenizer.model_dump())
    return tokenizer.with_specials(specials)


def _checked_text(text: str) -> str:
    if not isinstance(text, str):
        raise PipelineError(
            f"a text is needed, not {type(text).__name__}: {text!r:.60}; encode_batch takes many texts"
        )
    return checked_text(text, "the text")
