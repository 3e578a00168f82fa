"""What signing costs: each format written without and with content credentials, in turn, in one run: with the key of a
file, and with one that is elsewhere, as in a vault (whose own time to answer is not in it).

`python -m tests.bench.credentials` writes a picture of 1,024 pixels; wanted are 30 ms and 5 kB a file at most. The
last one of each is read back by the reader of the project behind C2PA.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import tempfile
import time
from pathlib import Path

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from PIL import Image
from rich.console import Console
from rich.table import Table

from configs.formats import Format
from deployments.provenance.certificate import make_chain, read_certificate
from deployments.provenance.claim import write_claim
from deployments.provenance.signatory import Signatory
from deployments.provenance.signing import SIGNED
from deployments.stages.raster import write_avif, write_jpeg, write_png, write_webp
from tests.deployments.pictures import RECIPE
from tests.deployments.provenance.elsewhere import Elsewhere, Key
from tests.deployments.provenance.samples import TERMS, a_signatory, told

_WIDTH = 110  # characters of the table
_WRITERS = {"png": write_png, "webp": write_webp, "jpeg": write_jpeg, "avif": write_avif}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--files", type=int, default=9, help="per format")
    options.add_argument("--side", type=int, default=1024, help="pixels")
    chosen = options.parse_args()
    table = Table("format", "key", "written", "signed (median)", "(fastest)", "of writing", "bytes more", "read back")
    with tempfile.TemporaryDirectory() as state:
        signatories = {"file": a_signatory(Path(state)), "elsewhere": _signatory_elsewhere()}
        for kind, (place, signatory) in itertools.product(SIGNED, signatories.items()):
            table.add_row(kind, place, *_measure(kind, signatory, chosen.side, chosen.files))
    Console(width=_WIDTH).print(table)


def _signatory_elsewhere() -> Signatory:
    """With a chain as the other one has it, and a key that the library does not see."""
    chain, pem = make_chain()
    key = load_pem_private_key(pem, None)
    assert isinstance(key, Key)
    return Signatory(read_certificate(chain, "a chain"), Elsewhere(key))


def _measure(kind: Format, signatory: Signatory, side: int, files: int) -> list[str]:
    image = Image.effect_mandelbrot((side, side), (-2.2, -1.4, 0.8, 1.4), 90).convert("RGB")
    writing, signing, more, signed = [], [], 0, b""
    for _ in range(files):
        began = time.perf_counter()
        plain = _WRITERS[kind](image, RECIPE)
        written = time.perf_counter()
        signed = signatory.sign(plain, kind, write_claim(RECIPE, TERMS, kind))
        writing.append(written - began)
        signing.append(time.perf_counter() - written)
        more = len(signed) - len(plain)
    without, besides = statistics.median(writing), statistics.median(signing)
    return [
        f"{without * 1e3:.0f} ms",
        f"{besides * 1e3:.1f} ms",
        f"{min(signing) * 1e3:.1f} ms",
        f"{besides / without:.0%}",
        f"{more:,}",
        told(signed, kind)["validation_state"],
    ]


if __name__ == "__main__":
    main()
