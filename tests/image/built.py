"""The image, built with nothing but packages of Debian and PyPI, and run as a restricted pod runs it.

No registry and no container engine: mmdebstrap makes the base, buildah builds in a chroot. It needs root.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from configs.load import ROOT

BASE, IMAGE = "localhost/atelier-base", "localhost/atelier"
_DEBIAN = "python3,python3-venv,wget,tini,ca-certificates,bash,util-linux"
_USER = "10001"


def make_base(folder: Path) -> None:
    """A Debian with Python 3.11, what the image expects of its base."""
    tree = folder / "base.tar"
    _run("mmdebstrap", "--variant=minbase", f"--include={_DEBIAN}", "bookworm", str(tree))
    container = _told(*_BUILDAH, "from", "scratch")
    _run(*_BUILDAH, "add", "--quiet", container, str(tree), "/")
    _run(*_BUILDAH, "commit", "--quiet", "--rm", container, BASE)
    tree.unlink()


def fetch_wheels(folder: Path) -> Path:
    """All that the image installs, by the pip that this project was installed with."""
    wheels = folder / "wheels"
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    _run(*pip, "download", "--dest", str(wheels), "--constraint", str(ROOT / "constraints.txt"), "torch", *needed)
    return wheels


def build(wheels: Path) -> None:
    """The image, out of this checkout."""
    from_wheels = "WHEELS=--no-index --find-links /wheels"
    arguments = ["--build-arg", f"BASE={BASE}", "--build-arg", from_wheels, "--volume", f"{wheels}:/wheels:ro"]
    _run(*_BUILDAH, "bud", "--pull-never", "--isolation", "chroot", *arguments, "--tag", IMAGE, str(ROOT))


def mounted() -> tuple[str, Path]:
    """A container of it, and where its files lie."""
    container = _told(*_BUILDAH, "from", "--pull-never", IMAGE)
    return container, Path(_told(*_BUILDAH, "mount", container))


def forget(container: str) -> None:
    _run(*_BUILDAH, "rm", container)


def size(tree: Path, *inside: str) -> int:
    """Bytes of a folder of the image."""
    return int(_told("du", "-sb", str(tree.joinpath(*inside))).split()[0])


def restricted(tree: Path, command: str) -> subprocess.Popen[bytes]:
    """Run `command` as a pod of the chart would: user 10001, no capability, nothing to gain, a root that is read-only,
    64 MB of /dev/shm, and three folders that can be written."""
    script = f"""
    mount --bind {tree} {tree}
    for each in proc dev sys; do mount --rbind /$each {tree}/$each; done
    for each in tmp var/lib/atelier weights; do mount -t tmpfs -o mode=1777 tmpfs {tree}/$each; done
    mount -t tmpfs -o size=64m,mode=1777 tmpfs {tree}/dev/shm
    mount -o remount,bind,ro {tree}
    exec chroot {tree} setpriv --reuid={_USER} --regid={_USER} --clear-groups --bounding-set=-all --no-new-privs \\
      env -i PATH=/opt/venv/bin:/usr/bin:/bin PYTHONPATH=/opt/atelier HOME=/tmp \\
      ATELIER_STATE=/var/lib/atelier ATELIER_WEIGHTS=/weights sh -c 'cd /opt/atelier && exec {command}'
    """
    return subprocess.Popen(["unshare", "--mount", "--propagation", "private", "sh", "-ec", script])


def missing() -> str | None:
    """What keeps it from being built here."""
    tools = [tool for tool in ("buildah", "mmdebstrap", "unshare", "setpriv") if shutil.which(tool) is None]
    if tools:
        return f"{', '.join(tools)}: tests/image/install-tools.sh installs them"
    return None if os.geteuid() == 0 else "it mounts, for which it must be root"


_BUILDAH = ("buildah", "--storage-driver", "vfs")


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


def _told(*command: str) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
