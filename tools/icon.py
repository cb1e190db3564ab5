"""Render favicon.svg to icon.png, the picture on social previews (`make icon`)."""

from __future__ import annotations

from pathlib import Path

from look import CHROMIUM_FLAGS, find_chromium
from playwright.sync_api import sync_playwright

STATIC = Path(__file__).resolve().parents[1] / "chapters/_static"
SIZE = 256


def render_icon() -> bytes:
    """Return favicon.svg as a transparent PNG of 256 by 256 pixels."""
    svg = (STATIC / "favicon.svg").read_text(encoding="utf8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        page = browser.new_page(viewport={"width": SIZE, "height": SIZE})
        page.set_content(f"<style>body{{margin:0}}svg{{width:{SIZE}px;display:block}}</style>{svg}")
        picture = page.screenshot(omit_background=True)
        browser.close()
    return picture


if __name__ == "__main__":
    (STATIC / "icon.png").write_bytes(render_icon())
    print(STATIC / "icon.png")
