"""`atelier recipe`: how a picture was drawn, to be read, kept, or drawn again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from atelier.cli import options
from atelier.cli.answers import answering
from atelier.cli.draw import PATIENCE
from atelier.cli.gallery import AssetId
from atelier.cli.layout import Fact
from atelier.cli.options import DEFAULT_URL
from atelier.cli.printing import print_facts, print_json, print_path
from atelier.client import Atelier
from atelier.gallery import Recipe
from atelier.models import AppliedLora

To = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write it as JSON here, in place of what was there.")
]


def recipe(
    asset_id: AssetId,
    out: To = None,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Say how a picture was drawn; as JSON with `request`, which draws it again."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.gallery.recipe(asset_id)
        told = found.model_dump(mode="json")
        if out is not None:
            out.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        if as_json:
            print_json(told)
        elif out is not None:
            print_path(out)
        else:
            print_facts(_facts(found))


def _facts(recipe: Recipe) -> list[Fact]:
    facts = [Fact("picture", recipe.asset_id), Fact("job", f"{recipe.job_id}/{recipe.index}")]
    facts += [Fact("prompt", recipe.prompt, prose=True), Fact("as drawn", recipe.full_prompt, prose=True)]
    if recipe.negative_prompt:
        facts.append(Fact("without", recipe.negative_prompt, prose=True))
    facts += [Fact("asset type", recipe.asset_type), Fact("quality", recipe.quality), Fact("model", recipe.model)]
    if recipe.loras:
        facts.append(Fact("loras", ", ".join(map(_lora, recipe.loras)), prose=True))
    schedule = f", {recipe.schedule}" if recipe.schedule else ""
    facts += [
        Fact("seed", str(recipe.seed)),
        Fact("steps", f"{recipe.num_inference_steps} ({recipe.sampler}{schedule})"),
        Fact("guidance", f"{recipe.guidance_scale:g}"),
        Fact("size", recipe.size if recipe.size == recipe.base_size else f"{recipe.size}, drawn at {recipe.base_size}"),
    ]
    facts += [Fact(f"from {one.role}", one.asset_id) for one in recipe.parents]
    return [*facts, Fact("licence", recipe.licence, prose=True)]


def _lora(one: AppliedLora) -> str:
    """As `generate --lora` takes it; what names no version is the first one."""
    return f"{one.lora}@{one.version or '1.0.0'}@{one.strength:g}"
