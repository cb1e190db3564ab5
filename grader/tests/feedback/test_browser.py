"""The page in a browser: one file that asks for nothing and runs nothing."""

from __future__ import annotations

import shutil

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    found = [path for name in NAMES if (path := shutil.which(name))]
    assert found, "Chromium is missing: install it (Debian: apt-get install chromium)"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found[0], args=FLAGS)
        yield chromium
        chromium.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_browser_loads_one_file_and_runs_nothing(browser, hostile, tmp_path, width):
    path = tmp_path / "feedback.html"
    path.write_text(hostile)
    seen = browser.new_page(viewport={"width": width, "height": 844})
    asked, said = [], []
    seen.on("request", lambda request: asked.append(request.url))
    seen.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    seen.on("console", lambda message: said.append(message.text))
    seen.goto(path.as_uri(), wait_until="networkidle")
    for link in seen.locator("article a, main a[href^='#']").all():
        link.click()
    assert [url for url in asked if not url.startswith("data:image/png")] == [path.as_uri()]
    assert said == []
    sizes = seen.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert sizes[0] <= sizes[1]
    seen.close()


def test_policy_alone_would_stop_a_script(browser, wrong, tmp_path):
    path = tmp_path / "feedback.html"
    path.write_text(wrong.replace("</main>", "<script>document.title = 'ran'</script></main>"))
    seen = browser.new_page()
    seen.goto(path.as_uri())
    assert seen.title() == "Feedback: sums"
    with seen.expect_event("requestfailed") as stopped:
        seen.evaluate("document.body.append(Object.assign(new Image(), {src: 'http://x.invalid'}))")
    assert stopped.value.failure == "csp"
    seen.close()
