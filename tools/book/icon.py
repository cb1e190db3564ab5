"""Render favicon.svg to icon.png, the picture on social previews (`make icon`)."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tools.book.look import CHROMIUM_FLAGS, find_chromium

STATIC = Path(__file__).resolve().parents[2] / "chapters/_static"
SIZE = 256


def render_icon(browser: Browser) -> bytes:
    """Return favicon.svg as a transparent PNG of 256 by 256 pixels."""
    svg = (STATIC / "favicon.svg").read_text(encoding="utf8")
    page = browser.new_page(viewport={"width": SIZE, "height": SIZE})
    page.set_content(f"<style>body{{margin:0}}svg{{width:{SIZE}px;display:block}}</style>{svg}")
    picture = page.screenshot(omit_background=True)
    page.close()
    return picture


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        (STATIC / "icon.png").write_bytes(render_icon(browser))
        browser.close()
    print(STATIC / "icon.png")


if __name__ == "__main__":
    main()
