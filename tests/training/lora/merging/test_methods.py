"""Adapters put together layer by layer: of any alpha, rank and kind, with layers that only some of them have."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import torch

from configs.errors import ConfigError
from deployments.loras.changes import Change, Dora, LoKr, LowRank
from deployments.loras.convert import convert
from deployments.loras.keys import Anatomy, Place
from tests.deployments.loras.conftest import anatomy as anatomy
from tests.deployments.loras.conftest import pipeline as pipeline
from tests.deployments.loras.published import DOUBLE, LAYERS, LAYOUTS, Drawn, draw
from training.lora.merging.factors import Limit
from training.lora.merging.inputs import Wanted, strengths
from training.lora.merging.methods import Merge, Part, merge

QUERY = Place("transformer", f"{DOUBLE}.attn.to_q")
FEED = Place("transformer", f"{DOUBLE}.ff.net.0.proj")


def part(changes: Mapping[Place, Change], strength: float = 1.0, name: str = "one") -> Part:
    return Part(name, changes, dict.fromkeys(changes, strength))


def written(drawn: Drawn, layout: str, anatomy: Anatomy) -> Mapping[Place, Change]:
    tensors, metadata = LAYOUTS[layout](drawn)
    return convert(tensors, metadata, anatomy).changes


def delta(found: Mapping[Place, object], place: Place, anatomy: Anatomy) -> torch.Tensor:
    change = found[place].change  # type: ignore[attr-defined]
    assert isinstance(change, LowRank)
    return change.delta(anatomy.weights[place])


def close(found: torch.Tensor, truth: torch.Tensor, tolerance: float = 1e-5) -> bool:
    return float((found - truth).norm()) <= tolerance * float(truth.norm())


@pytest.mark.parametrize("first", ["diffusers", "kohya", "ComfyUI"])
@pytest.mark.parametrize("how", [Merge(), Merge("svd", Limit(16))])
def test_files_of_unlike_layouts_alphas_and_ranks_add_up(first: str, how: Merge, anatomy: Anatomy) -> None:
    one, two = draw(seed=1, rank=4), draw(seed=2, rank=8)
    merged = merge(
        [part(written(one, first, anatomy), 0.7), part(written(two, "diffusers", anatomy), -0.4)], how, anatomy
    )
    assert {place.module for place in merged} == set(LAYERS)
    for place in merged:
        truth = 0.7 * one.delta(place.module) - 0.4 * two.delta(place.module)
        assert close(delta(merged, place, anatomy), truth)


def test_a_layer_that_one_of_them_has_is_taken_as_it_is(anatomy: Anatomy) -> None:
    one = draw(layers={QUERY.module: LAYERS[QUERY.module]})
    two = draw(seed=2, layers={FEED.module: LAYERS[FEED.module]})
    parts = [part(written(lora, "diffusers", anatomy), 0.5) for lora in (one, two)]
    for how in (Merge(), Merge("svd", Limit(4)), Merge("ties", Limit(4), density=1.0)):
        merged = merge(parts, how, anatomy)
        assert set(merged) == {QUERY, FEED}
        assert close(delta(merged, QUERY, anatomy), 0.5 * one.delta(QUERY.module), 1e-4)


def test_a_resized_adapter_says_how_much_is_left(anatomy: Anatomy) -> None:
    changes = written(draw(rank=8), "diffusers", anatomy)
    small = merge([part(changes)], Merge("svd", Limit(2)), anatomy)
    same = merge([part(changes)], Merge("svd", Limit(8)), anatomy)
    assert all(kept.change.rank == 2 and 0.2 < kept.energy < 0.9 for kept in small.values())
    assert all(kept.energy == pytest.approx(1) for kept in same.values())


def test_strengths_of_blocks_multiply(anatomy: Anatomy) -> None:
    lora = draw()
    changes = written(lora, "diffusers", anatomy)
    wanted = Wanted("a", 0.8, (("transformer_blocks.*", 0.5), ("*.to_q", 2.0), ("single_transformer_blocks.*", 0.0)))
    merged = merge([Part("a", changes, strengths(wanted, changes))], Merge(), anatomy)
    assert close(delta(merged, QUERY, anatomy), 0.8 * lora.delta(QUERY.module))
    assert close(delta(merged, FEED, anatomy), 0.4 * lora.delta(FEED.module))
    assert not any(place.module.startswith("single") for place in merged)


def test_a_pattern_without_layers_names_those_there_are(anatomy: Anatomy) -> None:
    changes = written(draw(), "diffusers", anatomy)
    with pytest.raises(ConfigError, match=r"no layer of it matches double_blocks\.\*; its layers are transformer_blo"):
        strengths(Wanted("a.safetensors", 1.0, (("double_blocks.*", 0.5),)), changes)


def unlike(kind: str, anatomy: Anatomy) -> Change:
    torch.manual_seed(3)
    weight = anatomy.weights[QUERY]
    if kind == "LoKr":
        return LoKr(torch.randn(4, 4), torch.randn(8, 8))
    low = LowRank(torch.randn(4, 32) * 0.1, torch.randn(32, 4) * 0.1)
    return Dora(low, weight.detach().norm(dim=1) * 1.2)


@pytest.mark.parametrize("kind", ["DoRA", "LoKr"])
def test_what_has_no_factors_is_refused_with_the_way_out(kind: str, anatomy: Anatomy) -> None:
    with pytest.raises(ConfigError, match=f"one is a {kind} .*give --method svd --rank N"):
        merge([part({QUERY: unlike(kind, anatomy)})], Merge(), anatomy)


@pytest.mark.parametrize("kind", ["DoRA", "LoKr"])
@pytest.mark.parametrize("method", ["svd", "ties"])
def test_what_has_no_factors_is_taken_out_of_the_weights_at_a_rank(kind: str, method: str, anatomy: Anatomy) -> None:
    change, weight = unlike(kind, anatomy), anatomy.weights[QUERY].detach()
    how = Merge(method, Limit(32), density=1.0)  # type: ignore[arg-type]
    merged = merge([part({QUERY: change}, 0.6)], how, anatomy)
    assert close(delta(merged, QUERY, anatomy), change.merged(weight, 0.6) - weight)


def test_dare_depends_on_its_seed_alone(anatomy: Anatomy) -> None:
    parts = [part(written(draw(seed), "diffusers", anatomy)) for seed in (1, 2)]
    first, again, other = (merge(parts, Merge("dare", Limit(8), 0.5, seed), anatomy) for seed in (1, 1, 2))
    assert torch.equal(delta(first, QUERY, anatomy), delta(again, QUERY, anatomy))
    assert not torch.equal(delta(first, QUERY, anatomy), delta(other, QUERY, anatomy))
    alone = [Part(one.name, {QUERY: one.changes[QUERY]}, one.strengths) for one in parts]
    assert torch.equal(
        delta(merge(alone, Merge("dare", Limit(8), 0.5, 1), anatomy), QUERY, anatomy), delta(first, QUERY, anatomy)
    )


@pytest.mark.parametrize(
    ("how", "says"),
    [
        (Merge("svd"), "svd needs --rank"),
        (Merge("ties", Limit(energy=0.9)), "ties needs --rank"),
        (Merge(limit=Limit(4)), "use --method svd"),
    ],
)
def test_a_method_says_what_it_lacks(how: Merge, says: str, anatomy: Anatomy) -> None:
    with pytest.raises(ConfigError, match=says):
        merge([part(written(draw(), "diffusers", anatomy))], how, anatomy)


def test_nothing_left_is_no_adapter(anatomy: Anatomy) -> None:
    with pytest.raises(ConfigError, match="nothing is left of these LoRAs"):
        merge([part(written(draw(), "diffusers", anatomy), 0.0)], Merge(), anatomy)
