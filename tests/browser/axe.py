"""axe-core in a page: what it finds against WCAG 2.2 A and AA."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

_AXE = Path(__file__).resolve().parents[2] / "clients" / "node_modules" / "axe-core" / "axe.min.js"
_RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "resultTypes": ["violations"],
}

_SETTLED = """() => Promise.allSettled(
  document.getAnimations().filter((one) => one instanceof CSSTransition).map((one) => one.finished))"""
"""Colours on their way from one theme to the other are neither's."""


@cache
def _source() -> str:
    return _AXE.read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """Each rule that is broken with the elements that break it, as a line."""
    page.evaluate(_SETTLED)
    page.evaluate(_source())  # not as a script of the page, which its policy would refuse
    found = page.evaluate("rules => axe.run(document, rules)", _RULES)["violations"]
    return [f"{one['id']}: {', '.join(str(node['target'][0]) for node in one['nodes'][:4])}" for one in found]
