"""What a check has found, and what a preflight says as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from configs.dataset_rules import CheckRule, Code, ScorePart, Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or worth a look: with which `pictures` (ids, those that belong together), why, and what
    helps. None are named where it is about the set as a whole."""

    code: Code
    severity: Severity
    part: ScorePart | None
    reason: str
    remedy: str
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """0 to 100, and each part of it likewise."""

    total: int
    parts: Mapping[ScorePart, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """All that was found, the worst first. With an error among it the set is refused for training."""

    findings: tuple[Finding, ...]
    score: Score

    @property
    def refused(self) -> bool:
        return any(one.severity == "error" for one in self.findings)


def found(rule: CheckRule, code: Code, reason: str, remedy: str, pictures: tuple[str, ...] = ()) -> Finding:
    """A finding as its rule weighs it."""
    return Finding(code, rule.severity, rule.part, reason, remedy, pictures)
