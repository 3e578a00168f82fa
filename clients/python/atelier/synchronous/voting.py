"""Written by `python -m clients.generator.synchronous` from `voting.py`, where it is changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from atelier.calls import Call, content
from atelier.flow import Flow, fetch, request
from atelier.models.answers import Ballot, Ballots, Experiment, Results, Sitting, Vote
from atelier.retry import Retry, once
from atelier.voting import _file, _imported, _lent, _plot, _results, _reveal, _vote


class Voting:
    """Blind votes, and what they tell. A `rater` is you, unless a panel votes at one screen."""

    def __init__(self, walk: Callable[[Flow[Any]], Any], retry: Retry) -> None:
        self._walk, self._retry = walk, retry

    def results(
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
        found: Results = self._run(_results(experiment, by, judge, phase, style))
        return found

    def plot(self, experiment: Experiment | str, to: str | Path, phase: int | None = None) -> Path:
        """Write its forest plot to an .svg or .png file."""
        path: Path = self._walk(fetch(_plot(experiment, Path(to), phase), Path(to), self._retry))
        return path

    def votes_csv(self, experiment: Experiment | str, to: str | Path, phase: int | None = None) -> Path:
        """Write every ballot of a phase that was shown to a CSV file, one a row; raters are pseudonyms."""
        path: Path = self._walk(fetch(_file(experiment, "votes.csv", phase), Path(to), self._retry))
        return path

    def votes_parquet(self, experiment: Experiment | str, to: str | Path, phase: int | None = None) -> Path:
        """The same rows, as Parquet, where the studio has pyarrow."""
        path: Path = self._walk(fetch(_file(experiment, "votes.parquet", phase), Path(to), self._retry))
        return path

    def import_votes(self, experiment: Experiment | str, file: str | Path | bytes) -> int:
        """Take in a CSV file of votes that were cast elsewhere, all or none: `left`, `right`, `choice`, `rater` and
        `prompt`, or what `votes_csv` writes. Returns how many. Raises `InvalidRows`, which names every row that is
        wrong, and OSError for a file that is not there. Sent once: where no answer comes, `results` counts them."""
        taken: int = self._walk(request(_imported(experiment, file), once(self._retry)))
        return taken

    def ballots(
        self,
        experiment: Experiment | str,
        count: int = 5,
        *,
        holding: Sequence[Ballot | str] = (),
        rater: str | None = None,
    ) -> Ballots:
        """Your next ballots, yours for 15 minutes: those that you left unanswered first, but not those at hand
        (`holding`)."""
        lent: Ballots = self._run(_lent(experiment, count, holding, rater))
        return lent

    def pictures(self, ballot: Ballot) -> tuple[bytes, ...]:
        """The pictures of a ballot, from left to right: pixels and nothing else."""
        return tuple([self._run(content(url)) for url in ballot.pictures])

    def vote(
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
        taken: Vote = self._run(_vote(ballot, choice, **said))
        return taken

    def reveal(self, ballot: Ballot | str, rater: str | None = None) -> Sitting:
        """End the sitting that a ballot is in, and say what was what; nothing in it can be changed any more."""
        over: Sitting = self._run(_reveal(ballot, rater))
        return over

    def _run(self, call: Call[Any]) -> Any:
        return self._walk(request(call, self._retry))
