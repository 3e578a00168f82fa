"""How soon a LoRA that is brought to a running studio draws, beside a picture with one that is held.

Part of `python -m tests.bench.loras`. Each LoRA is another file, so that nothing of it is anywhere yet.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

import httpx
from rich.table import Table

from configs.service import Address
from tests.bench.launched import launched
from tests.bench.mini_loras import mini_lora
from tests.bench.path import a_prompt, draw_over_http
from tests.ports import free_port
from tests.studio import local_installation


def measure(rounds: int) -> Table:
    """On a studio of its own, with mini."""
    with tempfile.TemporaryDirectory() as folder:
        installation = local_installation(Path(folder), http=Address(port=free_port()), dashboard=None)
        with launched(installation, quiet=True) as url, httpx.Client(base_url=url, timeout=180) as api:
            draw_over_http(api, a_prompt(0))
            first = bring_and_draw(api, Path(folder), 0)
            later = [bring_and_draw(api, Path(folder), number) for number in range(1, rounds + 1)]
    bring, fresh, held = (statistics.median(side) for side in zip(*later, strict=True))
    table = Table(title=f"a LoRA that is brought, {rounds} in turn, medians")
    table.add_column("")
    table.add_column("ms", justify="right")
    for name, seconds in (
        ("POST /loras: looked at, tried with the model, stored", bring),
        ("the first picture with it, a draft", fresh),
        ("the next picture with it", held),
        ("from POST /loras to the first picture", bring + fresh),
        ("the same for the studio's first one, which starts the examiner", first[0] + first[1]),
    ):
        table.add_row(name, f"{seconds * 1000:.0f}")
    table.add_row("from POST to picture ÷ a picture with one that is held", f"{(bring + fresh) / held:.2f}")
    return table


def bring_and_draw(api: httpx.Client, folder: Path, number: int) -> tuple[float, float, float]:
    """Seconds to bring one, to draw with it first, and again."""
    file = Path(str(mini_lora(folder, f"brought-{number}", number).weights.path))
    data = {"id": file.stem, "licence": ["adapter=apache-2.0", "training data=apache-2.0"], "model": ["mini"]}
    began = time.perf_counter()
    with file.open("rb") as opened:
        api.post("/loras", files={"file": (file.name, opened)}, data=data).raise_for_status()
    bring = time.perf_counter() - began
    first, again = (draw_over_http(api, a_prompt(2 * number + picture), file.stem) for picture in (1, 2))
    return bring, first, again
