"""Environments in which the studio cannot start, and what it must name in each."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from configs.load import ROOT
from deployments.provenance.certificate import make_chain
from tests.ports import free_port
from tests.serve.forked import run_forked

HTTP, DASHBOARD = str(free_port()), str(free_port())


@dataclass
class Place:
    """An installation's profile and environment, on its way to being broken."""

    folder: Path
    undo: ExitStack
    settings: dict[str, str] = field(default_factory=dict)
    arguments: list[str] = field(default_factory=lambda: ["--http-port", HTTP, "--dashboard-port", DASHBOARD])
    environment: dict[str, str] = field(default_factory=lambda: dict(os.environ))
    powerless: bool = False
    """Without the rights that root has over other people's files and ports."""

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def start(self, *options: str) -> subprocess.CompletedProcess[str]:
        profile = self.folder / "broken.yaml"
        settings = {"state": str(self.state), **self.settings}
        text = (ROOT / "configs/profiles/local.yaml").read_text()
        profile.write_text(text + "".join(f"{name}: {value}\n" for name, value in settings.items()))
        arguments = ["--profile", str(profile), *self.arguments, *options]
        environment = {**self.environment, "PYTHONPATH": str(ROOT)}
        if not self.powerless or os.geteuid() != 0:
            return run_forked(arguments, environment)
        command = ["setpriv", "--bounding-set", "-all", sys.executable, "-m", "serve", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False
        )


Break = Callable[[Place], str]
"""Breaks a place, and returns what must be named."""
BROKEN: dict[str, Break] = {}


def broken(do: Break) -> Break:
    BROKEN[do.__name__] = do
    return do


@contextmanager
def place(folder: Path) -> Iterator[Place]:
    with ExitStack() as undo:
        yield Place(folder, undo)


@broken
def a_port_too_large(place: Place) -> str:
    place.arguments = ["--http-port", "70000"]
    return "--http-port: '70000' is not a port: write a number from 1 to 65535"


@broken
def a_port_of_letters(place: Place) -> str:
    place.arguments = ["--dashboard-port", "abc"]
    return "--dashboard-port: 'abc' is not a port"


@broken
def a_port_below_one(place: Place) -> str:
    place.arguments = ["--http-port=-1"]
    return "'-1' is not a port"


@broken
def no_port(place: Place) -> str:
    place.arguments = ["--http-port", "0"]
    return "'0' is not a port"


@broken
def an_option_that_there_is_not(place: Place) -> str:
    place.arguments = ["--prot=8000"]
    return "unrecognized arguments: --prot=8000; `python -m serve --help`"


@broken
def both_ports_equal(place: Place) -> str:
    place.arguments = ["--http-port", HTTP, "--dashboard-port", HTTP]
    return f"http and dashboard both have port {HTTP}"


@broken
def a_port_in_use(place: Place) -> str:
    taken = place.undo.enter_context(socket.socket())
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    port = str(taken.getsockname()[1])
    place.arguments = ["--http-port", HTTP, "--dashboard-port", port]
    return f"dashboard: port {port} on 127.0.0.1 is busy: stop what uses it"


@broken
def a_port_that_is_kept_for_root(place: Place) -> str:
    if int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text()) <= 80:
        pytest.skip("here port 80 is anybody's")
    place.powerless = True
    place.arguments = ["--http-port", "80", "--dashboard-port", DASHBOARD]
    return "http: port 80 is kept for root: choose one from 1024 up"


@broken
def a_studio_that_strangers_reach_without_signing_in(place: Place) -> str:
    place.settings["http"] = f"{{host: 0.0.0.0, port: {HTTP}}}"
    place.arguments = ["--dashboard-port", DASHBOARD]
    return "whoever reaches 0.0.0.0 would be the developer 'dev', who may do everything: listen on 127.0.0.1, or say"


@broken
def the_same_by_an_option(place: Place) -> str:
    place.arguments = [*place.arguments, "--http-host", "0.0.0.0"]
    return "whoever reaches 0.0.0.0 would be the developer"


