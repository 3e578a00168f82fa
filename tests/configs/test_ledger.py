"""Who gets how much of a GPU: derived from predictions, refused where it does not balance, before anything starts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from rich.console import Console

from configs.errors import ConfigError
from configs.ledger import Need, Refused, settle
from configs.load import load_installation
from configs.placements import GeneratorPlacement
from configs.profile import ProfileConfig
from configs.replicas import GeneratorReplicas
from deployments.families.registry import FAMILIES
from serve.app import _within
from serve.gpu_table import gpu_table

GB = 10**9
Placed = tuple[str, Mapping[str, object]]
NEEDS = {
    "large": Need(30 * GB, True, {"small": 11.5, "blocks": 7.0}),
    "middle": Need(12 * GB, True, {}),
    "laptop": Need(GB, False, {}),
    "uncounted": Need(None, True, {}),
}


def profile(*placed: Placed, **settings: object) -> ProfileConfig:
    generators = tuple(
        GeneratorPlacement(model=model, replicas=GeneratorReplicas.model_validate(replicas))
        for model, replicas in placed
    )
    return ProfileConfig.model_validate(
        {"id": "test", "description": "", "generators": generators, "default_model": placed[0][0], **settings}
    )


def test_a_share_is_what_the_model_takes_of_the_gpu_rounded_up() -> None:
    settled, ledger = settle(profile(("large", {}), ("middle", {}), ("laptop", {}), gpu_memory_gb=48), NEEDS)
    assert [one.replicas.num_gpus for one in settled.generators] == [0.63, 0.25, 0.0]
    assert [entry.predicted_gb for entry in ledger] == [30.0, 12.0, 1.0]
    assert ledger[0].limit_gb == pytest.approx(30.2)


def test_a_share_that_is_too_small_is_refused_with_numbers() -> None:
    with pytest.raises(Refused) as caught:
        settle(profile(("large", {"num_gpus": 0.5}), gpu_memory_gb=48), NEEDS)
    assert caught.value.place == ("generators", 0, "replicas", "num_gpus")
    for word in ("large", "30.0 GB", "0.5 of a GPU of 48 GB", "24.0 GB"):
        assert word in caught.value.message


def test_a_model_larger_than_a_gpu_is_refused_naming_smaller_presets() -> None:
    with pytest.raises(Refused, match="30.0 GB, and a GPU has 24 GB; .* 'small' 11.5 GB, 'blocks' 7 GB"):
        settle(profile(("large", {}), gpu_memory_gb=24), NEEDS)
    with pytest.raises(Refused, match="a GPU of 24 GB is 24.0 GB"):
        settle(profile(("large", {"num_gpus": 1}), gpu_memory_gb=24), NEEDS)


def test_models_that_do_not_fit_together_are_refused_by_name() -> None:
    both: tuple[Placed, ...] = (("large", {}), ("middle", {"min_replicas": 2, "max_replicas": 2}))
    with pytest.raises(Refused) as caught:
        settle(profile(*both, gpu_memory_gb=40, gpus=1), NEEDS)
    for word in ("there is 1 of 40 GB", "generator-large 0.75 (30.0 GB)", "generator-middle 0.3 (12.0 GB)"):
        assert word in caught.value.message
    settle(profile(*both, gpu_memory_gb=40, gpus=2), NEEDS)


def test_what_runs_on_demand_must_fit_beside_what_always_runs() -> None:
    placed: tuple[Placed, ...] = (("large", {}), ("middle", {"min_replicas": 0}))
    with pytest.raises(Refused, match="more is placed"):
        settle(profile(*placed, gpu_memory_gb=40, gpus=1), NEEDS)
    settle(profile(("large", {"min_replicas": 0}), placed[1], gpu_memory_gb=40, gpus=1), NEEDS)


def test_shares_are_packed_whole_not_spread_over_gpus() -> None:
    three = ("large", {"min_replicas": 3, "max_replicas": 3})
    with pytest.raises(Refused, match="there are 2"):
        settle(profile(three, gpu_memory_gb=48, gpus=2), NEEDS)
    settle(profile(three, gpu_memory_gb=48, gpus=3), NEEDS)


def test_a_gpu_model_without_a_gpu_or_a_size_is_refused_with_what_to_write() -> None:
    cases: tuple[tuple[Placed, dict[str, object], str], ...] = (
        (("large", {"num_gpus": 0}), {}, "0 gives it none"),
        (("large", {}), {}, "how large one is"),
        (("uncounted", {}), {"gpu_memory_gb": 48}, "architecture"),
    )
    for placed, settings, said in cases:
        with pytest.raises(Refused, match=said):
            settle(profile(placed, **settings), NEEDS)
    settled, ledger = settle(profile(("uncounted", {"num_gpus": 0.5}), gpu_memory_gb=48), NEEDS)
    assert (settled.generators[0].replicas.num_gpus, ledger[0].predicted_gb) == (0.5, None)


def test_replicas_that_models_share_are_one_line_as_large_as_they_may_grow() -> None:
    def sharing(**settings: object) -> ProfileConfig:
        shared = {"gpu": {"min_replicas": 1, **settings}}
        generators = [{"model": model, "share": "gpu"} for model in ("large", "middle")]
        fields = {"id": "test", "description": "", "default_model": "large", "gpu_memory_gb": 60}
        return ProfileConfig.model_validate({**fields, "generators": generators, "shared": shared})

    settled, ledger = settle(sharing(memory_gb=36), NEEDS)
    assert [(entry.deployment, entry.share) for entry in ledger] == [("shared-gpu", 0.6)]
    assert settled.shared["gpu"].num_gpus == 0.6
    assert settle(sharing(), NEEDS)[1][0].predicted_gb == 42.0
    with pytest.raises(Refused, match="large is predicted to take 30.0 GB, and the replicas that it shares hold 20 GB"):
        settle(sharing(memory_gb=20), NEEDS)


def test_an_installation_that_overcommits_is_refused_with_file_and_line(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(
        "id: bad\ndescription: x\ndefault_model: flux-1-dev\ngpu_memory_gb: 24\ngenerators:\n"
        "  - model: flux-1-dev\n    replicas: {num_gpus: 0.9}\n"
    )
    with pytest.raises(ConfigError, match=r"bad.yaml:7: generators.0.replicas.num_gpus: flux-1-dev is predicted"):
        load_installation(str(bad), FAMILIES.table())


def test_a_replica_is_limited_to_its_line_of_the_ledger() -> None:
    installation = load_installation("gpu", FAMILIES.table())
    flux = installation.catalog.models["flux-1-dev"]
    entry = next(one for one in installation.ledger if one.deployment == "generator-flux-1-dev")
    assert _within(flux, "generator-flux-1-dev", installation).runtime.memory_gb == entry.limit_gb
    assert entry.limit_gb is not None
    assert entry.predicted_gb is not None
    assert entry.limit_gb >= entry.predicted_gb
    mini = installation.catalog.models["mini"]
    assert _within(mini, "generator-mini", installation) == mini


def test_the_ledger_is_shown_before_the_start() -> None:
    console = Console(width=120)
    with console.capture() as shown:
        console.print(gpu_table(load_installation("gpu", FAMILIES.table()).ledger))
    lines = shown.get().splitlines()
    assert len(lines) == 2  # a heading, and no line for what uses no GPU
    assert lines[1].split()[0] == "generator-flux-1-dev"
    assert lines[1].count("GB") == 2
