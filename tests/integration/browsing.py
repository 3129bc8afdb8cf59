"""A page in a real browser: how it is served, opened, and what it said meanwhile."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, sync_playwright

from mlops_ci.report.contract import Report
from mlops_ci.report.html import render_html
from tests.needs import needs


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = needs("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(program), args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        browser.close()


class Served(SimpleHTTPRequestHandler):
    """Serves a folder, and remembers what was asked for."""

    def __init__(self, *args: Any, asked: list[str], **kwargs: Any) -> None:
        self.asked = asked
        super().__init__(*args, **kwargs)

    def log_message(self, *_: object) -> None:
        """Keep the path."""
        self.asked.append(self.path)


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture
def address(tmp_path: Path, asked: list[str]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Served, directory=str(tmp_path), asked=asked))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/report.html"
    server.shutdown()
    server.server_close()


class Visit:
    """A page with all that it said, asked for and tried."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.said: list[str] = []
        self.asked: list[str] = []
        page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("dialog", self._dialog)

    def _dialog(self, dialog: Dialog) -> None:
        self.said.append(f"dialog: {dialog.message}")
        dialog.dismiss()


def visit(
    browser: Browser, address: str, folder: Path, report: Report, *, width: int = 1200, dark: bool = False
) -> Visit:
    (folder / "report.html").write_text(render_html(report))
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light")
    seen = Visit(context.new_page())
    seen.page.goto(address)
    return seen
