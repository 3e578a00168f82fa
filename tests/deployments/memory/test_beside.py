"""Predicted memory of ControlNets, image prompts and references against what tiny ones really take."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from torch import nn

from configs.architecture import Architecture, Component, Figures
from configs.memory import activations, predict, residuals, weights
from configs.plans import find_additions, find_beside
from configs.runtime import Runtime
from configs.schema import ModelConfig, Size
from deployments.families.registry import FAMILIES
from deployments.memory.counting import count, count_architecture
from tests.deployments import asking, tiny, tiny_flux, tiny_flux2, tiny_sd3, tiny_sdxl, tiny_wholes
from tests.deployments.diffusers_alone import painting
from tests.deployments.watching import peak_bytes

FACTOR = 1.25
SIDE = 256
ROWS = 2
Figured = dict[str, dict[str, Figures]]


def flux(folder: Path) -> ModelConfig:
    tiny.save_tiny(folder, tiny.Shape(guidance_embeds=True, width=4, layers=2))
    nets = {
        kind: tiny_flux.control_config(
            tiny_flux.save_control(folder / kind, (1, 1), guidance_embeds=True, num_attention_heads=4)
        )
        for kind in ("canny", "depth")
    }
    redux = tiny_flux.redux_config(tiny_flux.save_redux(folder / "redux"))
    return tiny.tiny_config(folder, controls=nets, image_prompt=redux)


def sdxl(folder: Path) -> ModelConfig:
    tiny_sdxl.build(folder)
    return tiny_sdxl.config(folder)


def sd3(folder: Path) -> ModelConfig:
    """Wider than the usual one, whose pictures have more numbers than its tokens."""
    sizes = {**tiny_sd3._sizes(), "num_attention_heads": 16, "caption_projection_dim": 128}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiny_sd3, "_sizes", lambda: dict(sizes))
        tiny_sd3.build(folder)
    return tiny_sd3.config(folder)


def figured(config: ModelConfig, folder: Path) -> tuple[ModelConfig, Figured]:
    """`config` with the architecture of all that stands beside it named, and the figures of those and of its own."""
    places = {"own": folder} | {kind: Path(one.weights.path or "") for kind, one in config.controls.items()}
    nets = {kind: one.model_copy(update={"architecture": kind}) for kind, one in config.controls.items()}
    prompt = config.image_prompt
    if prompt is not None and prompt.kind == "redux":
        places["prompts"] = Path(prompt.weights.path or "")
    figures = {
        name: count_architecture(Architecture(id=name, source="the test", folder=place.name), {}, place.parent)
        for name, place in places.items()
    }
    if prompt is not None:
        if prompt.kind == "ip-adapter":
            parts = adapter(folder) if config.family == "sdxl" else joint_adapter(folder)
            figures["prompts"] = {name: count(name, each) for name, each in parts.items()}
        prompt = prompt.model_copy(update={"architecture": "prompts"})
    size = (Size(width=SIDE, height=SIDE),)
    changes = {"controls": nets, "image_prompt": prompt, "architecture": "own", "native_sizes": size}
    return config.model_copy(update={**changes, "runtime": Runtime(device="cpu", threads=1)}), figures


def adapter(folder: Path) -> dict[str, Component]:
    """The parts of SDXL's tiny IP-Adapter: files of tensors, without a config."""
    seen = json.loads((folder / "ip-adapter/image_encoder/config.json").read_text())
    projection = {"image_embed_dim": 24, "cross_attention_dim": 2 * tiny_sdxl.TEXT, "num_image_text_embeds": 4}
    found = {
        "image_encoder": ("transformers", "CLIPVisionModelWithProjection", seen),
        "image_projection": ("diffusers", "ImageProjection", projection),
    }
    return components(found)


def joint_adapter(folder: Path) -> dict[str, Component]:
    """The parts of SD 3.5's."""
    seen = json.loads((folder / tiny_sd3.ADAPTER / "image_encoder/config.json").read_text())["vision_config"]
    own = json.loads((folder / "transformer/config.json").read_text())
    width = own["num_attention_heads"] * own["attention_head_dim"]
    made = {"embed_dim": 24, "output_dim": width, "hidden_dim": 64, "heads": 1, "num_queries": 4, "timestep_in_dim": 8}
    return components(
        {
            "image_encoder": ("transformers", "SiglipVisionModel", seen),
            "image_resampler": ("diffusers", "IPAdapterTimeImageProjection", made),
        }
    )


def components(found: dict[str, tuple[str, str, Any]]) -> dict[str, Component]:
    return {
        name: Component.model_validate(
            {"id": name, "library": library, "class": cls, "config": config, "source": "the test"}
        )
        for name, (library, cls, config) in found.items()
    }


