"""Photograph every page of the built book: light, dark and phone width (`make look`).

Pictures go to build/look.  Arguments choose pages: `python -m tools.book.look lstm_cell`.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
VIEWS = {"light": (1280, 900), "dark": (1280, 900), "phone": (390, 844)}
#: For Debian's Chromium: no sandbox of its own when root, no calls home.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str:
    """Return the path of Chromium or Chrome; raise ``SystemExit`` that says how to get it."""
    for name in ("chromium", "chromium-browser", "google-chrome", "chrome"):
        path = shutil.which(name)
        if path:
            return path
    raise SystemExit("Chromium is missing: install it (Debian: apt-get install chromium)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", help="only pages whose path holds one of these")
    parser.add_argument("--html", type=Path, default=ROOT / "_build/html")
    parser.add_argument("--out", type=Path, default=ROOT / "build/look")
    options = parser.parse_args()
    pages = sorted(options.html.glob("intro.html")) + sorted(
        options.html.glob("chapters/**/*.html")
    )
    options.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        for view, (width, height) in VIEWS.items():
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if view == "dark" else "light",
            )
            for page_path in pages:
                if options.pages and not any(word in str(page_path) for word in options.pages):
                    continue
                page = context.new_page()
                page.goto(page_path.as_uri(), wait_until="networkidle")
                page.wait_for_timeout(300)
                target = options.out / f"{page_path.stem}-{view}.png"
                page.screenshot(path=target, full_page=True)
                print(target)
                page.close()
        browser.close()


if __name__ == "__main__":
    main()
