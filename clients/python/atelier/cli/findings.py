"""`atelier experiments results`: what an experiment has found, in a sentence, numbers and a plot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from atelier.cli import options
from atelier.cli.answers import answering
from atelier.cli.draw import PATIENCE
from atelier.cli.layout import Fact, Table
from atelier.cli.options import DEFAULT_URL
from atelier.cli.overlays import percent
from atelier.cli.printing import print_facts, print_json, print_line, print_path, print_table, say
from atelier.client import Atelier
from atelier.models.answers import (
    ArmResult,
    BoardArm,
    GuardrailReading,
    Interval,
    JudgeReport,
    Results,
    SliceArm,
    StyleReport,
)
from atelier.voting import PLOTS

Id = Annotated[str, typer.Argument(metavar="ID", parser=options.an_id, help="As `atelier experiments list` shows it.")]
Phase = Annotated[
    int | None, typer.Option("--phase", min=1, metavar="N", help="Which of its phases; the last if absent.")
]


def results(
    id: Id,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help="Draw the forest plot to this .svg or .png, too.")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option("--by", parser=options.a_text, metavar="FIELD", help="asset_type or quality: each part, too."),
    ] = None,
    judge: Annotated[
        str | None,
        typer.Option("--judge", parser=options.a_text, metavar="JUDGE", help="Take its help, as ppi:fidelity."),
    ] = None,
    style: Annotated[
        bool, typer.Option("--style", help="Take out what is chosen for light, contrast, colour or sharpness, too.")
    ] = False,
    phase: Phase = None,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Say what the votes tell so far: the verdict, each arm beside the champion, and what to be careful with."""
    if plot is not None:
        check_suffix(plot, PLOTS, "--plot")
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.experiments.results(id, by, judge, phase, style)
        if plot is not None:
            studio.experiments.plot(id, plot, phase)
        if as_json:
            print_json(found.model_dump(mode="json") | ({} if plot is None else {"plot": str(plot)}))
            return
        _print(found)
        if plot is not None:
            print_path(plot)


def check_suffix(file: Path, known: tuple[str, ...], option: str) -> None:
    """Raises typer's `BadParameter` for a file of another format."""
    if file.suffix.lower().removeprefix(".") not in known:
        raise typer.BadParameter(f"'{file}' is no .{' or .'.join(known)} file", param_hint=option)


def _print(found: Results) -> None:
    print_line(found.verdict)
    names = ("arm", "votes", "wins", "ties", "preferred", "difference", "rank")
    if found.style is None:
        print_table(Table(names, list(map(_arm_row, found.arms))))
    else:
        rows = [(*_arm_row(arm), _logits(arm.diff_styled)) for arm in found.arms]
        print_table(Table((*names, "without style"), rows))
    if found.board:
        print_table(Table(("arm", "screens", "picked", "difference", "rank"), list(map(_board_row, found.board))))
    for part in found.by:
        few = ", too few to say anything" if part.grey else ""
        beside = "; ".join(map(_beside, part.arms))
        print_line(f"{part.value}: {part.votes} votes{few}{f'; {beside}' if beside else ''}")
    print_facts(list(_facts(found)))
    for note in found.notes:
        say(f"Note: {note}")
    for person in found.people:
        for flag in person.flags:
            say(f"Note: rater {person.rater}: {flag}")


def _arm_row(arm: ArmResult) -> tuple[str, ...]:
    return arm.id, str(arm.votes), str(arm.wins), str(arm.ties), _share(arm.share), _logits(arm.diff), _rank(arm.rank)


def _board_row(arm: BoardArm) -> tuple[str, ...]:
    return arm.id, str(arm.screens), str(arm.picked), _logits(arm.diff), _rank(arm.rank)


def _beside(arm: SliceArm) -> str:
    return f"{arm.id} {_share(arm.share)} of {arm.votes}"


def _facts(found: Results) -> Iterator[Fact]:
    yield Fact("compared with", found.champion)
    yield Fact("e-value", f"{found.e_value:.3g} against no difference", prose=True)
    if found.srm_e != 1:
        yield Fact("shared out", f"e-value {found.srm_e:.3g} against shares as the weights say", prose=True)
    for reading in found.guardrails:
        yield Fact("guardrail", _reading(reading), prose=True)
    yield Fact("left preferred", f"by {_logits(found.side)} logits", prose=True)
    alpha = found.agreement
    yield Fact(
        "agreement", "no two saw the same" if alpha is None else f"{alpha:.2f} (Krippendorff's alpha)", prose=True
    )
    yield Fact("both bad", f"{percent(found.both_bad)} of the votes")
    yield from _progress(found)
    for cost in found.costs:
        if cost.seconds is not None:
            ratio = "" if cost.ratio is None else f", {cost.ratio:.2g} times the champion's"
            yield Fact(f"cost of {cost.id}", f"{cost.seconds:.3g} s a picture{ratio}", prose=True)
    if found.style is not None:
        yield Fact("style", _styled(found.style), prose=True)
    for judge in found.judges:
        yield Fact(f"judge {judge.judge}", _judged(judge), prose=True)


def _progress(found: Results) -> Iterator[Fact]:
    checks = f"; {found.checks} hidden checks beside" if found.checks else ""
    yield Fact("votes", f"{found.votes} of {found.raters} raters on {found.prompts} prompts{checks}", prose=True)
    if not found.stop:
        missing = "not to be said" if found.more_votes is None else f"about {found.more_votes}"
        people = f", and {found.more_raters} more raters" if found.more_raters else ""
        yield Fact("votes to go", f"{missing}{people}", prose=True)
    yield Fact("decision", found.decision)


def _reading(reading: GuardrailReading) -> str:
    state = "TRIPPED" if reading.tripped else "kept"
    said = f"{reading.metric} {reading.value:.3g} of {reading.limit:.3g} allowed"
    return f"{reading.arm}: {said}, {reading.count} jobs, e-value {reading.e_value:.3g}, {state}"


def _styled(style: StyleReport) -> str:
    """`saturation +1.84 (+1.22 to +2.45); …, of 240 votes on 48 pictures`."""
    effects = "; ".join(f"{one.name} {_logits(one.effect)}" for one in style.effects)
    gone = f", without {style.missing} whose pictures are not there" if style.missing else ""
    return f"{effects or 'nothing to say'}, of {style.votes} votes on {style.pictures} pictures{gone}"


def _judged(judge: JudgeReport) -> str:
    people = "" if judge.ceiling is None else f", people each other {percent(judge.ceiling)}"
    state = "" if judge.enabled else f"; off: {judge.why}"
    return f"{judge.asset_type}: says what people say in {_share(judge.accuracy)} of {judge.votes}{people}{state}"


def _share(interval: Interval | None) -> str:
    """`64 % (55 to 72)`."""
    if interval is None:
        return "-"
    return f"{100 * interval.value:.0f} % ({100 * interval.low:.0f} to {100 * interval.high:.0f})"


def _logits(interval: Interval | None) -> str:
    """`+0.58 (+0.20 to +0.96)`."""
    if interval is None:
        return "-"
    return f"{interval.value:+.2f} ({interval.low:+.2f} to {interval.high:+.2f})"


def _rank(rank: tuple[int, int] | None) -> str:
    if rank is None:
        return "-"
    return str(rank[0]) if rank[0] == rank[1] else f"{rank[0]}-{rank[1]}"
