"""The kit over a whole plugin: every check that can fail does, with the cause and the cure."""

from __future__ import annotations

import json

import pytest

import textprep as tp
from textprep.testing import checks_of

KIT = """
import json, sys
from textprep.errors import TextprepError
from textprep.testing import checks_of

found = {}
for check in checks_of(sys.argv[1], json.loads(sys.argv[2])):
    try:
        check()
        found[str(check)] = None
    except (AssertionError, TextprepError) as error:
        found[str(check)] = str(error)
print(json.dumps(found))
"""

GOOD = """
import textprep as tp

@tp.step(scope="word")
def hushed(text: str, *, mark: str = "") -> str:
    return text.lower() + mark

class Spaces(tp.Tokenizer):
    "Words as white space parts them."
    name = "spaces"
    scope = "word"

    def split(self, text):
        return text.split()

@tp.dataset(license="CC0-1.0", citation="Nobody", class_names=("even", "odd"), rows=20)
def counted(*, count: int = 20):
    return [(f"number {i}", ("even", "odd")[i % 2]) for i in range(count)]

@tp.hookimpl
def textprep_steps():
    return {"hushed": hushed}

@tp.hookimpl
def textprep_tokenizers():
    return {"spaces": Spaces}

@tp.hookimpl
def textprep_datasets():
    return {"counted": counted}
"""


@pytest.fixture
def kit(install_plugin, run_python):
    """Install a plugin of this source and run the kit over it: check → message, or None where it passed."""

    def run(source: str, options: object = None, plugin: str = "textprep-toy") -> dict[str, str | None]:
        site = install_plugin("textprep-toy", source)
        done = run_python("-W", "ignore", "-c", KIT, plugin, json.dumps(options or {}), site=site)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def failed(found):
    """The one check that failed, and what it said."""
    ((check, said),) = [(check, said) for check, said in found.items() if said]
    return check, said


def test_a_plugin_that_conforms(kit):
    found = kit(GOOD, plugin="textprep_Toy")
    assert set(found.values()) == {None}
    components = {check.partition(": ")[0] for check in found}
    assert components == {"textprep-toy 1.2", "hushed ('hushed')", "Spaces ('spaces')", "dataset 'counted'"}
    for rule in ("under a second", "without a network", "in another process", "declares", "license"):
        assert any(rule in check for check in found)


@pytest.mark.slow
def test_options_for_a_component(kit):
    found = kit(GOOD, {"hushed": {"mark": "!"}, "counted": {"count": 12}})
    said = found.pop("hushed ('hushed'): never looks across white space")
    assert said.startswith("hushed ('hushed'): on ''")
    assert said.endswith("declare scope = 'document'")
    assert not any(found.values())  # nor does what follows from it
    assert not any("declares" in check for check in found)  # what is declared holds for the defaults


BROKEN = """
import textprep as tp

SAID = {"license": "CC0-1.0", "citation": "Nobody"}
ROWS = [(f"number {i}", i % 2) for i in range(20)]

class Once(list):
    def __iter__(self):
        while self:
            yield self.pop(0)

@tp.dataset(license=" ")
def silent():
    return ROWS

@tp.dataset(**SAID, rows=21)
def short():
    return ROWS

@tp.dataset(**SAID, class_names=("1", "0"))
def swapped():
    return ROWS

@tp.dataset(**SAID)
def unordered():
    return [(word, len(word) % 2) for word in {f"number {i}" for i in range(99)}]

@tp.dataset(**SAID)
def once():
    return Once(ROWS)

@tp.hookimpl
def textprep_datasets():
    return {made.__name__: made for made in (silent, short, swapped, unordered, once)}
"""
FAILURES = {
    "dataset 'silent': it says its license and citation": (
        'it does not say its license and citation: put @tp.dataset(license="…", citation="…") above it'
    ),
    "dataset 'short': it has the rows that it declares": "it declares rows=21 and has 20: mend one of them",
    "dataset 'swapped': it has the classes that it declares": "('1', '0') and has ('0', '1')",
    "dataset 'unordered': it does the same in another process": "differ: sort what you read and seed what is",
    "dataset 'once': what it returns can be iterated twice": (
        """differs, first number 0: "('number 0', 0)", then None: let __iter__ begin anew each time"""
    ),
}


