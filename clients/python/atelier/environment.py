"""What the environment says about the way to an address: proxies, certificates, and who needs neither.

Loopback needs no proxy, whatever the variables say, and plain HTTP no certificates: there they are not even read.
Elsewhere a value that cannot be used is a sentence that names its variable.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import ssl
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.request import getproxies, proxy_bypass

import httpx

from atelier.errors import BadEnvironment

_NUMERIC = frozenset("0123456789abcdefx.")
_SCHEMES = ("http", "https", "socks5", "socks5h")


@dataclass(frozen=True, slots=True)
class Way:
    """How to get to an address: through the proxy that `variable` names or straight, with TLS or without."""

    tls: bool
    proxy: str | None = None
    variable: str = ""

    @property
    def place(self) -> str:
        """The proxy without its password, for people."""
        return str(httpx.URL(self.proxy or "").copy_with(username=None, password=None))


def way_to(url: httpx.URL) -> Way:
    """Raises BadEnvironment where the variables that count for `url` cannot be used."""
    tls = url.scheme == "https"
    if is_loopback(url.host):
        return Way(tls)
    proxies = getproxies()
    kind = next((kind for kind in (url.scheme, "all") if proxies.get(kind)), None)
    if kind is None or _is_excepted(url, proxies.get("no", "")):
        return Way(tls)
    variable = _variable(kind)
    return Way(tls, _read_proxy(proxies[kind], variable), variable)


def is_loopback(host: str) -> bool:
    """127.0.0.0/8, ::1, localhost, *.localhost, the short forms that systems read as one of them (127.1), and 0.0.0.0
    and ::, which connect to this machine too."""
    name = host.strip("[]").rstrip(".").lower()
    address = _address(name.partition("%")[0])
    if address is None:
        return name == "localhost" or name.endswith(".localhost")
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback or (mapped or address).is_unspecified


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(name)) if name and set(name) <= _NUMERIC else None
    except OSError:
        return None


def certificates() -> ssl.SSLContext:
    """What proves a server's name: SSL_CERT_FILE, SSL_CERT_DIR, or the certificates that come with httpx."""
    for variable in ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"):
        if value := os.environ.get(variable):
            _check_path(variable, value)
    try:
        return httpx.create_ssl_context()
    except (OSError, ValueError):  # not readable, or readable and not certificates; SSLError is an OSError
        variable = next((one for one in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(one)), "SSLKEYLOGFILE")
        raise _unusable(variable, "cannot be read as certificates in PEM form") from None


def no_certificates() -> ssl.SSLContext:
    """For plain HTTP. It would trust nobody."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _check_path(variable: str, value: str) -> None:
    if variable == "SSL_CERT_DIR":
        found = any(os.path.isdir(folder) for folder in value.split(os.pathsep))
        if not found and not os.environ.get("SSL_CERT_FILE"):  # which goes before it
            raise _unusable(variable, "names a folder that is not there")
    elif variable == "SSL_CERT_FILE" and not os.path.isfile(value):
        raise _unusable(variable, "names a file that is not there")
    elif variable == "SSLKEYLOGFILE" and os.path.isdir(value):
        raise _unusable(variable, "names a folder, where a file is meant")
    elif variable == "SSLKEYLOGFILE" and not Path(value).absolute().parent.is_dir():
        raise _unusable(variable, "names a file in a folder that is not there")


def _read_proxy(value: str, variable: str) -> str:
    address = value.strip() if "://" in value else f"http://{value.strip()}"
    try:
        proxy = httpx.URL(address)
        httpx.Proxy(proxy).raw_auth  # noqa: B018 - what cannot be sent is refused here
        port = proxy.port or 1
    except (httpx.InvalidURL, ValueError):
        raise _unusable(variable, "is not the address of a proxy: write http://HOST:PORT") from None
    if proxy.scheme not in _SCHEMES or not _is_host(proxy.host) or not 0 < port < 65536:
        raise _unusable(variable, "is not the address of a proxy: write http://HOST:PORT")
    if proxy.scheme.startswith("socks") and find_spec("socksio") is None:
        raise _unusable(variable, "names a SOCKS proxy, which needs a package: pip install 'httpx[socks]'")
    return address


def _is_host(host: str) -> bool:
    return bool(host) and not set(host) & set("%[]<>\"'\\^`{|} ")


def _is_excepted(url: httpx.URL, listed: str) -> bool:
    """As NO_PROXY says: names with what is below them, addresses, networks (10.0.0.0/8), and `*`."""
    port = f":{url.port}" if url.port else ""
    if proxy_bypass(f"{url.host}{port}") or proxy_bypass(url.host):
        return True
    try:
        address = ipaddress.ip_address(url.host)
    except ValueError:
        return False
    return any(address in network for one in listed.split(",") if (network := _network(one)) is not None)


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text.strip().strip("[]"), strict=False)
    except ValueError:
        return None


def _variable(kind: str) -> str:
    """The variable as it is written in the environment; the lower case goes first, as everywhere."""
    name = f"{kind}_proxy"
    written = [one for one in os.environ if one.lower() == name and os.environ[one]]
    return name if name in written else next(iter(written), f"the system's {kind.upper()} proxy")


def _unusable(variable: str, why: str) -> BadEnvironment:
    return BadEnvironment(f"the variable {variable} {why}; correct it or unset it")
