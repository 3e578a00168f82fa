"""`python -m tests.browser.screenshots` draws the screens of a running studio for the READMEs.

make run                                           # in another terminal
.venv/bin/python -m tests.browser.screenshots      # writes clients/web/screens/*.webp
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path

import httpx
from PIL import Image
from playwright.sync_api import sync_playwright
from rich.console import Console

from tests.browser.conftest import FLAGS, chromium
from tests.browser.scenes import SCENES, prepare, show

FOLDER = Path(__file__).resolve().parents[2] / "clients" / "web" / "screens"
SIZE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
DARK, ON_A_PHONE = ("results", "compare"), ("create", "work")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studio", default="http://127.0.0.1:8000", help="that runs (default: %(default)s)")
    parser.add_argument("--quality", default="standard", help="of what is drawn (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=FOLDER)
    asked = parser.parse_args()
    console = Console()
    with httpx.Client(base_url=asked.studio, timeout=600) as web, console.status("drawing what is shown"):
        known = prepare(web, asked.quality)
    asked.out.mkdir(parents=True, exist_ok=True)
    looks = [(one, SIZE, "light", "") for one in SCENES]
    looks += [(one, SIZE, "dark", "-dark") for one in SCENES if one.name in DARK]
    looks += [(one, PHONE, "light", "-phone") for one in SCENES if one.name in ON_A_PHONE]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        for scene, size, theme, suffix in looks:
            page = browser.new_context(viewport=size, color_scheme=theme).new_page()  # type: ignore[arg-type]
            show(page, asked.studio, scene, known)
            file = asked.out / f"{scene.name}{suffix}.webp"
            Image.open(io.BytesIO(page.screenshot())).save(file, quality=86, method=6)
            console.print(f"{file.name}: {file.stat().st_size / 1000:.0f} kB")
            page.context.close()


if __name__ == "__main__":
    main()
