"""A LoRA that somebody brings while the studio runs is drawn with: the real app, mini, examiner and finisher, in one
process, with no restart of anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import torch
from safetensors.torch import save_file

from deployments.generator import Generator
from deployments.loras.examiner import Examiner
from deployments.messages import EXAMINER
from deployments.stages.brand_colours import Palette
from router.api.app import create_app
from router.replicas import DirectReplicas
from router.studio import Studio
from serve.app import _stored
from tests.catalogue import copy_configs
from tests.router.calls import submit, wait
from tests.studio import NearestUpscaler, finisher_of, local_installation, serving

pytestmark = pytest.mark.slow

LICENCES = ["adapter=apache-2.0", "training data=apache-2.0"]
LAYER = "transformer.transformer_blocks.0.attn.to_q"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("live")


@pytest.fixture(scope="module")
def api(folder: Path) -> Iterator[httpx.Client]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("ATELIER_WEIGHTS", str(folder / "weights"))
        installation = local_installation(folder, copy_configs(folder))
        catalog, stored = installation.catalog, _stored(installation)
        placed = catalog.model_copy(update={"models": {"mini": catalog.models["mini"]}})
        generator = Generator(catalog.models["mini"], stored=stored)
        replicas = DirectReplicas(
            {
                "generator-mini": generator,
                "upscaler-mini-x4": NearestUpscaler(),
                "finisher": finisher_of(installation),
                "palette": Palette(),
                EXAMINER: Examiner(placed, stored),
            }
        )
        try:
            with (
                serving(create_app(Studio.assemble(installation, replicas))) as url,
                httpx.Client(base_url=url, timeout=120) as client,
            ):
                yield client
        finally:
            generator.close()


def a_lora(folder: Path, seed: int, layer: str = LAYER, scale: float = 1.0) -> bytes:
    """One layer of mini's, changed a good deal."""
    shape = _shape(layer)
    drawn = torch.Generator().manual_seed(seed)
    tensors = {
        f"{layer}.lora_A.weight": torch.randn(4, shape[1], generator=drawn) * scale,
        f"{layer}.lora_B.weight": torch.randn(shape[0], 4, generator=drawn) * scale,
    }
    file = folder / f"{seed}.safetensors"
    save_file(tensors, file)
    return file.read_bytes()


def _shape(layer: str) -> tuple[int, int]:
    from safetensors import safe_open

    from configs.load import ROOT

    (file,) = (ROOT / "deployments/weights/mini/transformer").glob("*.safetensors")
    with safe_open(file, "pt") as opened:
        height, width = opened.get_slice(layer.removeprefix("transformer.") + ".weight").get_shape()
    return height, width


def send(api: httpx.Client, data: bytes, id: str, **fields: str) -> httpx.Response:
    return api.post("/loras", data={"id": id, "licence": LICENCES, **fields}, files={"file": ("x.safetensors", data)})


def drawn(api: httpx.Client, *loras: str) -> tuple[bytes, dict[str, object]]:
    """The PNG of one picture with these LoRAs, without its recipe; and the plan that it was drawn by."""
    sent = {
        "prompt": "a red bicycle",
        "seed": 7,
        "quality": "draft",
        "formats": ["png"],
        "loras": [{"id": lora} for lora in loras],
    }
    plan = api.post("/generate", json=sent | {"dry_run": True}).json()["plan"]
    body = wait(api, submit(api, **sent))
    assert body["status"] == "complete", body["error"]
    return _pixels(api.get(f"/jobs/{body['job_id']}/images/0.png").content), plan


def _pixels(png: bytes) -> bytes:
    import io

    from PIL import Image

    return Image.open(io.BytesIO(png)).convert("RGB").tobytes()


def test_it_is_drawn_with_and_its_versions_are_other_pictures(api: httpx.Client, folder: Path) -> None:
    plain, _ = drawn(api)
    first = send(api, a_lora(folder, 1), "style")
    assert first.status_code == 201, first.text
    report = first.json()["report"]
    assert (report["family"], report["rank"], report["matched"], report["total"]) == ("flux", 4, 2, 2)
    assert report["trials"][0]["prediction"] > 0
    one, plan = drawn(api, "style")
    assert one != plain
    assert plan["entries"][1]["sha256"] == first.json()["entry"]["sha256"]  # type: ignore[index]
    assert send(api, a_lora(folder, 2), "style", version="1.1.0").status_code == 201
    two, _ = drawn(api, "style")
    assert two not in (plain, one)
    api.post("/library/loras/style/mark", json={"mark": "live", "version": "1.0.0", "note": "it was better"})
    assert drawn(api, "style")[0] == one, "back to the bytes of before"
    assert drawn(api)[0] == plain


def test_one_of_another_model_is_refused_by_its_name_and_leaves_no_entry(api: httpx.Client, folder: Path) -> None:
    file = folder / "sdxl.safetensors"
    name = "lora_unet_input_blocks_4_1_transformer_blocks_0_attn1_to_q"
    save_file({f"{name}.lora_down.weight": torch.ones(4, 640), f"{name}.lora_up.weight": torch.ones(640, 4)}, file)
    refused = send(api, file.read_bytes(), "stranger")
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "lora_unusable")
    assert "by its keys it was made for SDXL" in refused.json()["error"]["message"]
    refused = send(api, file.read_bytes(), "stranger", family="flux")
    assert "none of its layers is in this model" in refused.json()["error"]["message"]
    assert "fetched/" not in refused.json()["error"]["message"]
    assert api.get("/library/loras/stranger").status_code == 404


def test_one_without_effect_is_refused(api: httpx.Client, folder: Path) -> None:
    refused = send(api, a_lora(folder, 3, scale=1e-6), "nothing")
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "lora_unusable")
    assert "no measurable effect" in refused.json()["error"]["message"]
