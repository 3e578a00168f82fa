"""Variables about proxies and certificates: loopback ignores them, and elsewhere a bad one is named in a sentence."""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import certifi
import httpx
import pytest
from atelier import AsyncAtelier, Atelier, Retry, errors
from atelier.environment import is_loopback, way_to
from hypothesis import given
from hypothesis import strategies as st

from tests.clients.breaking import BreakingStudio, log, served

pytestmark = pytest.mark.slow

ONCE = Retry(attempts=0)
PROXIES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"]
BROKEN_PROXIES = [
    "socks5://127.0.0.1:9", "socks4://127.0.0.1:9", "http://[", "http://", "http://h:x", "http://h:99999", "://",
    "ftp://h", "a b", "http://[::1", "<proxy>", "http://user:\udce9@h:1", "http://h\t:1",
]  # fmt: skip
CERTIFICATES = ["SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"]
EXCEPTIONS = ["[::1]", "::1,[::1]", "*.[", "http://[", "10.0.0.0/8", "::/129", ",,", "\udce9"]
SETTINGS = [
    *itertools.product(PROXIES, [*BROKEN_PROXIES, "garbage", "http://127.0.0.1:9", "https://127.0.0.1:9"]),
    *itertools.product(CERTIFICATES, ["nowhere/at.all", "nowhere", "\udce9"]),
    *itertools.product(CERTIFICATES[:2], [__file__]),
    *itertools.product(["NO_PROXY", "no_proxy"], EXCEPTIONS),
]


def by_turns(settings: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str, bool]]:
    """Each with one of the two clients: every variable and every value meets both."""
    met: Counter[str] = Counter()
    for setting in settings:
        yield *setting, sum(met[part] for part in setting) % 2 == 1
        met.update(setting)


FAR = ["http://192.0.2.1:9", "https://192.0.2.1:9", "http://[2001:db8::1]:9", "https://studio.invalid"]
PYTHONS_WORDS = re.compile(r"Errno|Traceback|NoneType|Error\(|object at 0x|codec")


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # a log of TLS keys is written wherever it is asked for
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name in CERTIFICATES:
            monkeypatch.delenv(name)


@pytest.fixture(scope="module")
def near() -> Iterator[list[str]]:
    with served(BreakingStudio(log(1))) as studio:
        yield [studio.url, studio.url.replace("127.0.0.1", "localhost")]


def ask(url: str, in_async: bool, timeout: float = 60.0) -> str:
    """The state of a job there, by either client."""

    async def main() -> str:
        async with AsyncAtelier(url, retry=ONCE, timeout=timeout) as studio:
            return (await studio.job("j1")).status

    if in_async:
        return asyncio.run(main())
    with Atelier(url, retry=ONCE, timeout=timeout) as studio:
        return studio.job("j1").status


