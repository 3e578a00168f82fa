"""What plan and replay are both told: which machines, how long may be waited for; and what models take of them."""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from pydantic import ValidationError

from configs.capacity import Warm
from configs.catalog import Installation
from configs.errors import ConfigError, UnknownName
from configs.fleet import Fleet, GpuKind
from configs.load import load_fleets, load_installation
from configs.memory import GB
from configs.plans import needs_of
from configs.replicas import GeneratorReplicas
from deployments.families.registry import FAMILIES
from router.charts import files
from router.charts.shapes import Drawing
from serve.routing import Standing, rank

_CEILING = GeneratorReplicas().target_backlog_seconds


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--fleet", help="an id in configs/fleets; the profile's if absent")
    parser.add_argument("--profile", default="local", help="an id in configs/profiles, or a YAML file (default: local)")
    parser.add_argument("--slo", type=positive, default=60.0, metavar="SECONDS", help="that a job may wait (60)")
    parser.add_argument("--target", type=share, default=0.95, help="share of jobs that has to be within it (0.95)")
    parser.add_argument("--keep-alive", type=positive, default=300.0, metavar="SECONDS", help="without work (300)")
    parser.add_argument("--warm", type=hours, metavar="HOURS", help="one replica is kept then: 'Mon-Fri 9-18', in UTC")
    parser.add_argument("--image", type=Path, metavar="FILE", help="draw it as well: .png or .svg")


def positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or number <= 0:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number above 0")
    return number


def hours(text: str) -> Warm:
    try:
        return Warm.model_validate({"schedule": text})
    except ValidationError as error:
        raise argparse.ArgumentTypeError(error.errors()[0]["msg"].removeprefix("Value error, ")) from None


def share(text: str) -> float:
    number = positive(text)
    if number > 1:
        raise argparse.ArgumentTypeError(f"'{text}' is more than 1: write a share, such as 0.95")
    return number


def load(options: argparse.Namespace) -> tuple[Installation, Fleet]:
    """The installation, and the machines that are meant. Raises `ConfigError`."""
    installation, fleets = load_installation(options.profile, FAMILIES.table()), load_fleets()
    named = options.fleet or installation.profile.fleet
    if named is None:
        raise ConfigError(f"say which machines are meant: --fleet, one of {', '.join(sorted(fleets))}", "fleet")
    if named not in fleets:
        raise ConfigError(f"there is no fleet '{named}'; known: {', '.join(sorted(fleets))}", "fleet")
    if not fleets[named].kinds:
        raise ConfigError(f"the fleet {named} has no GPUs to plan with: choose another with --fleet", "fleet")
    return installation, fleets[named]


@dataclass(frozen=True)
class Fit:
    """Models on a kind of GPU: bytes of each, and the preset with which it fits, where it needs one."""

    sizes: dict[str, float]
    presets: dict[str, str]


def fit(models: Iterable[str], kind: GpuKind, installation: Installation) -> Fit | str:
    """A sentence where one of the models does not fit."""
    needs = needs_of(installation.catalog, installation.capabilities)
    sizes: dict[str, float] = {}
    presets: dict[str, str] = {}
    for model in models:
        check_model(model, installation)
        need = needs[model]
        if need.bytes is None:
            raise ConfigError(f"nobody has counted what {model} takes: name the 'architecture' in its YAML", "mix")
        fitting = {name: gb for name, gb in need.smaller.items() if gb <= kind.memory_gb}
        if need.bytes <= kind.memory_gb * GB:
            sizes[model] = need.bytes
        elif fitting:
            presets[model] = max(fitting, key=lambda name: fitting[name])
            sizes[model] = fitting[presets[model]] * GB
        else:
            return f"{model} takes {need.words}, and a GPU has {kind.memory_gb:g} GB"
    return Fit(sizes, presets)


def check_model(model: str, installation: Installation) -> None:
    known = tuple(sorted(installation.catalog.models))
    if model not in known:
        raise UnknownName(f"there is no model '{model}'; known: {', '.join(known)}", "mix", known)


def route(model: str, standings: Sequence[tuple[frozenset[str], float]], draw: Random) -> list[list[int]]:
    """Production's ranking of replicas."""
    return rank(frozenset({model}), [Standing(held, seconds) for held, seconds in standings], _CEILING, draw)


def check_image(path: Path | None) -> None:
    """Before minutes are spent on it. Raises `ConfigError`."""
    if path is not None and path.suffix.lower() not in (".png", ".svg"):
        raise ConfigError(f"'{path}' is neither .png nor .svg: those are what is drawn", "image")
    if path is not None and not path.parent.is_dir():
        raise ConfigError(f"there is no folder {path.parent} to draw {path.name} in", "image")


def write_image(path: Path, drawing: Drawing) -> None:
    if path.suffix.lower() == ".svg":
        path.write_text(files.to_svg(drawing), encoding="utf-8")
    else:
        path.write_bytes(files.to_png(drawing))


def prices(fleet: Fleet, kinds: Mapping[str, object]) -> str:
    """What was reckoned with, and how sure that is."""
    return "\n".join(
        f"{name}: {fleet.kinds[name].price.per_hour:g} {fleet.currency} an hour, read on "
        f"{fleet.kinds[name].price.read_on} ({fleet.kinds[name].price.source})"
        for name in kinds
    )