class Loaded:
    """A tiny model with all that stands beside it, and the figures of that."""

    def __init__(self, build: Any, folder: Path) -> None:
        self.config, self.figures = figured(build(folder), folder)
        self.can = FAMILIES.table().find(self.config.family, self.config.variant)
        self.family: Any = FAMILIES.find(self.config.family)(self.config)

    @property
    def pipeline(self) -> Any:
        return self.family._pipeline if hasattr(self.family, "_pipeline") else self.family._architecture.pipeline

    @property
    def controls(self) -> Any:
        inside = self.family._parts if hasattr(self.family, "_parts") else self.family._architecture
        return inside.controls if hasattr(inside, "controls") else inside._controls

    def step(self, **changes: Any) -> int:
        """Bytes that a step of ROWS requests takes at most."""
        asked = tiny.request(width=SIDE, height=SIDE, guidance_scale=1.0, **changes)
        conditioning = self.family.encode(asked.prompt, asked.negative_prompt)
        states = [self.family.start(asked, conditioning) for _ in range(ROWS)]
        return peak_bytes(lambda: self.family.step(states))


@pytest.fixture(scope="module", params=[flux, sd3, sdxl], ids=["flux", "sd3", "sdxl"])
def loaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    return Loaded(request.param, tmp_path_factory.mktemp("tiny"))


def held(module: nn.Module) -> int:
    tensors = {id(each): each for each in (*module.parameters(), *module.buffers())}
    return sum(each.nbytes for each in tensors.values() if each.is_floating_point())


def test_a_controls_weights_are_predicted_to_the_byte(loaded: Loaded) -> None:
    for net in loaded.controls.nets:
        (part,) = loaded.figures[net.kind].values()
        assert weights("controlnet", part, loaded.config.runtime) == held(net.module), net.kind


@pytest.mark.parametrize("kinds", [("canny",), ("canny", "depth")], ids=["one", "two"])
def test_a_step_with_controls_takes_what_is_predicted(loaded: Loaded, kinds: tuple[str, ...]) -> None:
    asked = tuple(asking.control(kind, painting(SIDE, SIDE, seed=3)) for kind in kinds)
    measured = loaded.step(controls=asked)
    followed = {kind: loaded.config.controls[kind] for kind in kinds}
    model = loaded.config.model_copy(update={"controls": followed, "image_prompt": None})
    predicted = one_step(loaded, model)
    assert measured / FACTOR <= predicted <= FACTOR * measured, (measured, predicted)


def one_step(loaded: Loaded, model: ModelConfig, pictures: float | None = None, shown: int = 0) -> int:
    beside = find_beside(model, loaded.figures)
    assert beside is not None
    name = next(name for name in ("transformer", "unet") if name in loaded.figures["own"])
    own = activations(name, loaded.figures["own"][name], model, ROWS, pictures, shown)
    nets = [activations("controlnet", net, model, ROWS) for net in beside.controls]
    return max(own, *nets, 0) + residuals(beside, model, ROWS)


def test_what_reads_pictures_weighs_what_is_predicted(loaded: Loaded) -> None:
    prompt = loaded.config.image_prompt
    if prompt is None:
        return
    parts, runtime = loaded.figures["prompts"], loaded.config.runtime
    if prompt.kind == "redux":
        redux = loaded.family._parts.redux._pipeline
        for name, part in parts.items():
            assert weights(name, part, runtime) == held(getattr(redux, name)), name
        return
    prompts = loaded.family._architecture._prompts
    if loaded.config.family == "sd3":
        assert weights("image_encoder", parts["image_encoder"], runtime) == held(prompts._encoder)
        assert weights("image_resampler", parts["image_resampler"], runtime) == held(prompts.module)
        transformer = loaded.figures["own"]["transformer"]
        more = transformer.crossed + transformer.timed * parts["image_resampler"].width
        assert weights("transformer", transformer, runtime) + 4 * more == held(loaded.pipeline.transformer)
        return
    assert weights("image_encoder", parts["image_encoder"], runtime) == held(loaded.pipeline.image_encoder)
    assert weights("image_projection", parts["image_projection"], runtime) == held(prompts._projection)
    unet = loaded.figures["own"]["unet"]
    assert weights("unet", unet, runtime) + 4 * unet.crossed == held(loaded.pipeline.unet)


def test_a_step_with_image_prompts_takes_what_is_predicted(loaded: Loaded) -> None:
    if loaded.config.image_prompt is None:
        return
    measured = loaded.step(image_prompts=(asking.image_prompt(painting(SIDE, SIDE), 0.7),))
    shown = loaded.figures["prompts"]["image_encoder"].tokens if loaded.config.family == "flux" else 0
    predicted = one_step(loaded, loaded.config.model_copy(update={"controls": {}}), shown=shown)
    assert measured / FACTOR <= predicted <= FACTOR * measured, (measured, predicted)


def kontext(folder: Path) -> ModelConfig:
    tiny_flux.save_kontext(folder, tiny.Shape(guidance_embeds=True, width=4))
    return tiny.tiny_config(folder, variant="kontext")