@pytest.mark.parametrize(("variable", "value", "in_async"), [*by_turns(SETTINGS)])
def test_loopback_goes_straight_whatever_is_set(
    near: list[str], variable: str, value: str, in_async: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    assert [ask(url, in_async) for url in near] == ["complete", "complete"]


@pytest.mark.parametrize(("variable", "value", "in_async"), [*by_turns(SETTINGS)])
def test_elsewhere_every_setting_works_or_is_named(
    variable: str, value: str, in_async: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    for url in FAR if in_async else FAR[:2]:
        with pytest.raises(errors.AtelierError) as caught:
            ask(url, in_async, timeout=0.3)
        assert isinstance(caught.value, errors.BadEnvironment | errors.Unreachable)
        assert not PYTHONS_WORDS.search(str(caught.value))
        counts = variable.lower() in ("all_proxy", f"{url.partition(':')[0]}_proxy")
        assert (variable in str(caught.value)) or not counts
        if counts and value in BROKEN_PROXIES:
            assert isinstance(caught.value, errors.BadEnvironment)
            assert "correct it or unset it" in str(caught.value)


@pytest.mark.parametrize("variable", CERTIFICATES)
def test_certificates_that_are_not_there_are_named_where_they_count(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "/nowhere/at.all")
    with pytest.raises(errors.BadEnvironment, match=variable):
        Atelier("https://studio.invalid")
    with pytest.raises(errors.BadEnvironment, match=variable):
        Atelier("https://localhost:9")  # TLS proves its name there as well
    Atelier("http://studio.invalid").close()


def test_a_password_of_a_proxy_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://me:hush@127.0.0.1:9")
    with pytest.raises(errors.Unreachable, match=r"http://127.0.0.1:9 that HTTP_PROXY names") as caught:
        ask(FAR[0], in_async=False)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("listed", "url", "straight"),
    [
        ("studio.example", "http://studio.example", True), (".example", "http://studio.example:80", True),
        ("example", "http://studio.example", True), ("other.example", "http://studio.example", False),
        ("*", "https://studio.example", True), ("10.0.0.0/8", "http://10.1.2.3:8000", True),
        ("10.0.0.0/8", "http://11.1.2.3:8000", False), ("[2001:db8::1]", "http://[2001:db8::1]:8000", True),
        ("2001:db8::/32", "http://[2001:db8::1]", True), ("studio.example:8000", "http://studio.example:8000", True),
    ],
)  # fmt: skip
def test_exceptions_are_kept(listed: str, url: str, straight: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", listed)
    assert (way_to(httpx.URL(url)).proxy is None) == straight


def test_a_proxy_that_works_is_used(near: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The server on loopback plays the proxy: what is asked of it is the far address."""
    monkeypatch.setenv("http_proxy", near[0])
    assert ask("http://studio.example", in_async=False) == "complete"
    assert ask("http://studio.example", in_async=True) == "complete"


@given(st.integers(0, 2**24 - 1), st.from_regex(r"[a-z]{1,9}(\.[a-z]{1,9})?", fullmatch=True))
def test_all_of_loopback_is_known(number: int, name: str) -> None:
    address = f"127.{number >> 16}.{number >> 8 & 255}.{number & 255}"
    assert all(map(is_loopback, [address, f"::ffff:{address}", "::1", "[::1]", f"{name}.localhost", "LOCALHOST."]))
    short = [f"127.{number}", f"{127 << 24 | number}", f"0x7f.{number}", f"0177.{number}"]  # as systems read them
    assert all(map(is_loopback, [*short, "0.0.0.0", "[::]", "::ffff:0.0.0.0", "0"]))
    assert not any(map(is_loopback, [f"localhost.{name}.example", f"{name}localhost", "128.0.0.1", "::2", "128.1"]))
    assert not any(map(is_loopback, ["", ".", "127.1 x", "1", "0x", "decafe", "127.0.0.1.example"]))


@pytest.mark.parametrize("variable", CERTIFICATES)
def test_a_certificate_variable_that_names_the_wrong_kind_of_thing_is_the_one_that_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", certifi.where())  # as images and shells set it for all programs
    wrong = tmp_path / "file" if variable == "SSL_CERT_DIR" else tmp_path
    (tmp_path / "file").touch()
    monkeypatch.setenv(variable, str(wrong))
    if variable == "SSL_CERT_DIR":
        monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(errors.BadEnvironment, match=variable):
        Atelier(FAR[1])


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:9"),
        ("NO_PROXY", "[::1]"),
        ("SSL_CERT_FILE", "/nowhere"),
        ("HTTP_PROXY", "x y"),
    ],
)
def test_the_command_works_on_loopback_and_names_what_is_wrong_elsewhere(
    near: list[str], variable: str, value: str
) -> None:
    clean = {name: text for name, text in os.environ.items() if not name.lower().endswith("_proxy")}
    environment = {**clean, variable: value, "COLUMNS": "300"}
    command = [sys.executable, "-m", "atelier", "job", "j1", "--url"]
    told = subprocess.run([*command, near[0]], env=environment, capture_output=True, text=True, check=False)
    assert (told.returncode, "Traceback" in told.stderr) == (0, False), told.stderr
    if variable != "NO_PROXY":
        told = subprocess.run(
            [*command, FAR[1] if "SSL" in variable else FAR[0]],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert told.returncode == 2
        assert variable in told.stderr
        assert len(told.stderr.splitlines()) == 1


def test_one_async_client_serves_two_event_loops(near: list[str]) -> None:
    studio = AsyncAtelier(near[0], retry=ONCE)

    async def twice() -> list[str]:
        return [job.status for job in await asyncio.gather(studio.job("j1"), studio.job("j1"))]

    assert asyncio.run(twice()) + asyncio.run(twice()) == ["complete"] * 4
    asyncio.run(studio.close())


def test_one_client_serves_many_threads(near: list[str]) -> None:
    heard: list[str] = []
    with Atelier(near[0], retry=ONCE) as studio:
        threads = [threading.Thread(target=lambda: heard.append(studio.job("j1").status)) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert heard == ["complete"] * 16
