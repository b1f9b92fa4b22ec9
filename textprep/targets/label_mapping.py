"""Labels as people write them: which class each is to mean, and which of them may mean the same."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Hashable, Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from numbers import Integral
from typing import Any

import regex

from textprep.errors import DatasetError
from textprep.targets.class_names import (
    WHOLE_NUMBER,
    class_of,
    class_order,
    is_blank,
    label_name,
    plain_label,
)

SHOWN = 3
NEAR = 0.75  # how much of two words is the same where they are near
_UNSEEN = regex.compile(r"[\p{Z}\p{C}\s]+")


def checked_labels(labels: Any) -> dict[str, str]:
    """Which class each label is to mean, as somebody said it.

    >>> checked_labels({"neg": "negative", 1: "positive"}), checked_labels("neg=negative, pos=positive")
    ({'neg': 'negative', '1': 'positive'}, {'neg': 'negative', 'pos': 'positive'})

    Args:
        labels: a mapping of labels to names of classes, the same as a text or as JSON, or ``None``.

    Raises:
        DatasetError: it is none of these, or names a class by something else than a word or a whole number.
    """
    if labels is None:
        return {}
    labels = _parsed(labels) if isinstance(labels, str) else labels
    if not isinstance(labels, Mapping) or not labels:
        raise DatasetError(
            'labels= maps labels to classes, as {"neg": "negative"} or the text "neg=negative,pos=positive"',
            option="labels",
        )
    plain = {label_name(plain_label(label)): plain_label(name) for label, name in labels.items()}
    for label, name in plain.items():
        if not isinstance(name, (str, Integral)) or not str(name).strip():
            raise DatasetError(
                f"labels= maps {label!r} to {name!r:.40}, which is no name of a class", option="labels"
            )
    return {label: str(name) for label, name in plain.items()}


def maps_labels(labels: object) -> bool:
    """Whether it maps labels to classes, or is nothing at all, and so no option of a data set's own.

    >>> maps_labels({"neg": "negative"}), maps_labels("neg=negative"), maps_labels("labels.csv")
    (True, True, False)
    """
    return labels is None or isinstance(_parsed(labels) if isinstance(labels, str) else labels, Mapping)


def proposed(labels: Iterable[str], classes: Sequence[str]) -> dict[str, str]:
    """Which of ``classes`` labels may mean that are none: words that are near, or as many numbers as names.

    >>> proposed(["neg", "pos"], ("negative", "positive"))
    {'neg': 'negative', 'pos': 'positive'}
    >>> proposed(["1", "2"], ("negative", "positive")), proposed(["ham"], ("1", "2"))
    ({'1': 'negative', '2': 'positive'}, {})
    """
    given = class_order(labels)
    near = {label: name for label in given if (name := _near(label, classes)) is not None}
    if near:
        return {label: name for label, name in near.items() if label != name}
    numbers = [all(map(WHOLE_NUMBER.fullmatch, names)) for names in (given, classes)]
    fits = len(given) == len(classes) and any(numbers) and set(given) != set(classes)
    return dict(zip(given, classes, strict=True)) if fits else {}


def advice(labels: Sequence[str], classes: Sequence[str], known: Mapping[str, str]) -> tuple[str, Any]:
    """How to say which of ``classes`` labels mean, beside those that are ``known``: a hint, and ``labels=``.

    >>> advice(["neg"], ("negative", "positive"), {})
    ('labels={"neg": "negative"} says which class each means', {'neg': 'negative'})
    >>> advice(["neg", "ok"], ("negative", "positive"), {})[0]
    'labels={"neg": "negative", "ok": CLASS} says which class each means, on_error="skip" leaves rows out'
    """
    known = {label: name for label, name in known.items() if name in classes}
    means = {**known, **proposed([label for label in labels if label not in known], classes)}
    open_ = [label for label in labels if label not in means and class_of(label, classes, {}) not in classes]
    pairs = [f"{written(label)}: {written(name)}" for label, name in means.items()]
    pairs += [f"{written(label)}: CLASS" for label in open_[:SHOWN]] + ["…"] * (len(open_) > SHOWN)
    hint = f"labels={{{', '.join(pairs)}}} says which class each means"
    return (f'{hint}, on_error="skip" leaves rows out', ...) if open_ else (hint, means)


def raw_names(values: Iterable[Any]) -> list[str]:
    """What the distinct labels of rows are called there.

    >>> raw_names(["neg", None, 5.0, "neg"])
    ['neg', '5']
    """
    plain = map(plain_label, values)
    named = (label for label in plain if isinstance(label, Hashable) and not is_blank(label))
    return list(dict.fromkeys(map(label_name, named)))


def _near(label: str, classes: Sequence[str]) -> str | None:
    """The one class whose name is near a label, if there is one."""
    plain, names = label_key(label), {name: label_key(name) for name in classes}
    for is_near in (
        lambda name: names[name] == plain,
        lambda name: (
            min(len(plain), len(names[name])) > 1
            and (names[name].startswith(plain) or plain.startswith(names[name]))
        ),
        lambda name: SequenceMatcher(None, plain, names[name]).ratio() > NEAR,
    ):
        found = list(filter(is_near, classes))
        if found:
            return found[0] if len(found) == 1 else None
    return None


def label_key(label: str) -> str:
    """What is left of a label without letter case, white space and what cannot be seen.

    >>> label_key("Neg ") == label_key("neg") == label_key("n\u200beg"), label_key("x+") == label_key("x")
    (True, False)
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", label).casefold())
    return _UNSEEN.sub("", folded)


