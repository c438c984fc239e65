"""The console in a real browser: by keyboard, on a phone, in the dark, without JavaScript, and without seeing."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsmill.urls.canonical import address_id
from tests.pipeline.served import ONCE, Shown

playwright = pytest.importorskip("playwright.sync_api")
AXE = "axe-core@4.11.0"
PHONE, WIDE = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
IN_THE_DARK = {"search", "article", "revisions", "pipeline", "source", "failures"}  # between them all there is to see
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture(scope="module")
def browser() -> Iterator["playwright.Browser"]:
    chromium = shutil.which("chromium")
    if not chromium:
        if os.environ.get("CI"):
            pytest.fail("CI needs chromium")
        pytest.skip("chromium is not installed")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def axe(request: pytest.FixtureRequest) -> str:
    """The text of axe-core, fetched from npm once; skipped where that cannot be."""
    assert request.config.cache
    folder = Path(request.config.cache.mkdir("axe"))
    script = folder / "package" / "axe.min.js"
    if not script.exists():
        try:
            subprocess.run(["npm", "pack", AXE, "--silent"], cwd=folder, check=True, capture_output=True, timeout=90)
            packed = next(folder.glob("axe-core-*.tgz"))
            subprocess.run(["tar", "xzf", packed.name, "package/axe.min.js"], cwd=folder, check=True)
        except (OSError, subprocess.SubprocessError, StopIteration) as error:
            pytest.skip(f"axe-core cannot be fetched from npm here: {error}")
    return script.read_text("utf-8")


def pages_of(shown: Shown) -> dict[str, str]:
    ferry, changed = address_id(shown.ferry), address_id(shown.changed)
    return {
        "latest": "/",
        "search": "/search?q=ferry",
        "nothing": "/search?q=nothere",
        "article": f"/article/{ferry}",
        "revisions": f"/article/{changed}/revisions",
        "pipeline": "/pipeline",
        "sources": "/sources",
        "source": "/sources/daily",
        "hosts": "/hosts",
        "host": f"/hosts/{shown.site.host()}",
        "failures": "/failures",
        "trace": f"/trace?url={shown.broken}",
        "login": "/login",
    }


def watched(page: "playwright.Page") -> list[str]:
    """What goes wrong in a page while it is used."""
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    return problems


@pytest.mark.slow
def test_no_page_breaks_a_rule_of_accessibility_in_either_theme_or_at_any_width(
    shown: Shown, browser: "playwright.Browser", axe: str
) -> None:
    found: dict[str, object] = {}
    for scheme, size in (("light", WIDE), ("dark", PHONE)):
        with browser.new_context(color_scheme=scheme, viewport=size, bypass_csp=True) as context:
            page = context.new_page()
            page.goto(f"{shown.base}/enter?once={ONCE}" if scheme == "light" else shown.base)
            for name, path in pages_of(shown).items():
                if scheme == "dark" and name not in IN_THE_DARK:
                    continue
                page.goto(shown.base + path)
                wide = page.evaluate("document.documentElement.scrollWidth")
                assert wide <= size["width"], f"{name} scrolls sideways at {size['width']} px"
                page.evaluate(axe)
                options = json.dumps({"runOnly": {"type": "tag", "values": RULES}})
                result = page.evaluate(f"axe.run(document, {options})")
                assert result["passes"], "axe looked at something"
                for violation in result["violations"]:
                    nodes = [node["html"][:160] for node in violation["nodes"][:3]]
                    found[f"{name} {scheme} {violation['id']}"] = nodes
    assert found == {}


@pytest.mark.slow
def test_an_operator_at_the_keyboard_searches_opens_compares_pauses_and_retries(
    shown: Shown, browser: "playwright.Browser"
) -> None:
    with browser.new_context(viewport=WIDE) as context:
        page = context.new_page()
        problems = watched(page)
        page.goto(f"{shown.base}/enter?once={ONCE}")
        page.keyboard.type("bridge")  # the box has the focus
        page.keyboard.press("Enter")
        page.wait_for_url("**/search?q=bridge**")
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.id") == "q"
        page.locator("#q").blur()
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_url("**/article/*")
        assert page.get_by_role("link", name="Read the original").get_attribute("href") == shown.changed
        page.get_by_role("link", name="See what changed").press("Enter")
        assert "closed" in page.locator("del").first.inner_text()
        assert "open" in page.locator("ins").first.inner_text()
        page.goto(f"{shown.base}/sources/daily")
        page.get_by_role("button", name="Pause").press("Enter")
        page.get_by_text("daily is paused").wait_for()
        assert shown.paused
        page.goto(f"{shown.base}/failures")
        page.get_by_role("button", name="Retry", exact=True).first.press("Enter")
        page.get_by_text("1 addresses go back").wait_for()
        page.goto(f"{shown.base}/pipeline")
        page.get_by_text("live", exact=True).wait_for()
        assert problems == []


@pytest.mark.slow
def test_everything_can_be_read_and_paused_without_javascript(shown: Shown, browser: "playwright.Browser") -> None:
    with browser.new_context(java_script_enabled=False, viewport=PHONE, color_scheme="dark") as context:
        page = context.new_page()
        page.goto(f"{shown.base}/enter?once={ONCE}")
        page.get_by_role("searchbox").fill("ferry")
        page.get_by_role("button", name="Search").click()
        page.get_by_role("link", name="Ferry runs again & again").click()
        assert "word12" in page.locator(".text").inner_text()
        for path in pages_of(shown).values():
            answer = page.goto(shown.base + path)
            assert answer is not None
            assert answer.status == 200
            assert page.locator("main h1").count() == 1
        page.goto(f"{shown.base}/pipeline")
        assert "accepted" in page.locator("#live").inner_text()
        page.goto(f"{shown.base}/sources/daily")
        page.get_by_role("button", name="Pause").click()
        assert shown.paused
