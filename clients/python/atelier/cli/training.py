"""`atelier train`: learn a LoRA from a dataset; `atelier trainings`: how those stand, and what becomes of them."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from atelier.cli import options
from atelier.cli.answers import answering
from atelier.cli.draw import PATIENCE
from atelier.cli.layout import Fact, Table
from atelier.cli.options import DEFAULT_URL, ExitCode
from atelier.cli.printing import print_entry, print_facts, print_json, print_line, print_table, say, stderr
from atelier.cli.progress import TrainingDisplay, estimate
from atelier.cli.text import plain
from atelier.client import Atelier
from atelier.models.answers import Adapter
from atelier.trainings import Training, TrainingOptions, TrainingPlans

_SPARK = "▁▂▃▄▅▆▇█"
_WIDTH = 48

Lora = Annotated[
    str, typer.Option("--lora", parser=options.an_id, metavar="ID", help="How requests will name what comes out.")
]
Setting = Annotated[
    list[str] | None,
    typer.Option(
        "--set", parser=options.a_text, metavar="NAME=VALUE", help="A setting, as in caption_dropout=0.1; repeat it."
    ),
]
Several = Annotated[
    str | None,
    typer.Option("--seeds", parser=options.a_text, metavar="N,N", help="Several trainings, one with each seed."),
]
Ranks = Annotated[
    str | None,
    typer.Option("--ranks", parser=options.a_text, metavar="N,N", help="Several trainings, one with each rank."),
]


def train(
    dataset: Annotated[
        str,
        typer.Argument(
            metavar="DATASET|FOLDER",
            parser=options.a_text,
            help="Of `atelier datasets`, or ID@VERSION; else pictures that lie here (./FOLDER), to become one.",
        ),
    ],
    lora: Lora,
    trigger: Annotated[
        str,
        typer.Option("--trigger", parser=options.a_text, metavar="WORD", help="Of a folder: what captions call it."),
    ] = "",
    right: Annotated[
        Literal["own", "bought", "generated", "unknown"] | None,
        typer.Option("--right", help="Of a folder: whose its pictures are. Unknown ones are for no product."),
    ] = None,
    asset_type: options.AssetType = None,
    model: options.Model = None,
    name: Annotated[str | None, typer.Option("--name", parser=options.a_text, metavar="TEXT")] = None,
    steps: Annotated[int | None, typer.Option("--steps", metavar="N", min=1)] = None,
    rank: Annotated[int | None, typer.Option("--rank", metavar="N", min=1)] = None,
    rate: Annotated[
        float | None, typer.Option("--rate", parser=options.a_number, metavar="NUMBER", help="The learning rate.")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", metavar="N", min=0)] = None,
    settings: Setting = None,
    seeds: Several = None,
    ranks: Ranks = None,
    prior: Annotated[
        str | None,
        typer.Option(
            "--prior", parser=options.a_text, metavar="DATASET", help="Others of the class, not to be forgotten."
        ),
    ] = None,
    schedule: Annotated[
        Literal["now", "overnight"], typer.Option("--schedule", help="overnight: in the studio's quiet hours.")
    ] = "now",
    no_judge: Annotated[bool, typer.Option("--no-judge", help="Take the last checkpoint, and compare none.")] = False,
    unchecked: Annotated[
        bool, typer.Option("--unchecked", help="Learn even from what the dataset's preflight refuses.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would take, and learn nothing.")] = False,
    detach: Annotated[bool, typer.Option("--detach", help="Do not wait for it.")] = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Learn a LoRA from a dataset. What comes out is a version in the library, the candidate if its judge
    recommends it. Ctrl-C cancels it, and keeps its checkpoints."""
    said: dict[str, Any] = {"steps": steps, "rank": rank, "rate": rate, "seed": seed}
    wish = TrainingOptions(
        model=model,
        name=name,
        prior=prior,
        settings={name: value for name, value in said.items() if value is not None} | _settings(settings or ()),
        sweep={name: found for name, found in (("seeds", _numbers(seeds)), ("ranks", _numbers(ranks))) if found},
        schedule=schedule,
        judged=False if no_judge else None,
        unchecked=unchecked or None,
    )
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        place = _place(studio, dataset)
        if dry_run:
            named = dataset if place is None else lora
            found = studio.trainings.plan(
                named, lora=lora, place=place, trigger=trigger, right=right, asset_type=asset_type, **wish
            )
            _print_plans(found, as_json, is_here=place is None)
            return
        if place is not None:
            made = studio.datasets.add(place, id=lora, asset_type=asset_type, trigger=trigger, right=right)
            dataset = f"{made.id}@{made.version}"
            say(f"{dataset}: a dataset of {len(made.pictures)} pictures; `atelier datasets check {made.id}` judges it")
        begun = studio.trainings.submit(dataset, lora=lora, **wish)
        if not detach:
            begun = _wait(studio, begun, quiet or (as_json and not stderr.is_terminal))
        _answer(begun, as_json)


