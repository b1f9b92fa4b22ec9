"""A headless Chromium, driven through its DevTools protocol: enough to look at a page and to use it.

page = browser.open(path)             # a file, in a tab of its own
page.evaluate("document.title")       # a JSON value
page.resize(390, 800); page.colours("dark"); page.press("Tab"); page.hover(".chip")
assert page.problems == []            # errors on the console, scripts that failed, things not allowed
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

import websocket

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
    *("--remote-debugging-port=0", "--remote-allow-origins=*", "--disable-background-networking"),
]
KEYS = {"Tab": 9, "Enter": 13, "Escape": 27, "End": 35, "Home": 36, "ArrowLeft": 37, "ArrowRight": 39}
SECONDS = 60


def find_browser() -> str | None:
    """Where Chromium is."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Browser:
    """One process; each page is a tab of its own."""

    def __init__(self, executable: str, profile: Path) -> None:
        self.process = subprocess.Popen(
            [executable, *ARGUMENTS, f"--user-data-dir={profile}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.port = _wait_for_port(profile / "DevToolsActivePort", self.process)

    def open(self, path: Path) -> Page:
        """The page of a file, when it is loaded."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/json/new?about:blank", method="PUT")
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            page = Page(json.load(answer)["webSocketDebuggerUrl"])
        page.load(path.as_uri())
        return page

    def close(self) -> None:
        """End the process."""
        self.process.terminate()
        self.process.wait(timeout=SECONDS)

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _wait_for_port(file: Path, process: subprocess.Popen[bytes]) -> int:
    deadline = time.monotonic() + SECONDS
    while not (file.exists() and file.read_text().strip()):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"chromium did not start (exit code {process.poll()})")
        time.sleep(0.05)
    return int(file.read_text().split()[0])


class Page:
    """One tab."""

    def __init__(self, url: str) -> None:
        self._socket = websocket.create_connection(url, timeout=SECONDS)
        self._calls = 0
        self.problems: list[str] = []
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setFocusEmulationEnabled", enabled=True)  # as if it were the tab in front

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """What DevTools answers."""
        self._calls += 1
        self._socket.send(json.dumps({"id": self._calls, "method": method, "params": parameters}))
        while (message := self._receive()).get("id") != self._calls:
            pass
        if "error" in message:
            raise RuntimeError(f"{method}: {message['error']}")
        return message["result"]

    def _receive(self) -> dict[str, Any]:
        message = json.loads(self._socket.recv())
        details = json.dumps(message.get("params", {}))
        if message.get("method") == "Runtime.exceptionThrown":
            self.problems.append(details)
        if message.get("method") == "Log.entryAdded" and '"level": "error"' in details:
            self.problems.append(details)
        if message.get("method") == "Runtime.consoleAPICalled" and '"type": "error"' in details:
            self.problems.append(details)
        return message

    def load(self, url: str) -> None:
        """Go to ``url`` and wait until all is there."""
        self.call("Page.navigate", url=url)
        while self._receive().get("method") != "Page.loadEventFired":
            pass

    def evaluate(self, expression: str) -> Any:
        """The JSON value of a JavaScript expression."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def resize(self, width: int, height: int) -> None:
        """A screen of so many CSS pixels."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )

    def colours(self, scheme: str) -> None:
        """``"light"`` or ``"dark"``."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", features=features)

    def scripts(self, allowed: bool) -> None:
        """Whether pages loaded from now on may run scripts."""
        self.call("Emulation.setScriptExecutionDisabled", value=not allowed)

    def press(self, key: str) -> None:
        """A key, down and up."""
        text = {"text": "\r"} if key == "Enter" else {}  # without it, Enter presses no button
        for kind in ("keyDown" if text else "rawKeyDown", "keyUp"):
            self.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=key,
                windowsVirtualKeyCode=KEYS[key],
                **text,
            )

    def hover(self, selector: str) -> None:
        """The mouse over the middle of the first element that ``selector`` finds."""
        self._mouse("mouseMoved", selector)

    def click(self, selector: str) -> None:
        """A click on it."""
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self._mouse(kind, selector, button="left", clickCount=1)

    def _mouse(self, kind: str, selector: str, **more: Any) -> None:
        x, y = self.evaluate(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            "e.scrollIntoView({block: 'center'}); const r = e.getClientRects()[0];"
            "return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def screenshot(self, path: Path) -> None:
        """The whole page as a PNG, for a person to look at."""
        answer = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(answer["data"]))

    def contrasts(self) -> list[tuple[float, str]]:
        """The contrast of each stretch of text that shows, as WCAG 2 measures it, the lowest first."""
        return sorted((ratio, text) for ratio, text in self.evaluate(_CONTRASTS))

    def close(self) -> None:
        """Close the tab."""
        self.call("Page.close")
        self._socket.close()


_CONTRASTS = """(() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const parse = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const over = ([r, g, b, a], [R, G, B]) => {
    const mix = (x, y) => (x * a + y * (255 - a)) / 255;
    return [mix(r, R), mix(g, G), mix(b, B), 255];
  };
  const background = (element) => {
    if (!element) return [255, 255, 255, 255];
    const own = parse(getComputedStyle(element).backgroundColor);
    return own[3] === 255 ? own : over(own, background(element.parentElement));
  };
  const luminance = ([r, g, b]) => {
    const linear = [r, g, b].map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement, text = walker.currentNode.data.trim();
    if (!text || !element.checkVisibility() || element.closest("script, .sr")) continue;
    const behind = background(element);
    const [x, y] = [over(parse(getComputedStyle(element).color), behind), behind].map(luminance);
    found.push([(Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05), text]);
  }
  return found;
})()"""
