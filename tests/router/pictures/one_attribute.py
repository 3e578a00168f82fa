"""`python -m tests.router.pictures.one_attribute NAME VALUE`: an attribute of a control, given in a request, as it is
found again in every place that an input picture comes to. The router's own path, without its database."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import sys
import tempfile
from datetime import datetime
from io import BytesIO
from pathlib import Path

from fastapi import Request
from PIL import Image

from configs.schema import ControlConfig, LicencePart
from configs.weights import Weights
from deployments.exchange import Received
from deployments.messages import Picture
from deployments.stages.base import draw_request
from deployments.stages.kind import Work
from deployments.stages.raster import write_png
from deployments.stages.recipe import read_recipe, to_json
from router.api.bodies import input_body
from router.api.schemas import InputBody
from router.job_request import JobRequest
from router.jobs.documents import PLAN
from router.jobs.model import Job, NewJob
from router.jobs.rows import accepted_job
from router.pictures.fitting import fit_inputs
from router.pictures.names import FoundPicture
from router.plan import Plan
from router.planning.making import make_plan
from router.rates import Rates
from router.recipes import write_recipe
from tests.contract.job_samples import Clock, a_job
from tests.router.test_abilities import installation, variant

PLACES = ("plan", "message", "replica", "recipe", "file", "answer")


def job_of(new: NewJob, plan: Plan, now: datetime) -> Job:
    """A job with another plan."""
    return accepted_job(dataclasses.replace(new, plan=plan), now)


def follow(name: str, value: str, folder: Path) -> dict[str, object]:
    """Where the attribute was found, and with which value."""
    where = installation(folder, variant(controls=True))
    model = where.catalog.models["mini"]
    part = (LicencePart(part="controlnet", licence="apache-2.0"),)
    control = ControlConfig(weights=Weights(path="none"), licence_parts=part)
    models = {**where.catalog.models, "mini": model.model_copy(update={"controls": {"canny": control}})}
    where = where.model_copy(update={"catalog": where.catalog.model_copy(update={"models": models})})
    asked = JobRequest.model_validate(
        {"prompt": "a red bicycle", "controls": [{"kind": "canny", "image": "a", name: value}]}
    )
    plan = make_plan(asked, where, Rates(), 7, {"a": FoundPicture("a" * 64, "png", 64, 64)})
    stored = PLAN.read(PLAN.write(plan))
    file = BytesIO()
    Image.new("RGB", (64, 64), "red").save(file, "PNG")
    inputs = fit_inputs(stored, {"a" * 64: file.getvalue()})
    recipe = write_recipe(job_of(a_job(1), stored, Clock().now), 0, "0" * 64)
    message = draw_request(stored.base, Work("job/0", 0, recipe, inputs))
    fetched = {"reference": message.controls[0].image}
    by_reference = dataclasses.replace(message, inputs=(message.controls[0].with_image("reference"),))
    received: Received = Received(lambda reference: fetched[reference])
    replica = asyncio.run(received.drawing(by_reference))
    assert isinstance(replica.controls[0].image, Picture)
    written = read_recipe(write_png(Image.new("RGB", (8, 8)), recipe))
    return {
        "plan": getattr(stored.base.inputs[0], name),
        "message": getattr(message.controls[0], name),
        "replica": getattr(replica.controls[0], name),
        "recipe": json.loads(to_json(recipe))["inputs"][0][name],
        "file": getattr(written.inputs[0], name),
        "answer": getattr(_answered(stored), name),
    }


def _answered(plan: Plan) -> InputBody:
    request = Request(
        {"type": "http", "app": _App(), "headers": [], "path": "/", "scheme": "http", "server": ("x", 80)}
    )
    return input_body(request, plan.base.inputs[0])


class _App:
    """Only routes are asked of it."""

    def url_path_for(self, name: str, /, **_: object) -> object:
        from starlette.datastructures import URLPath

        return URLPath(f"/{name}", "http", "x")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(json.dumps(follow(sys.argv[1], sys.argv[2], Path(folder))))
