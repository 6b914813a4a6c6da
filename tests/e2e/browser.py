"""A real Chromium, headless, that opens Darkroom's page as a person does."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

CHROMIUM = shutil.which("chromium")

# Nothing but what the test asks for: no look-ups of updates, no first-run pages.
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Visitor:
    """
    A person at the page.

    Attributes:
        page: Playwright's page.
        complaints: What the browser's console complained of, without the refusals a test provokes.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    async def open(self, url: str) -> None:
        """Open the page and wait until it is connected."""
        await self.page.goto(url)
        await self.page.locator("#connection[data-state=connected]").wait_for(state="attached")

    async def say(self, text: str, *, files: tuple[str, ...] = ()) -> None:
        """Attach files, type, and press Enter."""
        if files:
            await self.page.locator("input[type=file]").set_input_files(list(files))
        await self.page.get_by_label("Message", exact=True).fill(text)
        await self.page.get_by_label("Message", exact=True).press("Enter")

    async def outcome(self, number: int, status: str = "done", *, timeout_s: float = 60.0) -> None:
        """Wait until the *number*-th entry (from 1) has come to *status*, its pictures loaded."""
        entry = self.page.locator(f"article[data-entry][data-status={status}]")
        await entry.nth(number - 1).wait_for(timeout=timeout_s * 1000)
        await self.page.wait_for_function(
            "() => [...document.querySelectorAll('figure[data-picture] img')]"
            ".every(image => image.complete && image.naturalWidth > 0)"
        )

    async def screenshot(self, path: Path) -> None:
        """What the person sees, once everything has faded in."""
        await self.page.wait_for_function(
            "() => document.getAnimations().every(animation => animation.playState === 'finished')"
        )
        path.parent.mkdir(exist_ok=True)
        await self.page.screenshot(path=path)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)


@asynccontextmanager
async def running_chromium() -> AsyncGenerator[Browser]:
    """A Chromium for many visitors; skipped where there is none, a failure in CI."""
    if CHROMIUM is None:
        assert os.environ.get("CI") != "true", "chromium is missing, and CI skips nothing"
        pytest.skip("SKIPPED, NOT TESTED: no chromium on this machine (apt-get install chromium)")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def visiting(
    chromium: Browser, *, width_px: int = 1100, height_px: int = 900, dark: bool = False
) -> AsyncGenerator[Visitor]:
    """A person who was never here: cookies, storage and cache of their own."""
    context = await chromium.new_context(
        viewport={"width": width_px, "height": height_px},
        color_scheme="dark" if dark else "light",
        device_scale_factor=1,
    )
    try:
        yield Visitor(await context.new_page())
    finally:
        await context.close()
