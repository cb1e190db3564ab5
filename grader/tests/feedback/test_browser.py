"""The page in a browser: one file that asks for nothing and runs nothing."""

from __future__ import annotations

import pytest


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


#: The contrast of an element's text with what is behind it, as WCAG defines it.
CONTRAST = """(one) => {
  const light = (color) => {
    const parts = color.match(/[0-9.]+/g).slice(0, 3).map((part) => part / 255);
    const linear = parts.map((v) => (v > 0.04045 ? ((v + 0.055) / 1.055) ** 2.4 : v / 12.92));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  let behind = one;
  while (getComputedStyle(behind).backgroundColor === "rgba(0, 0, 0, 0)") {
    behind = behind.parentElement;
  }
  const two = [getComputedStyle(one).color, getComputedStyle(behind).backgroundColor].map(light);
  return (Math.max(...two) + 0.05) / (Math.min(...two) + 0.05);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_told_from_what_is_behind_it(browser, wrong, tmp_path, scheme):
    from axe_playwright_python.sync_playwright import Axe

    path = tmp_path / "feedback.html"
    # The policy of the page would stop the checker's own script.
    path.write_text(wrong.replace("http-equiv", "data-was"))
    seen = browser.new_page(color_scheme=scheme, viewport={"width": 800, "height": 900})
    seen.goto(path.as_uri())
    seen.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    found = Axe().run(seen).response["violations"]
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found] == []
    operator = seen.locator(".highlight .o").first  # too short for the checker
    assert operator.evaluate(CONTRAST) > 4.5
    page = seen.evaluate("getComputedStyle(document.body).backgroundColor")
    assert page == {"light": "rgb(254, 254, 253)", "dark": "rgb(20, 24, 28)"}[scheme]
    seen.close()


def test_print_is_dark_on_light_and_leaves_out_what_is_folded(browser, wrong, tmp_path):
    path = tmp_path / "feedback.html"
    path.write_text(wrong)
    seen = browser.new_page(color_scheme="dark")
    seen.goto(path.as_uri())
    seen.emulate_media(media="print", color_scheme="dark")
    assert seen.evaluate("getComputedStyle(document.body).color") == "rgb(29, 33, 37)"
    assert not seen.locator("summary").first.is_visible()
    seen.emulate_media(media="screen")
    assert seen.locator("summary").first.is_visible()
    seen.close()


def test_policy_alone_would_stop_a_script(browser, wrong, tmp_path):
    path = tmp_path / "feedback.html"
    path.write_text(wrong.replace("</main>", "<script>document.title = 'ran'</script></main>"))
    seen = browser.new_page()
    seen.goto(path.as_uri())
    assert seen.title() == "Feedback: Sums, by hand"
    with seen.expect_event("requestfailed") as stopped:
        seen.evaluate("document.body.append(Object.assign(new Image(), {src: 'http://x.invalid'}))")
    assert stopped.value.failure == "csp"
    seen.close()
