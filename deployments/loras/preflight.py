"""The check of a LoRA before it is trusted: what it is, whether all of it fits this model, whether it does anything.

A LoRA whose keys do not match is otherwise loaded without a word and draws the picture that it would draw without.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from configs.errors import BadLora
from configs.schema import LoraConfig
from configs.text import quoted
from deployments.checkpoints.source import display
from deployments.loras import files
from deployments.loras.account import NOWHERE, Converted
from deployments.loras.changes import LowRank
from deployments.loras.convert import convert
from deployments.loras.keys import Anatomy, Format, Place
from deployments.loras.kinds import name_kind
from deployments.loras.origin import guess

NEGLIGIBLE = 1e-5
"""A change smaller than this, relative to what is changed, is none: it is within the rounding of the model itself."""

_SCALES = 4  # as many as a report names


@dataclass(frozen=True, slots=True)
class Preflight:
    """What a LoRA was found to be.

    `matched` of `total` keys fit, and `skipped` ones are of rank 0. `scale` is what its layers are multiplied with, in
    words, and where that was found. `effect` is the largest relative change of a weight, by norm. `exclusive` is why it
    cannot live in slots beside others; None if it can. `encoders` are the text encoders that it changes.
    """

    format: Format
    rank: int
    matched: int
    total: int
    skipped: int
    scale: str
    effect: float
    exclusive: str | None
    encoders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """A LoRA that passed."""

    report: Preflight
    converted: Converted


def check(config: LoraConfig, family: str, anatomy: Anatomy, largest_rank: int, owner: str | None = None) -> Checked:
    """Find, read, convert and judge a LoRA for a model of `family`.

    Raises BadLora where the file and the model do not belong together, ConfigError where the file is not whole; both
    with one plain sentence that names the LoRA (`owner` is how it calls it).
    """
    owner = owner or f"LoRA '{config.id}'"
    check_family(config, family, owner)
    file = files.find(config, owner)
    return check_file(file, anatomy, largest_rank, owner)


def check_family(config: LoraConfig, family: str, owner: str) -> None:
    """Raise BadLora unless it was made for `family`: known before its file is here."""
    if config.family != family:
        raise BadLora(f"{owner}: was made for family '{config.family}', this model is '{family}'.", "loras")


def check_file(file: Path, anatomy: Anatomy, largest_rank: int, owner: str) -> Checked:
    """`check` of a file that is found already."""
    return judge(files.read(file, owner), file, anatomy, largest_rank, owner)


def judge(contents: files.Contents, file: Path, anatomy: Anatomy, largest_rank: int, owner: str) -> Checked:
    """`check` of what was read from `file`."""
    converted = convert(contents.tensors, contents.metadata, anatomy)
    reason = _mismatch(converted, contents, anatomy)
    if reason:
        raise BadLora(f"{owner}: {display(file)} does not fit: {reason}.", "loras")
    check_packed(why_exclusive(converted, anatomy, largest_rank), converted.changes, anatomy, owner)
    effect = measure(converted, anatomy)
    if not math.isfinite(effect):
        raise BadLora(f"{owner}: {display(file)} holds values that are not numbers: its training went wrong.", "loras")
    if not converted.changes:
        raise BadLora(f"{owner}: {display(file)} is empty: all of its layers are of rank 0, or of zeros.", "loras")
    if effect < NEGLIGIBLE:
        raise BadLora(
            f"{owner}: {display(file)} has no measurable effect: it changes no weight by more than {effect:.1g} of "
            "its size. It was saved before it was trained, or at strength 0.",
            "loras",
        )
    return Checked(_report(converted, anatomy, effect, largest_rank), converted)


def measure(converted: Converted, anatomy: Anatomy) -> float:
    """The largest change of a weight relative to it, by Frobenius norm: the expected change of what that layer makes
    of random input. In closed form, so that it costs nothing beside a model that is drawing."""
    sizes = [
        change.size(anatomy.weights[place]) / max(anatomy.norm(place), 1e-12)
        for place, change in converted.changes.items()
    ]
    return math.nan if any(not math.isfinite(size) for size in sizes) else max(sizes, default=0.0)


def why_exclusive(converted: Converted, anatomy: Anatomy, largest_rank: int) -> str | None:
    """Why it cannot live in slots beside others; None if it can."""
    kinds = {type(change).__name__ for change in converted.changes.values()} - {"LowRank"}
    if kinds:
        return f"it is a {sorted(kinds)[0].replace('Dora', 'DoRA')}"
    if any(place.component != anatomy.denoiser for place in converted.changes):
        return "it changes a text encoder"
    if any(isinstance(change, LowRank) and not change.linear for change in converted.changes.values()):
        return "it changes convolutions"
    if converted.rank > largest_rank:
        return f"its rank {converted.rank} is above the largest slot's, {largest_rank}"
    return None


def check_packed(exclusive: str | None, changes: Iterable[Place], anatomy: Anatomy, owner: str) -> None:
    """Raise BadLora for what is `exclusive`, and so merged, where weights that it changes are kept in few bits."""
    if exclusive is not None and any(place in anatomy.packed for place in changes):
        raise BadLora(
            f"{owner}: {exclusive}, so it can only be merged into weights, and this model keeps them in few bits: use "
            "a LoRA that fits a slot, or another 'runtime.quantisation'.",
            "loras",
        )


def _report(converted: Converted, anatomy: Anatomy, effect: float, largest_rank: int) -> Preflight:
    encoders = {place.component for place in converted.changes} - {anatomy.denoiser}
    return Preflight(
        format=converted.format,
        rank=converted.rank,
        matched=converted.matched,
        total=converted.total,
        skipped=len(converted.skipped),
        scale=describe_scales(converted),
        effect=effect,
        exclusive=why_exclusive(converted, anatomy, largest_rank),
        encoders=tuple(sorted(encoders)),
    )


def describe_scales(converted: Converted) -> str:
    """The scales of a file's layers and where each was found, the most frequent first."""
    shown = [
        f"{scale.value:g} ({scale.source}), {count} layer{'s' if count > 1 else ''}"
        for scale, count in converted.scales.most_common(_SCALES)
    ]
    more = len(converted.scales) - len(shown)
    return "; ".join(shown) + (f"; {more} more" if more else "")


