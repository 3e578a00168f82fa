"""Who draws a request: pure, over experiments and champions that are simply there."""

from __future__ import annotations

from datetime import UTC, datetime
from types import MappingProxyType

import pytest

from configs.catalog import Installation
from configs.errors import InvalidRequest
from configs.experiments import ArmConfig, ExperimentConfig, LayerConfig, Overlay, ScopeConfig, Unit
from router.experiments.model import Canary, Champion, Experiment, FrozenArm, Held, Phase, Status
from router.experiments.overlay import find_clash, lay_over
from router.experiments.routing import Units, keep, route
from router.job_request import JobRequest, LoraRequest
from router.plan import Routed
from tests.catalogue import load_installation

NOW = datetime(2026, 12, 1, tzinfo=UTC)
FEWER = Overlay(steps={"standard": 5})
LIVE = FrozenArm(id="champion", weight=1, overlay=Overlay())
ASKED = JobRequest(prompt="a red bicycle")


@pytest.fixture(scope="module")
def installation() -> Installation:
    return load_installation("local")


def draws(request: JobRequest) -> None:
    if request.num_inference_steps == 13:
        raise InvalidRequest("thirteen is not drawn")


def experiment(
    id: str = "steps",
    *arms: FrozenArm,
    exposure: float = 1.0,
    status: Status = Status.RUNNING,
    layer: LayerConfig | None = None,
    unit: Unit = "user",
) -> Experiment:
    arms = arms or (LIVE, FrozenArm(id="half", weight=1, overlay=FEWER))
    config = ExperimentConfig(
        id=id,
        name=id,
        mode="split",
        unit=unit,
        scope=ScopeConfig(asset_types=("icon",)),
        layer=layer,
        arms=tuple(ArmConfig(id=arm.id, weight=arm.weight, overlay=arm.overlay) for arm in arms),
    )
    return Experiment(id, status, exposure, Phase(id, 1, config, "0", arms, NOW), 1, NOW)


def champion(overlay: Overlay = Overlay(guidance_scale=2.0), canary: Canary | None = None) -> Champion:  # noqa: B008
    return Champion("icon", "standard", 3, "promote", overlay, canary, "ana", "", None, NOW)


def routed(
    installation: Installation,
    request: JobRequest = ASKED,
    *experiments: Experiment,
    best: Champion | None = None,
    user: str = "ana",
    job: str = "job",
) -> tuple[JobRequest, Routed | None]:
    held = Held(experiments, MappingProxyType({} if best is None else {best.key: best}))
    return route(request, held, Units(user, "home", job), installation, draws)


def test_nothing_runs_and_nothing_is_said(installation: Installation) -> None:
    assert routed(installation) == (ASKED, None)


def test_each_unit_has_its_arm_and_keeps_it(installation: Installation) -> None:
    seen: dict[str | None, int] = {}
    for number in range(200):
        request, told = routed(installation, ASKED, experiment(), user=f"u{number}")
        assert told is not None
        assert (told.reason, told.experiment, told.phase, told.served) == ("split", "steps", 1, told.assigned)
        assert request.num_inference_steps == (5 if told.assigned == "half" else None)
        assert routed(installation, ASKED, experiment(), user=f"u{number}", job="other")[1] == told
        seen[told.assigned] = seen.get(told.assigned, 0) + 1
    assert set(seen) == {"champion", "half"}
    assert min(seen.values()) > 70


def test_units_of_jobs_differ_between_jobs(installation: Installation) -> None:
    told = [routed(installation, ASKED, experiment(unit="job"), job=f"j{number}")[1] for number in range(50)]
    assert {one.assigned for one in told if one is not None} == {"champion", "half"}


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (JobRequest(prompt="a", num_inference_steps=8), "ineligible:half:the request says num_inference_steps itself"),
        (JobRequest(prompt="a", asset_type="logo_illustration"), None),
    ],
)
def test_who_says_otherwise_stays_outside(installation: Installation, request_: JobRequest, why: str | None) -> None:
    request, told = routed(installation, request_, experiment())
    assert request == request_
    assert (told.reason if told else None) == why


def test_one_arm_that_cannot_draw_leaves_the_request_to_the_champion(installation: Installation) -> None:
    """For all units, whatever arm they would be in: otherwise the shares would not be the weights."""
    bad = FrozenArm(id="bad", weight=1, overlay=Overlay(steps={"standard": 13}))
    good = FrozenArm(id="good", weight=1, overlay=FEWER)
    for number in range(20):
        _, told = routed(installation, ASKED, experiment("two", good, bad), user=f"u{number}")
        assert told is not None
        assert (told.assigned, told.reason) == (None, "ineligible:bad:thirteen is not drawn")


