"""`atelier verify`: a file that holds, one that was changed, and the exit code that says so."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from atelier import Atelier

from tests.clients.cli.terminal import ran
from tests.deployments.provenance.samples import a_signatory, written


def test_files_are_told_in_words_and_one_that_was_changed_ends_with_1(url: str, tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole.png", tmp_path / "broken.png"
    whole.write_bytes(written("png", a_signatory(tmp_path)))
    changed = bytearray(whole.read_bytes())
    changed[-100] ^= 1
    broken.write_bytes(changed)

    def verify(*arguments: str) -> subprocess.CompletedProcess[str]:
        return ran(url, tmp_path, "verify", *arguments)

    held = verify(str(whole))
    assert held.returncode == 0, held.stderr
    said = " ".join(held.stdout.split())
    assert "A model made this picture" in said
    assert "untrusted issuer" in said
    refuted = verify("--json", str(broken))
    assert refuted.returncode == 1
    assert json.loads(refuted.stdout)["integrity"] == "changed"
    missing = verify(str(tmp_path / "nowhere.png"))
    assert missing.returncode != 0
    assert "nowhere.png" in missing.stderr
    with Atelier(url) as studio:
        assert studio.verify(whole).holds
        assert not studio.verify(bytes(changed)).holds
