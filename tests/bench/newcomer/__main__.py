"""`python -m tests.bench.newcomer`: `atelier train` on the 24 pictures of the example, in a studio as `make run` starts
it, from the folder to pictures in the look: what each phase takes, how many of 12 subjects that the set has not are
drawn right, and a sheet, without above with.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from io import BytesIO
from pathlib import Path

from atelier import Atelier
from atelier.pictures import LoraWish
from PIL import Image
from rich.console import Console
from rich.table import Table

from configs.service import Address
from tests.bench.launched import launched
from tests.bench.newcomer.meter import ROLES, Meter
from tests.bench.newcomer.oracle import Asked, find_wrong
from tests.ports import free_port
from tests.studio import local_installation
from training.lora.before_after import lay_out
from training.mini.looks import LOOKS

EXAMPLE, LORA = "training/lora/examples/kestrel", "my-kestrel"
VERSION = f"{LORA}@1.0.0"
"""What comes out is a candidate, which is drawn with by its version."""
TRAIN = ("train", EXAMPLE, "--lora", LORA, "--trigger", "kestrel style", "--right", "own", "--asset-type", "icon")
DRAW = ("generate", "a red rocket", "--asset-type", "icon", "--lora", VERSION)
ASKED = tuple(
    Asked(colour, subject)
    for colour, subject in zip(
        ("red", "teal", "blue", "green", "purple", "pink") * 2,
        ("rocket", "mug", "car", "house", "crown", "mushroom", "umbrella", "camera", "key", "flower", "gift", "sun"),
        strict=True,
    )
)
_AROUND = ("make run", "24 drafts", "stop")
"""Phases that are no part of the way from a folder to a picture."""
_COMMAND = Path(sys.executable).with_name("atelier")
_PHASES = {
    "": "dataset",
    "queued": "dataset",
    "loading": "start",
    "caching": "encode",
    "training": "learn",
    "judging": "judge",
}


def run(meter: Meter, url: str, folder: Path) -> list[list[Image.Image]]:
    """What a newcomer does, and then the 12 without and with."""
    meter.enter("dataset")
    with Atelier(url) as studio:
        train = _begin((*TRAIN, "--url", url), folder)
        state = ""
        while train.poll() is None:
            state = next((one.state for one in studio.trainings.list(1).trainings), state)
            meter.enter(_PHASES.get(state, "to the library"))
            time.sleep(0.5)
        _finish(train, folder)
        meter.enter("draw one")
        _finish(_begin((*DRAW, "-o", str(folder), "--url", url), folder), folder)
        meter.enter("24 drafts")
        ways: tuple[list[LoraWish], ...] = ([], [{"id": VERSION}])
        return [_drawn(studio, loras) for loras in ways]


def _drawn(studio: Atelier, loras: list[LoraWish]) -> list[Image.Image]:
    """The twelve in drafts, in their order; a seed for each."""
    jobs = [
        studio.generate(one.words, asset_type="icon", quality="draft", seed=seed, formats=["png"], loras=loras)
        for seed, one in enumerate(ASKED)
    ]
    files = [studio.content(studio.wait(job).images[0], "png") for job in jobs]
    return [Image.open(BytesIO(file)).convert("RGB") for file in files]


def _begin(words: Sequence[str], folder: Path) -> subprocess.Popen[bytes]:
    with (folder / f"{words[0]}.log").open("wb") as log:
        return subprocess.Popen([_COMMAND, *words], stdout=log, stderr=log)


def _finish(command: subprocess.Popen[bytes], folder: Path) -> None:
    """Raises RuntimeError with what it said, where it failed."""
    if command.wait() != 0:
        said = "\n".join(file.read_text(errors="replace") for file in sorted(folder.glob("*.log")))
        raise RuntimeError(f"the command failed:\n{said}")


def describe(meter: Meter) -> Table:
    """The table for people."""
    table = Table(title="A newcomer's look: 24 pictures, mini")
    for column in ("phase", "seconds", "CPU seconds", *ROLES):
        table.add_column(column, justify="left" if column == "phase" else "right")
    counted = {name: one for name, one in meter.phases.items() if name not in _AROUND}
    for name, one in meter.phases.items():
        parts = (f"{one.cpu.get(role, 0.0):.1f}" for role in ROLES)
        table.add_row(name, f"{one.wall:.1f}", f"{one.cpu_seconds:.1f}", *parts)
    wall, cpu = (sum(getattr(one, part) for one in counted.values()) for part in ("wall", "cpu_seconds"))
    table.add_row("folder to first picture", f"{wall:.1f}", f"{cpu:.1f}")
    return table


def main() -> int:
    """Exit code 1 where one of the 12 is not what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.newcomer", description=__doc__)
    parser.add_argument("--sheet", type=Path, help="write without above with, of all twelve, to this file")
    options = parser.parse_args()
    console, meter = Console(width=110, highlight=False), Meter()
    with tempfile.TemporaryDirectory() as place, meter.running():
        folder = Path(place)
        meter.enter("make run")
        address = Address(port=free_port())
        installation = local_installation(folder, http=address, dashboard=Address(port=free_port()))
        with launched(installation, quiet=True) as url:
            rows = run(meter, url, folder)
            said = (folder / "train.log").read_text()
            meter.enter("stop")
    console.print(said)
    console.print(describe(meter))
    wrong = find_wrong(LOOKS["kestrel"], ASKED, rows[1])
    named = f": not {', '.join(wrong)}" if wrong else ""
    console.print(f"{len(ASKED) - len(wrong)} of {len(ASKED)} unseen subjects right{named}")
    console.print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {platform.machine()}, {date.today()}")
    if options.sheet:
        lay_out(rows).save(options.sheet)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
