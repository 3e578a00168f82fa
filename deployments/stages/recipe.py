"""The recipe inside a file: written as JSON so that the studio can make the picture again, and as the text that other
tools read. One reader for every format we write."""

from __future__ import annotations

import io
import json
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from typing import Any

from PIL import Image
from pydantic import TypeAdapter

from configs.errors import InvalidRequest
from configs.sampling import LABELS, SCHEDULE_LABELS
from deployments.messages import NamedImage, Recipe
from deployments.stages import xmp
from deployments.stages.jpeg_xmp import join_extension

PNG_KEY = "atelier"
_EXIF, _USER_COMMENT = 0x8769, 0x9286
_LONGEST = 20_000  # characters of another program's text
_BROKEN = (OSError, ValueError, SyntaxError, RuntimeError)  # what Pillow raises for a file; the last, of AVIF

_ADAPTER = TypeAdapter(Recipe)
_NEEDS_QUOTES = re.compile(r"[,:\n]")


def to_json(recipe: Recipe) -> str:
    """The recipe as one line of ASCII, so that no carrier's character set can spoil it."""
    told = _ADAPTER.dump_python(replace(recipe, inputs=()), mode="json")
    told["inputs"] = [{"role": one.role, **one.image.model_dump(), **one.told()} for one in recipe.inputs]
    if recipe.environment is not None:
        told["environment"] = recipe.environment.model_dump(mode="json", exclude_defaults=True)
    for name in ("stages", "entries", "scores", "near", "origin", "environment"):
        if not told[name]:
            del told[name]  # as before there were any: the same picture is the same bytes
    for lora in told["loras"]:
        for name in ("version", "entry"):
            if not lora[name]:
                del lora[name]
    if not recipe.private:
        del told["private"]  # alike
    if recipe.sampler == "default":
        del told["sampler"], told["schedule"]  # alike
    return json.dumps(told, ensure_ascii=True)


def to_parameters(recipe: Recipe) -> str:
    """The recipe as the `parameters` text that AUTOMATIC1111 made common: prompt, negative prompt, settings."""
    loras = [f"<lora:{use.lora}:{use.strength:g}>" for use in recipe.loras]
    prompt = " ".join([recipe.full_prompt, *loras] if recipe.full_prompt else loras)
    settings = {
        "Steps": str(recipe.num_inference_steps),
        **_sampling(recipe),
        "CFG scale": f"{recipe.guidance_scale:g}",
        **_seeds(recipe),
        "Size": recipe.base_size,
        "Model hash": recipe.weights[:10],
        "Model": recipe.model,
    }
    if recipe.strength is not None:
        settings["Denoising strength"] = f"{recipe.strength:g}"
    if recipe.upscaler is not None:
        settings |= {"Hires upscaler": recipe.upscaler, "Hires resize": recipe.size}
    settings["Version"] = f"Atelier {recipe.atelier}"
    words = [prompt] if prompt else []  # none, of a private one without LoRAs
    lines = [*words, ", ".join(f"{key}: {_quote(value)}" for key, value in settings.items())]
    if recipe.negative_prompt:
        lines.insert(-1, f"Negative prompt: {recipe.negative_prompt}")
    return "\n".join(lines)


def _seeds(recipe: Recipe) -> dict[str, str]:
    """As AUTOMATIC1111 has them: it turns noise towards that of one other seed, and names no more."""
    near = recipe.near
    if near is None:
        return {"Seed": str(recipe.seed)}
    strength = f"{near.strength:g}"
    return {"Seed": str(near.seed), "Variation seed": str(recipe.seed), "Variation seed strength": strength}


def _sampling(recipe: Recipe) -> dict[str, str]:
    """Under the names that AUTOMATIC1111 has for them; what it has no name for is left out."""
    named = {"Sampler": LABELS.get(recipe.sampler), "Schedule type": SCHEDULE_LABELS.get(recipe.schedule or "")}
    return {key: label for key, label in named.items() if label is not None}


def read_recipe(file: bytes) -> Recipe:
    """The recipe of a file of any format that Atelier wrote. Raises InvalidRequest if there is none to be read."""
    text = _find(file)
    if text is None:
        raise InvalidRequest("this file carries no recipe: Atelier did not write it, or a tool removed it", "file")
    try:
        told = json.loads(text)
        nested = [_nest(one) for one in told.get("inputs", ())]
        return _ADAPTER.validate_python(told | {"inputs": nested}, extra="ignore")
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise InvalidRequest(
            "the recipe in this file is damaged, or of a version this studio cannot read", "file"
        ) from None


def read_parameters(file: bytes) -> str | None:
    """What another program says of how it made a picture, in its own words: the text `parameters` of PNG, or the
    comment in the EXIF of the others, as AUTOMATIC1111 writes them. None where there is none."""
    try:
        with Image.open(io.BytesIO(file), formats=("PNG", "WEBP", "JPEG", "AVIF")) as image:
            said = image.info.get("parameters")
            comment = image.getexif().get_ifd(_EXIF).get(_USER_COMMENT) if said is None else None
    except (*_BROKEN, Image.DecompressionBombError):
        return None
    if isinstance(comment, bytes) and comment.startswith(b"UNICODE\0"):
        said = comment[8:].decode("utf-16-be", "replace")
    return str(said)[:_LONGEST] if said else None


def _nest(told: dict[str, Any]) -> dict[str, Any]:
    """An input as it is written, with its picture apart again; what its role does not have is left out."""
    picture = {name: told.get(name) for name in NamedImage.model_fields}
    attributes = {name: value for name, value in told.items() if name not in picture and value is not None}
    return {"image": picture, **attributes}


def _find(file: bytes) -> str | None:
    try:
        if file.lstrip()[:1] == b"<":
            return xmp.find_recipe(file.decode("utf-8"))
        if file.startswith(b"%PDF-"):
            return xmp.find_recipe(xmp.find_packet(file).decode("utf-8"))
        info, more = _read_info(file)
        if PNG_KEY in info:
            return str(info[PNG_KEY])
        packet = info.get("XML:com.adobe.xmp") or info.get("xmp") or ""
        text = packet.decode("utf-8") if isinstance(packet, bytes) else str(packet)
        return xmp.find_recipe(text) or xmp.find_recipe(more)
    except (*_BROKEN, ElementTree.ParseError, Image.DecompressionBombError):
        return None


def _read_info(file: bytes) -> tuple[dict[str | tuple[int, int], Any], str]:
    """What the file says beside its pixels, and what its XMP goes on with."""
    with Image.open(io.BytesIO(file), formats=("PNG", "WEBP", "JPEG", "AVIF")) as image:
        return dict(image.info), join_extension(getattr(image, "applist", ()))


def _quote(value: str) -> str:
    return json.dumps(value, ensure_ascii=False) if _NEEDS_QUOTES.search(value) else value
