"""A web server on the loopback whose answers a test decides, as a list of what happens next."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class Web:
    """Files by path; ``mishaps`` are used up one a request: a status, or how many bytes to send at most."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.files: dict[str, bytes] = {}
        self.redirects: dict[str, str] = {}
        self.mishaps: list[tuple[str, int]] = []
        self.requests: list[tuple[str, str | None]] = []
        self.ranges = True

    def url(self, path: str) -> str:
        return f"{self.address}{path}"


class Handler(BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.do_GET(body=False)

    def do_GET(self, body=True):
        web = self.server.web
        path, asked = self.path.partition("?")[0], self.headers.get("Range")
        web.requests.append((path, asked))
        kind, number = web.mishaps.pop(0) if web.mishaps and body else ("", 0)
        if kind == "status":
            return self._answer(number, {"Retry-After": "0"}, b"")
        if path in web.redirects:
            return self._answer(302, {"Location": web.redirects[path]}, b"")
        if path not in web.files:
            return self._answer(404, {}, b"")
        content, status, headers = web.files[path], 200, {"Accept-Ranges": "bytes"}
        if asked and web.ranges:
            first, _, last = asked.removeprefix("bytes=").partition("-")
            start, end = int(first), min(int(last or len(content) - 1), len(content) - 1)
            if start >= len(content):
                return self._answer(416, {}, b"")
            status, headers["Content-Range"] = 206, f"bytes {start}-{end}/{len(content)}"
            content = content[start : end + 1]
        return self._answer(status, headers, content, number if kind == "cut" else None, body)

    def _answer(self, status, headers, content, at_most=None, body=True):
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(content[:at_most])

    def log_message(self, *_):
        pass


@pytest.fixture
def web():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.web = Web(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server.web
    server.shutdown()
    server.server_close()
