"""The conformance kit: what every step, tokenizer and dataset must hold, for the tests of a plugin.

    from textprep.testing import check_step

    def test_shout():
        check_step(Shout(marks=2))

Each check is a plain function that needs no test framework. It raises ``AssertionError`` with the rule
that is broken, the smallest text it finds that breaks it, and what to do.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from textprep.datasets.corpus import Corpus
    from textprep.steps.base import Step
    from textprep.tokenizers.base import Tokenizer

Component = TypeVar("Component", bound="Step | Tokenizer")
Rule = Callable[[str], "str | None"]
"""Says what is wrong on a text and what to do, or nothing."""

WHITE_SPACE = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
AWKWARD_TEXTS = (
    "",
    " ",
    "film",
    WHITE_SPACE,
    WHITE_SPACE.join(["", *"Aa9.", ""]),
    "e\u0301 \u0301e a\u0323\u0307 a\u0307\u0323 \u1112\u1161\u11ab \u212b",
    "a\x00b \ufeffc\ufffd \U0010ffff",
    "\u202eabc\u202c \u05e9\u05dc\u05d5\u05dd \u200fab \u0645\u0631\u062d\u0628\u0627",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f44d\U0001f3fd \U0001f1eb\U0001f1f7 \u2764\ufe0f",
    "\u03a3\u03a3 \u039f\u0394\u039f\u03a3. \u0130I\u0131i \xdf\u1e9e \ufb01lm x\xb2 \u2026 \xa8",
    "a < b, i <3 u, AT&T; <br/><b class='x'>&lt;p&gt;</b><!-- <![CDATA[ ]]> </ <a b=\"> &#0; &#x110000; &",
    "<pad> <unk> [PAD] <s></s> \\1 \\g<0> $1 {0} %s",
    "don't state-of-the-art 3.14 $5 1,000 #tag @user https://example.org/?q=a&b=c",
    "w" * 10_000,
    "<" * 2_000,
)
_WORDS = ["a", "film", "great", "not", "the", "Was", "B-9", "don't", "10.", "\u039f\u03a3"]
_CHARACTERS = "aB9'-.,<>&;\u03a3\xdf\u0130\ufb01\xa8\xb2\u0301\u0323\u200d\u2026" + WHITE_SPACE
_UNSEEN = "\ua015"  # a letter that no text of the kit holds


def check_step(step: Step) -> None:
    """Check a step as it was made, with its options.

    The rules: options survive JSON; for every text it returns a ``str``, and the same one each time, a
    second step with the same options and ``clean_column`` too; ``edits``, if it reports them, make what it
    returns; where ``scope`` is ``"word"``, the words of the cleaned text are the words of its cleaned words;
    and where it is declared ``idempotent`` and has its default options, cleaning what is clean changes
    nothing.

    >>> from textprep import Lowercase
    >>> check_step(Lowercase())

    Raises:
        AssertionError: a rule is broken.
    """
    again = _remade(step)
    rules: list[Rule] = [
        partial(_returns_text, step),
        partial(_cleans_the_same, step, again),
        partial(_cleans_columns_alike, step),
        partial(_reports_its_edits, step),
    ]
    if step.scope == "word":
        rules.append(partial(_keeps_to_words, lambda text: step(text).split()))
    if step.idempotent and _has_defaults(step):
        rules.append(partial(_leaves_alone_what_is_clean, step))
    _check(_who(step), rules)


def check_tokenizer(tokenizer: Tokenizer) -> None:
    """Check a tokenizer as it was made, with its options; one that is not fitted yet stays so.

    The rules: options survive JSON; fitting twice on the same texts learns the same; ``<pad>`` is 0 and
    ``<unk>`` 1; no text becomes ``<pad>``; a character that training never saw does not vanish; what was
    learned survives JSON; ``encode_column`` gives the ids of ``encode``; and where ``scope`` is ``"word"``,
    the tokens of a text are those of its words.

    >>> from textprep import WordTokenizer
    >>> check_tokenizer(WordTokenizer())

    Raises:
        AssertionError: a rule is broken.
    """
    _remade(tokenizer)
    fitted = tokenizer if tokenizer.is_fitted else _fitted_twice(tokenizer)
    _check_specials(fitted)
    _check_unseen(fitted)
    rules: list[Rule] = [
        partial(_ids_are_in_range, fitted),
        partial(_encodes_alike, fitted, _restored(fitted)),
        partial(_encodes_columns_alike, fitted),
    ]
    if fitted.scope == "word":
        rules.append(partial(_keeps_to_words, fitted.tokenize))
    _check(_who(fitted), rules)


def check_dataset(name: str, /, **options: Any) -> None:
    """Check a registered dataset with ``options``; give it a small one, since it is loaded twice.

    The rules: `textprep.load_dataset` makes a corpus of it with a split ``"train"`` that holds rows; labels
    are dense ids from 0, each with its class name; row ids are unique; loaded again, it has the same rows.

    >>> check_dataset("memory", rows=[("good", "pos"), ("bad", "neg")], splits=None)

    Raises:
        AssertionError: a rule is broken.
        TextprepError: the dataset cannot be loaded at all.
    """
    from textprep.datasets.loading import load_dataset

    who = f"dataset {name!r}"
    first, second = load_dataset(name, **options), load_dataset(name, **options)
    _check_splits(who, first)
    _check_labels(who, first)
    for split in first:
        if split not in second or not first[split].table.equals(second[split].table):
            problem = f"loaded twice, the rows of {split!r} differ"
            raise AssertionError(f"{who}: {problem}: sort what you read and seed what is random")


def _who(component: Step | Tokenizer) -> str:
    return f"{type(component).__name__} ({component.name!r})"


def _texts() -> Iterator[str]:
    """The awkward texts, then generated ones that grow; always the same."""
    yield from AWKWARD_TEXTS
    generator = random.Random(0)  # noqa: S311
    for i in range(600):
        length = 1 + i // 50
        yield "".join(generator.choices(_CHARACTERS, k=length))
        yield " ".join(generator.choices(_WORDS, k=length))


def _check(who: str, rules: Iterable[Rule]) -> None:
    for rule in map(_catching, rules):
        for text in _texts():
            if rule(text):
                smallest = _shrink(text, rule)
                raise AssertionError(f"{who}: on {smallest!r} {rule(smallest)}")


def _catching(rule: Rule) -> Rule:
    def judge(text: str) -> str | None:
        try:
            return rule(text)
        except Exception as error:
            return f"it raised {type(error).__name__}: {error}; every text is allowed, so handle this one"

    return judge


def _shrink(text: str, rule: Rule) -> str:
    """A text that still breaks the rule, with as much left out as goes: halves first, characters last."""
    size = len(text)
    while size:
        start = 0
        while start < len(text):
            shorter = text[:start] + text[start + size :]
            if rule(shorter):
                text = shorter
            else:
                start += size
        size //= 2
    return text


def _remade(component: Component) -> Component:
    """A component of the same class from options that went through JSON."""
    remedy = "use fields that pydantic can write as JSON and read again"
    try:
        options = component.options()
        again = type(component)(**json.loads(json.dumps(options)))
    except Exception as error:
        problem = f"its options {component!r} cannot go through JSON ({error})"
        raise AssertionError(f"{_who(component)}: {problem}: {remedy}") from error
    if again.options() != options:
        problem = f"its options {options!r} come back from JSON as {again.options()!r}"
        raise AssertionError(f"{_who(component)}: {problem}: {remedy}")
    return again


def _returns_text(step: Step, text: str) -> str | None:
    cleaned: object = step(text)
    return None if isinstance(cleaned, str) else f"it returned {cleaned!r}: return a str"


def _cleans_the_same(step: Step, again: Step, text: str) -> str | None:
    results = step(text), step(text), again(text)
    if results[0] == results[1] == results[2]:
        return None
    return f"it returned {', then '.join(map(repr, results))}: a result may depend on text and options only"


def _cleans_columns_alike(step: Step, text: str) -> str | None:
    import pyarrow as pa

    texts = [text, "film", text]
    by_column = step.clean_column(pa.array(texts, pa.large_string())).to_pylist()
    by_text = [step(one) for one in texts]
    if by_column == by_text:
        folded = step.fold_column(pa.array(texts, pa.large_string())).to_pylist()
        if (by_fold := [step(one) for one in folded]) == by_text:
            return None
        return f"after fold_column it gives {by_fold!r}, else {by_text!r}: make them agree, or do without"
    return f"clean_column gives {by_column!r}, calling it {by_text!r}: make them agree, or do without"


def _reports_its_edits(step: Step, text: str) -> str | None:
    from textprep.steps.edits import apply_edits

    edits = step.edits(text)
    if edits is None or (made := apply_edits(text, edits)) == (cleaned := step(text)):
        return None
    return f"its edits make {made!r}, calling it {cleaned!r}: make them agree, or report none"


def _has_defaults(step: Step) -> bool:
    fields = type(step).model_fields.items()
    return all(info.is_required() or getattr(step, name) == info.get_default() for name, info in fields)


def _leaves_alone_what_is_clean(step: Step, text: str) -> str | None:
    once = step(text)
    if (twice := step(once)) == once:
        return None
    return f"it gives {once!r}, and {twice!r} when called again: declare idempotent = False"


def _encodes_columns_alike(tokenizer: Tokenizer, text: str) -> str | None:
    import pyarrow as pa

    texts = [text, "film", text]
    by_column = tokenizer.encode_column(pa.array(texts, pa.large_string())).rows()
    by_text = [tokenizer.encode(one) for one in texts]
    if by_column == by_text:
        return None
    return f"encode_column gives {by_column!r}, encode {by_text!r}: make them agree, or do without"


def _keeps_to_words(words_of: Callable[[str], list[str]], text: str) -> str | None:
    whole = words_of(text)
    by_word = [word for part in text.split() for word in words_of(part)]
    if whole == by_word:
        return None
    return f"it gives {whole!r}, but {by_word!r} word by word: declare scope = 'document'"


def _fitted_twice(tokenizer: Tokenizer) -> Tokenizer:
    texts = [*_texts(), *["the film was great", "the great film was not"] * 5]
    first, second = (_remade(tokenizer).fit(texts) for _ in range(2))
    for learned in ("vocabulary", "state"):
        if _learned(first)[learned] != _learned(second)[learned]:
            problem = f"fitted twice on the same texts, its {learned} differs"
            raise AssertionError(f"{_who(tokenizer)}: {problem}: break ties by token, use no randomness")
    return first


def _learned(tokenizer: Tokenizer) -> dict[str, str]:
    """What a saved pipeline would hold, as JSON text, so that the order counts."""
    return {"vocabulary": json.dumps(tokenizer.vocabulary.to_json()), "state": json.dumps(tokenizer.state())}


def _restored(tokenizer: Tokenizer) -> Tokenizer:
    from textprep.vocabulary import Vocabulary

    learned = {key: json.loads(value) for key, value in _learned(tokenizer).items()}
    return _remade(tokenizer).restore(Vocabulary.from_json(learned["vocabulary"]), learned["state"])


def _check_specials(tokenizer: Tokenizer) -> None:
    found = tokenizer.vocabulary.tokens[:2]
    if found != ("<pad>", "<unk>"):
        raise AssertionError(
            f"{_who(tokenizer)}: ids 0 and 1 are {found}, not <pad> and <unk>: make a Vocabulary"
        )


def _check_unseen(tokenizer: Tokenizer) -> None:
    without = tokenizer.encode("film")
    for text in (_UNSEEN, f"film {_UNSEEN}", f"film{_UNSEEN}", f"{_UNSEEN}film"):
        ids, tokens = tokenizer.encode(text), tokenizer.tokenize(text)
        if not ids or ids == without:
            problem = "the letter that training never saw vanishes: make it <unk>"
        elif 1 not in ids and any(token not in tokenizer.vocabulary for token in tokens):
            problem = f"the tokens {tokens!r} become {ids!r}: what the vocabulary does not hold is 1, <unk>"
        else:
            continue
        raise AssertionError(f"{_who(tokenizer)}: on {text!r} {problem}")


def _ids_are_in_range(tokenizer: Tokenizer, text: str) -> str | None:
    wrong = [i for i in tokenizer.encode(text) if not 0 < i < len(tokenizer.vocabulary)]
    return f"it gives the ids {wrong!r}: no text is <pad>, or outside of the vocabulary" if wrong else None


def _encodes_alike(fitted: Tokenizer, restored: Tokenizer, text: str) -> str | None:
    before, after = fitted.encode(text), restored.encode(text)
    if before == after:
        return None
    return f"it gives {before!r}, but {after!r} after restore(): state() must hold all that it learned"


def _check_splits(who: str, corpus: Corpus) -> None:
    if "train" not in corpus or not len(corpus["train"]):
        raise AssertionError(f"{who}: no rows in a split 'train', only the splits {list(corpus)}: add one")
    row_ids = [row_id for split in corpus.values() for row_id in split.row_ids.tolist()]
    if len(set(row_ids)) < len(row_ids):
        raise AssertionError(f"{who}: two rows have the same row id: number rows over all splits")


def _check_labels(who: str, corpus: Corpus) -> None:
    found = {
        label for split in corpus.values() if split.labels is not None for label in split.labels.tolist()
    }
    if found != set(range(corpus.num_classes)):
        raise AssertionError(
            f"{who}: its rows have the labels {sorted(found)}, its classes are {list(corpus.class_names)}: "
            "leave out classes that no row has"
        )
