"""What a scorer is: it says how well a picture shows what a sentence asks for."""

from __future__ import annotations

from typing import Protocol

from deployments.messages import Picture


class Scorer(Protocol):
    """One loaded scorer. The same picture and prompt give the same score, whatever else is scored."""

    def score(self, picture: Picture, prompt: str) -> float | None:
        """0 to 1, higher is better; None where it knows no word of the prompt. Scores of one scorer compare pictures of
        one prompt; where its scale begins and ends, each says in its card. It reads pixels and words, nothing else."""
        ...
