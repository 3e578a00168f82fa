"""Pictures by reference: fetched where pixels are needed, once for all requests that name them."""

from __future__ import annotations

import asyncio
import gc

import pytest

from configs.errors import StageUnavailable
from configs.inputs import drawn_over
from deployments.exchange import Received
from deployments.messages import Picture
from deployments.stages.encode import FinishRequest
from deployments.stages.finisher import Finisher
from tests.deployments import asking
from tests.deployments.pictures import RECIPE
from tests.deployments.tiny import request
from tests.kept_files import finished, in_memory

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Depot:
    """Where pictures lie by name; counts how often each is fetched."""

    def __init__(self) -> None:
        self.fetched: list[str] = []

    def fetch(self, name: str) -> Picture:
        self.fetched.append(name)
        if name == "lost":
            raise StageUnavailable("it is gone")
        return grey(ord(name[0]))


def grey(level: int) -> Picture:
    return Picture(8, 8, bytes([level]) * 192)


async def test_every_picture_of_a_request_is_there_before_it_is_drawn() -> None:
    depot = Depot()
    job_request = request(
        image="a",
        mask="b",
        references=("c", "a"),
        controls=(asking.control("depth", "d", scale=0.5),),
        image_prompts=(asking.image_prompt("e", 0.3),),
    )
    drawn = await Received(depot.fetch).drawing(job_request)
    assert (drawn.image, drawn.mask) == (grey(97), grey(98))
    assert drawn.references == (grey(99), grey(97))
    assert drawn.controls == (asking.control("depth", grey(100), scale=0.5),)
    assert drawn.image_prompts == (asking.image_prompt(grey(101), 0.3),)
    assert sorted(depot.fetched) == ["a", "b", "c", "d", "e"]
    assert drawn.prompt == job_request.prompt


async def test_requests_share_a_picture_while_one_of_them_has_it() -> None:
    depot = Depot()
    received = Received(depot.fetch)
    first, second = await received.drawing(request(image="a")), await received.drawing(request(image="a", seed=8))
    assert first.image is second.image
    del first
    gc.collect()
    assert (await received.drawing(request(image="a", seed=9))).image is second.image
    assert depot.fetched == ["a"]
    del second
    for _ in range(100):  # the thread that fetched it lets go of it a moment later
        gc.collect()
        await asyncio.sleep(0.01)
        await received.drawing(request(image="a"))
        if len(depot.fetched) > 1:
            return
    pytest.fail("the picture is kept for ever")


async def test_a_request_without_references_is_left_as_it_is() -> None:
    depot = Depot()
    for job_request in (request(), request(image=grey(1), references=(grey(2),))):
        assert await Received(depot.fetch).drawing(job_request) is job_request
    assert depot.fetched == []


async def test_the_finisher_fetches_what_an_inpainted_picture_keeps() -> None:
    black = Depot()
    finisher = Finisher(in_memory(get=lambda name: grey(0) if name == "mask" else black.fetch(name)))
    job_request = FinishRequest(8, 8, ("png",), RECIPE, drawn_over("kept", "mask"))
    by_reference = await finished(finisher, grey(255), job_request)
    at_hand = FinishRequest(8, 8, ("png",), RECIPE, drawn_over(grey(ord("k")), grey(0)))
    assert by_reference.files == (await finished(finisher, grey(255), at_hand)).files
    assert black.fetched == ["kept"]


async def test_a_picture_that_is_lost_is_said_to_be_and_not_a_fault_of_the_work() -> None:
    depot = Depot()
    with pytest.raises(StageUnavailable, match="it is gone"):
        await Received(depot.fetch).drawing(request(references=("lost",)))
    lost = FinishRequest(8, 8, ("png",), RECIPE, drawn_over("lost", "m"))
    with pytest.raises(StageUnavailable, match="it is gone"):
        await finished(Finisher(in_memory(get=depot.fetch)), grey(1), lost)