def trainings(
    training_id: Annotated[
        str | None,
        typer.Argument(metavar="JOB_ID", parser=options.an_id, help="One of them; all if absent.", show_default=False),
    ] = None,
    cancel: Annotated[bool, typer.Option("--cancel", help="Stop it before its next step.")] = False,
    adopt: Annotated[
        int | None, typer.Option("--adopt", metavar="STEP", help="Take this checkpoint into the library.")
    ] = None,
    strength: Annotated[
        float, typer.Option("--strength", parser=options.a_number, metavar="NUMBER", help="Its usual one.")
    ] = 1.0,
    limit: options.Limit = 20,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """List your trainings, newest first; show or cancel one, or take another of its checkpoints."""
    if training_id is None and (cancel or adopt is not None):
        raise typer.BadParameter("say which training", param_hint="JOB_ID")
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        if training_id is None:
            _print_list(studio.trainings.list(min(limit, 100)).trainings, as_json)
        elif adopt is not None:
            made = studio.trainings.adopt(training_id, adopt, strength=strength)
            if as_json:
                print_json(made.model_dump(mode="json"))
            else:
                print_line(_adopted(made))
        else:
            found = studio.trainings.cancel(training_id) if cancel else studio.trainings.get(training_id)
            _answer((found,), as_json, is_shown=True)


def _place(studio: Atelier, named: str) -> Path | None:
    """Where pictures lie that become a dataset; None for the name of one that the studio has, which goes before."""
    place = Path(named)
    if not place.exists():
        return None
    is_bare = place.parts == (named,)
    if is_bare and named in {one.id for one in studio.datasets.all()}:
        say(f"'{named}' is a dataset of the studio; ./{named} would be what lies here")
        return None
    return place


def _settings(given: Sequence[str]) -> dict[str, Any]:
    """Each by name, with what JSON reads, or the text as it is."""
    found = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not (name and equals):
            raise typer.BadParameter(f"'{one}' is not NAME=VALUE, for example steps=400", param_hint="--set")
        try:
            found[name.strip()] = json.loads(value)
        except ValueError:
            found[name.strip()] = value
    return found


def _numbers(text: str | None) -> list[int]:
    try:
        return [int(one) for one in (text or "").split(",") if one.strip()]
    except ValueError:
        raise typer.BadParameter(f"'{text}' is not whole numbers with commas between") from None


def _wait(studio: Atelier, begun: Sequence[Training], quiet: bool) -> tuple[Training, ...]:
    """Each to its end, one after another, as the studio does them."""
    ended = []
    for one in begun:
        for note in () if quiet else one.notes:
            say(f"Note: {plain(note.message)}")
        try:
            if quiet:
                ended.append(studio.trainings.wait(one))
                continue
            with TrainingDisplay(stderr, one.lora, one.estimated_time_seconds) as display:
                ended.append(studio.trainings.wait(one, display))
        except KeyboardInterrupt:
            for left in begun[len(ended) :]:
                studio.trainings.cancel(left)
            say("Canceled; its checkpoints are kept (atelier trainings JOB_ID)")
            raise
    return tuple(ended)


def _answer(found: Sequence[Training], as_json: bool, is_shown: bool = False) -> None:
    if as_json:
        print_json({"trainings": [one.model_dump(mode="json") for one in found]})
    else:
        for one in found:
            _print(one)
    failed = [one for one in found if one.status in ("failed", "canceled")]
    if failed and not is_shown:
        raise typer.Exit(ExitCode.FAILED)


def _print(one: Training) -> None:
    print_facts(list(_facts(one)))
    if one.error is not None:
        say(f"It failed: {plain(one.error.message)}")
    if one.adapter is not None:
        made = one.adapter
        print_line(_adopted(made))
        name = f"{made.lora}@{made.version}"
        say(f'Draw with it:   atelier generate "…" --lora {name}')
        say(f"Make it live:   atelier library mark loras {made.lora} live {made.version}")


def _adopted(made: Adapter) -> str:
    why = f": {plain(made.why)}" if made.why else ""
    return f"{made.lora} {made.version} is in the library, {made.mark or 'unmarked'}{why}"


def _facts(one: Training) -> list[Fact]:
    facts = [
        Fact("training", one.job_id),
        Fact("state", one.state + (f": {plain(one.detail)}" if one.detail else "")),
        Fact("learns", f"{one.dataset}, {one.pictures} pictures, on {one.model}"),
        Fact("step", f"{one.step} of {one.steps}"),
    ]
    if one.losses:
        facts.append(Fact("loss", f"{_spark(list(one.losses.values()))} {one.losses[max(one.losses)]:.3f}"))
    if not one.ended:
        facts.append(Fact("left", estimate(one.estimated_time_seconds)))
    kept = [f"{each.step}{_held_out(each.held_out)}" for each in one.checkpoints]
    if kept:
        facts.append(Fact("kept", ", ".join(kept)))
    facts.append(Fact("product use", one.licence.product))
    return facts


def _held_out(losses: dict[str, float]) -> str:
    return f" ({sum(losses.values()) / len(losses):.3f})" if losses else ""


def _spark(values: Sequence[float]) -> str:
    """A line of blocks, each the mean of its share of the values."""
    finite = [value for value in values if math.isfinite(value)]
    size = max(1, -(-len(finite) // _WIDTH))
    means = [sum(finite[i : i + size]) / len(finite[i : i + size]) for i in range(0, len(finite), size)]
    least, most = min(means, default=0), max(means, default=0)
    span = (most - least) or 1
    return "".join(_SPARK[min(7, int(8 * (mean - least) / span))] for mean in means)


def _print_plans(found: TrainingPlans, as_json: bool, is_here: bool) -> None:
    if as_json:
        print_json(found.model_dump(mode="json"))
        return
    for one in found.trainings:
        took = one.estimate
        price = "" if took.cost is None else f", {took.cost:.2f} {took.currency}"
        gpu = f", {took.gpu_hours:g} GPU hours" if took.gpu_hours else ""
        facts = [
            Fact("learns", f"{one.dataset}, {one.pictures} pictures, on {one.model}"),
            Fact("takes", f"{took.steps} steps, {estimate(took.seconds)}{gpu}{price}"),
            Fact("product use", one.licence.product),
        ]
        print_entry(one.lora, *facts)
        for note in one.notes:
            say(f"Note: {plain(note.message)}")
    if not is_here:
        say("The pictures were not sent, and nobody has looked at them: `atelier datasets check` does, once they are.")
    say(f"Nothing was begun; begun now, it would end at {found.finish:%H:%M} UTC.")


def _print_list(found: Sequence[Training], as_json: bool) -> None:
    if as_json:
        print_json({"trainings": [one.model_dump(mode="json") for one in found]})
    elif not found:
        say("No trainings yet. Try: atelier train DATASET --lora ID")
    else:
        rows = [
            (
                one.job_id,
                one.lora,
                one.dataset,
                one.state,
                f"{one.step}/{one.steps}",
                f"{one.created_at:%m-%d %H:%M}",
            )
            for one in found
        ]
        print_table(Table(("training", "lora", "dataset", "state", "step", "since"), rows))
