"""`atelier webhooks`: programs elsewhere that are told what jobs do."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from atelier.cli import options
from atelier.cli.answers import answering
from atelier.cli.draw import PATIENCE
from atelier.cli.help import Commands
from atelier.cli.layout import Fact, Table
from atelier.cli.options import DEFAULT_URL, EXIT_CODES
from atelier.cli.printing import print_facts, print_json, print_line, print_table, say
from atelier.client import Atelier
from atelier.webhooks import Delivery, Webhook, WebhookWithSecret

app = Commands(help="List the programs that are told what your jobs do, add and test them, see what they were told.")

Id = Annotated[str, typer.Argument(metavar="WEBHOOK", parser=options.an_id, help="Of `atelier webhooks list`.")]


@app.command("list", epilog=EXIT_CODES)
def listed(as_json: options.Json = False, url: options.Url = DEFAULT_URL, api_key: options.ApiKey = None) -> None:
    """List your webhooks."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.webhooks.list()
        if as_json:
            print_json({"webhooks": [one.model_dump(mode="json") for one in found]})
        elif not found:
            say("You have no webhook: atelier webhooks add URL makes one.")
        else:
            rows = [(one.id, _state(one), " ".join(one.events), one.url) for one in found]
            print_table(Table(("webhook", "state", "events"), rows, prose="url"))


@app.command("add", epilog=EXIT_CODES)
def add(
    to: Annotated[str, typer.Argument(metavar="URL", help="https, to a public address.")],
    event: Annotated[
        list[str] | None,
        typer.Option("--event", metavar="EVENT", help="Such as job.complete or batch.ended. Repeat it."),
    ] = None,
    whole_space: Annotated[bool, typer.Option("--space", help="Of all jobs of the space that you work for.")] = False,
    prompts: Annotated[bool, typer.Option("--prompts", help="Tell the prompts of jobs, too.")] = False,
    description: Annotated[str, typer.Option("--description", metavar="TEXT", help="For you.")] = "",
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Have a program told what jobs do; without --event, how they end. Its secret is shown this once."""
    include = ["prompt"] if prompts else []
    scope = "space" if whole_space else "own"
    events = event or ["job.complete", "job.failed", "job.canceled"]
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        made = studio.webhooks.create(to, events, scope=scope, description=description, include=include)
        _answer_secret(made, as_json)


@app.command("rotate", epilog=EXIT_CODES)
def rotate(
    id: Id, as_json: options.Json = False, url: options.Url = DEFAULT_URL, api_key: options.ApiKey = None
) -> None:
    """Give a webhook another secret; the one before counts for a day."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        _answer_secret(studio.webhooks.rotate(id), as_json)


@app.command("enable", epilog=EXIT_CODES)
def enable(
    id: Id,
    off: Annotated[bool, typer.Option("--off", help="Tell it nothing, for now.")] = False,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Take a webhook into use again, whatever has disabled it."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        changed = studio.webhooks.change(id, enabled=not off)
        if as_json:
            print_json(changed.model_dump(mode="json"))
        else:
            print_line(f"{id} is {_state(changed)}.")


@app.command("test", epilog=EXIT_CODES)
def send_test(
    id: Id, as_json: options.Json = False, url: options.Url = DEFAULT_URL, api_key: options.ApiKey = None
) -> None:
    """Send a webhook a test; `atelier webhooks deliveries` says what became of it."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        _answer_deliveries((studio.webhooks.test(id),), as_json)


@app.command("deliveries", epilog=EXIT_CODES)
def deliveries(
    id: Id,
    failed: Annotated[bool, typer.Option("--failed", help="Those alone that have failed.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=200, help="So many.")] = 20,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Show what a webhook was told, and how its receiver answered, the newest first."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        page = studio.webhooks.deliveries(id, state="failed" if failed else None, limit=limit)
        _answer_deliveries(page.deliveries, as_json)


@app.command("replay", epilog=EXIT_CODES)
def replay(
    id: Id,
    delivery: Annotated[
        str | None, typer.Argument(metavar="DELIVERY", parser=options.an_id, help="Of `atelier webhooks deliveries`.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option("--since", help="All that has failed of what happened since, in UTC.")
    ] = None,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Send a delivery again, or all that has failed since a time."""
    if (delivery is None) == (since is None):
        raise typer.BadParameter("name a delivery, or say --since when", param_hint="DELIVERY")
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        if delivery is not None:
            _answer_deliveries((studio.webhooks.replay(id, delivery),), as_json)
            return
        assert since is not None
        count = studio.webhooks.replay_failed(id, since.replace(tzinfo=UTC))
        if as_json:
            print_json({"replayed": count})
        else:
            print_line(f"{count} sent again.")


@app.command("remove", epilog=EXIT_CODES)
def remove(
    id: Id, as_json: options.Json = False, url: options.Url = DEFAULT_URL, api_key: options.ApiKey = None
) -> None:
    """Have a webhook told nothing more, and what it was told forgotten."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        studio.webhooks.remove(id)
        if as_json:
            print_json({"id": id, "removed": True})
        else:
            print_line(f"{id} is gone.")


def _state(one: Webhook) -> str:
    if not one.enabled:
        return f"off ({one.disabled_reason})"
    return "on" if one.failing_since is None else "failing"


def _answer_secret(made: WebhookWithSecret, as_json: bool) -> None:
    if as_json:
        print_json(made.model_dump(mode="json"))
        return
    facts = [Fact("webhook", made.id), Fact("url", made.url), Fact("events", " ".join(made.events))]
    print_facts([*facts, Fact("secret", made.secret)])
    say("The secret verifies that it is the studio that calls. It is not shown again.")


def _answer_deliveries(found: tuple[Delivery, ...], as_json: bool) -> None:
    if as_json:
        print_json({"deliveries": [one.model_dump(mode="json") for one in found]})
    elif not found:
        say("Nothing yet.")
    else:
        rows = [(one.id, one.type, one.state, str(len(one.attempts)), _last(one)) for one in found]
        print_table(Table(("delivery", "type", "state", "attempts"), rows, prose="answer"))


def _last(one: Delivery) -> str:
    if not one.attempts:
        return ""
    attempt = one.attempts[-1]
    return attempt.error if attempt.status is None else f"{attempt.status} {attempt.answer}".strip()
