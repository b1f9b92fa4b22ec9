"""``textprep cache``: what is prepared, why something is not, whether it is whole, and what can go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textprep.cli.arguments import AsJson, CacheDir, Overrides, Target
from textprep.cli.output import WholeSentences, print_json
from textprep.cli.sizes import bytes_of, sized

if TYPE_CHECKING:
    from textprep.preparation.differences import Difference
    from textprep.preparation.inventory import Entry

cache = typer.Typer(
    cls=WholeSentences,
    help="Prepared data on disk: list it, ask why something is missing, verify it, prune it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@cache.command("list")
def list_entries(cache_dir: CacheDir = None, as_json: AsJson = False) -> None:
    """List what is prepared: fingerprint, data set, rows, size, last use; the last used first."""
    from textprep.preparation.cache import leftovers
    from textprep.preparation.inventory import entries, folder_bytes
    from textprep.storage.files import cache_folder
    from textprep.tables import table

    folder = cache_folder(cache_dir)
    found, unfinished = entries(folder), leftovers(folder)
    left = sum(map(folder_bytes, unfinished))
    if as_json:
        record = {
            "cache": str(folder),
            "entries": [_entry_record(entry) for entry in found],
            "leftovers": [str(path) for path in unfinished],
            "bytes": sum(entry.bytes for entry in found) + left,
        }
        print_json(record)
        return
    if found:
        rows = [
            [entry.path.name, entry.dataset, f"{entry.rows:,}", sized(entry.bytes), _when(entry.last_use)]
            for entry in found
        ]
        print(table(["fingerprint", "data set", "rows", "size", "last use"], rows, width=110))
    print(f"{len(found)} prepared, {sized(sum(entry.bytes for entry in found))} in {folder}")
    _print_others(found)
    if unfinished:
        print(f"{len(unfinished)} unfinished, {sized(left)}: the next run of the same goes on with it")


@cache.command()
def why(
    target: Target,
    cache_dir: CacheDir = None,
    overrides: Overrides = [],  # noqa: B006 - typer reads the default, which never changes
    as_json: AsJson = False,
) -> None:
    """Say why preparing TARGET would do work: in what it differs from the nearest thing that is prepared."""
    from textprep.cli.loading import loaded
    from textprep.config.experiment import read_config
    from textprep.preparation.columns import contents_of
    from textprep.preparation.fingerprint import digest, made_of, unversioned
    from textprep.preparation.inventory import damages, entries, nearest, nearest_columns
    from textprep.storage.files import cache_folder

    config = read_config(target, overrides)
    corpus, folder = loaded(config.dataset), cache_folder(cache_dir)
    pipeline = config.encoding(corpus)
    record, found = made_of(corpus, pipeline), entries(folder)
    store = folder / digest(record)
    near = nearest(record, (entry for entry in found if entry.path != store))
    columns = nearest_columns(contents_of(corpus), store)
    encoded = any(entry.path == store for entry in found)
    answer: dict[str, Any] = {
        "fingerprint": store.name,
        "prepared": encoded and columns == [],
        "encoded": encoded,
        "damaged": damages(store) if encoded else [],
        "unversioned": unversioned(pipeline),
        "nearest": near[0].path.name if near else None,
        "differences": [difference._asdict() for difference in near[1]] if near else [],
        "columns": None if columns is None else [difference._asdict() for difference in columns],
    }
    if as_json:
        print_json(answer)
    elif answer["prepared"] or answer["damaged"]:
        state = f", but damaged: {answer['damaged'][0]}" if answer["damaged"] else ""
        print(f"{target} is prepared: {store}{state}")
    elif encoded:
        print(f"{target} is prepared: {store}, but for labels or other columns; nothing is encoded again")
        _print_differences(columns or ())
    elif answer["unversioned"]:
        print(f"{target} is never kept: no version of {', '.join(unversioned(pipeline))} vouches for results")
    elif near is None:
        print(f"{target} is not prepared: nothing {'that could be compared ' * bool(found)}is, in {folder}")
    else:
        entry, fields = near
        print(f"{target} is not prepared; the nearest is {entry.path.name}, of {entry.dataset!r}:")
        _print_differences(fields)
    if not as_json and not answer["prepared"]:
        _print_others(found)


@cache.command()
def verify(
    fingerprints: Annotated[
        list[str] | None,
        typer.Argument(metavar="FINGERPRINT...", help="What to check, or how it begins; everything if none."),
    ] = None,
    remove: Annotated[
        bool, typer.Option("--remove", help="Remove what is damaged or of another format version.")
    ] = False,
    cache_dir: CacheDir = None,
    as_json: AsJson = False,
) -> None:
    """Compare every file with its checksum; name those that are damaged (exit code 1).

    Labels and other columns that are damaged are removed by themselves: the ids beside them stay.

    What an older or newer textprep has written in another format is not damaged: it is counted, not checked,
    and does not change the exit code.
    """
    from textprep.preparation.cache import remove_entry
    from textprep.preparation.inventory import damaged_folders, entries
    from textprep.storage.files import cache_folder

    chosen = _chosen(entries(cache_folder(cache_dir)), fingerprints or [])
    others = [entry for entry in chosen if entry.other_version is not None]
    found = {entry.path: damaged_folders(entry.path) for entry in chosen if entry not in others}
    damaged = [folders for folders in found.values() if folders]
    if remove:
        for path in [*chain(*damaged), *(entry.path for entry in others)]:
            remove_entry(path)
    if as_json:
        print_json({path.name: [*chain(*folders.values())] for path, folders in found.items()})
    else:
        for folders in damaged:
            print("\n".join(chain(*folders.values())))
        removed = ", removed" if remove and damaged else ""
        print(f"{len(found)} checked, {len(damaged)} damaged{removed}")
        _print_others(others, remove)
    if damaged:
        raise typer.Exit(1)


@cache.command()
def prune(
    max_size: Annotated[str, typer.Option(metavar="SIZE", help="Keep so much at most: 2GB, 500MB, 0 …")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")] = False,
    cache_dir: CacheDir = None,
    as_json: AsJson = False,
) -> None:
    """Remove what was not used for longest until the rest fits, and what killed runs have left.

    What a process has open, or is making, stays.
    """
    from textprep.preparation.inventory import prune as prune_cache
    from textprep.storage.files import cache_folder

    pruned = prune_cache(cache_folder(cache_dir), bytes_of(max_size), dry_run=dry_run)
    if as_json:
        record = {
            "removed": [_entry_record(entry) for entry in pruned.entries],
            "leftovers": [str(path) for path in pruned.leftovers],
            "in_use": [_entry_record(entry) for entry in pruned.in_use],
            "dry_run": dry_run,
        }
        print_json(record)
        return
    done = "would remove" if dry_run else "removed"
    for entry in pruned.entries:
        print(f"{done} {entry.path.name}: {entry.dataset}, {sized(entry.bytes)}, {_when(entry.last_use)}")
    for entry in pruned.in_use:
        print(f"kept {entry.path.name}: it is open in some process")
    freed = sized(sum(entry.bytes for entry in pruned.entries))
    print(f"{done} {len(pruned.entries)} prepared, {freed}, and {len(pruned.leftovers)} unfinished")


@cache.command()
def downloads(
    max_size: Annotated[
        str | None,
        typer.Option(metavar="SIZE", help="Remove the oldest until so much is left at most: 2GB, 0 …"),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")] = False,
    cache_dir: CacheDir = None,
    as_json: AsJson = False,
) -> None:
    """List what data sets have downloaded, with licenses and citations; with --max-size prune it."""
    from textprep.datasets.downloads import downloads as downloaded
    from textprep.datasets.downloads import prune_downloads
    from textprep.tables import table

    removed = [] if max_size is None else prune_downloads(bytes_of(max_size), cache_dir, dry_run=dry_run)
    found = [one for one in downloaded(cache_dir) if one not in removed]
    if as_json:
        kept, gone = ([{**one.about, "path": str(one.path)} for one in some] for some in (found, removed))
        print_json({"downloads": kept, "removed": gone, "dry_run": dry_run})
        return
    if found:
        rows = [
            [one.path.name, sized(one.bytes), one.about.get("license") or "", one.about["url"]]
            for one in found
        ]
        print(table(["file", "size", "license", "from"], rows, width=110))
    print(f"{len(found)} downloaded, {sized(sum(one.bytes for one in found))}")
    for one in found:
        if one.about["citation"]:
            print(f"{one.path.name}: {one.about['citation']}")
    if max_size is not None:
        done = "would remove" if dry_run else "removed"
        print(f"{done} {len(removed)}, {sized(sum(one.bytes for one in removed))}")


def _print_differences(fields: Iterable[Difference]) -> None:
    for difference in fields:
        print(f"  {difference}")


def _print_others(found: Sequence[Entry], removed: bool = False) -> None:
    """A line on what another textprep has written among ``found``, if there is any."""
    from textprep.preparation.inventory import other_format

    versions = [entry.other_version for entry in found if entry.other_version is not None]
    if versions:
        done = "removed" if removed else "'textprep cache verify --remove' removes what is"
        print(f"{len(versions)} {other_format(versions)}: {done}")


def _chosen(entries: Sequence[Entry], fingerprints: Sequence[str]) -> list[Entry]:
    from textprep.errors import PreparationError

    for fingerprint in fingerprints:
        if not any(entry.path.name.startswith(fingerprint) for entry in entries):
            names = ", ".join(entry.path.name for entry in entries) or "none"
            raise PreparationError(f"nothing prepared is called {fingerprint!r}; there are: {names}")
    wanted = tuple(fingerprints) or ("",)
    return [entry for entry in entries if entry.path.name.startswith(wanted)]


def _entry_record(entry: Entry) -> dict[str, Any]:
    return {
        "fingerprint": entry.path.name,
        "path": str(entry.path),
        "dataset": entry.dataset,
        "rows": entry.rows,
        "bytes": entry.bytes,
        "other_version": entry.other_version,
        "last_use": datetime.fromtimestamp(entry.last_use, timezone.utc).isoformat(timespec="seconds"),
    }


def _when(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")
