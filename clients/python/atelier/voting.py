"""Votes on experiments, and what they tell: the questions, and the part of `studio.experiments` that asks them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any

from atelier.calls import Call, content, reader, segment
from atelier.errors import BadInput
from atelier.experiment_calls import given, path_of
from atelier.flow import Flow, fetch, request
from atelier.models.answers import Ballot, Ballots, Experiment, Results, Sitting, Vote
from atelier.models.answers import VotesTaken as _Taken
from atelier.pictures import file_name
from atelier.retry import Retry, once
from atelier.values import to_text

PLOTS = ("svg", "png")
_COUNTING_SECONDS = 120.0  # in which many votes are counted, or written


def _results(
    experiment: Experiment | str, by: str | None, judge: str | None, phase: int | None, style: bool
) -> Call[Results]:
    asked = given(by=by, judge=judge, phase=phase, style=style or None)
    return Call("GET", f"{path_of(experiment)}/results", reader(Results), params=asked, patience=_COUNTING_SECONDS)


def _plot(experiment: Experiment | str, to: Path, phase: int | None) -> Call[None]:
    """Raises `BadInput` for a file of another format."""
    format = to.suffix.lower().removeprefix(".")
    if format not in PLOTS:
        raise BadInput(f"to: '{to}' is no .{' or .'.join(PLOTS)} file")
    return _file(experiment, "plot", phase, format=format)


def _file(experiment: Experiment | str, name: str, phase: int | None, **asked: str) -> Call[None]:
    params = given(phase=phase, **asked)
    return Call("GET", f"{path_of(experiment)}/{name}", lambda _: None, params=params, patience=_COUNTING_SECONDS)


def _imported(experiment: Experiment | str, file: str | Path | bytes) -> Call[int]:
    """Raises `BadInput` for what is no file."""
    if not isinstance(file, str | Path | bytes):
        raise BadInput("file: give the path of a CSV file, or its content as bytes")
    read, content = reader(_Taken), file if isinstance(file, bytes) else Path(file)
    files = {"file": (file_name(file), content)}
    url = f"{path_of(experiment)}/votes"
    return Call("POST", url, lambda response: read(response).votes, files=files, patience=_COUNTING_SECONDS)


def _lent(
    experiment: Experiment | str, count: int, holding: Sequence[Ballot | str], rater: str | None
) -> Call[Ballots]:
    body = given(count=count, holding=[_id_of(one) for one in holding], rater=rater)
    return Call("POST", f"{path_of(experiment)}/ballots", reader(Ballots), body=body)


def _vote(ballot: Ballot | str, choice: str, **said: Any) -> Call[Vote]:
    return Call("PUT", f"/ballots/{segment(_id_of(ballot))}/vote", reader(Vote), body=given(choice=choice, **said))


def _reveal(ballot: Ballot | str, rater: str | None) -> Call[Sitting]:
    return Call("POST", f"/ballots/{segment(_id_of(ballot))}/reveal", reader(Sitting), body=given(rater=rater))


def _id_of(ballot: Ballot | str) -> str:
    id = ballot.id if isinstance(ballot, Ballot) else to_text(ballot, "ballot")
    if not id.strip("."):
        raise BadInput("ballot: give a ballot, or a ballot's id")
    return id


class AsyncVoting:
    """Blind votes, and what they tell. A `rater` is you, unless a panel votes at one screen."""

    def __init__(self, walk: Callable[[Flow[Any]], Coroutine[Any, Any, Any]], retry: Retry) -> None:
        self._walk, self._retry = walk, retry

    async def results(
        self,
        experiment: Experiment | str,
        by: str | None = None,
        judge: str | None = None,
        phase: int | None = None,
        style: bool = False,
    ) -> Results:
        """What the votes of its phase say so far; `by` asset_type or quality; `judge` (`ppi:fidelity`) takes a judge's
        help; `style` looks at the pictures, and takes out what people choose for light, contrast, colour or sharpness.
        Raises `Withheld` while you hold ballots."""
        found: Results = await self._run(_results(experiment, by, judge, phase, style))
        return found

    async def plot(self, experiment: Experiment | str, to: str | Path, phase: int | None = None) -> Path:
        """Write its forest plot to an .svg or .png file."""
        path: Path = await self._walk(fetch(_plot(experiment, Path(to), phase), Path(to), self._retry))
        return path

    async def votes_csv(self, experiment: Experiment | str, to: str | Path, phase: int | None = None) -> Path:
        """Write every ballot of a phase that was shown to a CSV file, one a row; raters are pseudonyms."""
        path: Path = await self._walk(fetch(_file(experiment, "votes.csv", phase), Path(to), self._retry))
        return path

    async def votes_parquet(self, experiment: Experiment | str, to: str | Path, phase: int | None = None) -> Path:
        """The same rows, as Parquet, where the studio has pyarrow."""
        path: Path = await self._walk(fetch(_file(experiment, "votes.parquet", phase), Path(to), self._retry))
        return path

    async def import_votes(self, experiment: Experiment | str, file: str | Path | bytes) -> int:
        """Take in a CSV file of votes that were cast elsewhere, all or none: `left`, `right`, `choice`, `rater` and
        `prompt`, or what `votes_csv` writes. Returns how many. Raises `InvalidRows`, which names every row that is
        wrong, and OSError for a file that is not there. Sent once: where no answer comes, `results` counts them."""
        taken: int = await self._walk(request(_imported(experiment, file), once(self._retry)))
        return taken

    async def ballots(
        self,
        experiment: Experiment | str,
        count: int = 5,
        *,
        holding: Sequence[Ballot | str] = (),
        rater: str | None = None,
    ) -> Ballots:
        """Your next ballots, yours for 15 minutes: those that you left unanswered first, but not those at hand
        (`holding`)."""
        lent: Ballots = await self._run(_lent(experiment, count, holding, rater))
        return lent

    async def pictures(self, ballot: Ballot) -> tuple[bytes, ...]:
        """The pictures of a ballot, from left to right: pixels and nothing else."""
        return tuple([await self._run(content(url)) for url in ballot.pictures])

    async def vote(
        self,
        ballot: Ballot | str,
        choice: str,
        *,
        criteria: Mapping[str, str] | None = None,
        dwell_ms: int | None = None,
        supersedes: int | None = None,
        rater: str | None = None,
    ) -> Vote:
        """Answer a ballot with one of its `choices`. The same again changes nothing; another answer needs `supersedes`.
        Raises `Expired` for a ballot that was lent too long ago."""
        said = {"criteria": criteria, "dwell_ms": dwell_ms, "supersedes": supersedes, "rater": rater}
        taken: Vote = await self._run(_vote(ballot, choice, **said))
        return taken

    async def reveal(self, ballot: Ballot | str, rater: str | None = None) -> Sitting:
        """End the sitting that a ballot is in, and say what was what; nothing in it can be changed any more."""
        over: Sitting = await self._run(_reveal(ballot, rater))
        return over

    async def _run(self, call: Call[Any]) -> Any:
        return await self._walk(request(call, self._retry))
