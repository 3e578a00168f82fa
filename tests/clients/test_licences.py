"""Licences from Python and the command line: what is refused is said, and lifted."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias, cast

import pytest
from atelier import AsyncAtelier, Atelier, errors

from tests.router.licences.samples import CONDITIONAL, licensed_studio, photo

Typed: TypeAlias = Callable[..., "subprocess.CompletedProcess[str]"]


def typed(url: str, folder: Path) -> Typed:
    """The command as a person types it in `folder`."""

    def atelier(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "atelier", *words, "--url", url]
        return subprocess.run(command, capture_output=True, text=True, cwd=folder)

    return atelier


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


def test_all_of_a_batch_is_refused_left_out_or_acknowledged(url: str, tmp_path: Path) -> None:
    with Atelier(url) as studio:
        batch = studio.batches.wait(studio.batch(prompts=["a lamp", "a vase"], qualities=["draft"]))
        for refused, to in ((studio.batches.save, "none"), (studio.batches.sheet, "none.png")):
            with pytest.raises(errors.LicenceRestricted, match="Stability AI Community License"):
                refused(batch, tmp_path / to, use="product")
        assert [path.name for path in tmp_path.rglob("*")] == ["none"]
        left = studio.batches.save(batch, tmp_path / "left", use="product", leave_out=True)
        assert {path.name for path in left} == {"manifest.json", "manifest.csv"}
        assert studio.licences.acknowledge(batch, "product").purpose == "product"
        assert len(studio.batches.save(batch, tmp_path / "all", use="product")) > len(left)
        assert studio.batches.sheet(batch, tmp_path / "sheet.png", use="product").stat().st_size


def test_what_was_bought_is_recorded_listed_and_revoked(url: str) -> None:
    with Atelier(url) as studio:
        texts = {one.id: one for one in studio.licences.all()}
        assert "mini" in {used.component for used in texts[CONDITIONAL].used_by}
        grant = studio.licences.grant("PO 1", licence=CONDITIONAL)
        assert studio.licences.grants()[0] == grant
        assert studio.licences.revoke(grant).state == "revoked"
        with pytest.raises(errors.UnknownName):
            studio.licences.grant("PO 1", licence="gpl-9")


def test_one_word_at_the_upload_says_whose_a_picture_is(url: str) -> None:
    with Atelier(url) as studio:
        own = studio.upload(photo(), right="own", source="our shoot")
        assert (own.right, own.source) == ("own", "our shoot")
        assert studio.upload(photo((1, 2, 3))).right == "unknown"
        with pytest.raises(errors.InvalidRequest, match="right"):
            studio.upload(photo((1, 2, 3)), right=cast(Any, "stolen"))


async def _awaited(url: str, folder: Path) -> str:
    async with AsyncAtelier(url) as studio:
        assert (await studio.upload(photo((4, 5, 6)), right="bought")).right == "bought"
        grant = await studio.licences.grant("PO 2", component="mini")
        assert [one.grant_id for one in await studio.licences.grants()][0] == grant.grant_id
        assert (await studio.licences.all())[0].source
        revoked = await studio.licences.revoke(grant)
        batch = await studio.batches.wait(await studio.batch(prompts=["a lamp"], qualities=["draft"]))
        with pytest.raises(errors.LicenceRestricted):
            await studio.batches.save(batch, folder, use="product")
        return revoked.state


def test_the_same_is_awaited(url: str, tmp_path: Path) -> None:
    import asyncio

    assert asyncio.run(_awaited(url, tmp_path)) == "revoked"


def test_the_command_says_it_in_words(url: str, tmp_path: Path) -> None:
    with Atelier(url) as studio:
        job = studio.wait(studio.generate("a chair", quality="draft", formats=["png"]))

    atelier = typed(url, tmp_path)
    refused = atelier("job", job.job_id, "--out", "out", "--use", "product")
    assert refused.returncode == 1
    assert "may be used for product under conditions" in refused.stderr
    made = atelier("licences", "grant", "PO 3", "--licence", CONDITIONAL, "--for", "product", "--json")
    assert made.returncode == 0, made.stderr
    assert atelier("job", job.job_id, "--out", "out", "--use", "product").returncode == 0
    assert "PO 3" in atelier("licences", "grants").stdout
    assert atelier("licences", "revoke", json.loads(made.stdout)["grant_id"]).returncode == 0
    assert "Reference only" in atelier("licences").stdout


def test_the_command_takes_a_batch_for_a_use(url: str, tmp_path: Path) -> None:
    atelier = typed(url, tmp_path)
    refused = atelier("batch", "-p", "a bowl", "-q", "draft", "-o", "out", "--use", "product", "--quiet")
    assert refused.returncode == 1
    assert "may be used for product under conditions" in refused.stderr
    again = re.search(r"batches (batch_\w+) --out FOLDER --use product --leave-out", refused.stderr)
    assert again is not None, refused.stderr
    assert atelier("batches", again[1], "--zip", "left.zip", "--use", "product", "--leave-out").returncode == 0
    assert atelier("batches", again[1], "--sheet", "sheet.png", "--use", "product").returncode == 1
    assert atelier("batches", again[1], "--out", "out", "--sheet", "sheet.png", "--use", "reference").returncode == 0
    assert (tmp_path / "sheet.png").exists()


def test_the_command_says_whose_pictures_are(url: str, tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(photo((7, 8, 9)))
    atelier = typed(url, tmp_path)
    begun = atelier("generate", "a lamp", "-q", "draft", "--image", "photo.png", "--right", "own", "--json")
    assert begun.returncode == 0, begun.stderr
    used = json.loads(begun.stdout)["inputs"][0]["picture"]
    told = {one["picture_id"]: one for one in json.loads(atelier("pictures", "--json").stdout)["pictures"]}
    assert told[used]["right"] == "own"
    (said,) = json.loads(atelier("pictures", used, "--right", "bought", "--source", "shop", "--json").stdout)[
        "pictures"
    ]
    assert (said["picture_id"], said["right"], said["source"]) == (used, "bought", "shop")
    assert "own" in atelier("pictures", "photo.png", "--right", "own").stdout
    for words in (("generate", "a lamp", "--right", "own"), ("pictures", "--right", "own"), ("pictures", used)):
        refused = atelier(*words)
        assert (refused.returncode, "--right" in refused.stderr) == (2, True), refused.stderr


def test_what_may_not_be_used_so_is_refused_before_it_is_drawn(url: str, tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(photo((70, 8, 9)))
    atelier, words = typed(url, tmp_path), ("generate", "a kite", "-q", "draft", "--image", "photo.png", "--use")
    with Atelier(url) as studio:
        before = len(list(studio.jobs()))
        refused = atelier(*words, "product")
        assert (refused.returncode, "could not be used for product" in refused.stderr) == (1, True), refused.stderr
        assert len(list(studio.jobs())) == before
        assert atelier(*words, "reference", "--json").returncode == 0