def _mismatch(converted: Converted, contents: files.Contents, anatomy: Anatomy) -> str | None:
    """Why keys are left over, in words; None if none is."""
    share = f"{converted.matched} of {converted.total} keys match"
    if converted.total == 0:
        return "it is empty"
    if converted.misfits:
        return f"{share}; {_first(converted.misfits)}; so it is of another model{_made_for(contents, anatomy)}"
    if not converted.unknown:
        return None
    kind = name_kind(converted.unknown, converted.total, contents.metadata)
    if kind:
        return f"it is {kind}, which cannot be used here: LoRA, DoRA and LoKr can"
    known = {name: why for name, why in converted.unknown.items() if why != NOWHERE}
    if converted.matched == 0 and not known:
        return f"none of its layers is in this model{_made_for(contents, anatomy)}"
    return f"{share}; {_first(known or converted.unknown)}"


def _made_for(contents: files.Contents, anatomy: Anatomy) -> str:
    """Whose the file is, where it is not of this model's own kind."""
    theirs = guess(contents.tensors, contents.metadata)
    ours = guess(
        {place.module: weight for place, weight in anatomy.weights.items() if place.component == anatomy.denoiser}
    )
    if theirs is None or ours is not None and set(theirs.families) & set(ours.families):
        return ""
    return f"; by its keys it was made for {theirs.name}"


def _first(refused: Mapping[str, str]) -> str:
    name, why = next(iter(refused.items()))
    return f"{quoted(name)} {why}"
