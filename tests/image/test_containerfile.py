"""What is said of the image holds before anybody builds it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from configs.load import ROOT

TEXT = (ROOT / "Containerfile").read_text()


def test_hadolint_has_nothing_to_say() -> None:
    hadolint = Path(sys.prefix, "bin", "hadolint")
    done = subprocess.run([hadolint, ROOT / "Containerfile"], capture_output=True, text=True, check=False)
    assert done.stdout + done.stderr == ""
    assert done.returncode == 0


def test_what_is_copied_is_let_into_the_build() -> None:
    wanted = {word for line in re.findall(r"^COPY (?!--)(.*) \S+$", TEXT, re.M) for word in line.split()}
    lines = (ROOT / ".containerignore").read_text().splitlines()
    assert wanted == {line[1:] for line in lines if line.startswith("!")}


def test_it_ends_as_a_user_who_is_not_root() -> None:
    final = TEXT.rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (.*)$", final, re.M) == ["10001:10001"]
    assert final.index("USER") > final.rindex("RUN")
