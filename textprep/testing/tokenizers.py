"""What every tokenizer must hold."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING

from textprep.errors import TokenizerError
from textprep.testing.check import Check, in_order, on_texts, on_texts_twice, remade, run_all, who
from textprep.testing.engine import engine_check
from textprep.testing.fresh import fresh_tokenizer_check, is_of_plugin
from textprep.testing.steps import keeps_to_words
from textprep.testing.texts import has_ids, texts
from textprep.vocabulary import OF_LAYOUT, PAD

if TYPE_CHECKING:
    from textprep.tokenizers.base import Tokenizer

_UNSEEN = "\ua015"  # a letter that no text of the kit holds


def check_tokenizer(tokenizer: Tokenizer) -> None:
    """Check a tokenizer as it was made, with its options; one that is not fitted yet stays so.

    The rules: options survive JSON; fitting twice on the same texts learns the same; every id is one of the
    vocabulary, and a text that is laid out by the template has its special tokens; in a vocabulary of one's
    own ``<pad>`` is 0 and ``<unk>`` 1, no text becomes padding or ``<sep>``, and a character that training
    never saw does not vanish (a pretrained tokenizer does as it was trained, and one without an unknown token
    may refuse a text); what was learned survives JSON;
    ``encode_column`` gives the ids of ``encode``; the spans of tokens, if it reports
    them, are one for each token and come in order; where ``scope`` is ``"word"``, the tokens of a text are
    those of its words; the distinct-word engine gives the ids of one text at a time; and a tokenizer of an
    installed plugin encodes alike in another process.

    >>> from textprep import WordTokenizer
    >>> check_tokenizer(WordTokenizer())

    Raises:
        AssertionError: a rule is broken.
    """
    run_all(tokenizer_checks(tokenizer))


def tokenizer_checks(tokenizer: Tokenizer) -> list[Check]:
    """The checks of `check_tokenizer`, one a rule; where one fails, those behind it are not tried."""
    name = who(tokenizer)

    def on_known(says: str, rule: Callable[[Tokenizer, str], str | None]) -> Check:
        return on_texts(name, says, lambda text: rule(fitted(), text) if has_ids(fitted(), text) else None)

    fitted = cache(lambda: tokenizer if tokenizer.is_fitted else _fitted_twice(tokenizer))
    restored = cache(lambda: _restored(fitted()))
    checks = [
        Check(name, "options survive JSON", partial(remade, tokenizer)),
        on_texts(name, "a text is cut into tokens", partial(_gives_tokens, tokenizer)),
        on_texts_twice(name, "a text is cut the same each time", partial(_cuts, tokenizer)),
        Check(name, "fitting twice learns the same", fitted),
        on_texts_twice(
            name,
            "a text has the same ids each time",
            lambda text: [fitted().encode(text) for _ in range(2 * has_ids(fitted(), text))],
        ),
        Check(name, "<pad> and <unk> are where the vocabulary says", lambda: _check_specials(fitted())),
        Check(name, "what training never saw is unknown", lambda: _check_unseen(fitted())),
        on_known("no text becomes padding, or what lies between texts", _ids_are_in_range),
        Check(name, "the template has ids of the vocabulary", lambda: _check_template(fitted())),
        on_known("what it learned survives JSON", lambda one, text: _encodes_alike(one, restored(), text)),
        on_known("a column is encoded as each text is", _encodes_columns_alike),
        on_known("each token lies where it says", _spans_are_in_order),
    ]
    if tokenizer.scope == "word":
        rule = partial(keeps_to_words, lambda text: fitted().tokenize(text))
        checks.append(on_texts(name, "never looks across white space", rule))
    checks.append(engine_check(name, [], fitted))
    if is_of_plugin("tokenizer", tokenizer):
        checks.append(fresh_tokenizer_check(name, fitted))
    return in_order(checks)


def _cuts(tokenizer: Tokenizer, text: str) -> list[object]:
    """What two calls give; nothing of one that must be fitted before it cuts, or has no ids for the text."""
    if tokenizer.is_fitted and not has_ids(tokenizer, text):
        return []
    try:
        return [tokenizer.split(text), tokenizer.split(text)]
    except TokenizerError:
        if tokenizer.is_fitted:
            raise
        return []


def _gives_tokens(tokenizer: Tokenizer, text: str) -> str | None:
    for tokens in _cuts(tokenizer, text):
        if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
            return f"split returned {tokens!r:.100}: return a list of tokens, each a str"
    return None


def _encodes_columns_alike(tokenizer: Tokenizer, text: str) -> str | None:
    import pyarrow as pa

    texts = [text, "film" if has_ids(tokenizer, "film") else "", text]
    by_column = tokenizer.encode_column(pa.array(texts, pa.large_string())).rows()
    by_text = [tokenizer.encode(one) for one in texts]
    if by_column == by_text:
        return None
    return f"encode_column gives {by_column!r}, encode {by_text!r}: make them agree, or do without"


def _spans_are_in_order(tokenizer: Tokenizer, text: str) -> str | None:
    spans = tokenizer.token_spans(text)
    if spans is None:
        return None
    if len(spans) != (count := len(tokenizer.tokenize(text))):
        return f"it has {count} tokens and the spans {spans!r}: give one for each, or report none"
    if all(0 <= start <= stop <= len(text) for start, stop in spans) and spans == sorted(spans):
        return None
    return f"its spans {spans!r} are not in order or not within the text: mend split_spans, or report none"


def _fitted_twice(tokenizer: Tokenizer) -> Tokenizer:
    some = [*texts(), *["the film was great", "the great film was not"] * 5]
    first, second = (remade(tokenizer).fit(some) for _ in range(2))
    for learned in ("vocabulary", "state"):
        if _learned(first)[learned] != _learned(second)[learned]:
            problem = f"fitted twice on the same texts, its {learned} differs"
            raise AssertionError(f"{who(tokenizer)}: {problem}: break ties by token, use no randomness")
    return first


def _learned(tokenizer: Tokenizer) -> dict[str, str]:
    """What a saved pipeline would hold, as JSON text, so that the order counts."""
    return {"vocabulary": json.dumps(tokenizer.vocabulary.to_json()), "state": json.dumps(tokenizer.state())}


def _restored(tokenizer: Tokenizer) -> Tokenizer:
    from textprep.vocabulary import Vocabulary

    learned = {key: json.loads(value) for key, value in _learned(tokenizer).items()}
    return remade(tokenizer).restore(Vocabulary.from_json(learned["vocabulary"]), learned["state"])


def _check_specials(tokenizer: Tokenizer) -> None:
    vocabulary = tokenizer.vocabulary
    found = vocabulary.tokens[:2]
    if not vocabulary.is_pretrained and found != ("<pad>", "<unk>"):
        raise AssertionError(
            f"{who(tokenizer)}: ids 0 and 1 are {found}, not <pad> and <unk>: make a Vocabulary, "
            "or Vocabulary.pretrained of ids that were given"
        )


def _check_unseen(tokenizer: Tokenizer) -> None:
    unknown = tokenizer.vocabulary.unk_id
    if tokenizer.vocabulary.is_pretrained:
        return
    without = tokenizer.encode("film")
    for text in (_UNSEEN, f"film {_UNSEEN}", f"film{_UNSEEN}", f"{_UNSEEN}film"):
        ids, tokens = tokenizer.encode(text), tokenizer.tokenize(text)
        if not ids or ids == without:
            problem = "the letter that training never saw vanishes: make it <unk>"
        elif unknown not in ids and any(token not in tokenizer.vocabulary for token in tokens):
            problem = (
                f"the tokens {tokens!r} become {ids!r}: what the vocabulary does not hold is {unknown}, <unk>"
            )
        else:
            continue
        raise AssertionError(f"{who(tokenizer)}: on {text!r} {problem}")


def _ids_are_in_range(tokenizer: Tokenizer, text: str) -> str | None:
    vocabulary = tokenizer.vocabulary
    ours = () if vocabulary.is_pretrained else (PAD, *(OF_LAYOUT & {*vocabulary.specials}))
    of_layout = [vocabulary[token] for token in ours]
    wrong = [i for i in tokenizer.encode(text) if i in of_layout or not 0 <= i < len(vocabulary)]
    problem = "no text is padding, what lies between texts, or outside of the vocabulary"
    return f"it gives the ids {wrong!r}: {problem}" if wrong else None


def _check_template(tokenizer: Tokenizer) -> None:
    template = tokenizer.template
    ids = [template.pad_id, *template.row([])[0], *template.row([], [])[0]]
    if wrong := [i for i in ids if not 0 <= i < len(tokenizer.vocabulary)]:
        raise AssertionError(
            f"{who(tokenizer)}: its template has the ids {wrong}, and the vocabulary none of them: "
            "make it of ids of the vocabulary"
        )


def _encodes_alike(fitted: Tokenizer, restored: Tokenizer, text: str) -> str | None:
    before, after = fitted.encode(text), restored.encode(text)
    if before == after:
        return None
    return f"it gives {before!r}, but {after!r} after restore(): state() must hold all that it learned"
