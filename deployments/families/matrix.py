"""The capability table as Markdown, for this folder's README: generated, so that what it says is so."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from configs.capabilities import Capabilities, CapabilityTable

README = Path(__file__).with_name("README.md")
BEGIN = "<!-- capabilities: written by `python -m deployments.families --write` -->\n"
END = "<!-- end of capabilities -->\n"

_HEADINGS = (
    "family",
    "variant",
    "txt2img",
    "img2img",
    "inpaint",
    "edit",
    "ControlNet",
    "image prompt",
    "LoRA",
    "trains",
    "negative prompt",
    "guidance",
    "steps",
    "multiples of",
    "tokens",
    "samplers",
    "runs as",
)


def matrix(table: CapabilityTable) -> str:
    """One line for each variant of each family."""
    lines = [_line(_HEADINGS), _line("---" for _ in _HEADINGS)]
    for family, variants in table.families.items():
        lines += [_line((f"`{family}`", f"`{variant}`", *_cells(can))) for variant, can in variants.items()]
    return "".join(lines)


def insert(text: str, table: CapabilityTable) -> str:
    """`text` with the matrix between its two markers, instead of what is there. Raises ValueError without them."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the markers are missing: {BEGIN.strip()} and {END.strip()}")
    return f"{before}{BEGIN}{matrix(table)}{END}{after}"


def _cells(can: Capabilities) -> tuple[str, ...]:
    return (
        _mark("txt2img" in can.modes),
        _mark("img2img" in can.modes),
        _mark("inpaint" in can.modes),
        f"{can.references} references" if "edit" in can.modes and can.references > 1 else _mark("edit" in can.modes),
        _along(can),
        can.image_prompt or _mark(False),
        _mark(can.lora),
        _trains(can),
        _mark(can.negative_prompt),
        can.guidance,
        can.step_range.removesuffix(" steps"),
        f"{can.size_multiple} px",
        str(can.text_length),
        ", ".join(f"`{sampler}`" for sampler in can.samplers),
        "steps" if can.engine == "steps" else "whole pipeline",
    )


def _along(can: Capabilities) -> str:
    if not can.controls or can.control_modes is None:
        return _mark(can.controls)
    return ", ".join(can.control_modes)


def _trains(can: Capabilities) -> str:
    """What LoRAs learn from on it; what was distilled is trained on with an adapter beside, or not at all."""
    if can.trains is None:
        return _mark(False)
    return f"{can.trains}, with an adapter" if can.distilled else can.trains


def _mark(can: bool) -> str:
    return "yes" if can else "–"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"
