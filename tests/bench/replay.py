"""`python -m tests.bench.replay`: fifty pictures of mini, each drawn again, and what their receipts say; then one with
another sampler than it was drawn with."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from tests.router.calls import wait
from tests.router.replays.mini import bring, drawing_mini, mini_with_shift, with_pictures
from tests.router.replays.orders import ORDERS

_PATIENCE_SECONDS = 600


def replays(folder: Path, names: Sequence[str]) -> Iterator[tuple[str, dict[str, Any], float, float]]:
    """Of each order: its receipt, and the seconds of the drawing and of its replay, waiting included."""
    with drawing_mini(folder) as api:
        brought = bring(api)
        for name in names:
            began = time.monotonic()
            image = _drawn(api, "/generate", with_pictures(ORDERS[name], brought))["images"][-1]
            between = time.monotonic()
            again = _drawn(api, f"/images/{image['asset_id']}/replay", {})
            yield name, again["replay"], between - began, time.monotonic() - between


def replay_with_shift(folder: Path, shift: float) -> dict[str, Any]:
    """The receipt of a picture whose sampler is another by the time that it is drawn again."""
    with drawing_mini(folder) as api:
        image = _drawn(api, "/generate", with_pictures({}, {}))["images"][0]
    with drawing_mini(folder, mini_with_shift(folder, shift)) as api:
        receipt: dict[str, Any] = _drawn(api, f"/images/{image['asset_id']}/replay", {})["replay"]
    return receipt


def _drawn(api: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = api.post(path, json=body)
    if answer.status_code != 202:
        raise SystemExit(f"{path} {body}: {answer.text}")
    job = wait(api, answer.json()["job_id"], _PATIENCE_SECONDS)
    if job["status"] != "complete":
        raise SystemExit(f"{path} {body}: {job['error']}")
    return job


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=len(ORDERS), help="only so many of the orders")
    names, console = list(ORDERS)[: parser.parse_args().first], Console()
    table = Table("picture", "pixels", "files", "PSNR", "drawn s", "again s")
    same = 0
    with TemporaryDirectory() as folder:
        for name, receipt, first, again in replays(Path(folder), names):
            same += receipt["identical"] and receipt["same_files"]
            psnr = "" if receipt["pixels"] is None else f"{receipt['pixels']['psnr']:.1f} dB"
            pixels, files = (("same" if receipt[key] else "differ") for key in ("identical", "same_files"))
            table.add_row(name, pixels, files, psnr, f"{first:.1f}", f"{again:.1f}")
            console.print(f"{name}: {receipt['sentence']}", highlight=False)
    console.print(table)
    console.print(f"{same} of {len(names)} equal to the byte, but for their signatures")
    with TemporaryDirectory() as folder:
        console.print(f"with another sampler: {replay_with_shift(Path(folder), 3.0)['sentence']}", highlight=False)
    sys.exit(same != len(names))


if __name__ == "__main__":
    main()