@broken
def issuers_that_are_not_asked(place: Place) -> str:
    place.settings["sign_in"] = "{issuers: [{issuer: 'https://id.studio.example', audience: a, scope: s}]}"
    return "with issuers, the mode is oidc: write 'mode: oidc'"


@broken
def an_address_of_another_machine(place: Place) -> str:
    place.settings["http"] = "{host: 203.0.113.7, port: 8000}"
    return "203.0.113.7 is not an address of this machine"


@broken
def a_host_that_is_not_found(place: Place) -> str:
    place.settings["http"] = "{host: nowhere.invalid, port: 8000}"
    return "'nowhere.invalid' cannot be found"


@broken
def a_long_temporary_folder(place: Place) -> str:
    place.environment["TMPDIR"] = str(place.folder / ("x" * 60))
    return "TMPDIR is too long for Ray's sockets"


@broken
def a_relative_temporary_folder(place: Place) -> str:
    place.environment["RAY_TMPDIR"] = "tmp"
    return "RAY_TMPDIR is 'tmp', which is not an absolute path"


@broken
def a_temporary_folder_that_is_a_file(place: Place) -> str:
    file = Path("/tmp") / f"atelier-{os.getpid()}"
    file.write_text("")
    place.undo.callback(file.unlink)
    place.environment["RAY_TMPDIR"] = str(file)
    return f"Ray's temporary folder (RAY_TMPDIR={file}) is a file"


@broken
def a_certificate_that_is_nowhere(place: Place) -> str:
    place.settings["credentials"] = "{certificate: nowhere.pem, key: env:SECRET}"
    return "content credentials: the file of 'certificate'"


@broken
def a_certificate_that_has_expired(place: Place) -> str:
    chain, key = make_chain(datetime.now(UTC) - timedelta(days=365 * 12))
    (place.folder / "chain.pem").write_bytes(chain)
    (place.folder / "key.pem").write_bytes(key)
    place.settings["credentials"] = f"{{certificate: {place.folder}/chain.pem, key: {place.folder}/key.pem}}"
    return f"content credentials: '{place.folder}/chain.pem' expired on "


@broken
def a_state_folder_that_is_a_file(place: Place) -> str:
    place.state.write_text("")
    return f"the state folder is a file, or below one ({place.state})"


@broken
def a_state_folder_below_a_file(place: Place) -> str:
    (place.folder / "file").write_text("")
    place.settings["state"] = str(place.folder / "file" / "state")
    return "the state folder is a file, or below one"


@broken
def a_read_only_state_folder(place: Place) -> str:
    place.powerless = True
    place.state.mkdir(mode=0o500)
    place.undo.callback(place.state.chmod, 0o700)
    return "the state folder cannot be written by user '"


@broken
def a_state_folder_that_cannot_be_made(place: Place) -> str:
    place.powerless = True
    above = place.folder / "above"
    above.mkdir(mode=0o500)
    place.undo.callback(above.chmod, 0o700)
    place.settings["state"] = str(above / "state")
    return "the state folder cannot be written by user '"


@broken
def files_of_another_user(place: Place) -> str:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    place.powerless = True
    (place.state / "blobs").mkdir(parents=True)
    os.chown(place.state / "blobs", 65534, 65534)
    return f"{place.state / 'blobs'} belongs to '"


@broken
def a_read_only_disk(place: Place) -> str:
    _mount(place, "ro")
    return "the state folder cannot be used, Read-only file system"


@broken
def a_full_disk(place: Place) -> str:
    _mount(place, "size=64k")
    (place.state / "full").write_bytes(bytes(40_000))
    return f"the disk of the state folder is full ({place.state}): make room on it"


@broken
def a_token_that_cannot_be_read(place: Place) -> str:
    place.powerless = True
    place.state.mkdir()
    (place.state / "ray-token").write_text("secret")
    (place.state / "ray-token").chmod(0)
    return f"the token of Ray's dashboard cannot be used ({place.state / 'ray-token'}: Permission denied)"


@broken
def a_token_that_is_a_folder(place: Place) -> str:
    (place.state / "ray-token").mkdir(parents=True)
    return "the token of Ray's dashboard cannot be used"


