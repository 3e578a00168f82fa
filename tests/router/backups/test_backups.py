"""A backup that is taken while pictures are drawn, restored elsewhere, has every one of them to the last byte; one
that was damaged, forged or broken off says so by name."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import obstore
import pytest

from deployments.blobs.blob_url import open_url
from deployments.blobs.store import key_of
from router.api.app import create_app
from router.backups.__main__ import main
from router.storage.migration import NEWEST
from tests.moto.server import running_s3
from tests.postgres import PostgresServer, running_postgres
from tests.router.calls import submit, wait
from tests.studio import PaintedGenerator, painted_studio, running_studio, serving

pytestmark = pytest.mark.slow

PICTURES = 3


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        yield server


def told(api: httpx.Client, job_ids: list[str]) -> dict[str, Any]:
    """Each file of jobs, and who asked for what."""
    jobs = [api.get(f"/jobs/{job_id}").json() for job_id in job_ids]
    files = [file for job in jobs for image in job["images"] for file in image["files"]]
    return {file["url"].partition("/jobs/")[2]: api.get(file["url"]).content for file in files} | {
        job["job_id"]: (job["prompt"], job["status"], job["created_at"]) for job in jobs
    }


def prompts(api: httpx.Client) -> int:
    return len(api.get("/history", params={"q": "lighthouse"}).json()["images"])


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("sqlite", "sqlite"),
        pytest.param("postgres", "postgres", marks=pytest.mark.postgres),
        pytest.param("sqlite", "postgres", marks=pytest.mark.postgres),
        pytest.param("postgres", "sqlite", marks=pytest.mark.postgres),
    ],
)
def test_what_was_drawn_before_a_backup_is_there_after_restoring_elsewhere(
    source: str, target: str, tmp_path: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    def database(engine: str, folder: str) -> str:
        if engine == "postgres":
            return str(request.getfixturevalue("postgres").create_database())
        return f"sqlite:///{tmp_path / folder / 'state/jobs.db'}"

    old, new, place = database(source, "old"), database(target, "new"), str(tmp_path / "backups")
    studio = painted_studio(tmp_path / "old", PaintedGenerator(step_seconds=0.003), database_url=old)
    with serving(create_app(studio)) as url, httpx.Client(base_url=url, timeout=60) as api:
        jobs = [submit(api, prompt=f"a lighthouse, {i}", num_variations=PICTURES) for i in range(2)]
        for job in jobs:
            assert wait(api, job, 60)["status"] == "complete"
        before, listed = told(api, jobs), prompts(api)
        stop = threading.Event()

        def draw_on() -> None:
            with httpx.Client(base_url=url, timeout=60) as other:
                while not stop.is_set():
                    wait(other, submit(other, prompt="meanwhile"), 60)

        drawing = threading.Thread(target=draw_on)
        drawing.start()
        try:
            said = ["--database", old, "--state", str(tmp_path / "old/state")]
            assert main(["backup", place, *said]) == 0, capsys.readouterr()
            first = capsys.readouterr().out
            assert main(["backup", place, *said]) == 0
            second = capsys.readouterr().out
        finally:
            stop.set()
            drawing.join()
    assert "every hash is as it should be" in first
    assert " 0 of them there before" in first
    assert int(second.split(" of them there before")[0].rsplit(" ", 1)[1]) >= 2 * PICTURES
    assert main(["verify", place]) == 0
    said = ["--database", new, "--state", str(tmp_path / "new/state")]
    assert main(["restore", place, *said]) == 0, capsys.readouterr()
    studio = painted_studio(tmp_path / "new", database_url=new)
    with serving(create_app(studio)) as url, httpx.Client(base_url=url, timeout=60) as api:
        assert told(api, jobs) == before
        assert prompts(api) == listed == 2 * PICTURES, "found by the same words"
        again = wait(api, submit(api, prompt="a lighthouse anew"), 60)
        assert again["status"] == "complete", "it goes on"
        unfinished = [job for job in api.get("/jobs").json()["jobs"] if job["prompt"] == "meanwhile"]
        for job in unfinished:
            assert wait(api, job["job_id"], 60)["status"] == "complete", "what was half drawn is drawn to its end"
    capsys.readouterr()
    assert main(["restore", place, *said]) == 2
    assert "not empty" in capsys.readouterr().err


class World:
    """A studio that was used and stopped, with one backup of it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.place = folder, folder / "backups"
        with running_studio(folder / "old") as url, httpx.Client(base_url=url, timeout=60) as api:
            self.job = wait(api, submit(api, num_variations=PICTURES), 60)
        assert self.backup() == 0

    def backup(self, *said: str) -> int:
        return main(["backup", str(self.place), "--state", str(self.folder / "old/state"), *said])

    def restore(self, to: str = "new", *said: str) -> int:
        return main(["restore", str(self.place), "--state", str(self.folder / to), *said])

    def manifest(self) -> Path:
        return max((self.place / "manifests").iterdir())

    def rewrite(self, **changes: Any) -> None:
        """Forge the manifest, its own hash too."""
        document = json.loads(self.manifest().read_text()) | changes
        data = json.dumps(document).encode()
        stamp = self.manifest().name.partition("-")[0]
        self.manifest().unlink()
        (self.place / "manifests" / f"{stamp}-{key_of(data)}.json").write_bytes(data)

    def picture(self) -> Path:
        key = next(one["sha256"] for one in self.said()["files"] if "picture" in one["name"])
        return self.file(key)

    def file(self, key: str) -> Path:
        return self.place / "sha256" / key[:2] / key

    def said(self) -> dict[str, Any]:
        return dict(json.loads(self.manifest().read_text()))


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> World:
    made = World(tmp_path)
    capsys.readouterr()
    return made


