"""`atelier login`, `logout`, `whoami` and `keys`: who one is to a studio, and what one shows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from atelier.cli import options
from atelier.cli.answers import answering
from atelier.cli.draw import PATIENCE
from atelier.cli.help import Commands
from atelier.cli.jobs import age
from atelier.cli.layout import Fact, Table
from atelier.cli.options import DEFAULT_URL
from atelier.cli.printing import print_facts, print_json, print_line, print_table, say
from atelier.client import Atelier
from atelier.models.answers import ApiKey, DeviceCode, Me

KeyId = Annotated[str, typer.Argument(metavar="ID", parser=options.an_id, help="Of `atelier keys list`.")]
Name = Annotated[str, typer.Argument(metavar="NAME", parser=options.a_text, help="By which you know it again.")]
Scopes = Annotated[
    list[str],
    typer.Option("--scope", parser=options.a_text, metavar="SCOPE", help="As images:read; repeat it for several."),
]
Days = Annotated[int, typer.Option("--days", min=1, max=365, help="After which it counts no more.")]


def login(as_json: options.Json = False, url: options.Url = DEFAULT_URL) -> None:
    """Sign in: open a page, type the code, and come back. It is stored for this studio until `atelier logout`."""
    with answering(as_json), Atelier(url, retry=PATIENCE) as studio:
        me = studio.sign_in(_show, "The command line")
        if as_json:
            print_json(me.model_dump(mode="json"))
        else:
            print_line(f"You are signed in as {me.name}.")


def logout(as_json: options.Json = False, url: options.Url = DEFAULT_URL) -> None:
    """Sign out: the studio shuts this device out, and what was stored is deleted."""
    with answering(as_json), Atelier(url, retry=PATIENCE) as studio:
        there = studio.sign_out()
        if as_json:
            print_json({"signed_out": there})
        else:
            print_line("You are signed out." if there else "Nobody had signed in.")


def whoami(as_json: options.Json = False, url: options.Url = DEFAULT_URL, api_key: options.ApiKey = None) -> None:
    """Say who you are to the studio, and what you may do."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        me = studio.me()
        if as_json:
            print_json(me.model_dump(mode="json"))
        else:
            print_facts(_facts(me))


def list_keys(as_json: options.Json = False, url: options.Url = DEFAULT_URL, api_key: options.ApiKey = None) -> None:
    """List your API keys, those that count no more included."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.api_keys()
        if as_json:
            print_json({"keys": [one.model_dump(mode="json") for one in found]})
        elif not found:
            say("You have no API keys; `atelier keys create NAME --scope images:read` makes one.")
        else:
            rows = [
                (one.id, one.name, _ends(one), _used(one), age(one.created_at), " ".join(one.scopes)) for one in found
            ]
            print_table(Table(("id", "name", "ends", "used", "age"), rows, prose="scopes"))


def create_key(
    name: Name,
    scopes: Scopes,
    days: Days = 90,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Make an API key for a program. It is printed now and never again."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        made = studio.create_key(name, scopes, days)
        if as_json:
            print_json(made.model_dump(mode="json"))
        else:
            say(f"This is the only time that the key is shown; it ends on {made.expires_at:%Y-%m-%d}.")
            print_line(made.key)


def revoke_key(
    id: KeyId, as_json: options.Json = False, url: options.Url = DEFAULT_URL, api_key: options.ApiKey = None
) -> None:
    """Let an API key count no more, from its next request on."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        studio.revoke_key(id)
        if as_json:
            print_json({"revoked": id})
        else:
            print_line(f"The key {id} counts no more.")


def _show(code: DeviceCode) -> None:
    say(f"Open {code.verification_uri} where you are signed in, and type this code:")
    say(f"    {code.user_code}")
    say(f"Or open {code.verification_uri_complete} there. Waiting for {code.expires_in // 60} minutes …")


def _facts(me: Me) -> list[Fact]:
    facts = [
        Fact("name", me.name),
        Fact("id", me.id),
        Fact("roles", ", ".join(me.roles) or "none"),
        Fact("space", me.space),
        Fact("spaces", ", ".join(me.spaces) or "none"),
        Fact("signed in", _HOW.get(me.how, me.how)),
    ]
    return facts + ([] if me.scopes is None else [Fact("scopes", ", ".join(me.scopes) or "none")])


_HOW = {
    "dev": "not at all: this studio takes everybody for its developer",
    "oidc": "with a token of your own",
    "key": "with an API key",
    "device": "with `atelier login`, or another device that was let in",
}


def _ends(key: ApiKey) -> str:
    return "revoked" if key.revoked_at is not None else f"{key.expires_at:%Y-%m-%d}"


def _used(key: ApiKey) -> str:
    return "never" if key.used_at is None else f"{age(key.used_at)} ago"


keys_app = Commands(help="Your API keys: list, create, revoke.", no_args_is_help=True)
COMMANDS: dict[str, Callable[..., None]] = {"list": list_keys, "create": create_key, "revoke": revoke_key}
for _name, _command in COMMANDS.items():
    keys_app.command(_name, epilog=options.EXIT_CODES)(_command)
