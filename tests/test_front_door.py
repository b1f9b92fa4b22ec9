"""``import textprep`` is cheap, and every public name is there."""

from __future__ import annotations

import time

import pytest

import textprep as tp


def test_every_public_name_can_be_had() -> None:
    assert list(tp.__all__) == sorted(tp.__all__)
    assert {"Pipeline", "__version__", "load_dataset", "read_csv", "read_folder", "testing"} < set(tp.__all__)
    for name in tp.__all__:
        assert getattr(tp, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"no attribute 'Pipelin'; did you mean 'Pipeline'\?"):
        tp.Pipelin  # noqa: B018
    with pytest.raises(AttributeError, match="did you mean 'StripMarkup'"):
        tp.StripMrkup  # noqa: B018
    with pytest.raises(AttributeError, match=r"no attribute 'zzz'$"):
        tp.zzz  # noqa: B018


@pytest.mark.parametrize(
    "code",
    [
        "import textprep; textprep.Pipeline; textprep.load_dataset; textprep.prepare; textprep.hookimpl",
        "import textprep.cli.app",
        "from textprep.registry import REGISTRIES; [registry.names() for registry in REGISTRIES.values()]",
    ],
)
def test_torch_is_imported_by_those_only_who_need_it(code, run_python) -> None:
    done = run_python("-c", f"{code}\nimport sys\nassert 'torch' not in sys.modules")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("arguments", "idle"),
    [
        (["--help"], {"pydantic", "numpy", "pyarrow", "torch", "textprep.steps", "textprep.datasets"}),
        (["list"], {"pandas", "datasets", "torch"}),
        (["preview", "rows.csv"], {"datasets", "matplotlib", "jinja2", "torch"}),
        (["explain", "A great <b>film</b>."], {"datasets", "matplotlib", "jinja2", "torch"}),
    ],
)
def test_a_command_imports_what_it_needs(arguments, idle, imported, tmp_path) -> None:
    (tmp_path / "rows.csv").write_text("text,label\n" + "".join(f"film {n},{n % 2}\n" for n in range(40)))
    assert not idle & imported(*arguments)


def test_starting_costs_little_more_than_python_itself(run_python) -> None:
    """No absolute time: the ratio to the imports of a small command line is fair on a slow machine too."""

    def seconds(*arguments: str) -> float:
        def once() -> float:
            started = time.perf_counter()
            assert run_python(*arguments).returncode == 0
            return time.perf_counter() - started

        return min(once() for _ in range(5))  # other work on the machine only adds to it

    most = 4 * seconds("-c", "import pydantic.main, typer")
    for arguments in (["-c", "import textprep"], ["-m", "textprep", "--help"]):
        assert seconds(*arguments) < most
