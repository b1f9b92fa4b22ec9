from __future__ import annotations

import hashlib
import json
import threading

import pytest

import textprep as tp
from textprep.datasets import downloads
from textprep.datasets.sources import transfer
from textprep.errors import DatasetError

CONTENT = bytes(range(256)) * 4000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(transfer, "FIRST_WAIT", 0.001)
    monkeypatch.delenv("TEXTPREP_OFFLINE", raising=False)


@pytest.fixture
def served(web):
    web.files["/data/reviews.bin"] = CONTENT
    return web


def parts(path):
    return list(path.parent.parent.glob(".*.part"))


def test_a_file_is_downloaded_once_and_shown_with_license_and_citation(served, capsys):
    options = {"sha256": SHA256.upper(), "license": "CC BY 4.0", "citation": "Writer (2026)"}
    path = tp.download(served.url("/data/reviews.bin?token=s3cret"), **options)
    assert (path.name, path.read_bytes()) == ("reviews.bin", CONTENT)
    assert tp.download(served.url("/data/reviews.bin"), **options) == path
    assert len(served.requests) == 1
    assert parts(path) == []
    said = capsys.readouterr().err
    assert "license: CC BY 4.0; citation: Writer (2026)" in said
    assert "s3cret" not in said
    assert "s3cret" not in (path.parent / "about.json").read_text()
    (found,) = downloads.downloads()
    assert (found.path, found.bytes, found.about["license"]) == (path, len(CONTENT), "CC BY 4.0")


def test_a_broken_connection_is_taken_up_where_it_broke_off(served):
    served.mishaps = [("cut", 1000), ("status", 503), ("cut", 2000)]
    path = tp.download(served.url("/data/reviews.bin"), sha256=SHA256)
    assert path.read_bytes() == CONTENT
    assert [asked for _, asked in served.requests] == [None, *["bytes=1000-"] * 2, "bytes=3000-"]


def test_a_server_without_ranges_begins_afresh(served):
    served.ranges, served.mishaps = False, [("cut", 1000)]
    assert tp.download(served.url("/data/reviews.bin"), sha256=SHA256).read_bytes() == CONTENT


@pytest.mark.parametrize("left", [b"x" * 1000, CONTENT[:-1], CONTENT + b"more", b"y" * len(CONTENT)])
def test_what_an_earlier_call_left_is_never_trusted(served, left):
    folder = downloads.downloads_folder()
    folder.mkdir(parents=True)
    (folder / f".{SHA256[:16]}.part").write_bytes(left)
    assert tp.download(served.url("/data/reviews.bin"), sha256=SHA256).read_bytes() == CONTENT


def test_another_file_than_promised_is_refused_and_not_kept(served):
    with pytest.raises(DatasetError, match=rf"has the SHA-256 {SHA256}, not 0000.*nothing of it is kept"):
        tp.download(served.url("/data/reviews.bin"), sha256="0" * 64)
    assert [path for path in downloads.downloads_folder().rglob("*") if path.suffix != ".lock"] == []


def test_a_damaged_file_is_downloaded_again(served):
    path = tp.download(served.url("/data/reviews.bin"), sha256=SHA256)
    path.write_bytes(CONTENT[::-1])
    assert tp.download(served.url("/data/reviews.bin"), sha256=SHA256).read_bytes() == CONTENT


def test_failures_that_will_not_pass_end_at_once(served):
    with pytest.raises(DatasetError, match=r"/none: the server answers 404"):
        tp.download(served.url("/none"), sha256=SHA256)
    assert len(served.requests) == 1


def test_attempts_come_to_an_end_and_what_arrived_is_used_next_time(served):
    served.mishaps = [("cut", 100)] * transfer.ATTEMPTS
    with pytest.raises(DatasetError, match=r"attempts failed.*The next call goes on"):
        tp.download(served.url("/data/reviews.bin"), sha256=SHA256)
    assert tp.download(served.url("/data/reviews.bin"), sha256=SHA256).read_bytes() == CONTENT
    assert served.requests[-1][1] == f"bytes={100 * transfer.ATTEMPTS}-"


