"""The strictest licence decides, per purpose, and the verdict says which one it was."""

from __future__ import annotations

from router.job_request import JobRequest
from router.licences.verdicts import judge_licences
from router.planning.making import make_plan
from router.rates import Rates
from tests.catalogue import load_installation

GPU = load_installation("gpu")


def test_mini_may_be_used_for_products() -> None:
    verdict = judge_licences(make_plan(JobRequest(prompt="x", model="mini"), GPU, Rates(), 1), GPU.catalog)
    assert (verdict.reference, verdict.internal, verdict.product) == ("allowed", "allowed", "allowed")
    assert verdict.reasons == ()


def test_a_non_commercial_transformer_keeps_pictures_out_of_products_and_is_named() -> None:
    verdict = judge_licences(make_plan(JobRequest(prompt="x", model="flux-1-dev"), GPU, Rates(), 1), GPU.catalog)
    assert verdict.product == "refused"
    assert verdict.reference == "allowed"
    assert verdict.reasons[0].startswith("flux-1-dev (transformer): FLUX.1 [dev] Non-Commercial License")
    assert verdict.licences == ("apache-2.0", "flux-1-dev-non-commercial", "mit")
