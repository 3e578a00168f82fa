"""`atelier models`, `atelier asset-types` and `atelier brand`: what there is to choose from."""

from __future__ import annotations

from typing import Annotated

import typer

from atelier.cli import library, options
from atelier.cli.answers import answering
from atelier.cli.draw import PATIENCE
from atelier.cli.help import Commands
from atelier.cli.layout import Fact, Table
from atelier.cli.options import DEFAULT_URL, EXIT_CODES
from atelier.cli.printing import print_entry, print_json, print_table
from atelier.client import Atelier
from atelier.models import BrandKit, Capabilities, Model

_MODES = {
    "txt2img": "text to picture",
    "img2img": "redrawing",
    "inpaint": "inpainting",
    "edit": "editing",
}
_KIND, _LIVE = "asset-types", "live"
Contract = Annotated[
    str, typer.Argument(metavar="ID@VERSION", parser=options.an_id, help="A version or a mark; the live one if absent.")
]
asset_types_app = Commands(help="List the asset types and the qualities.")


def models(
    vram: Annotated[bool, typer.Option("--vram", help="Only the GPU memory that each is predicted to take.")] = False,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """List the models that the studio runs."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.models()
        if as_json:
            print_json({"models": [model.model_dump(mode="json") for model in found]})
            return
        if vram:
            print_table(Table(("model", "memory"), [(model.id, _memory(model)) for model in found], headed=False))
            return
        for model in found:
            default = " (default)" if model.default else ""
            print_entry(f"{model.id}{default}", _prose(model.description), *_lines(model))


@asset_types_app.callback(invoke_without_command=True)
def asset_types(
    context: typer.Context,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """List the asset types and the qualities."""
    if context.invoked_subcommand is not None:
        return
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.asset_types()
        if as_json:
            print_json(found.model_dump(mode="json"))
            return
        for kind in found.asset_types:
            sizes = ", ".join(f"{size} (default)" if size == kind.default_size else size for size in kind.sizes)
            facts = [_prose(kind.description)]
            facts += [_whole(f"version {kind.version}")] * bool(kind.version)
            facts += [_whole(f"{sizes}; {', '.join(kind.formats)}")]
            facts += [_whole(f"styles: {', '.join(kind.styles)}")] * bool(kind.styles)
            facts += [_whole(f"slots: {', '.join(kind.slots)}")] * bool(kind.slots)
            print_entry(kind.id, *facts)
        print_entry("Qualities", *(_prose(f"{quality.id}: {quality.description}") for quality in found.qualities))


@asset_types_app.command("diff", epilog=EXIT_CODES)
def diff(
    before: Contract,
    after: Contract,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Say what differs between two versions of an asset type, field by field."""
    (id, older), (other, newer) = (text.partition("@")[::2] for text in (before, after))
    if id != other:
        raise typer.BadParameter(f"{id} and {other} are two asset types: name two versions of one", param_hint="AFTER")
    library.diff(_KIND, id, older or _LIVE, newer or _LIVE, as_json, url, api_key)


def brand(as_json: options.Json = False, url: options.Url = DEFAULT_URL, api_key: options.ApiKey = None) -> None:
    """List the brand kits: what `generate --brand-kit` keeps pictures to."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.brand_kits()
        if as_json:
            print_json({"brand_kits": [kit.model_dump(mode="json") for kit in found]})
            return
        for kit in found:
            print_entry(kit.id, _prose(kit.description or kit.name), *_kit_lines(kit))


def _kit_lines(kit: BrandKit) -> list[Fact]:
    """Its colours with their roles, and what else it asks for."""
    colours = [_prose(f"{one.colour} {one.role}: {one.name}") for one in kit.palette]
    words = [_prose(f"banned: {', '.join(kit.banned_words)}")] if kit.banned_words else []
    return [*colours, _whole(f"version {kit.version}; clear space {kit.clear_space:.0%}"), *words]


def _memory(model: Model) -> str:
    return "unknown" if model.vram_gb is None else f"{model.vram_gb:.1f} GB"


def _lines(model: Model) -> list[Fact]:
    """How the model draws, what it can do, and what it may be used for."""
    can = model.capabilities
    steps = ", ".join(f"{name} {count}" for name, count in model.steps.items())
    within = f" ({can.steps.fewest} to {can.steps.most})" if can and can.steps.fewest < can.steps.most else ""
    parts: dict[str, list[str]] = {}
    for one in model.licence_parts:
        parts.setdefault(one.licence, []).append(one.part)
    under = "; ".join(f"{licence}: {', '.join(names)}" for licence, names in parts.items())
    notice = model.licence.notice
    said = [f"{notice.label}: {notice.sentence}"] if notice else []
    licence = f"product use: {model.licence.product}{f' ({under})' if under else ''}"
    sampling = _samplers(model)
    drawing = f"draws at {', '.join(model.native_sizes)}; steps: {steps}{within}"
    lines = (drawing, *([_abilities(can)] if can else []), *sampling, *_learning(model), licence)
    return [*map(_whole, lines), *map(_prose, said)]


def _learning(model: Model) -> list[str]:
    """Where its LoRAs come from, if any are trained."""
    if model.trained_on is None:
        return []
    return [f"LoRAs are trained on {'it' if model.trained_on == model.id else model.trained_on}"]


def _samplers(model: Model) -> list[str]:
    """Where there is a choice: `samplers: euler (default; schedules: karras, exponential); ddim`."""
    known = model.capabilities.samplers if model.capabilities else ()
    if len(known) < 2 and not any(sampler.schedules for sampler in known):
        return []
    told = []
    for sampler in known:
        usual = ["default"] if sampler.id == model.sampler else []
        where = [f"schedules: {', '.join(sampler.schedules)}"] if sampler.schedules else []
        told.append(f"{sampler.id} ({'; '.join(usual + where)})" if usual or where else sampler.id)
    return [f"samplers: {'; '.join(told)}"]


def _abilities(can: Capabilities) -> str:
    """In words: `text to picture, inpainting; takes LoRAs, guidance, canny; no negative prompt; reads 512 tokens`."""
    does = ", ".join(_MODES.get(mode, mode) for mode in can.modes)
    takes = {
        "LoRAs": can.lora,
        "negative prompt": can.negative_prompt,
        "guidance": can.guidance != "none",
        "pictures as prompts": can.image_prompt,
    }
    yes = [*(name for name, taken in takes.items() if taken), *can.controls]
    no = [f"no {name}" for name, taken in takes.items() if not taken]
    lists = [does, *([f"takes {', '.join(yes)}"] if yes else []), *([", ".join(no)] if no else [])]
    return f"{'; '.join(lists)}; reads {can.text_length} tokens"


def _prose(text: str) -> Fact:
    return Fact("", text, prose=True)


def _whole(text: str) -> Fact:
    return Fact("", text)
