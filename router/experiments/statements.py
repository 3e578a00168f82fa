"""Every statement about experiments and champions."""

from __future__ import annotations

from sqlalchemy import BindParameter, and_, bindparam, func, select, update

from router.experiments.model import Status
from router.experiments.tables import (
    champion_moves,
    champions,
    experiment_events,
    experiment_phases,
    experiments,
    experiments_revision,
    job_arms,
)
from router.storage.columns import Utc
from router.storage.insertion import Insertion

REVISION = select(experiments_revision.c.revision)
NEXT_REVISION = (
    update(experiments_revision)
    .values(revision=experiments_revision.c.revision + 1)
    .returning(experiments_revision.c.revision)
)

INSERT_ARM = Insertion(job_arms)
INSERT_EXPERIMENT = Insertion(experiments)
INSERT_PHASE = Insertion(experiment_phases)
INSERT_EVENT = Insertion(experiment_events)
INSERT_CHAMPION = Insertion(champions)
INSERT_MOVE = Insertion(champion_moves)

_ID: BindParameter[str] = bindparam("of_id")
_WITH_PHASE = select(
    experiment_phases,
    experiments.c.status,
    experiments.c.exposure,
    experiments.c.last_seq,
    experiments.c.changed_at,
).join(
    experiments,
    and_(experiments.c.id == experiment_phases.c.experiment_id, experiments.c.phase == experiment_phases.c.phase),
)
EXPERIMENTS = _WITH_PHASE.order_by(experiments.c.id)
UNSTOPPED = EXPERIMENTS.where(experiments.c.status != Status.STOPPED.value)
EXPERIMENT = _WITH_PHASE.where(experiments.c.id == _ID)
PHASES = select(experiment_phases).where(experiment_phases.c.experiment_id == _ID).order_by(experiment_phases.c.phase)
EVENTS = (
    select(experiment_events)
    .where(experiment_events.c.experiment_id == _ID, experiment_events.c.seq > bindparam("after"))
    .order_by(experiment_events.c.seq)
)

CHANGE = (
    update(experiments)
    .where(experiments.c.id == _ID)
    .values(
        phase=bindparam("to_phase"),
        status=bindparam("to_status"),
        exposure=bindparam("to_exposure"),
        last_seq=bindparam("to_seq"),
        changed_at=bindparam("now", type_=Utc),
    )
)
END_PHASE = (
    update(experiment_phases)
    .where(
        experiment_phases.c.experiment_id == _ID,
        experiment_phases.c.phase == bindparam("of_phase"),
        experiment_phases.c.ended_at.is_(None),
    )
    .values(
        ended_at=bindparam("now", type_=Utc), decision=func.coalesce(bindparam("told"), experiment_phases.c.decision)
    )
)

_TYPE: BindParameter[str] = bindparam("of_type")
_QUALITY: BindParameter[str] = bindparam("of_quality")
CHAMPIONS = (
    select(champion_moves)
    .join(
        champions,
        and_(
            champions.c.asset_type == champion_moves.c.asset_type,
            champions.c.quality == champion_moves.c.quality,
            champions.c.revision == champion_moves.c.revision,
        ),
    )
    .order_by(champion_moves.c.asset_type, champion_moves.c.quality)
)
CHAMPION = CHAMPIONS.where(champion_moves.c.asset_type == _TYPE, champion_moves.c.quality == _QUALITY)
MOVES = (
    select(champion_moves)
    .where(champion_moves.c.asset_type == _TYPE, champion_moves.c.quality == _QUALITY)
    .order_by(champion_moves.c.revision.desc())
)
MOVE_CHAMPION = (
    update(champions)
    .where(champions.c.asset_type == _TYPE, champions.c.quality == _QUALITY)
    .values(revision=bindparam("to_revision"))
)

EXPOSE = (
    update(job_arms)
    .where(job_arms.c.job_id == bindparam("of_job"), job_arms.c.exposed_at.is_(None))
    .values(exposed_at=bindparam("now", type_=Utc))
)
