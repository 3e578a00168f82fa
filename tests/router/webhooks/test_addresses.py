"""No webhook goes to where only this studio's network leads, whatever a URL or a name server says."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from configs.errors import InvalidRequest
from configs.webhooks import WebhookConfig
from router.webhooks.addresses import find_address, is_public, read_target, resolve
from router.webhooks.posting import Courier
from tests.router.webhooks.receivers import receiving

PUBLIC = ("1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101")
PRIVATE = (
    *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1"),
    *("169.254.169.254", "168.63.129.16", "192.0.0.192", "100.100.100.200", "240.0.0.1", "198.18.0.1"),
    *("::1", "::", "fd00::8", "fd00:ec2::254", "fe80::1%eth0", "fec0::1", "ff02::1", "::127.0.0.1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1"),
    *("2002:7f00:1::", "2002:101:101::", "2001:0:7f00:1::", "100::1", "5f00::1"),
)


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Addresses that any socket of this process is connected to meanwhile."""
    to: list[Any] = []
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        to.append(address)
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    loop_connect = asyncio.selector_events.BaseSelectorEventLoop.sock_connect

    async def sock_connect(self: Any, sock: socket.socket, address: Any) -> None:
        to.append(address)
        await loop_connect(self, sock, address)

    monkeypatch.setattr(asyncio.selector_events.BaseSelectorEventLoop, "sock_connect", sock_connect)
    return to


@pytest.mark.parametrize("address", PUBLIC)
def test_what_everybody_can_reach_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_what_only_some_can_reach_is_not(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "0",
        "[::1]",
        "[::ffff:7f00:1]",
        "localhost",
        "LOCALHOST",
    ],
)
def test_no_way_of_writing_this_machine_leads_to_it(host: str, connected: list[Any]) -> None:
    async def post() -> Any:
        courier = Courier(WebhookConfig(), resolve)
        with pytest.raises(InvalidRequest, match="private network|has no address"):
            await courier.check(f"https://{host}/")
        return await courier.post(f"https://{host}/", {}, b"{}")

    answer = asyncio.run(post())
    assert answer.status is None
    assert not [to for to in connected if isinstance(to, tuple)], connected


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://hooks.example/", "https"),
        ("ftp://hooks.example/", "not 'ftp'"),
        ("file:///etc/passwd", "no URL"),
        ("https://", "no URL"),
        ("https://[::1", "no URL"),
        ("https://hooks.example:99999/", "no URL"),
        ("https://user:word@hooks.example/", "leave name"),
        ("https://hooks.example/#part", "fragment"),
        ("https://hooks.example:22/", "ports 443 and 8443"),
        ("https://hooks.example/\r\nX-Evil: 1", "no URL"),
        ("https://hööks.example/", "ASCII"),
        ("https://hooks.example/" + "a" * 2000, "no URL"),
    ],
)
def test_a_url_that_may_not_be_is_refused_with_what_may(url: str, why: str) -> None:
    with pytest.raises(InvalidRequest, match=why) as refused:
        read_target(url, WebhookConfig())
    assert refused.value.field == "url"


def test_one_private_address_among_public_ones_is_enough_to_refuse_a_name() -> None:
    async def both(host: str, port: int) -> tuple[str, ...]:
        return ("1.1.1.1", "10.0.0.1")

    target = read_target("https://hooks.example/", WebhookConfig())
    with pytest.raises(InvalidRequest, match="private network"):
        asyncio.run(find_address(target, both))


def test_a_name_that_leads_elsewhere_once_it_is_called_gains_nothing(connected: list[Any]) -> None:
    """DNS rebinding: public when it is looked at, private from then on. Here nobody allows the name."""
    said = iter([("1.1.1.1",), ("127.0.0.1",), ("127.0.0.1",)])

    async def rebinding(host: str, port: int) -> tuple[str, ...]:
        return next(said)

    async def post() -> None:
        courier = Courier(WebhookConfig(), rebinding)
        await courier.check("https://hooks.example/")
        answer = await courier.post("https://hooks.example/", {}, b"{}")
        assert answer.status is None
        assert "private network" in answer.error

    asyncio.run(post())
    assert not [to for to in connected if isinstance(to, tuple)]


def test_a_name_is_asked_for_once_and_the_address_that_was_looked_at_is_called(connected: list[Any]) -> None:
    """Whoever answers differently the second time is never asked a second time."""
    asked: list[str] = []

    async def once(host: str, port: int) -> tuple[str, ...]:
        asked.append(host)
        return ("127.0.0.1",)

    with receiving() as receiver:
        port = receiver.url.split(":")[2].split("/")[0]
        courier = Courier(WebhookConfig(allow=(f"hooks.example:{port}",)), once)
        answer = asyncio.run(courier.post(f"http://hooks.example:{port}/in?a=b", {"webhook-id": "msg_1"}, b"{}"))
        assert answer.status == 204
        (heard,) = receiver.heard
        assert (heard.path, heard.headers["host"]) == ("/in?a=b", f"hooks.example:{port}")
    assert asked == ["hooks.example"]
    assert ("127.0.0.1", int(port)) in connected, "the spy sees connections"


def test_what_an_operator_allows_is_that_host_and_port_and_no_other() -> None:
    config = WebhookConfig(allow=("hooks.internal", "10.1.2.3:8080", "127.0.0.1:*", "[::1]:9000"))
    allowed = [("hooks.internal", 443), ("hooks.internal", 80), ("10.1.2.3", 8080), ("127.0.0.1", 1234), ("::1", 9000)]
    assert all(config.allows(host, port) for host, port in allowed)
    others = [("hooks.internal", 8080), ("10.1.2.3", 80), ("127.0.0.2", 80), ("a.hooks.internal", 80), ("::1", 1)]
    assert not any(config.allows(host, port) for host, port in others)


@pytest.mark.parametrize("entry", ["", "a b", "https://a", "a:0", "a:99999", "10.0.0.0/8", "*"])
def test_an_entry_that_names_no_host_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match="is no host"):
        WebhookConfig(allow=(entry,))


def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as receiver, receiving() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        courier = Courier(WebhookConfig(allow=("127.0.0.1:*",)), resolve)
        assert asyncio.run(courier.post(receiver.url, {}, b"{}")).status == 204
        assert len(receiver.heard) == 1
        assert not proxy.heard