def flux2(folder: Path) -> ModelConfig:
    tiny_flux2.build(folder)
    return tiny_flux2.config(folder)


@pytest.mark.parametrize(("build", "count"), [(kontext, 1), (flux2, 1), (flux2, 3)], ids=["kontext", "flux2", "three"])
def test_a_step_with_references_takes_what_is_predicted(
    build: Any, count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from diffusers.pipelines.flux import pipeline_flux_kontext

    monkeypatch.setattr(pipeline_flux_kontext, "PREFERRED_KONTEXT_RESOLUTIONS", [(SIDE, SIDE)])
    loaded = Loaded(build, tmp_path)
    measured = loaded.step(references=tuple(painting(SIDE, SIDE, seed=seed) for seed in range(count)))
    predicted = one_step(loaded, loaded.config, pictures=ROWS * (1 + count))
    assert measured / FACTOR <= predicted <= FACTOR * measured, (measured, predicted)


def test_all_that_stands_beside_a_model_is_predicted_with_it(loaded: Loaded) -> None:
    model, own = loaded.config, loaded.figures["own"]
    beside = find_beside(model, loaded.figures)
    assert beside is not None
    alone = model.model_copy(update={"controls": {}, "image_prompt": None})
    with_all, plain = predict(model, own, loaded.can, beside), predict(alone, own, loaded.can)
    steps = sum(part.width for name, part in beside.readers.items() if name == "image_resampler")
    prompted = model.image_prompt is not None
    read = 4 * sum(part.crossed + part.timed * steps for part in own.values()) if prompted else 0
    extra = sum(held(net.module) for net in loaded.controls.nets) + read
    readers = sum(weights(name, part, model.runtime) for name, part in beside.readers.items())
    assert with_all.weights == plain.weights + extra + readers
    assert with_all.activations > plain.activations
    added = find_additions(model, loaded.figures, loaded.can)
    assert set(added) == {*model.controls, *(["image prompts"] if model.image_prompt else [])}
    assert min(added.values()) > 0


def test_a_model_with_a_control_that_nobody_counted_is_not_predicted(loaded: Loaded) -> None:
    fewer = {name: parts for name, parts in loaded.figures.items() if name != "depth"}
    assert find_beside(loaded.config, fewer) is None
    assert find_beside(loaded.config.model_copy(update={"controls": {}}), fewer) is not None


@pytest.mark.parametrize("offload", ["model", "group", "sequential"])
def test_what_waits_in_main_memory_is_predicted_so(loaded: Loaded, offload: str) -> None:
    runtime = loaded.config.runtime.model_copy(update={"offload": offload})
    model = loaded.config.model_copy(update={"runtime": runtime})
    beside = find_beside(model, loaded.figures)
    assert beside is not None
    own = loaded.figures["own"]
    name = next(name for name in ("transformer", "unet") if name in own)
    taken = predict(model, own, loaded.can, beside).weights
    nets = sum(weights("controlnet", net, runtime) for net in beside.controls)
    if offload == "model":  # the denoiser is there with all its nets
        assert taken >= weights(name, own[name], runtime) + nets
    assert taken < predict(loaded.config, own, loaded.can, beside).weights


@pytest.mark.parametrize("save", [tiny_wholes.save_qwen, tiny_wholes.save_z], ids=["qwen-image", "z-image"])
def test_what_a_net_of_a_pipeline_called_whole_hands_over_is_counted(save: Any, tmp_path: Path) -> None:
    """For each token and row, wherever it goes."""
    import diffusers

    save(tmp_path)
    qwen = save is tiny_wholes.save_qwen
    kind, name = ("canny", "QwenImageControlNetModel") if qwen else ("depth", "ZImageControlNetModel")
    folder = Architecture(id=kind, source="the test", folder=kind)
    (figures,) = count_architecture(folder, {}, tmp_path / "controls").values()
    config = tiny_wholes.whole_config(tmp_path, "qwen-image" if qwen else "z-image", lora_slots={})
    model: Any = FAMILIES.find(config.family)(config)
    handed: list[int] = []

    def note(_module: nn.Module, _given: object, added: Any) -> None:
        samples = added.values() if isinstance(added, dict) else added
        handed.append(sum(sample.numel() for sample in samples))

    net = model._following._nets.find(kind).module
    assert isinstance(net, getattr(diffusers, name))
    net.register_forward_hook(note)
    side = tiny_wholes.SIDE
    model.render(
        [tiny_wholes.whole_request(controls=(asking.control(kind, painting(side, side)),), guidance_scale=0.0)], quiet
    )
    tokens = (side // model._unit) ** 2
    read = 0 if qwen else 64  # words, in whole 32s: only Z-Image's are in the same line as the picture
    assert handed[0] == figures.added * (tokens + read)


def quiet(step: int, steps: int) -> None:
    """A watch that never stops anything."""