def test_offline_takes_what_is_there_and_says_what_to_do(served, monkeypatch):
    path = tp.download(served.url("/data/reviews.bin"), sha256=SHA256)
    monkeypatch.setenv("TEXTPREP_OFFLINE", "1")
    assert tp.download(served.url("/data/reviews.bin"), sha256=SHA256) == path
    with pytest.raises(DatasetError, match=r"is not in the cache and TEXTPREP_OFFLINE is set: .* put it"):
        tp.download(served.url("/data/reviews.bin"), sha256="1" * 64)
    monkeypatch.setenv("TEXTPREP_OFFLINE", "0")
    with pytest.raises(DatasetError, match="not in the cache"):
        tp.download(served.url("/data/reviews.bin"), sha256="1" * 64, offline=True)
    assert len(served.requests) == 1


def test_redirects_lead_to_the_web_only(served):
    served.redirects = {
        "/moved": "/data/reviews.bin",
        "/out": "file:///etc/passwd",
        "/ftp": "ftp://127.0.0.1/a",
        "/loop": "/loop",
    }
    assert tp.download(served.url("/moved"), sha256=SHA256).read_bytes() == CONTENT
    with pytest.raises(DatasetError, match=r"file:///etc/passwd' is not allowed"):
        tp.download(served.url("/out"), sha256="2" * 64)
    with pytest.raises(DatasetError, match=r"redirected to ftp://127\.0\.0\.1/a, which is refused"):
        tp.download(served.url("/ftp"), sha256="2" * 64)
    with pytest.raises(DatasetError, match="infinite loop"):
        tp.download(served.url("/loop"), sha256="2" * 64)


def test_https_never_leads_to_http():
    request = transfer.urllib.request.Request("https://example.org/a")
    with pytest.raises(DatasetError, match=r"from https to http://example.org/b: refused"):
        transfer._WebOnly().redirect_request(request, None, 302, "", {}, "http://example.org/b")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("file:///etc/passwd", SHA256, None), "only http:// and https:// are downloaded"),
        (("ftp://example.org/a", SHA256, None), "only http:// and https://"),
        (("https:///a", SHA256, None), "only http:// and https://"),
        (("https://me:pw@example.org/a", "12", None), "64 hexadecimal digits, not '12'"),
        (("https://example.org/", SHA256, None), "cannot be called ''"),
        (("https://example.org/a", SHA256, "../a"), r"cannot be called '\.\./a'"),
        (("https://example.org/%2e%2e", SHA256, None), "cannot be called"),
        (("https://example.org/about.json", SHA256, None), "cannot be called"),
    ],
)
def test_arguments_that_cannot_be_used(arguments, message):
    url, sha256, filename = arguments
    with pytest.raises(DatasetError, match=message) as caught:
        tp.download(url, sha256=sha256, filename=filename)
    assert "pw" not in str(caught.value).replace("passwd", "")


def test_of_several_that_ask_at_once_one_downloads(served):
    found = []
    ask = lambda: found.append(tp.download(served.url("/data/reviews.bin"), sha256=SHA256))  # noqa: E731
    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert len(served.requests) == 1


def test_pruning_removes_the_oldest_until_the_rest_fits(served):
    paths = []
    for number in range(3):
        content = bytes([number]) * 1000
        served.files[f"/{number}.txt"] = content
        digest = hashlib.sha256(content).hexdigest()
        paths.append(tp.download(served.url(f"/{number}.txt"), sha256=digest))
        about = paths[-1].with_name("about.json")
        about.write_text(json.dumps(json.loads(about.read_text()) | {"downloaded": f"202{number}"}))
    (downloads.downloads_folder() / ".broken.part").write_bytes(b"x")
    assert [gone.path for gone in downloads.prune_downloads(2000, dry_run=True)] == paths[:1]
    assert paths[0].exists()
    assert [gone.path for gone in downloads.prune_downloads(2000)] == paths[:1]
    assert [path.exists() for path in paths] == [False, True, True]
    assert parts(paths[1]) == []


def test_where_only_an_md5_is_published(served):
    md5 = hashlib.md5(CONTENT).hexdigest()
    path = tp.download(served.url("/data/reviews.bin"), md5=md5)
    assert path.read_bytes() == CONTENT
    assert path.parent.name == md5[:16]
    (kept,) = downloads.downloads()
    assert (kept.about["md5"], "sha256" in kept.about) == (md5, False)
    with pytest.raises(DatasetError, match=rf"has the MD5 {md5}, not {'0' * 32}: it was changed there"):
        tp.download(served.url("/data/reviews.bin"), md5="0" * 32)
    with pytest.raises(DatasetError, match=r"give sha256=, or md5= where there is no other"):
        tp.download(served.url("/data/reviews.bin"), sha256=SHA256, md5=md5)
