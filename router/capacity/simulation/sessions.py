"""Jobs as people ask for them: in sessions, by day and not by night, with favourite models.

The figures are our own fit of a public trace of 26 823 requests to image models over 23 days (Alibaba's GenTD26).
Arrivals that are independent of each other (Poisson) within the same hours make every way to scale look better than it
is, so nothing here draws them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator, default_rng

from router.capacity.simulation.trace import Arrival, Trace

_HOUR, _DAY = 3600.0, 86400.0


@dataclass(frozen=True, slots=True)
class LogNormal:
    """By its median, and the standard deviation of its logarithm."""

    median: float
    sigma: float

    @property
    def mean(self) -> float:
        return self.median * math.exp(self.sigma**2 / 2)

    def draw(self, rng: Generator, count: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return rng.lognormal(math.log(self.median), self.sigma, count)


# Of a day, by hour: eleven that are almost silent, and the two humps of a working day.
_NIGHT, _EVENING = (0.02, *(0.01,) * 7, 0.02), (0.5, 0.3, 0.2, 0.15, 0.03, 0.02)
_RHYTHM = (*_NIGHT, 0.4, 1.4, 1.8, 0.5, 0.7, 1.8, 2.0, 1.9, 1.3, *_EVENING)


@dataclass(frozen=True)
class Habits:
    """Jobs of a session, seconds between them, how much longer than usual one takes, and when sessions begin.

    `keeps_model` is the share of jobs that use the model of the one before; `weekend` how busy two days of seven are;
    `unrest` the sigma of how busy one hour is beside the same hour of other days.
    """

    jobs: LogNormal = LogNormal(2.1, 1.08)
    gap: LogNormal = LogNormal(64.0, 0.94)
    longest_gap: float = 600.0
    keeps_model: float = 0.73
    spread: float = 0.65
    rhythm: tuple[float, ...] = _RHYTHM
    weekend: float = 0.25
    unrest: float = 0.7


USUAL = Habits()


@dataclass(frozen=True)
class Crowd:
    """How much is asked for: jobs a day on average, and of which models. `seconds` are those of a usual job of each, on
    a GPU of speed 1; `pictures` are those of one job."""

    jobs_per_day: float
    mix: Mapping[str, float]
    seconds: Mapping[str, float]
    pictures: int = 1


def imagine(crowd: Crowd, days: float, seed: int, habits: Habits = USUAL) -> Trace:
    """A trace that such people could leave; the same for the same `seed`."""
    rng = default_rng(seed)
    begins = list(_begins(crowd.jobs_per_day * days, days, rng, habits))
    sizes = np.maximum(1, np.rint(habits.jobs.draw(rng, len(begins)))).astype(int)
    arrivals = [
        one for begin, size in zip(begins, sizes, strict=True) for one in _session(begin, size, crowd, rng, habits)
    ]
    return Trace.of((one for one in arrivals if one.at < days * _DAY), days * _DAY)


def session_mean(habits: Habits = USUAL) -> float:
    """Jobs of a session on average: the lognormal's mean, rounded up where it is below one."""
    sample = np.maximum(1, np.rint(habits.jobs.draw(default_rng(0), 200_000)))
    return float(sample.mean())


def _begins(jobs: float, days: float, rng: Generator, habits: Habits) -> Iterator[float]:
    """When sessions begin."""
    hours = math.ceil(days * 24)
    weights = np.array([habits.rhythm[hour % 24] * _of_day(hour // 24 % 7, habits) for hour in range(hours)])
    weights *= rng.lognormal(-(habits.unrest**2) / 2, habits.unrest, hours)
    rates = jobs / session_mean(habits) * weights / weights.sum()
    for hour, count in enumerate(rng.poisson(rates)):
        yield from ((hour + rng.random(count)) * _HOUR).tolist()


def _of_day(weekday: int, habits: Habits) -> float:
    return habits.weekend if weekday >= 5 else 1.0


def _session(begin: float, size: int, crowd: Crowd, rng: Generator, habits: Habits) -> Iterator[Arrival]:
    models, shares = [*crowd.mix], np.array([*crowd.mix.values()])
    shares = shares / shares.sum()
    by_chance = float((shares**2).sum())  # that the next model, chosen anew, is the same
    keeps = max(0.0, (habits.keeps_model - by_chance) / (1 - by_chance)) if by_chance < 1 else 1.0
    chosen, stays = rng.choice(len(models), size, p=shares), rng.random(size) < keeps
    gaps = np.minimum(habits.gap.draw(rng, size), habits.longest_gap)
    factors = LogNormal(1.0, habits.spread).draw(rng, size) / LogNormal(1.0, habits.spread).mean
    at, model = begin, int(chosen[0])
    for job in range(size):
        if job:
            at += float(gaps[job])
            model = model if stays[job] else int(chosen[job])
        name = models[model]
        yield Arrival(at, name, crowd.seconds[name] * float(factors[job]), crowd.pictures)
