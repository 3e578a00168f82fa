"""What cannot be taken further is refused in a sentence that names what was named, before anything is planned."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from configs.entries import EntryPin
from configs.errors import InvalidRequest, UnknownName, Unsupported
from configs.noise import Neighbourhood, SeedVariation
from router.api.jobs.orders import told_of
from router.iterating.orders import check_model, finish, regenerate, tweak
from router.iterating.parents import Parent, find_job
from router.iterating.resemblance import resemble
from router.iterating.seeds import choose_seed
from router.iterating.wishes import FinishWish, LikeWish, RegenerateWish, TweakWish
from router.job_request import JobRequest
from router.jobs.model import ImageRecord, Job, LicenceVerdict
from router.jobs.rows import accepted_job
from router.people.viewer import Viewer
from router.planning.making import make_plan
from router.rates import Rates
from router.storage.documents import UnreadableDocument
from router.submission import GoingOn
from tests.catalogue import load_installation
from tests.contract.job_samples import Clock, a_job

INSTALLATION = load_installation("local")
FREE = LicenceVerdict(reference="allowed", internal="allowed", product="allowed", licences=())


def parent(**request: Any) -> Parent:
    """Picture 0 of a job that was ordered so."""
    asked = JobRequest.model_validate({"prompt": "a red bicycle", **request})
    plan = make_plan(asked, INSTALLATION, Rates(), first_seed=7)
    picture = ImageRecord(asset_id="pic_1", index=0, seed=7, width=512, height=512, files=(), licence=FREE)
    return Parent(accepted_job(a_job(1), Clock().now), asked, plan, picture, "ab" * 32)


def with_model(one: Parent, **changes: Any) -> Parent:
    base, *others = one.plan.stages
    plan = one.plan.model_copy(update={"stages": (base.model_copy(update=changes), *others)})
    return Parent(one.job, one.request, plan, one.picture, one.sha256)


def test_a_model_that_is_gone_is_said_of_what_was_drawn_with_it() -> None:
    with pytest.raises(UnknownName) as refused:
        check_model(with_model(parent(), model="flux-9"), INSTALLATION)
    assert refused.value.field == "asset_id"
    assert "was drawn with flux-9" in refused.value.message


def test_what_a_mask_marked_is_not_finished_as_a_whole() -> None:
    one = parent()
    masked = Parent(one.job, one.request.model_copy(update={"image": "a", "mask": "b"}), one.plan, one.picture)
    with pytest.raises(InvalidRequest) as refused:
        finish(masked, FinishWish(asset_id="a/0"))
    assert refused.value.field == "asset_id"


@pytest.mark.parametrize("change", ["request", "plan"])
def test_an_order_of_another_release_is_said_to_be_one(change: str) -> None:
    old = accepted_job(a_job(1), Clock().now)
    told = {name: getattr(old, name) for name in Job.__slots__}
    told |= {"request": {"prompt": "a", "gone": 1}} if change == "request" else {"stored_plan": UnreadableDocument("x")}

    class Store:
        async def job(self, owner: str, job_id: str) -> Job:
            return Job(**told)

    store: Any = Store()
    with pytest.raises(InvalidRequest) as refused:
        asyncio.run(find_job(store, Viewer("dev"), old.id))
    assert refused.value.field == "job_id"
    assert "another release" in refused.value.message


def test_a_line_of_neighbours_ends_and_goes_on_by_redrawing() -> None:
    far = Neighbourhood(seed=1, strength=0.1, variations=(SeedVariation(seed=2, strength=0.1),) * 15)
    last = with_model(parent(near=far.model_dump()), near=far)
    order = resemble(last, LikeWish(asset_id="a/0"), (), INSTALLATION)
    assert (order.request.image, order.request.near, order.request.strength) == (last.name, None, 0.5)
    with pytest.raises(Unsupported) as refused:
        resemble(last, LikeWish(asset_id="a/0", how="seed"), (), INSTALLATION)
    assert (refused.value.field, refused.value.allowed) == ("how", ("redraw",))


def test_redrawing_takes_a_step_and_leaves_something() -> None:
    shares = [
        resemble(
            parent(), LikeWish(asset_id="a/0", how="redraw", closeness=closeness), (), INSTALLATION
        ).request.strength
        for closeness in (1.0, 0.0)
    ]
    assert shares == [0.05, 0.95]  # of 20 steps


def test_seeds_are_drawn_until_none_of_them_was_before() -> None:
    offers = iter([9, 11, 4, 2**32 - 1])
    assert choose_seed({10, 12, 4}, 2, draw=lambda: next(offers)) == 2**32 - 1
    with pytest.raises(InvalidRequest):
        choose_seed({0}, 2, asked=2**32 - 1)


def test_what_a_request_before_said_is_told_by_the_name_that_was_given() -> None:
    with pytest.raises(UnknownName) as refused, told_of("abc/0", "asset_id", frozenset({"num_variations"})):
        raise UnknownName("'ink' is not a LoRA for mini", "loras", ("icons",))
    assert (refused.value.field, refused.value.allowed) == ("asset_id", ("icons",))
    assert refused.value.message == "abc/0 cannot be taken further: 'ink' is not a LoRA for mini (loras of its request)"
    with pytest.raises(InvalidRequest) as own, told_of("abc/0", "asset_id", frozenset({"num_variations"})):
        raise InvalidRequest("num_variations may be 1 to 8", "num_variations")
    assert own.value.field == "num_variations"


def test_what_was_chosen_is_chosen_alike_again_and_is_not_where_one_picture_is_gone_on_from() -> None:
    chosen = parent(best_of=6, keep=2)
    again = regenerate(chosen, RegenerateWish(job_id="a", num_variations=3), (), 16).request
    assert (again.best_of, again.keep, again.num_variations) == (9, 3, 1)
    assert regenerate(chosen, RegenerateWish(job_id="a", num_variations=8), (), 16).request.best_of == 16
    one = tweak(chosen, TweakWish(asset_id="a/0", prompt="a cat")).request
    assert (one.best_of, one.keep, one.num_variations, one.seed) == (None, None, 1, 7)


def test_an_entry_that_is_another_version_by_now_is_told() -> None:
    one = parent()
    pin = one.plan.entries[0]
    before = (EntryPin(kind=pin.kind, id=pin.id, version="0.9.0", sha256="ab" * 32), *one.plan.entries[1:])
    told = GoingOn(one.begin("tweak"), before).tell(one.plan)
    assert [(note.code, note.message) for note in told.notes[:1]] == [
        ("entry_moved", f"icon is at {pin.version} now, and was at 0.9.0 when that was drawn")
    ]
    assert GoingOn(one.begin("tweak"), one.plan.entries).tell(one.plan).notes == one.plan.notes


def test_a_request_is_kept_without_what_it_did_not_say_of_stages() -> None:
    asked = JobRequest.model_validate({"prompt": "a", "stages": {"refine": {"strength": 0.2}, "palette": False}})
    assert asked.keep_as_asked()["stages"] == {"refine": {"strength": 0.2}, "palette": False}
    assert JobRequest.model_validate(asked.keep_as_asked()) == asked