@broken
def a_named_token_that_is_not_there(place: Place) -> str:
    place.environment["RAY_AUTH_TOKEN_PATH"] = str(place.folder / "none")
    return f"the token of Ray that RAY_AUTH_TOKEN_PATH names cannot be used ({place.folder / 'none'}: No such file"


@broken
def a_database_that_is_another_file(place: Place) -> str:
    place.state.mkdir()
    (place.state / "jobs.db").write_text("not a database " * 100)
    return "jobs.db: file is not a database"


@broken
def a_database_that_is_cut_off(place: Place) -> str:
    _with_database(place)
    file = place.state / "jobs.db"
    file.write_bytes(file.read_bytes()[: 3 * 4096])
    return "jobs.db: database disk image is malformed"


@broken
def a_database_of_a_newer_release(place: Place) -> str:
    _with_database(place, "UPDATE alembic_version SET version_num = '0099'")
    _with_database(place, "UPDATE schema_compatibility SET oldest_reader = '0099'")
    return "has schema 0099, made by a newer release; this one works with schema"


@broken
def a_database_whose_version_is_no_number(place: Place) -> str:
    _with_database(place, "UPDATE alembic_version SET version_num = 'new'")
    return "its schema version cannot be read"


@broken
def a_database_that_lacks_a_table(place: Place) -> str:
    _with_database(place, "DROP TABLE loose_files")
    return "lacks the table loose_files"


@broken
def a_database_that_lacks_a_column(place: Place) -> str:
    _with_database(place, "ALTER TABLE assets DROP COLUMN notes")
    return "assets lacks notes"


@broken
def a_database_that_another_program_holds(place: Place) -> str:
    holder = _with_database(place)
    holder.execute("BEGIN EXCLUSIVE")
    return "jobs.db: database is locked"


@broken
def a_database_that_is_a_folder(place: Place) -> str:
    (place.state / "jobs.db").mkdir(parents=True)
    return "jobs.db: unable to open database file"


@broken
def a_database_server_that_is_away(place: Place) -> str:
    place.settings["database_url"] = "postgresql://studio:secret@127.0.0.1:9/jobs"
    return "Cannot open the job database jobs at 127.0.0.1:9"


@broken
def a_database_of_another_kind(place: Place) -> str:
    place.settings["database_url"] = "mysql://studio:secret@db/jobs"
    return "Jobs cannot be kept in 'mysql'"


@broken
def a_blob_url_that_is_none(place: Place) -> str:
    place.settings["blob_url"] = "'s3//studio'"
    return "blob_url 's3//studio' cannot be used"


@broken
def a_blob_url_without_its_account(place: Place) -> str:
    place.environment.pop("AZURE_STORAGE_ACCOUNT_NAME", None)
    place.settings["blob_url"] = "az://pictures"
    return "Account must be specified"


@broken
def a_blob_url_that_keeps_nothing(place: Place) -> str:
    place.settings["blob_url"] = "memory:///"
    return "is no place that keeps files"


@broken
def a_blob_url_with_a_key(place: Place) -> str:
    place.settings["blob_url"] = "https://studio.blob.core.windows.net/c?sig=secret"
    return "blob_url must hold no keys"


@broken
def a_blob_folder_that_is_a_file(place: Place) -> str:
    place.settings["blob_url"] = "file:///etc/passwd"
    return "no files can be kept in /etc/passwd"


def _with_database(place: Place, *statements: str) -> sqlite3.Connection:
    """That of a studio which has run here, changed."""
    import asyncio

    from router.jobs.sql import SqlJobStore

    async def make() -> None:
        place.state.mkdir(exist_ok=True)
        store = SqlJobStore(f"sqlite:///{place.state / 'jobs.db'}")
        await store.open()
        await store.close()

    file = place.state / "jobs.db"
    if not file.exists():
        asyncio.run(make())
    connection = sqlite3.connect(file, isolation_level=None)
    place.undo.callback(connection.close)
    for statement in statements:
        connection.execute(statement)
    return connection


def _mount(place: Place, options: str) -> None:
    place.state.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place.state)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("nothing can be mounted here")
    place.undo.callback(subprocess.run, ["umount", str(place.state)], check=True)
