"""What a person should know of a plan before it is drawn: a sentence for people, and a code for programs."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from configs.frozen import Frozen


class NoteCode(StrEnum):
    """What a note is about. Clients show the sentence of any code, known to them or not."""

    PLAIN = "note"
    ENLARGED = "enlarged"
    LORA_OFF = "lora_off"
    LORAS_FUSED = "loras_fused"
    MASK_TRANSPARENCY = "mask_transparency"
    MASK_LIGHT = "mask_light"
    MASK_COLOURS = "mask_colours"
    MASK_WHOLE = "mask_whole"
    FIRST_FRAME = "first_frame"
    PROMPT_LORA = "prompt_lora"
    PROMPT_SYNTAX = "prompt_syntax"
    PROMPT_CUT = "prompt_cut"
    PROMPT_UNKNOWN = "prompt_unknown"
    STYLE_SHORTENED = "style_shortened"
    CONTRACT_LORA = "contract_lora"
    BRAND_KIT_MISSING = "brand_kit_missing"
    STEPS_CAPPED = "steps_capped"
    SIZE_CAPPED = "size_capped"
    STAGE_LEFT_OUT = "stage_left_out"
    CHOSEN = "chosen"
    ITERATED = "iterated"
    ENTRY_MOVED = "entry_moved"
    RECOGNISED = "recognised"
    SPACE_DEFAULTS = "space_defaults"
    RIGHTS_UNKNOWN = "rights_unknown"


class Note(Frozen):
    """One sentence, without a full stop, and the code of what it is about."""

    code: str = Field(description="stable, for programs: `mask_transparency`, `enlarged` …")
    message: str = Field(description="a sentence for people")

    def __str__(self) -> str:
        return self.message