@pytest.mark.parametrize("damage", ["flipped", "truncated", "lost"])
def test_a_damaged_file_is_named_the_rest_is_restored_and_a_check_mends_it(
    world: World, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = world.picture()
    data = file.read_bytes()
    if damage == "lost":
        file.unlink()
    else:
        file.write_bytes(data[:-7] if damage == "truncated" else data[:99] + bytes([data[99] ^ 4]) + data[100:])
    words = f"picture {world.job['images'][0]['asset_id'][:4]}"
    for done in (main(["verify", str(world.place)]), world.restore()):
        assert done == 1
    said = capsys.readouterr().out
    assert said.count(f"({file.name}): {'missing' if damage == 'lost' else 'damaged'}") == 2
    assert words in said
    kept = [one for one in (world.folder / "new/blobs/sha256").glob("*/*") if key_of(one.read_bytes()) == one.name]
    assert len(kept) == len(world.said()["files"]) - 1
    assert not (world.folder / "new/blobs/sha256" / file.name[:2] / file.name).exists(), "never handed on as good"
    assert world.backup("--check") == 0
    assert main(["verify", str(world.place)]) == 0
    assert world.restore("newer") == 0


def test_a_manifest_that_lies_or_is_cut_is_refused(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    whole = world.manifest().read_bytes()
    world.manifest().write_bytes(whole[:-3])
    assert main(["verify", str(world.place)]) == 2
    assert "damaged or was changed" in capsys.readouterr().err
    world.manifest().write_bytes(whole)
    files = world.said()["files"]
    world.rewrite(files=[files[0] | {"size_bytes": files[0]["size_bytes"] + 1}, *files[1:]])
    assert main(["verify", str(world.place)]) == 1
    assert "lies of its length" in capsys.readouterr().out
    for change, code, words in (
        ({"files": [files[0] | {"sha256": "../../etc/passwd"}]}, 2, "cannot read the manifest"),
        ({"schema": "0001", "files": files}, 2, f"of schema 0001, and this release has {NEWEST}"),
        ({"schema": NEWEST, "dump": files[0]}, 2, "was not made by a backup"),
        ({"dump": files[0] | {"sha256": "0" * 64}}, 2, "no whole dump"),
    ):
        world.rewrite(**change)
        assert world.restore(f"new-{code}-{words[:4]}") == code
        assert words in capsys.readouterr().err


def test_a_dump_that_was_forged_leaves_an_empty_database(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    said = world.said()
    lines = gzip.decompress(world.file(said["dump"]["sha256"]).read_bytes()).splitlines(keepends=True)
    jobs = next(i for i, line in enumerate(lines) if b'"table":"jobs"' in line)
    for forged, words in (
        (lines[:-1], "was cut off"),
        ([*lines[: jobs + 1], *lines[jobs + 2 :]], "refer to nothing"),
        ([*lines[:1], b'{"table":"sqlite_master","columns":[]}\n', *lines[1:]], "does not know"),
    ):
        data = gzip.compress(b"".join(forged))
        file = world.file(key_of(data))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        world.rewrite(dump={"sha256": key_of(data), "name": "the database", "size_bytes": len(data)})
        assert world.restore() == 2
        assert words in capsys.readouterr().err
    world.rewrite(dump=said["dump"])
    assert world.restore() == 0, "nothing of the others is left in it"


def test_a_restore_that_was_broken_off_goes_on(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """What was half written is not taken for whole."""
    files = world.said()["files"]
    folder = world.folder / "new/blobs/sha256"
    for number, one in enumerate(files[:2]):
        target = folder / one["sha256"][:2] / one["sha256"]
        target.parent.mkdir(parents=True, exist_ok=True)
        data = world.file(one["sha256"]).read_bytes()
        target.write_bytes(data if number == 0 else bytes(len(data)))
    assert world.restore() == 0
    for one in files:
        assert key_of((folder / one["sha256"][:2] / one["sha256"]).read_bytes()) == one["sha256"]


def test_a_folder_with_other_files_is_refused(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    other = world.folder / "new/blobs/sha256/ab" / ("ab" * 32)
    other.parent.mkdir(parents=True)
    other.write_bytes(b"somebody's")
    assert world.restore() == 2
    assert "restore into a fresh folder" in capsys.readouterr().err
    assert not (world.folder / "new/jobs.db").exists()
    assert main(["verify", str(world.folder / "nowhere")]) == 2
    assert "there is no folder" in capsys.readouterr().err
    (world.folder / "empty").mkdir()
    assert main(["verify", str(world.folder / "empty")]) == 2
    assert "no backup" in capsys.readouterr().err


def test_what_the_studio_itself_lacks_is_named(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    key = world.picture().name
    blob = world.folder / "old/state/blobs/sha256" / key[:2] / key
    data = blob.read_bytes()
    world.picture().unlink()
    blob.write_bytes(data[:50] + b"!" + data[51:])
    assert world.backup() == 1
    assert f"({key}): damaged in the studio's store" in capsys.readouterr().out
    blob.unlink()
    assert world.backup() == 1
    assert f"({key}): not in the studio's store" in capsys.readouterr().out


def test_a_full_disk_is_told_and_the_next_backup_goes_on(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    disk = world.folder / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("this user may not mount a disk")
    try:
        (disk / "filler").write_bytes(os.urandom(56 * 1024))
        said = ["backup", str(disk), "--state", str(world.folder / "old/state")]
        assert main(said) == 2
        assert f"the backups at {disk}" in (words := capsys.readouterr().err)
        assert "is full: make room" in words
        assert main(["verify", str(disk)]) == 2, "half a backup is none"
        (disk / "filler").unlink()
        subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)
        assert main(said) == 0
        assert main(["verify", str(disk)]) == 0
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_the_command_of_the_client_does_it_where_the_studio_is(world: World) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "atelier", "backup", str(world.place), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    old, new = ("--state", str(world.folder / "old/state")), ("--state", str(world.folder / "new"))
    for words in (old, ("--check", *old), ("--verify",), ("--restore", *new)):
        done = run(*words)
        assert done.returncode == 0, done.stderr
        assert "every hash is as it should be" in done.stdout
    assert len(run("--list").stdout.splitlines()) >= 2
    assert run("--restore", *new).returncode == 2
    assert run("--restore", "--verify").returncode == 2


def test_a_bucket_keeps_backups_beside_anothers_files(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (world.folder / "moto").mkdir()
    with running_s3(world.folder / "moto") as server:
        server.create("safe")
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        bucket = open_url("s3://safe")
        obstore.put(bucket, "ours/manifests/notes.txt", b"another's")
        state = ["--state", str(world.folder / "old/state")]
        assert main(["backup", "s3://safe/ours", *state]) == 0
        server.line.cut_after = 3000
        assert main(["restore", "s3://safe/ours", "--state", str(world.folder / "new")]) == 2
        assert "the backups at s3://safe/ours: the file store does not answer" in capsys.readouterr().err
        server.start()
        assert main(["restore", "s3://safe/ours", "--state", str(world.folder / "new")]) == 0
        assert "every hash is as it should be" in capsys.readouterr().out
        assert bytes(obstore.get(bucket, "ours/manifests/notes.txt").bytes()) == b"another's"
