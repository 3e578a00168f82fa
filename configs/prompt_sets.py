"""Prompt sets as data: the studio's own prompts, on which models are compared again and again."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from configs.frozen import Frozen
from configs.schema import Identifier
from configs.semver import FIRST, Semver
from configs.text import PLAIN, Line, Paragraphs


class SetPrompt(Frozen):
    """One prompt of a set; `seed` is drawn from its place where it says none."""

    prompt: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), PLAIN]
    asset_type: Identifier = "icon"
    seed: int | None = Field(default=None, ge=0, lt=2**32)


class PromptSetConfig(Frozen):
    """A prompt set (`configs/prompt_sets/<id>.yaml`, or a CSV file with the columns prompt, asset_type, seed)."""

    id: Identifier
    version: Semver = FIRST
    name: Line
    description: Paragraphs = ""
    prompts: tuple[SetPrompt, ...] = Field(min_length=1, max_length=2000)
