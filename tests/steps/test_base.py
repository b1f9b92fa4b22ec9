"""Making steps: options, `@step`, its complaints, versions and names."""

from __future__ import annotations

import functools
import importlib.util
import itertools
import subprocess
import sys

import pytest
from pydantic import ValidationError

import textprep as tp
from textprep.errors import NameClashError, StepError, TextprepError
from textprep.registry import STEPS

SHOUT = """
from __future__ import annotations
import textprep as tp

@tp.step
def {name}(text: str, *, marks: int = 1) -> str:
    return text.upper() + {mark!r} * marks
"""
modules = itertools.count()


pytestmark = pytest.mark.usefixtures("restored_registries")


@pytest.fixture
def run_module(tmp_path, monkeypatch):
    """Import source text as a module, as a script or a notebook's file would be."""

    def run(source, module=None):
        module = module or f"user_module_{next(modules)}"
        path = tmp_path / f"{module}_{next(modules)}.py"  # a new file each time: inspect remembers sources
        path.write_text(source, encoding="utf-8")
        spec = importlib.util.spec_from_file_location(module, path)
        loaded = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, module, loaded)
        spec.loader.exec_module(loaded)
        return loaded

    return run


def test_a_function_becomes_a_registered_step_with_its_options(run_module):
    shout = run_module(SHOUT.format(name="shout", mark="!")).shout
    assert shout(marks=2)("great") == "GREAT!!"
    assert shout().options() == {"marks": 1}
    assert (shout.name, shout.scope) == ("shout", "document")
    assert STEPS.get("shout") is shout
    assert "module user_module" in STEPS.owner("shout")


def test_name_version_scope_and_idempotence_may_be_given():
    @tp.step(name="scream", version=3, scope="word", idempotent=True)
    def anything(text: str) -> str:
        """Louder."""
        return text.upper()

    assert (anything.name, anything.version, anything.scope) == ("scream", 3, "word")
    assert anything.idempotent
    assert anything.__doc__ == "Louder."
    assert STEPS.get("scream") is anything


def test_an_option_without_default_must_be_given():
    @tp.step
    def prefixed(text: str, *, prefix: str) -> str:
        return prefix + text

    assert prefixed(prefix=">")("a") == ">a"
    with pytest.raises(StepError, match="prefix"):
        prefixed()


def test_an_option_without_type_takes_anything():
    @tp.step
    def padded(text, *, width=3):
        return text.ljust(width)

    assert padded()("a") == "a  "


@pytest.mark.parametrize(
    ("make", "parts"),
    [
        (lambda: tp.StripPunctuation(keep=3), ["strip_punctuation", "'keep'", "string", "given 3"]),
        (
            lambda: tp.StripPunctuation(kep="-"),
            ["strip_punctuation", "no option 'kep': did you mean 'keep'? There are: keep, "],
        ),
        (lambda: tp.Lowercase(keep="-"), ["step 'lowercase'", "no option 'keep'; there are: none"]),
        (tp.ReplacePattern, ["replace_pattern", "'pattern'", "required"]),
        (lambda: tp.Lowercase("A Text"), ["Lowercase", "Lowercase()('A Text')"]),
    ],
)
def test_a_bad_option_fails_when_the_step_is_made(make, parts):
    with pytest.raises(StepError) as caught:
        make()
    assert "\n" not in str(caught.value)
    for part in parts:
        assert part in str(caught.value)


def test_a_step_cannot_be_changed():
    with pytest.raises(ValidationError, match="frozen"):
        tp.StripPunctuation().keep = "-"


def test_steps_with_the_same_options_are_equal():
    assert tp.StripPunctuation(keep="-") == tp.StripPunctuation(keep="-") != tp.StripPunctuation()


def positional(text, marks=1):
    return text


def no_text():
    return ""


def only_options(*, text):
    return text


def any_options(text, **options):
    return text


def own_scope(text, *, scope="word"):
    return text


def hidden(text, *, _marks=1):
    return text


def undefined(text, *, marks: NoSuchType = 1):  # noqa: F821
    return text


@pytest.mark.parametrize(
    ("function", "complaint"),
    [
        (positional, "'marks' is not keyword-only"),
        (no_text, "the first parameter is the text"),
        (only_options, "the first parameter is the text"),
        (any_options, "'options' is not keyword-only"),
        (own_scope, "cannot be called 'scope'"),
        (hidden, "cannot be called '_marks': leave out the underscore"),
        (undefined, "its annotations cannot be read: NameError: name 'NoSuchType' is not defined"),
    ],
)
def test_a_signature_that_does_not_fit_says_what_would(function, complaint):
    with pytest.raises(StepError, match=complaint) as caught:
        tp.step(function)
    assert f"def {function.__name__}(text, *, option=default)" in str(caught.value)
    assert function.__name__ not in STEPS.entries


