"""A broken plugin is one warning that names it, its version and the cause; everything else goes on."""

from __future__ import annotations

import re

GOOD = """
import textprep as tp

@tp.step
def whisper(text):
    return text.lower()

@tp.hookimpl
def textprep_steps():
    return {"whisper": whisper}
"""

FAULTS = {
    "import error": (
        "import nowhere_to_be_found",
        "ModuleNotFoundError: No module named 'nowhere_to_be_found'",
    ),
    "syntax error": ("def broken(:", "SyntaxError: "),
    "SystemExit": ("import sys; sys.exit('no licence')", "SystemExit: no licence"),
    "GeneratorExit": ("raise GeneratorExit('enough')", "GeneratorExit: enough"),
    "function that is no step": (
        "import textprep as tp\n@tp.hookimpl\ndef textprep_steps(): return {'hush': str.lower}",
        r"the step 'hush' of textprep-faulty-\d\d 1\.2 is .*lower.*, not a class; put @textprep\.step above",
    ),
    "step without a name": (
        "import textprep as tp\nclass Hush(tp.Step): pass\n"
        "@tp.hookimpl\ndef textprep_steps(): return {'hush': Hush}",
        "write name = 'hush' in the class",
    ),
    "wrong signature": (
        "import textprep as tp\n@tp.hookimpl\ndef textprep_steps(config): return {}",
        "PluginValidationError: .*config",
    ),
    "unknown hook": (
        "import textprep as tp\n@tp.hookimpl\ndef textprep_stepz(): return {}",
        "TextprepError: there is no hook 'textprep_stepz'; did you mean 'textprep_steps'\\?",
    ),
    "hook in the singular, undecorated, beside a good one": (
        "import textprep as tp\n@tp.hookimpl\ndef textprep_steps(): return {}\ndef textprep_dataset(): return {}",
        "there is no hook 'textprep_dataset'; did you mean 'textprep_datasets'\\?",
    ),
    "hook without its prefix": (
        "import textprep as tp\n@tp.hookimpl\ndef tokenizer(): return {}",
        "there is no hook 'tokenizer'; did you mean 'textprep_tokenizers'\\?",
    ),
    "hook of another name": (
        "import textprep as tp\n@tp.hookimpl\ndef shout(): return {}",
        "there is no hook 'shout'; there are: textprep_steps, textprep_tokenizers, textprep_datasets, textprep_targets",
    ),
    "forgotten decorator": (
        "def textprep_steps(): return {}",
        "textprep_steps is not a hook yet: put @textprep.hookimpl above it",
    ),
    "no hook at all": ("x = 1", "it implements none of the hooks"),
    "hook that raises": (
        "import textprep as tp\n@tp.hookimpl\ndef textprep_steps(): return {}['x']",
        "KeyError: 'x'",
    ),
    "not a mapping": (
        "import textprep as tp\n@tp.hookimpl\ndef textprep_steps(): return None",
        "textprep_steps returned NoneType, not a mapping",
    ),
    "clash with a built-in": (
        "import textprep as tp\n"
        "class Lower(tp.Step):\n    name = 'lowercase'\n    def __call__(self, text): return text\n"
        "@tp.hookimpl\ndef textprep_steps(): return {'lowercase': Lower}",
        r"the step 'lowercase' of textprep-faulty-\d\d 1\.2 is already registered by textprep ",
    ),
    "clash with another plugin": (
        "import textprep as tp\n"
        "class Hush(tp.Step):\n    name = 'whisper'\n    def __call__(self, text): return text\n"
        "@tp.hookimpl\ndef textprep_steps(): return {'whisper': Hush}",
        r"the step 'whisper' of textprep-faulty-\d\d 1\.2 is already registered by textprep-a-good 1\.2",
    ),
}


PLUGINS = {fault: f"textprep-faulty-{number:02}" for number, fault in enumerate(FAULTS)}


def test_broken_plugins_break_nothing_else(install_plugin, run_python) -> None:
    """Each fault in a plugin of its own, all installed at once: a warning for each, the good ones work."""
    install_plugin("textprep-a-good", GOOD)
    for fault, (source, _) in FAULTS.items():
        site = install_plugin(PLUGINS[fault], source)

    helped = run_python("-m", "textprep", "--help", site=site)
    assert helped.returncode == 0
    assert helped.stderr == ""

    listed = run_python("-m", "textprep", "list", "steps", site=site)
    assert listed.returncode == 0
    assert "lowercase" in listed.stdout
    assert "whisper" in listed.stdout
    warnings = listed.stderr.strip().splitlines()
    assert "Traceback" not in listed.stderr
    assert len(warnings) == len(FAULTS)
    for fault, (_, cause) in FAULTS.items():
        (warning,) = [line for line in warnings if f"plugin '{PLUGINS[fault]} 1.2'" in line]
        assert warning.count("warning") == 1
        assert re.search(cause, warning), warning


def test_asking_for_a_built_in_name_imports_no_plugin(install_plugin, run_python) -> None:
    site = install_plugin("textprep-loud", "print('imported')\n" + GOOD)
    shown = run_python("-m", "textprep", "show", "lowercase", site=site)
    assert shown.returncode == 0
    assert "imported" not in shown.stdout


def test_a_step_of_a_broken_plugin_says_why_it_is_missing(install_plugin, run_python) -> None:
    site = install_plugin("textprep-faulty", "raise RuntimeError('no disk')")
    shown = run_python("-m", "textprep", "show", "whisper", site=site)
    assert shown.returncode == 1
    assert "no step, tokenizer, dataset, target, model or section is called 'whisper'" in shown.stderr
    assert "RuntimeError: no disk" in shown.stderr


def test_what_a_failed_plugin_registered_is_taken_back(install_plugin, run_python) -> None:
    site = install_plugin(
        "textprep-half", GOOD.replace('"whisper": whisper', '"whisper": whisper, "Bad Name": whisper')
    )
    listed = run_python("-m", "textprep", "list", "steps", site=site)
    assert "whisper" not in listed.stdout
    assert "'Bad Name' cannot name a step" in listed.stderr


def test_interrupting_a_plugin_stops_all_and_leaves_nothing_behind(install_plugin, run_python) -> None:
    site = install_plugin(
        "textprep-slow", GOOD + "\nimport os\nif os.environ.pop('STOP', ''): raise KeyboardInterrupt"
    )
    code = """
import os
from textprep.registry import STEPS
os.environ["STOP"] = "1"
try:
    STEPS.get("whisper")
except KeyboardInterrupt:
    print("whisper" in STEPS.entries)
print(STEPS.owner("whisper"))
"""
    done = run_python("-c", code, site=site)
    assert done.stdout.splitlines() == ["False", "textprep-slow 1.2"], done.stderr
