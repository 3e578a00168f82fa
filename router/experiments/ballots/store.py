"""Ballots and votes in the database, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from configs.errors import Expired, StateConflict
from router.experiments.ballots import lending, rows, statements, transactions
from router.experiments.ballots.choosing import Chooser, Seen
from router.experiments.ballots.columns import as_picks, as_votes
from router.experiments.ballots.model import IMPORTED, Answer, Answered, Ballot, Cast, Compared, Sitting
from router.experiments.ballots.pool import read_pool
from router.experiments.ballots.transactions import check_answer
from router.experiments.model import Experiment, Phase, Status
from router.experiments.statistics.pair_choice import Belief, believe
from router.experiments.statistics.picks import believe_picks
from router.experiments.store import ExperimentStore
from router.people.audit.model import Signature
from router.storage.database import AnyRow


@dataclass(frozen=True, slots=True)
class Handed:
    """Ballots for a rater, and `pool`: how much there is to compare at all."""

    experiment: Experiment
    lent: lending.Lent
    pool: int

    @property
    def ballots(self) -> tuple[Ballot, ...]:
        return self.lent.ballots


class BallotStore:
    """Every method raises `StoreUnavailable` while the database does not answer, and `NotFound` for an experiment that
    was never started, or a ballot that is not the rater's."""

    def __init__(self, experiments: ExperimentStore, rng: np.random.Generator | None = None) -> None:
        self._experiments, self._database = experiments, experiments.database
        self.clock = experiments.clock
        self._rng = rng or np.random.default_rng()

    async def lease(self, id: str, rater: str, count: int, holding: Collection[str] = ()) -> Handed:
        """Up to `count` ballots beside those that the rater is `holding`: unanswered ones first, and none once all
        votes are there that it asks for (`stop.max_votes`). Raises `StateConflict` for an experiment that is over."""
        experiment = await self._experiments.experiment(id)
        if experiment.status == Status.STOPPED:
            raise StateConflict(f"experiment {experiment.id} is over: its votes are counted as they are")
        phase, config = experiment.phase, experiment.phase.config.ballots
        pool = await self.pool(phase)
        belief = await self._believe(phase)

        def make(mine: Sequence[Ballot], seen: Seen) -> Chooser:
            return Chooser(pool, belief, config, mine, seen, self._rng)

        most = phase.config.stop.max_votes
        order = lending.Order(phase.experiment, phase.number, rater, count, frozenset(holding), config.sitting, most)
        lent = await self._database.write(lending.lease, order, make, self.clock())
        return Handed(experiment, lent, len(pool))

    async def pool(self, phase: Phase) -> tuple[Compared, ...]:
        """What can be compared in a phase."""
        found = await self._of_phase(statements.DRAWN, phase)
        arms = frozenset(arm.id for arm in phase.arms)
        return await asyncio.to_thread(lambda: read_pool(row for row in found if row.assigned in arms))

    async def ballot(self, id: str, rater: str) -> Ballot:
        """One of the rater's."""
        pseudonym = await self._pseudonym(rater)
        found = await self._database.read(statements.BALLOT, of_id=id)
        if not found or found[0].rater != pseudonym:
            raise transactions.not_yours(id)
        return rows.read_ballot(found[0])

    async def to_show(self, id: str, rater: str) -> Ballot:
        """One of the rater's whose pictures they may see now. Raises `Expired`."""
        ballot = await self.ballot(id, rater)
        if ballot.is_revealed:
            raise Expired("this sitting is over: its pictures are those of their jobs")
        if ballot.leased_until < self.clock():
            raise transactions.lease_over(ballot)
        if not ballot.shown.pictures:
            raise Expired("this ballot was answered elsewhere: its pictures are not here")
        return ballot

    async def cast(self, id: str, rater: str, answer: Answer) -> Ballot:
        """The ballot with its answer; the same one again changes nothing. Raises `InvalidRequest` for what cannot be
        said of it, `Expired`, and `StateConflict`."""
        config = (await self._phase_of(await self.ballot(id, rater))).config

        def check(ballot: Ballot) -> None:
            check_answer(ballot, answer, config.criteria)

        sitting = config.ballots.sitting
        return await self._database.write(transactions.cast, id, rater, answer, sitting, check, self.clock())

    async def reveal(self, id: str, rater: str) -> Sitting:
        """End the sitting of a ballot, and tell what was what. Raises `StateConflict` where nothing is answered."""
        return await self._database.write(transactions.reveal, id, rater, self.clock())

    async def open_ballots(self, id: str, rater: str) -> int:
        """How many a rater holds that are neither answered nor expired."""
        pseudonym = await self._pseudonym(rater)
        if pseudonym is None:
            return 0
        of = {"of_experiment": id, "of_rater": pseudonym, "now": self.clock()}
        return int((await self._database.read(statements.OPEN, **of))[0][0])

    async def held(self, rater: str) -> dict[str, int]:
        """The same of every experiment of which they hold any."""
        pseudonym = await self._pseudonym(rater)
        if pseudonym is None:
            return {}
        found = await self._database.read(statements.HELD, of_rater=pseudonym, now=self.clock())
        return {row.experiment: int(row.ballots) for row in found}

    async def answered(self, phase: Phase) -> tuple[Answered, ...]:
        """What was answered in a phase, in the order in which it was; skipped ones left out."""
        return tuple(map(rows.read_answered, await self._of_phase(statements.ANSWERED, phase)))

    async def shown(self, phase: Phase) -> tuple[Ballot, ...]:
        """Every ballot of a phase, answered or not, in the order in which they were handed out."""
        found = await self._of_phase(statements.OF_PHASE, phase)
        return await asyncio.to_thread(lambda: tuple(map(rows.read_ballot, found)))

    async def units(self, phase: Phase) -> dict[str, int]:
        """Of a split: how many units are in each arm."""
        return {row.assigned: row.units for row in await self._of_phase(statements.UNITS, phase)}

    async def taken(self, phase: Phase) -> tuple[tuple[str, str], ...]:
        """Of each picture its arm, and the document of seconds that it took."""
        return tuple((row.served, row.seconds) for row in await self._of_phase(statements.TAKEN, phase))

    async def take_in(
        self,
        phase: Phase,
        ballots: Sequence[tuple[Ballot, Cast]],
        names: Sequence[str],
        signature: Signature | None = None,
    ) -> int:
        """Keep votes that were cast elsewhere, all or none. Raises `StateConflict`."""
        of = (phase.experiment, phase.number)
        return await self._database.write(transactions.take_in, *of, ballots, names, signature, self.clock())

    async def known_ids(self, phase: Phase) -> frozenset[str]:
        """Of the ballots of a phase, and those under which imported ones were known before."""
        found = await self._of_phase(statements.KNOWN, phase)
        return frozenset(id for row in found for id in (row.id, row.once.removeprefix(IMPORTED)))

    async def forget(self, rater: str, signature: Signature | None = None) -> None:
        """Whose votes they were is known to nobody from here on. Raises `NotFound`."""
        await self._database.write(transactions.forget, rater, signature, self.clock())

    async def _believe(self, phase: Phase) -> Belief:
        config, arms = phase.config.ballots, [arm.id for arm in phase.arms]
        answered = () if config.choice == "uniform" else await self.answered(phase)
        if config.screen > 2:
            return await asyncio.to_thread(lambda: believe_picks(as_picks(answered, arms)))
        return await asyncio.to_thread(lambda: believe(as_votes(answered, arms)))

    async def _phase_of(self, ballot: Ballot) -> Phase:
        return await self._experiments.phase(ballot.experiment, ballot.phase)

    async def _pseudonym(self, rater: str) -> str | None:
        found = await self._database.read(statements.PSEUDONYM, of_rater=rater)
        return str(found[0].pseudonym) if found else None

    async def _of_phase(self, statement: object, phase: Phase) -> Sequence[AnyRow]:
        of = {"of_experiment": phase.experiment, "of_phase": phase.number}
        return await self._database.read(statement, **of)  # type: ignore[arg-type]