def test_a_function_that_returns_no_text_is_an_error_that_names_the_step():
    @tp.step
    def forgetful(text):
        text.upper()

    with pytest.raises(StepError, match=r"'forgetful' returned NoneType, not str"):
        forgetful()("a")


def test_a_step_without_call_says_so():
    class Lazy(tp.Step):
        name = "lazy"

    with pytest.raises(StepError, match="'lazy' does not define __call__"):
        Lazy()("a")


def test_a_definition_run_again_replaces_itself(run_module):
    """As when a notebook cell is run twice."""
    first = run_module(SHOUT.format(name="shout", mark="!"), module="user_notebook").shout
    second = run_module(SHOUT.format(name="shout", mark="?"), module="user_notebook").shout
    assert first is not second
    assert STEPS.get("shout") is second


def test_the_version_follows_the_source(run_module):
    versions = [
        run_module(SHOUT.format(name="shout", mark=mark), module="user_notebook").shout.version
        for mark in "!!?"
    ]
    assert versions[0].startswith("source:")
    assert versions[0] == versions[1] != versions[2]


def test_a_function_that_uses_variables_around_it_has_no_version():
    """Two of one source may clean differently: nothing may take them for one another."""

    def make(mark, version=None):
        @tp.step(name="marked", version=version)
        def marked(text):
            return text + mark

        return marked

    assert (make("!")()("a"), make("?")()("a")) == ("a!", "a?")
    assert make("!").version is None
    assert make("!", version=2).version == 2


def test_without_source_there_is_no_version():
    namespace = {"tp": tp, "__name__": "user_prompt"}
    exec("@tp.step\ndef typed(text):\n    return text", namespace)
    assert namespace["typed"].version is None


def test_a_second_owner_of_a_name_is_an_error_that_names_both(run_module):
    run_module(SHOUT.format(name="shout", mark="!"), module="user_one")
    with pytest.raises(NameClashError, match="user_one") as caught:
        run_module(SHOUT.format(name="shout", mark="!"), module="user_two")
    assert "user_two" in str(caught.value)


def test_a_built_in_name_is_taken(run_module):
    with pytest.raises(NameClashError, match=r"textprep \d") as caught:
        run_module(SHOUT.format(name="lowercase", mark="!"), module="user_clash")
    assert "user_clash" in str(caught.value)
    assert STEPS.get("lowercase") is tp.Lowercase


def test_a_malformed_name_is_an_error():
    with pytest.raises(TextprepError, match="'My Step' cannot name a step"):
        tp.step(name="My Step")(lambda text: text)


@pytest.mark.parametrize(
    "given", [str.lower, functools.partial(positional, marks=2), 5, "a".join, tp.WordTokenizer]
)
def test_what_is_no_function_is_refused(given):
    for make in (tp.step, tp.step(name="given")):
        with pytest.raises(
            StepError, match=r"@tp\.step makes a step of a function written with def, not of "
        ):
            make(given)


@pytest.mark.parametrize(
    ("promise", "complaint"),
    [
        ({"scope": "sentence"}, "scope=…. is one of word, document, not 'sentence'"),
        ({"version": 1.5}, "version=…. is a whole number or a string, not 1.5"),
        ({"version": True}, "not True"),
        ({"idempotent": "yes"}, "idempotent=…. is True or False, not 'yes'"),
    ],
)
def test_a_promise_that_nothing_understands_is_refused(promise, complaint):
    with pytest.raises(StepError, match=complaint):
        tp.step(name="promising", **promise)(lambda text: text)
    assert "promising" not in STEPS.entries


def test_an_option_of_a_type_that_pydantic_does_not_know_is_refused():
    class Odd:
        pass

    def odd(text, *, marks=None):
        return text

    odd.__annotations__["marks"] = Odd
    with pytest.raises(StepError, match=r"an option of step 'odd' .* such as str, .*Odd") as caught:
        tp.step(odd)
    assert "\n" not in str(caught.value)


def test_a_default_is_checked_like_any_value():
    @tp.step
    def marked(text, *, marks: int = "three"):
        return text

    with pytest.raises(StepError, match=r"option 'marks': .*valid integer.*\(given 'three'\)"):
        marked()


def test_an_undocumented_function_is_said_to_be_one():
    @tp.step
    def silent(text):
        return text

    assert silent.__doc__ == f"silent, from module {__name__}, without a docstring."


def test_a_step_class_without_a_name_says_what_to_write():
    class Nameless(tp.Step):
        def __call__(self, text):
            return text

    for use in (Nameless, lambda: tp.step(Nameless)):
        with pytest.raises(StepError, match='the step class Nameless has no name: write name = "…" in it'):
            use()


def test_a_built_in_name_is_taken_before_anyone_asks_for_it():
    code = "import textprep as tp\ntp.step(name='lowercase')(lambda text: text)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "NameClashError: the step 'lowercase' of code in module __main__" in done.stderr
