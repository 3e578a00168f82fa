"""The server that people write first: one diffusers pipeline behind FastAPI, one request at a time.

`python -m tests.bench.engine.plain_server PORT` serves mini, the same weights that Atelier serves.
"""

from __future__ import annotations

import io
import sys
import threading
from typing import Any

import diffusers
import torch
import uvicorn
from fastapi import FastAPI, Response
from pydantic import BaseModel

from configs.load import ROOT, load_catalog
from configs.templates import Template


class Body(BaseModel):
    prompt: str
    num_inference_steps: int
    seed: int


def create_app() -> FastAPI:
    catalog = load_catalog()
    model = catalog.models["mini"]
    before, after = Template.parse(catalog.asset_types["icon"].prompt_template).around({})
    torch.set_num_threads(1)  # each request comes on another thread: with more than one for each, all are slower
    parts: Any = diffusers  # not typed; through this name mypy does not follow it
    pipeline = parts.FluxPipeline.from_pretrained(ROOT / str(model.weights.path), dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    lock = threading.Lock()
    app = FastAPI()

    @app.post("/generate")
    def generate(body: Body) -> Response:
        with lock:
            picture = pipeline(
                prompt=before + body.prompt + after,
                height=128,
                width=128,
                num_inference_steps=body.num_inference_steps,
                guidance_scale=model.guidance_scale,
                max_sequence_length=model.text_length,
                generator=torch.Generator().manual_seed(body.seed),
            ).images[0]
        file = io.BytesIO()
        picture.save(file, "PNG")
        return Response(file.getvalue(), media_type="image/png")

    return app


if __name__ == "__main__":
    uvicorn.run(create_app(), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
