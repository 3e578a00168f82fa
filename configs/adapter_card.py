"""The card of an adapter: what it learned from and with which rights, how it was trained and judged, and who chose it.
The page that people read is made of it alone, and names no folders and no captions."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from configs.frozen import Frozen
from configs.judgement import Judgement
from configs.schema import Identifier, LicencePart
from configs.text import Line, Paragraphs
from configs.training import TrainingSettings


class LearnedFrom(Frozen):
    """The dataset: its version's content hash, and its pictures counted by right and by who wrote their captions."""

    id: Line = ""
    sha256: str = ""
    pictures: int = Field(ge=0)
    rights: dict[Line, int] = {}
    captions_by: dict[Line, int] = {}


class AdapterCard(Frozen):
    """`chosen_by` is the judge, or a person by the name that the studio knows; `limits` is what whoever uses it should
    know."""

    id: Identifier
    version: str
    sha256: str
    model: Identifier
    base: str = Field(description="content hash of the weights that it was trained on")
    trigger: Line = ""
    licence_parts: tuple[LicencePart, ...] = ()
    learned_from: LearnedFrom
    settings: TrainingSettings | None = None
    job: str = ""
    seconds: float | None = None
    judgement: Judgement | None = None
    step: int
    strength: float = 1.0
    chosen_by: Line = "judge"
    limits: Paragraphs = ""


def to_markdown(card: AdapterCard) -> str:
    """The page, whole sentences and tables, for people."""
    lines = [f"# {card.id} {card.version}", ""]
    lines += _table(
        ("", ""),
        [
            ("draws with", f"{card.model}, base `{card.base[:12]}`"),
            ("file", f"`{card.sha256}`"),
            ("trigger", f"`{card.trigger}`" if card.trigger else "none: it is always on"),
            ("strength", f"{card.strength:g}"),
            ("step", str(card.step)),
            ("chosen by", card.chosen_by),
        ],
    )
    lines += _learned(card) + _rights(card) + _settings(card) + _judged(card)
    if card.limits:
        lines += ["## Limits", "", card.limits, ""]
    return "\n".join(lines)


def _learned(card: AdapterCard) -> list[str]:
    told = card.learned_from
    rows = [
        ("pictures", str(told.pictures)),
        ("rights", _counted(told.rights)),
        ("captions by", _counted(told.captions_by)),
    ]
    if told.id or told.sha256:
        rows.insert(0, ("dataset", f"{told.id} `{told.sha256[:12]}`".strip()))
    return ["## What it learned from", "", *_table(("", ""), rows)]


def _rights(card: AdapterCard) -> list[str]:
    rows = [(one.part, one.licence) for one in card.licence_parts]
    return ["## Licences", "", *_table(("part", "licence"), rows or [("all", "not known")])]


def _settings(card: AdapterCard) -> list[str]:
    if card.settings is None:
        return []
    one = card.settings
    guidance = (
        f"{one.guidance_least:g} to {one.guidance_most:g}"
        if one.guidance == "contrastive"
        else f"{one.guidance_scale:g}"
    )
    rows = [
        ("kind", f"{one.kind}, rank {one.rank}, alpha {one.alpha or one.rank:g}, {one.targets} linears"),
        ("steps", f"{one.steps} of {one.batch * one.accumulation} pictures, seed {one.seed}"),
        ("rate", f"{one.rate:g}, {one.schedule}, {one.optimiser}"),
        ("guidance", f"{one.guidance}, {guidance}"),
    ]
    if card.seconds is not None:
        rows.append(("took", f"{card.seconds:.0f} s"))
    return ["## How it was trained", "", *_table(("", ""), rows)]


def _judged(card: AdapterCard) -> list[str]:
    judgement = card.judgement
    if judgement is None:
        return ["## Judged", "", "Nobody has judged its checkpoints.", ""]
    names = [*dict.fromkeys(name for one in judgement.judged for name in one.marks)]
    rows = []
    for one in judgement.judged:
        marks = [
            f"{one.marks[name].value:.2f} ± {one.marks[name].error:.2f}" if name in one.marks else "" for name in names
        ]
        taken = " **taken**" if (one.step, one.strength) == (card.step, card.strength) else ""
        fault = one.lost or "; ".join((*one.failed, *one.cautions))
        rows.append((f"{one.step} at {one.strength:g}{taken}", *marks, fault))
    kinds = len({prompt.kind for prompt in judgement.prompts})
    asked = f"{len(judgement.prompts)} prompts of {kinds} kinds, {len(judgement.seeds)} seeds, {judgement.steps} steps"
    heads = ("step", *(name.replace("_", " ") for name in names), "speaks against it")
    reasons = [f"- {reason}" for reason in judgement.pick.reasons]
    return [
        "## Judged",
        "",
        f"By {asked}; seen by {'; '.join(judgement.looked)}.",
        "",
        *_table(heads, rows),
        *reasons,
        "",
    ]


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "not known"


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Cells hold no line breaks, and none of the signs that end one."""
    cells = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    return [_line(heads), _line(["---"] * len(heads)), *map(_line, cells), ""]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