def merging(names: Iterable[str]) -> dict[str, str]:
    """Of names that differ in case, white space or how characters are stored: which becomes which.

    >>> merging(["pos", "Neg", "neg ", "neg"])
    {'Neg': 'neg', 'neg ': 'neg'}
    """
    groups: dict[str, list[str]] = {}
    for name in sorted(set(names)):
        groups.setdefault(label_key(name), []).append(name)
    plainest = {key: min(group, key=lambda name: (name != key, len(name))) for key, group in groups.items()}
    return {name: plainest[key] for key, group in groups.items() for name in group if name != plainest[key]}


def says_merging(merged: Mapping[str, str]) -> str:
    """What to do about labels that are nearly the same.

    >>> print(says_merging({"Neg": "neg"}))
    labels differ in case or white space only: "Neg" and "neg"; labels={"Neg": "neg"} makes them one class
    """
    groups = [
        (*(name for name, other in merged.items() if other == plain), plain)
        for plain in dict.fromkeys(merged.values())
    ]
    shown = ", ".join(" and ".join(map(written, group)) for group in groups[:SHOWN])
    return (
        f"labels differ in case or white space only: {shown}{', …' if len(groups) > SHOWN else ''}; "
        f"labels={written(merged)} makes them one class"
    )


def written(names: str | Mapping[str, str]) -> str:
    """A name, or a mapping of names, as Python and JSON write it; what looks like something else is escaped.

    >>> print(written({"neg": "negative"}), written("cafe\u0301"), written("\uff4eeg"), written("\u5dee"))
    {"neg": "negative"} "cafe\\u0301" "\\uff4eeg" "\u5dee"
    """
    text = json.dumps(names, ensure_ascii=False)
    plain = text.isprintable() and unicodedata.normalize("NFKC", text) == text
    return text if plain else json.dumps(names)


def _parsed(text: str) -> Any:
    """``neg=negative,pos=positive``, or the same as JSON; ``None`` where it is neither."""
    try:
        return json.loads(text)
    except ValueError:
        pairs = [pair.partition("=") for pair in text.split(",")]
        labels = {label.strip(): name.strip() for label, equals, name in pairs if equals}
        return labels if len(labels) == len(pairs) else None
