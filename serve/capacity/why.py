"""`capacity why`: what the running studio has decided of a deployment, with the reason and what that was made of."""

from __future__ import annotations

import argparse
import json
import os
import urllib.error
import urllib.request
from datetime import datetime
from typing import TYPE_CHECKING, Any

from configs.errors import ConfigError
from configs.load import load_profile

if TYPE_CHECKING:
    from rich.console import Console

_SECONDS = 10.0
_TOKEN = "ATELIER_TOKEN"
_SHOWN = 10


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("deployment", nargs="?", help="such as generator-mini, or mini; all if absent")
    parser.add_argument("--profile", default="local", help="whose address is asked (default: local)")
    parser.add_argument("--url", help=f"of the studio, instead; with sign-in, {_TOKEN} has a key of an operator")


def answer(options: argparse.Namespace, console: Console) -> None:
    """Raises `ConfigError` where no studio answers, or knows no such deployment."""
    report = _ask(options.url or _address(options.profile))
    known = {one["deployment"]: one for one in report["decisions"]}
    for fault in report["faults"]:
        console.print(f"[yellow]{fault}[/]", soft_wrap=True)
    for name in _chosen(options.deployment, known):
        _show(known[name], [one for one in report["before"] if one["deployment"] == name], console)


def _address(profile: str) -> str:
    http, root = (config := load_profile(profile)).http, config.root_path
    host = "127.0.0.1" if http.host == "0.0.0.0" else http.host
    return f"http://{host}:{http.port}{root}"


def _ask(url: str) -> Any:
    token = os.environ.get(_TOKEN, "").strip()
    headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    try:
        request = urllib.request.Request(f"{url.rstrip('/')}/operations/capacity", headers=headers)
        with urllib.request.urlopen(request, timeout=_SECONDS) as found:
            return json.load(found)
    except urllib.error.HTTPError as error:
        remedy = f": set {_TOKEN} to a key of an operator" if error.code in (401, 403) else ""
        raise ConfigError(f"the studio at {url} answers {error.code}{remedy}", "url") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "reason", error)
        raise ConfigError(f"no studio answers at {url} ({why}): start one, or say where with --url", "url") from None


def _chosen(deployment: str | None, known: dict[str, Any]) -> list[str]:
    if not known:
        raise ConfigError("nothing is decided yet: ask again in a few seconds")
    if deployment is None:
        return sorted(known)
    found = [name for name in known if name in (deployment, f"generator-{deployment}", f"shared-{deployment}")]
    if not found:
        listed = ", ".join(sorted(known))
        raise ConfigError(f"nothing is decided of '{deployment}'; there are {listed}", "deployment")
    return found


def _show(one: dict[str, Any], before: list[dict[str, Any]], console: Console) -> None:
    ground = one["ground"]
    on = f" on {one['kind']}" if one["kind"] else ""
    console.print(f"[bold]{one['deployment']}[/]: {one['wanted']} wanted{on}, {ground['running']} running, ", end="")
    console.print(f"{ground['starting']} starting")
    console.print(f"  {one['reason']}: {one['detail']}", soft_wrap=True)
    wait = ground["expected_wait_seconds"]
    lines = {
        "work": f"{ground['work_seconds']:.0f} s, {ground['waiting_jobs']} jobs wait",
        "oldest": f"{ground['oldest_wait_seconds']:.0f} s; who comes now waits {_seconds(wait)}",
        "arriving": f"{ground['arriving']:.2f} s of work a second, each predicted one {ground['correction']:.2f} long",
        "terms": f"SLO {ground['slo_seconds']:.0f} s, a start {ground['start_seconds']:.0f} s, "
        f"kept {ground['keep_alive_seconds']:.0f} s without work",
    }
    for name, words in lines.items():
        console.print(f"  {name:9}{words}", soft_wrap=True)
    for past in (one, *before[:_SHOWN]):
        at = datetime.fromisoformat(past["since"]).astimezone().strftime("%H:%M:%S")
        console.print(f"  {at} {past['wanted']} ({past['reason']})", soft_wrap=True)


def _seconds(wait: float | None) -> str:
    return "until something runs" if wait is None else f"{wait:.0f} s"
