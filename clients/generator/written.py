"""Generated files of Python: made tidy as all others are, and written, or compared with what is there."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_RUFF = Path(sys.executable).with_name("ruff")


@dataclass(frozen=True, slots=True)
class Written:
    """A file and what should be in it."""

    path: Path
    text: str

    def tidied(self) -> str:
        """As `make format` would leave it."""
        name = str(self.path)
        text = self.text
        for command in (["check", "--fix-only", "--unsafe-fixes", "--quiet"], ["format", "--quiet"]):
            asked = [str(_RUFF), *command, "--stdin-filename", name, "-"]
            text = subprocess.run(asked, input=text, capture_output=True, text=True, check=True).stdout
        return text


def keep(files: Sequence[Written], is_check: bool) -> int:
    """The exit code of whoever writes `files`: 1 where `is_check` is said and one is not as it should be."""
    stale = [file for file in files if _is_stale(file, is_check)]
    for file in stale if is_check else ():
        sys.stderr.write(f"{file.path} is stale: run `make openapi` and commit it\n")
    return int(is_check and bool(stale))


def _is_stale(file: Written, is_check: bool) -> bool:
    tidied = file.tidied()
    if file.path.exists() and file.path.read_text(encoding="utf-8") == tidied:
        return False
    if not is_check:
        file.path.write_text(tidied, encoding="utf-8")
    return True
