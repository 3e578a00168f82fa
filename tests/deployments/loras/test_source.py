"""LoRAs that are added while a model runs: asked for once, worn exactly, in as many versions as there are."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from configs.errors import BadLora, ConfigError, StageError, StageUnavailable, UnknownName
from configs.schema import AppliedLora
from configs.weights import Weights
from deployments.blobs.node_cache import CachedStore
from deployments.blobs.store import BlobStore, key_of
from deployments.engine.metrics import OfModel, Recorded
from deployments.loras.keys import Anatomy
from deployments.loras.loading import Adapters, Lease
from deployments.loras.residency import Residency
from deployments.loras.slots import Slots
from deployments.loras.source import InstalledLoras, Loras, StoredLoras
from tests.deployments.loras.forwards import difference, forward
from tests.deployments.loras.published import DOUBLE, configured, diffusers, draw, save
from tests.deployments.stored_loras import add, put, store_at


@dataclass
class Place:
    """A model whose LoRAs come from a file store, and what it asked that for."""

    adapters: Adapters
    store: CachedStore
    transformer: Any
    slots: Slots
    recorded: Recorded
    asked: list[str] = field(default_factory=list)
    opened: threading.Event = field(default_factory=threading.Event)
    """Whether the store answers."""

    def ask(self, *uses: AppliedLora) -> Lease:
        read = threading.Event()
        lease = self.adapters.ask(uses, read.set)
        assert read.wait(30)
        self.adapters.settle()
        return lease


@pytest.fixture
def place(pipeline: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setenv("ATELIER_WEIGHTS", str(tmp_path / "weights"))
    transformer = deepcopy(pipeline.transformer)
    copied = type(pipeline)(**(pipeline.components | {"transformer": transformer}))
    anatomy = Anatomy.of(copied)
    linears = [name for name, module in transformer.named_modules() if isinstance(module, nn.Linear)]
    recorded = Recorded()
    slots = Slots(transformer, linears, {16: 4})
    store = store_at(tmp_path / "blobs")
    installed = InstalledLoras({"icons": configured(lora(tmp_path, 0))})
    source = Loras(installed, StoredLoras(store.open()))
    adapters = Adapters(
        slots, Residency(2**30), source, "flux", anatomy, OfModel(recorded, "tiny"), lent=("text_encoder",)
    )
    made = Place(adapters, store, transformer, slots, recorded)
    made.opened.set()
    fetch = BlobStore.fetch

    def noted(blobs: BlobStore, key: str, *rest: Any) -> None:
        made.asked.append(key)
        assert made.opened.wait(30)
        fetch(blobs, key, *rest)

    monkeypatch.setattr(BlobStore, "fetch", noted)
    yield made
    made.opened.set()
    adapters.close()


def lora(folder: Path, seed: int, name: str = "icons") -> Path:
    (folder / str(seed)).mkdir(exist_ok=True)
    return save(folder / str(seed), name, *diffusers(draw(seed)))


def test_it_is_worn_exactly_as_one_that_was_there_from_the_start(place: Place, tmp_path: Path) -> None:
    file = lora(tmp_path, 0)
    use = add(place.store, configured(file), file)
    there, live = place.ask(AppliedLora(lora="icons")), place.ask(use)
    assert (there.state, live.state) == ("ready", "ready")
    with place.slots.select([there.selection()] * 4):
        expected = forward(place.transformer)
    with place.slots.select([live.selection()] * 4):
        assert torch.equal(forward(place.transformer), expected)
    assert difference(expected, forward(place.transformer)) > 1e-3


def test_versions_of_one_lora_in_one_batch_are_each_what_they_are_alone(place: Place, tmp_path: Path) -> None:
    versions = [lora(tmp_path, seed) for seed in range(3)]
    uses = [add(place.store, configured(file), file, f"1.{n}.0") for n, file in enumerate(versions)]
    rows = [place.ask(use).selection() for use in uses] + [place.ask(uses[0], uses[2]).selection()]
    alone = []
    for row in rows:
        with place.slots.select([row] * 4):
            alone.append(forward(place.transformer))
    with place.slots.select(rows):
        mixed = forward(place.transformer)
    for n, expected in enumerate(alone):
        assert torch.allclose(mixed[n], expected[n], atol=1e-5)
        assert all(difference(expected, other) > 1e-3 for other in alone[:n])
    assert set(place.adapters.resident()) == {f"icons@{use.entry}" for use in uses}
    assert place.recorded.counts["atelier_engine_lora_loads_total", (("lora", "icons"), ("model", "tiny"))] == 3


def test_versions_that_no_slot_can_hold_are_worn_one_after_the_other(place: Place, tmp_path: Path) -> None:
    uses = []
    for seed in range(2):
        torch.manual_seed(seed)
        parts = {"lora_A.weight": torch.randn(4, 32), "lora_B.weight": torch.randn(32, 4)}
        parts["lora_magnitude_vector"] = torch.rand(32)
        (tmp_path / f"dora{seed}").mkdir()
        layer = f"transformer.{DOUBLE}.attn.to_q"
        file = save(tmp_path / f"dora{seed}", "dora", {f"{layer}.{name}": part for name, part in parts.items()})
        uses.append(add(place.store, configured(file), file, f"1.0.{seed}"))
    plain, worn = forward(place.transformer), []
    for lease in map(place.ask, uses):
        place.adapters.wear(lease.exclusive)
        worn.append(forward(place.transformer))
    assert difference(worn[0], worn[1]) > 1e-3
    place.adapters.wear(None)
    assert torch.equal(forward(place.transformer), plain)


def test_many_requests_for_one_that_is_unknown_ask_once_and_hold_up_nobody(place: Place, tmp_path: Path) -> None:
    file = lora(tmp_path, 5, "people")
    use = add(place.store, configured(file), file)
    place.opened.clear()
    ready = [threading.Event() for _ in range(20)]
    waiting = [place.adapters.ask([use], event.set) for event in ready]
    others = [place.adapters.ask([use.model_copy(update={"entry": f"{n:064x}"})]) for n in range(30)]
    local = place.ask(AppliedLora(lora="icons"))
    assert local.state == "ready", "what is here waits for nothing that is on its way"
    assert not any(lease.settled for lease in waiting)
    place.opened.set()
    assert all(event.wait(30) for event in ready)
    place.adapters.settle()
    assert {lease.state for lease in waiting} == {"ready"}
    assert place.asked.count(use.entry) == 1
    assert len(place.asked) <= 2 + len(others), "the entry, and the weights that it names"


def test_the_store_is_asked_once_for_all_that_models_of_a_node_want(place: Place, tmp_path: Path) -> None:
    file = lora(tmp_path, 5, "people")
    use = add(place.store, configured(file), file)
    place.ask(use)
    other = StoredLoras(place.store.open())
    config = other.find(use)
    with other.weights(use, config) as there:
        assert there.read_bytes() == file.read_bytes()
    assert len(place.asked) == len(set(place.asked)) == 2


Spoil = Callable[[Place, Path, Path], AppliedLora]


def _add(place: Place, file: Path, **changes: Any) -> AppliedLora:
    return add(place.store, configured(file), file, "2.1.0", **changes)


def _remove(place: Place, key: str) -> None:
    (place.store.folder / "sha256" / key[:2] / key).unlink()


def no_entry(place: Place, file: Path, _: Path) -> AppliedLora:
    return AppliedLora(lora=file.stem, version="2.1.0", entry="0" * 64)


def damaged_entry(place: Place, file: Path, _: Path) -> AppliedLora:
    use = _add(place, file)
    (place.store.folder / "sha256" / use.entry[:2] / use.entry).write_bytes(b"{}")
    return use


def no_json(place: Place, file: Path, _: Path) -> AppliedLora:
    return AppliedLora(lora=file.stem, version="2.1.0", entry=put(place.store, b"\xff\x00not json"))


def other_json(place: Place, file: Path, _: Path) -> AppliedLora:
    return AppliedLora(lora=file.stem, version="2.1.0", entry=put(place.store, b'["a", "list"]'))


def entry_of_a_later_release(place: Place, file: Path, _: Path) -> AppliedLora:
    body = configured(file).model_dump_json(exclude_defaults=True)[:-1] + ', "since_later": 1}'
    return AppliedLora(lora=file.stem, version="2.1.0", entry=put(place.store, body.encode()))


def huge_entry(place: Place, file: Path, _: Path) -> AppliedLora:
    return AppliedLora(lora=file.stem, version="2.1.0", entry=put(place.store, b" " * (2**20 + 1)))


def entry_of_another(place: Place, file: Path, _: Path) -> AppliedLora:
    return _add(place, file, id="somebody")


def another_family(place: Place, file: Path, _: Path) -> AppliedLora:
    return _add(place, file, family="sdxl")


def no_weights(place: Place, file: Path, _: Path) -> AppliedLora:
    use = _add(place, file)
    _remove(place, key_of(file.read_bytes()))
    return use


def damaged_weights(place: Place, file: Path, _: Path) -> AppliedLora:
    use, key = _add(place, file), key_of(file.read_bytes())
    (place.store.folder / "sha256" / key[:2] / key).write_bytes(file.read_bytes()[:-1])
    return use


def weights_cut_short_before_they_were_stored(place: Place, file: Path, folder: Path) -> AppliedLora:
    cut = folder / "cut.safetensors"
    cut.write_bytes(file.read_bytes()[:-7])
    return add(place.store, configured(file), cut, "2.1.0")


def weights_of_another_model(place: Place, file: Path, folder: Path) -> AppliedLora:
    other = save(folder, "other", {"model.layers.0.self_attn.q_proj.lora_A.weight": torch.ones(4, 4)})
    return add(place.store, configured(file), other, "2.1.0")


def weights_of_another_shape(place: Place, file: Path, folder: Path) -> AppliedLora:
    layer = f"transformer.{DOUBLE}.attn.to_q"
    tensors = {f"{layer}.lora_A.weight": torch.ones(4, 48), f"{layer}.lora_B.weight": torch.ones(48, 4)}
    return add(place.store, configured(file), save(folder, "wide", tensors), "2.1.0")


def weights_without_effect(place: Place, file: Path, folder: Path) -> AppliedLora:
    layer = f"transformer.{DOUBLE}.attn.to_q"
    tensors = {f"{layer}.lora_A.weight": torch.ones(4, 32), f"{layer}.lora_B.weight": torch.zeros(32, 4)}
    return add(place.store, configured(file), save(folder, "none", tensors), "2.1.0")


def weights_for_an_encoder_that_others_have_too(place: Place, file: Path, folder: Path) -> AppliedLora:
    layer = "text_encoder.text_model.encoder.layers.0.self_attn.q_proj"
    tensors = {f"{layer}.lora_A.weight": torch.ones(4, 32), f"{layer}.lora_B.weight": torch.ones(32, 4)}
    return add(place.store, configured(file), save(folder, "encoder", tensors), "2.1.0")


def weights_where_this_installation_has_none(place: Place, file: Path, _: Path) -> AppliedLora:
    body = configured(file).model_copy(update={"weights": Weights(path="nowhere/at/all")})
    return AppliedLora(lora=file.stem, version="2.1.0", entry=put(place.store, body.model_dump_json().encode()))


SPOILED: dict[Spoil, str] = {
    no_entry: "its entry is not in the file store: add it again",
    damaged_entry: "its entry is damaged in the file store: add it again",
    no_json: "its entry cannot be read; if the studio was updated",
    other_json: "its entry cannot be read; if the studio was updated",
    entry_of_a_later_release: "its entry cannot be read; if the studio was updated",
    huge_entry: "its entry is too large: it has 1,048,577 bytes",
    entry_of_another: "its entry is of 'somebody'",
    another_family: "was made for family 'sdxl', this model is 'flux'",
    no_weights: "its file is not in the file store: add it again",
    damaged_weights: "its file is damaged in the file store: add it again",
    weights_cut_short_before_they_were_stored: "its file has ",
    weights_of_another_model: "does not fit",
    weights_of_another_shape: "does not fit",
    weights_without_effect: "has no measurable effect",
    weights_for_an_encoder_that_others_have_too: "it changes text_encoder, which models that share replicas",
    weights_where_this_installation_has_none: "do not exist under the installation's folder",
}


@pytest.mark.parametrize("spoil", SPOILED, ids=lambda spoil: spoil.__name__)
def test_one_that_cannot_be_used_fails_its_request_alone_and_is_called_by_its_version(
    place: Place, tmp_path: Path, spoil: Spoil
) -> None:
    file = lora(tmp_path, 5, "people")
    use = spoil(place, file, tmp_path)
    failed, fine = place.ask(use), place.ask(AppliedLora(lora="icons"))
    assert (failed.state, fine.state) == ("failed", "ready")
    message = str(failed.error)
    assert isinstance(failed.error, (StageError, BadLora, ConfigError))
    assert not isinstance(failed.error, StageUnavailable), "another attempt would not help"
    assert message.startswith("LoRA 'people' 2.1.0: ")
    assert SPOILED[spoil] in message
    assert len(message.splitlines()) == 1
    assert str(tmp_path / "weights") not in message
    assert place.adapters.resident() == ("icons",)
    mended = _add(place, file)
    assert place.ask(mended).state == "ready", "what was mended is taken"


def test_a_store_that_is_away_is_worth_another_attempt(place: Place, tmp_path: Path) -> None:
    file = lora(tmp_path, 5, "people")
    use = add(place.store, configured(file), file)
    away = tmp_path / "away"
    place.store.folder.rename(away)
    for spoil in (lambda: None, lambda: place.store.folder.write_text("no folder")):
        spoil()
        failed = place.ask(use)
        assert isinstance(failed.error, StageUnavailable)
        assert "LoRA 'people' 1.0.0 cannot be fetched now: the folder that the studio keeps" in str(failed.error)
    place.store.folder.unlink()
    away.rename(place.store.folder)
    assert place.ask(use).state == "ready"


def test_a_node_that_cannot_keep_a_file_is_worth_another_attempt(place: Place, tmp_path: Path) -> None:
    (tmp_path / "weights" / "fetched").rmdir()
    (tmp_path / "weights" / "fetched").write_text("no folder")
    file = lora(tmp_path, 5, "people")
    use = add(place.store, configured(file), file)
    failed = place.ask(use)
    assert isinstance(failed.error, StageUnavailable)
    assert "LoRA 'people' 1.0.0 cannot be kept on its node" in str(failed.error)
    (tmp_path / "weights" / "fetched").unlink()
    assert place.ask(use).state == "ready"


def test_one_that_nobody_named_with_an_entry_is_not_looked_for_in_the_store(place: Place) -> None:
    assert isinstance(place.ask(AppliedLora(lora="people")).error, UnknownName)
    assert place.asked == []


def test_without_a_store_one_that_was_added_is_not_taken_for_the_installed_one_of_its_id(tmp_path: Path) -> None:
    installed = InstalledLoras({"icons": configured(lora(tmp_path, 0))})
    with pytest.raises(UnknownName, match=r"there is no LoRA 'icons' 2.0.0 here"):
        installed.find(AppliedLora(lora="icons", version="2.0.0", entry="0" * 64))