@pytest.mark.slow
def test_data_sets_that_do_not_conform(kit):
    found = {check: said for check, said in kit(BROKEN).items() if said}
    assert sorted(found) == sorted(FAILURES)
    for check, message in FAILURES.items():
        assert message in found[check]


NOTHING = "import textprep as tp\n@tp.hookimpl\ndef textprep_steps():\n    return {}\n"


@pytest.mark.slow
def test_a_plugin_that_waits_when_it_is_imported(kit):
    check, said = failed(kit("import time\ntime.sleep(1.5)\n" + NOTHING))
    assert check == "textprep-toy 1.2: importing it takes under a second"
    assert "importing it takes 1." in said
    assert "s of them waiting: wait for what is needed when it is asked for" in said


FINDINGS = """
import textprep as tp

SAID = {"license": "CC0-1.0", "citation": "Nobody"}
ROWS = [(letter * 9 + " is a film about " + letter, "pn"[i % 2]) for i, letter in enumerate("abcdefghijkl")]

@tp.dataset(**SAID)
def torn():
    return [(f"{'abcde'[i % 5] * 5} text", "pn"[i // 5 % 2]) for i in range(100)]

@tp.dataset(**SAID)
def leaking():
    return {"train": ROWS, "test": ROWS}

@tp.dataset(**SAID)
def garbled():
    return [(text + " caf\u00c3\u00a9", label) for text, label in ROWS * 2]

@tp.dataset(**SAID)
def nothing():
    pass

@tp.hookimpl
def textprep_datasets():
    return {made.__name__: made for made in (torn, leaking, garbled, nothing)}
"""


@pytest.mark.slow
def test_what_textprep_check_finds_the_kit_finds(kit):
    found = {check: said for check, said in kit(FINDINGS).items() if said}
    rule = "nothing is wrong with its rows"
    assert "contradiction: 5 texts have two labels: decide for one" in found.pop(f"dataset 'torn': {rule}")
    assert "leak: 12 times train and test share the same text" in found.pop(f"dataset 'leaking': {rule}")
    assert "mojibake: 24 texts look like UTF-8" in found.pop(f"dataset 'garbled': {rule}")
    assert "rows are needed, not NoneType" in found.pop("dataset 'nothing': it can be loaded")
    assert not found


@pytest.mark.slow
def test_a_plugin_that_is_slow_to_import_and_reaches_for_the_network(kit):
    slow = "import time, socket\nend = time.process_time() + 1.1\nwhile time.process_time() < end: pass\n"
    reach = "try: socket.create_connection(('127.0.0.1', 9), 1)\nexcept OSError: pass\n"
    found = kit(slow + reach + NOTHING)
    said = [message for message in found.values() if message]
    assert "import what is heavy inside the functions that need it" in said[0]
    assert "listing it asks for 127.0.0.1 9: open the network when rows are asked for" in said[1]
    assert len(said) == 2


def test_a_plugin_that_does_not_load(kit):
    check, said = failed(kit("import nowhere"))
    assert check == "textprep-toy 1.2: it loads"
    assert "ModuleNotFoundError: No module named 'nowhere'" in said


STEP = """
import textprep as tp

@tp.step
def odd(text: str{options}) -> str:
    return {value}

@tp.hookimpl
def textprep_steps():
    return {{"odd": odd}}
"""


@pytest.mark.slow
def test_a_step_that_needs_options_and_depends_on_the_hash_seed(kit):
    source = STEP.format(options=", *, tail: str", value="str(hash(text)) + tail")
    check, said = failed(kit(source))
    assert check == "step 'odd': it can be made"
    assert "option 'tail': Field required" in said
    check, said = failed(kit(source, {"odd": {"tail": "!"}}))
    assert check == "odd ('odd'): it does the same in another process"
    assert "results may not depend on hash()" in said


def test_what_is_not_installed_is_named():
    with pytest.raises(
        tp.TextprepError, match=r"no plugin 'textprep-movie-review' is installed; there are: "
    ):
        checks_of("textprep-movie-review")
    with pytest.raises(tp.TextprepError, match="registers no 'film'; it registers: movie-reviews"):
        checks_of("movie-reviews", {"film": {}})
