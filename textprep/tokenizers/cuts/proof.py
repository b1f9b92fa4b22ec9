"""Where a text may be cut so that the ids of its pieces are its ids: proven from the tokenizer, or not.

A text may be cut before every single space (U+0020) between two solid characters: letters, digits,
punctuation and symbols as `textprep.tokenizers.cuts.characters` lists them. A piece, then, begins with the
space, and the tokenizer gets it as if it were a whole text. The ids are the same if the following rules hold.
They are applied in the order in which the tokenizer works, to what the space is by then; what no rule covers
is not proven. Each has a test that breaks it. By the same rules a text may be cut before some punctuation
marks, where they come after an ASCII letter or digit and before ASCII: the mark is in the place of the space.

Added tokens
    Special ones are ordinary text here. If there are others (our own specials are), none may hold what is on
    both sides of a cut, or take in the white space after it (``rstrip``); and `Prepend` may not add something
    to what is between them.

Normalizers
    - Normal forms, cases, accents, `Nmt` and `ByteLevel` look at no character together with a space before or
      after it, unless that is a mark; a solid character remains one, perhaps followed by marks.
    - `BertNormalizer` may put spaces around Chinese characters: then white space must be dropped later.
    - `Strip` strips a piece that begins with the space: then white space must be dropped later, or be put
      back (`Metaspace` with ``"always"``, where there are no added tokens: none of them gets it back). At the
      right it does nothing, as pieces end solid.
    - `Prepend` must be the first; then texts get its prefix before they are cut, and pieces do not.
    - `Replace` may replace the space by ``▁``. Any other pattern must keep apart (see below), must not begin
      at a single space, and must put something solid for what is solid, or white space is dropped later.
    - `Precompiled` replaces graphemes: its table must leave the space as it is and solid characters solid.

Pre-tokenizers
    - A pattern keeps apart if no match can hold a solid character and a space directly after it, nor depend
      on what is after a solid character: then the matches of a text are those of its pieces. It begins a new
      piece at every single space if a space by itself matches, whatever follows.
    - What it finds may be isolated or removed. It may be merged with what is before it, if it cannot begin
      with a space; with what is after it, if it cannot end solid; with its like, if it is not both.
    - `Whitespace`, `WhitespaceSplit` and `BertPreTokenizer` drop white space, and so part what is around it.
    - `Digits`, `Punctuation` and `CharDelimiterSplit` cut at other characters than the space: they part
      nothing, and join nothing. `Metaspace` parts if it splits. `ByteLevel` parts by its own pattern.
    - `UnicodeScripts` and `FixedLength` depend on what is before: the sides must be apart by then.
    - What is put before every piece that begins without a space (``add_prefix_space``, `Metaspace`) must not
      be put before a piece that is in the middle of its text.

Models
    - Where both sides are apart, each is a piece of its own for the model. It must not choose at random.
    - Where they are still together, only `BPE` gives the same, and only if no token has the space after
      another character, so that no merge joins both sides; if the space is a token; if unknown characters do
      not vanish; and without prefixes of later subwords, suffixes, and ``ignore_merges``. `Unigram` adds up
      scores from the beginning of the text: rounding may choose between equals there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import regex
from tokenizers import AddedToken, models, pre_tokenizers
from tokenizers import Tokenizer as HFTokenizer

from textprep.tokenizers.cuts.normalizers import flattened, normalized
from textprep.tokenizers.cuts.patterns import LETTERS
from textprep.tokenizers.cuts.pre_tokenizers import pre_tokenized
from textprep.tokenizers.cuts.state import NotProven, Side, State

Record = dict[str, Any]

MARKS = ".,!?;:)(\"-/<>*'"  # the frequent ones


@dataclass(frozen=True)
class Cuts:
    """Whether texts may be cut without a change of their ids.

    Attributes:
        proven: whether they may be cut before single spaces.
        why: the reason, or why not, for people.
        prefix: what must be put before every text that is not empty, before it is cut.
        marks: punctuation marks before which they may be cut, too, after letters and digits.
    """

    proven: bool
    why: str
    prefix: str = ""
    marks: str = ""


def prove(tokenizer: HFTokenizer) -> Cuts:
    """Whether the ids of a text are those of its pieces, and why.

    >>> from tokenizers import pre_tokenizers
    >>> bert = HFTokenizer(models.WordPiece({"[UNK]": 0}, unk_token="[UNK]"))
    >>> prove(bert).proven
    False
    >>> bert.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    >>> prove(bert).why
    'the pre-tokenizer BertPreTokenizer drops white space'

    Args:
        tokenizer: one for which special tokens are ordinary text (``encode_special_tokens``).
    """
    try:
        proof = _Proof(tokenizer)
        state, why = proof.at(State())
    except NotProven as reason:
        return Cuts(proven=False, why=str(reason))
    marks = "".join(mark for mark in MARKS if proof.holds(State(mark=mark, after=LETTERS)))
    return Cuts(proven=True, why=why, prefix=state.prefix, marks=marks)


class _Proof:
    """The parts of a tokenizer, read once for every mark."""

    def __init__(self, tokenizer: HFTokenizer) -> None:
        self.tokenizer = tokenizer
        self.normalizer = _record(tokenizer.normalizer, "normalizer")
        self.pre_tokenizer = _record(tokenizer.pre_tokenizer, "pre-tokenizer")
        added = list(tokenizer.get_added_tokens_decoder().values())
        if all(token.special for token in added):
            added = []  # they are ordinary text
        self.takes_space = next((token.content for token in added if token.rstrip), None)
        self.spelled = list(map(self._spelled, added))

    def _spelled(self, token: AddedToken) -> str:
        """``token`` as it may be in a text before and after the normalizers; if whole, as after a letter."""
        normalizer = self.tokenizer.normalizer
        after = normalizer.normalize_str(token.content) if normalizer else ""
        return f"{'a' * token.single_word}{token.content}\n{'a' * token.single_word}{after}"

    def holds(self, state: State) -> bool:
        """Whether texts may be cut before the mark of ``state``."""
        try:
            self.at(state)
        except NotProven:
            return False
        return True

    def at(self, state: State) -> tuple[State, str]:
        """The state after all parts, and why it proves that texts may be cut.

        Raises:
            NotProven: it does not.
        """
        normal = normalized(state, self.normalizer)
        self._check_added(normal)
        state = pre_tokenized(normal, self.pre_tokenizer)
        if self.spelled and not normal.kept and state.sides is not Side.DROPPED:
            raise NotProven("the normalizer Strip takes the space that is before an added token")
        return state, _check_model(self.tokenizer, state)

    def _check_added(self, state: State) -> None:
        if self.takes_space is not None:
            raise NotProven(f"the added token {self.takes_space!r} takes in the white space after it")
        if state.after is None:
            found = regex.compile(f"[ {state.mark}]")
        else:
            found = regex.compile(rf"[A-Za-z0-9]{regex.escape(state.mark)}")
        for text in filter(found.search, self.spelled):
            raise NotProven(f"the added token {text.splitlines()[0]!r} holds {state.mark!r}")
        for part in flattened(self.normalizer, "normalizers"):
            if self.spelled and part["type"] == "Prepend":
                raise NotProven("the normalizer Prepend adds something to what is between added tokens")


def _record(part: Any, what: str) -> Record | None:
    """The record of ``part`` in a ``tokenizer.json``, with every default."""
    if part is None:
        return None
    try:
        record: Record = json.loads(part.__getstate__())
    except Exception:  # of one that is written in Python, in whatever way
        raise NotProven(f"of a {what} that is written in Python nothing is known") from None
    return record


def _check_model(tokenizer: HFTokenizer, state: State) -> str:
    """Why the model gives the same for both sides of the space.

    Raises:
        NotProven: it may not.
    """
    model = tokenizer.model
    if getattr(model, "dropout", None) or getattr(model, "alpha", None) or getattr(model, "nbest_size", None):
        raise NotProven("the model chooses among several ways to cut a word at random")
    if state.sides is not Side.TOGETHER:
        return state.why
    kind = type(model).__name__
    if not isinstance(model, models.BPE):
        raise NotProven(_WHOLE_TEXT.get(kind, f"the model {kind} sees whole texts"))
    if model.continuing_subword_prefix or model.end_of_word_suffix or model.ignore_merges:
        raise NotProven("the model BPE treats the beginning or the end of a text otherwise than its middle")
    vocabulary = tokenizer.get_vocab(with_added_tokens=False)
    _check_unknown(model, vocabulary, state.mark)
    _check_tokens(vocabulary, state.mark)
    return f"no token has {state.mark!r} after another character"


_WHOLE_TEXT = {
    "Unigram": "the model Unigram adds up the scores of a whole text, and rounding may choose between equals",
    "WordPiece": "the model WordPiece takes a whole text for one word",
    "WordLevel": "the model WordLevel takes a whole text for one word",
}


def _check_unknown(model: Any, vocabulary: dict[str, int], mark: str) -> None:
    if mark not in vocabulary:
        raise NotProven(f"{mark!r} is no token of the model BPE")
    if model.unk_token in vocabulary:
        return
    fallback = [f"<0x{byte:02X}>" for byte in range(256)] if model.byte_fallback else []
    every = pre_tokenizers.ByteLevel.alphabet() if mark == "Ġ" else fallback
    if len(every) < 256 or not all(token in vocabulary for token in every):
        raise NotProven(
            "characters that the model BPE does not know vanish, and what is around them may join"
        )


def _check_tokens(vocabulary: Iterable[str], mark: str) -> None:
    inside = regex.compile(rf"[^{regex.escape(mark)}]{regex.escape(mark)}")
    for token in vocabulary:
        if mark in token[1:] and inside.search(token):
            raise NotProven(f"the token {token!r} has {mark!r} after another character")
