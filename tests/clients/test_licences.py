"""Licences from Python and the command line: what is refused is said, and lifted."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from atelier import AsyncAtelier, Atelier, errors

from tests.router.licences.samples import CONDITIONAL, licensed_studio


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with licensed_studio(tmp_path_factory.mktemp("licences"), CONDITIONAL, default_use="reference") as api:
        yield str(api.base_url)


def test_a_use_is_refused_acknowledged_and_had(url: str, tmp_path: Path) -> None:
    with Atelier(url) as studio:
        job = studio.wait(studio.generate("a lamp", quality="draft", formats=["png"]))
        assert studio.content(job.images[0])
        with pytest.raises(errors.LicenceRestricted, match="Stability AI Community License"):
            studio.save(job, tmp_path, use="product")
        with pytest.raises(errors.LicenceRestricted):
            studio.grid(job, use="product")
        told = studio.licences.acknowledge(job, "product")
        assert (told.principal, told.purpose) == ("dev", "product")
        assert len(studio.save(job, tmp_path, use="product")) == 1
        assert studio.grid(job, use="product")


def test_what_was_bought_is_recorded_listed_and_revoked(url: str) -> None:
    with Atelier(url) as studio:
        texts = {one.id: one for one in studio.licences.all()}
        assert "mini" in {used.component for used in texts[CONDITIONAL].used_by}
        grant = studio.licences.grant("PO 1", licence=CONDITIONAL)
        assert studio.licences.grants()[0] == grant
        assert studio.licences.revoke(grant).state == "revoked"
        with pytest.raises(errors.UnknownName):
            studio.licences.grant("PO 1", licence="gpl-9")


async def _awaited(url: str) -> str:
    async with AsyncAtelier(url) as studio:
        grant = await studio.licences.grant("PO 2", component="mini")
        assert [one.grant_id for one in await studio.licences.grants()][0] == grant.grant_id
        assert (await studio.licences.all())[0].source
        return (await studio.licences.revoke(grant)).state


def test_the_same_is_awaited(url: str) -> None:
    import asyncio

    assert asyncio.run(_awaited(url)) == "revoked"


def test_the_command_says_it_in_words(url: str, tmp_path: Path) -> None:
    with Atelier(url) as studio:
        job = studio.wait(studio.generate("a chair", quality="draft", formats=["png"]))

    def atelier(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "atelier", *words, "--url", url], capture_output=True, text=True, cwd=tmp_path
        )

    refused = atelier("job", job.job_id, "--out", "out", "--use", "product")
    assert refused.returncode == 1
    assert "may be used for product under conditions" in refused.stderr
    made = atelier("licences", "grant", "PO 3", "--licence", CONDITIONAL, "--for", "product", "--json")
    assert made.returncode == 0, made.stderr
    assert atelier("job", job.job_id, "--out", "out", "--use", "product").returncode == 0
    assert "PO 3" in atelier("licences", "grants").stdout
    assert atelier("licences", "revoke", json.loads(made.stdout)["grant_id"]).returncode == 0
    assert "Reference only" in atelier("licences").stdout