def test_a_paused_experiment_a_closed_gate_and_another_layer(installation: Installation) -> None:
    low = LayerConfig(name="icons", slots=(0, 1))
    for one, reason in (
        (experiment(status=Status.PAUSED), "paused"),
        (experiment(exposure=0.0), "not_exposed"),
        (experiment(layer=low), "other_layer"),
    ):
        request, told = routed(installation, ASKED, one)
        assert request == ASKED
        assert told is not None
        assert (told.reason, told.assigned) == (reason, None)


def test_what_is_gone_is_down_and_its_units_stay_in_their_arm(installation: Installation) -> None:
    gone = FrozenArm(id="gone", weight=1, overlay=Overlay(model="mini"), hashes={"models/mini": "another"})
    request, told = routed(installation, ASKED, experiment("down", gone, gone.model_copy(update={"id": "too"})))
    assert told is not None
    assert told.served == "champion"
    assert told.assigned in ("gone", "too")
    assert told.reason == "down:mini is another than when it started"
    assert request == ASKED
    elsewhere = FrozenArm(id="big", weight=1, overlay=Overlay(model="flux-1-dev"))
    told = routed(installation, ASKED, experiment("down", elsewhere, elsewhere.model_copy(update={"id": "b"})))[1]
    assert told is not None
    assert told.reason == "down:flux-1-dev does not run here"


def test_a_champion_draws_what_leaves_it_open(installation: Installation) -> None:
    request, told = routed(installation, best=champion())
    assert request.guidance_scale == 2.0
    assert told is not None
    assert (told.reason, told.champion, told.experiment, told.served) == ("champion", 3, None, "champion")
    own = JobRequest(prompt="a", guidance_scale=7)
    request, told = routed(installation, own, best=champion())
    assert request == own
    assert told is not None
    assert told.overlay.is_empty


def test_a_canary_draws_for_its_share_and_for_more_with_every_step(installation: Installation) -> None:
    inside: list[set[str]] = []
    for share in (0.1, 0.5, 1.0):
        canary = Canary(overlay=FEWER, since=3, share=share)
        users = set()
        for number in range(300):
            request, told = routed(installation, best=champion(canary=canary), user=f"u{number}")
            assert told is not None
            assert told.experiment == "canary:icon/standard"
            if told.assigned == "canary":
                assert (request.num_inference_steps, request.guidance_scale) == (5, None)
                users.add(f"u{number}")
            else:
                assert request.guidance_scale == 2.0
        inside.append(users)
    assert inside[0] < inside[1] < inside[2]
    assert (10 < len(inside[0]) < 55, len(inside[2])) == (True, 300)
    paused = Canary(overlay=FEWER, since=3, share=1.0, paused=True)
    assert routed(installation, best=champion(canary=paused))[0].guidance_scale == 2.0


def test_what_goes_on_from_a_picture_stays_in_its_arm() -> None:
    before = Routed(reason="split", experiment="steps", phase=1, assigned="half", served="half", overlay=FEWER)
    request, told = keep(ASKED, before)
    assert request.num_inference_steps == 5
    assert (told.reason, told.assigned, told.experiment) == ("kept", "half", "steps")


def test_an_overlay_leaves_what_a_request_says() -> None:
    overlay = Overlay.model_validate(
        {
            "model": "mini",
            "loras": [{"id": "icons", "strength": 0.5}],
            "stages": {"upscale": {"factor": 2}, "clean": False},
        }
    )
    request = lay_over(ASKED, overlay)
    assert (request.model, request.loras) == ("mini", (LoraRequest(id="icons", strength=0.5),))
    assert request.stages.model_dump(exclude_unset=True) == {"upscale": {"factor": 2}, "clean": False}
    own = JobRequest.model_validate({"prompt": "a", "stages": {"upscale": False}, "loras": [{"id": "icons"}]})
    assert find_clash(own, overlay) == "loras"
    assert find_clash(JobRequest(prompt="a mug <lora:Icons@1.0.0:0.4>"), overlay) == "loras"
    assert find_clash(own, Overlay.model_validate({"stages": {"upscale": {"factor": 2}}})) == "stages.upscale"
    assert find_clash(ASKED, overlay) is None
    with pytest.raises(InvalidRequest) as error:
        lay_over(ASKED, Overlay.model_validate({"stages": {"upscale": {"factor": 3}}}))
    assert error.value.field is not None
    assert error.value.field.startswith("stages.upscale")
