"""Every statement about ballots, votes and raters."""

from __future__ import annotations

from sqlalchemy import BindParameter, and_, bindparam, delete, func, select, update

from router.assets.tables import assets, files
from router.experiments.tables import ballots, experiments, job_arms, rater_keys, votes
from router.jobs.model import JobStatus
from router.jobs.tables import jobs
from router.storage.columns import Utc
from router.storage.insertion import Insertion

INSERT_BALLOTS = Insertion(ballots)
INSERT_VOTES = Insertion(votes)
INSERT_RATER = Insertion(rater_keys, " ON CONFLICT (rater) DO NOTHING")

_EXPERIMENT: BindParameter[str] = bindparam("of_experiment")
_PHASE: BindParameter[int] = bindparam("of_phase")
_RATER: BindParameter[str] = bindparam("of_rater")
_ID: BindParameter[str] = bindparam("of_id")
_NOW = bindparam("now", type_=Utc)

# Whoever hands out ballots, or counts an answer, holds the experiment's row meanwhile: two could choose the same for
# one rater otherwise. It changes nothing; a SELECT would lock no row on SQLite, which begins to write with an UPDATE.
LOCK = (
    update(experiments)
    .where(experiments.c.id == _EXPERIMENT)
    .values(phase=experiments.c.phase)
    .returning(experiments.c.status, experiments.c.phase)
)

PSEUDONYM = select(rater_keys.c.pseudonym).where(rater_keys.c.rater == _RATER)
FORGET_RATER = delete(rater_keys).where(rater_keys.c.rater == _RATER)

_newer = votes.alias()
_LAST = select(func.max(_newer.c.number)).where(_newer.c.ballot_id == ballots.c.id).correlate(ballots).scalar_subquery()
_CAST = and_(votes.c.ballot_id == ballots.c.id, votes.c.number == _LAST)
_WITH_CAST = select(
    ballots,
    votes.c.number,
    votes.c.choice,
    votes.c.criteria,
    votes.c.dwell_ms,
    votes.c.client,
    votes.c.revealed,
    votes.c.created_at.label("voted_at"),
).select_from(ballots.outerjoin(votes, _CAST))
_IN_PHASE = and_(ballots.c.experiment_id == _EXPERIMENT, ballots.c.phase == _PHASE)
_ORDER = (ballots.c.sitting, ballots.c.place, ballots.c.id)

BALLOT = _WITH_CAST.where(ballots.c.id == _ID)
OF_RATER = _WITH_CAST.where(_IN_PHASE, ballots.c.rater == _RATER).order_by(*_ORDER)
OF_SITTING = OF_RATER.where(ballots.c.sitting == bindparam("of_sitting"))
OF_PHASE = _WITH_CAST.where(_IN_PHASE).order_by(ballots.c.created_at, ballots.c.id)
KNOWN = select(ballots.c.id, ballots.c.once).where(_IN_PHASE)
_OPEN = and_(
    ballots.c.rater == _RATER,
    ballots.c.leased_until > _NOW,
    ~select(votes.c.number).where(votes.c.ballot_id == ballots.c.id).exists(),
)
OPEN = select(func.count()).where(ballots.c.experiment_id == _EXPERIMENT, _OPEN)
HELD = (
    select(ballots.c.experiment_id.label("experiment"), func.count().label("ballots"))
    .where(_OPEN)
    .group_by(ballots.c.experiment_id)
)

# Votes that count, and ballots of others that may become some: checks left out.
COUNTED = (
    select(
        func.count().filter(votes.c.choice != "skip").label("votes"),
        func.count()
        .filter(votes.c.choice.is_(None), ballots.c.leased_until > _NOW, ballots.c.rater != _RATER)
        .label("lent"),
    )
    .select_from(ballots.outerjoin(votes, _CAST))
    .where(_IN_PHASE, ballots.c.repeats.is_(None), ballots.c.gold.is_(None))
)

ANSWERED = (
    select(
        ballots.c.id,
        ballots.c.rater,
        ballots.c.pair,
        ballots.c.arms,
        ballots.c.prompt,
        ballots.c.asset_type,
        ballots.c.quality,
        ballots.c.probability,
        ballots.c.repeats,
        ballots.c.gold,
        votes.c.choice,
        votes.c.dwell_ms,
    )
    .select_from(ballots.join(votes, _CAST))
    .where(_IN_PHASE, votes.c.choice != "skip")
    .order_by(votes.c.created_at, ballots.c.id)
)

# How often what was shown, to whomever, checks left out.
SEEN = (
    select(ballots.c.prompt, ballots.c.arms, func.count().label("times"))
    .where(_IN_PHASE, ballots.c.repeats.is_(None), ballots.c.gold.is_(None))
    .group_by(ballots.c.prompt, ballots.c.arms)
)

LEND = update(ballots).where(ballots.c.id == _ID).values(leased_until=bindparam("until", type_=Utc))
SEAT = (
    update(ballots)
    .where(ballots.c.id == _ID)
    .values(leased_until=bindparam("until", type_=Utc), sitting=bindparam("to_sitting"), place=bindparam("to_place"))
)
REVEAL = (
    update(votes)
    .where(
        votes.c.ballot_id.in_(
            select(ballots.c.id).where(
                _IN_PHASE, ballots.c.rater == _RATER, ballots.c.sitting == bindparam("of_sitting")
            )
        )
    )
    .values(revealed=True)
)

# The first pictures of jobs that drew as they were to, in pairs.
DRAWN = (
    select(
        job_arms.c.pair,
        job_arms.c.assigned,
        jobs.c.id.label("job_id"),
        jobs.c.request,
        assets.c.id.label("asset_id"),
        assets.c.seed,
        assets.c.width,
        assets.c.height,
        assets.c.scores,
        files.c.rendition,
        files.c.sha256,
    )
    .select_from(job_arms)
    .join(jobs, jobs.c.id == job_arms.c.job_id)
    .join(assets, and_(assets.c.job_id == jobs.c.id, assets.c.idx == 0))
    .join(files, files.c.asset_id == assets.c.id)
    .where(
        job_arms.c.experiment_id == _EXPERIMENT,
        job_arms.c.phase == _PHASE,
        job_arms.c.pair.is_not(None),
        job_arms.c.served == job_arms.c.assigned,
        jobs.c.status == JobStatus.COMPLETE.value,
    )
    .order_by(job_arms.c.pair, job_arms.c.assigned, jobs.c.id)
)

# Units of a split by the arm that they are in, and what the pictures of each arm took.
UNITS = (
    select(job_arms.c.assigned, func.count(job_arms.c.unit.distinct()).label("units"))
    .where(job_arms.c.experiment_id == _EXPERIMENT, job_arms.c.phase == _PHASE, job_arms.c.pair.is_(None))
    .group_by(job_arms.c.assigned)
)
TAKEN = (
    select(job_arms.c.served, assets.c.seconds)
    .select_from(job_arms)
    .join(assets, assets.c.job_id == job_arms.c.job_id)
    .where(job_arms.c.experiment_id == _EXPERIMENT, job_arms.c.phase == _PHASE, assets.c.seconds.is_not(None))
)
