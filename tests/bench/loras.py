"""What LoRA slots cost and save beside diffusers' own way, both sides in turn in one process, as ratios.

`python -m tests.bench.loras` prints the table. Each figure is the median over rounds. A second table is of LoRAs that
are brought to a running studio.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Sequence
from typing import Any

import diffusers
import torch
from rich.console import Console
from torch import nn

from deployments.checkpoints.source import ROOT
from deployments.families.assembly import quieten
from deployments.loras.changes import LowRank
from deployments.loras.slots import Adapter, Packed, Selection, Slot, Slots
from tests.bench import added_loras
from tests.bench.sides import THREADS, Figure, describe, in_turn

MINI = ROOT / "deployments" / "weights" / "mini" / "transformer"
RANK, ROWS, TEXT = 16, 4, 64
library: Any = diffusers


def measure(rounds: int = 15, tokens: int = 64) -> list[Figure]:
    """All figures, on mini's transformer with `tokens` image tokens a row."""
    torch.set_num_threads(THREADS)
    quieten()
    bench = Bench(tokens)
    return [mixed_lora(bench, rounds), lora_switch(bench, rounds), lora_overhead(bench, rounds)]


def ratios(rounds: int = 15) -> dict[str, float]:
    """The values of `measure` by name."""
    return {figure.name: figure.value for figure in measure(rounds)}


def mixed_lora(bench: Bench, rounds: int) -> Figure:
    """Four rows with a LoRA each: one after another, as diffusers does (set_adapters, forward) ÷ one batch."""
    selections: list[Selection] = [((slot, 1.0),) for slot in bench.slots]

    def one_by_one() -> None:
        for row, name in enumerate(bench.names):
            bench.worn.set_adapters([name], [1.0])
            bench.forward(bench.worn, row, row + 1)

    serial, batch = in_turn([one_by_one, lambda: bench.forward_selected(selections)], rounds)
    return Figure("mixed_lora", serial / batch, 1.7, 2.0, (serial, batch))


def lora_switch(bench: Bench, rounds: int) -> Figure:
    """Another LoRA than before, its tensors in main memory: diffusers loads and unloads ÷ one is put into a slot."""

    def reload() -> None:
        bench.bare.load_lora_adapter(dict(bench.file), adapter_name="other")
        bench.bare.unload_lora()

    def swap() -> None:
        for _ in range(20):
            bench.stacked.drop(bench.slots[0])
            bench.slots[0] = bench.stacked.put(bench.packed)

    slow, fast = in_turn([reload, swap], rounds)
    return Figure("lora_switch", slow / (fast / 20), 100, 400, (slow, fast / 20))


def lora_overhead(bench: Bench, rounds: int) -> Figure:
    """One LoRA on all four rows ÷ none; lower is better."""
    selections: list[Selection] = [((bench.slots[0], 1.0),)] * ROWS
    sides = [lambda: bench.forward_selected([()] * ROWS), lambda: bench.forward_selected(selections)]
    plain, slotted = in_turn(sides, rounds)
    return Figure("lora_overhead", slotted / plain, 1.30, 1.20, (slotted, plain))


class Bench:
    """Mini's transformer three times, with the same random LoRAs: in slots, in PEFT's layers, and bare."""

    def __init__(self, tokens: int) -> None:
        self.tokens = tokens
        self.names = [f"lora-{i}" for i in range(ROWS)]
        slotted, self.worn, self.bare = (library.FluxTransformer2DModel.from_pretrained(MINI).eval() for _ in range(3))
        self.slotted = slotted
        targets = [name for name, module in slotted.named_modules() if _is_target(name, module)]
        self.stacked = Slots(slotted, targets, {RANK: 2 * ROWS})
        adapters = [_adapter(slotted, targets, name, seed) for seed, name in enumerate(self.names)]
        self.slots: list[Slot] = [self.stacked.put(adapter) for adapter in adapters]
        self.packed: Packed = self.stacked.pack(adapters[0])
        self.file = _file(adapters[0])
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Already found a `peft_config`")
            for adapter in adapters:
                self.worn.load_lora_adapter(_file(adapter), adapter_name=adapter.id)

    def forward(self, model: Any, begin: int = 0, end: int = ROWS) -> None:
        """One step of some rows."""
        rows = end - begin
        with torch.inference_mode():
            model(
                hidden_states=torch.ones(rows, self.tokens, 64),
                timestep=torch.full((rows,), 0.5),
                guidance=torch.full((rows,), 3.5),
                pooled_projections=torch.ones(rows, 128),
                encoder_hidden_states=torch.ones(rows, TEXT, 192),
                txt_ids=torch.zeros(TEXT, 3),
                img_ids=torch.arange(self.tokens).float()[:, None].repeat(1, 3),
                return_dict=False,
            )

    def forward_selected(self, selections: Sequence[Selection]) -> None:
        """One step of all rows, each with its LoRAs."""
        with torch.inference_mode(), self.stacked.select(selections):
            self.forward(self.slotted)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=15)
    options.add_argument("--tokens", type=int, default=64, help="of the picture, a row")
    options.add_argument("--brought", type=int, default=5, help="LoRAs to bring to a studio, which is started; 0: none")
    chosen = options.parse_args()
    figures = measure(chosen.rounds, chosen.tokens)
    Console().print(describe(f"LoRAs of rank {RANK} on mini, {chosen.tokens} tokens", figures))
    if chosen.brought:
        Console().print(added_loras.measure(chosen.brought))


def _is_target(name: str, module: nn.Module) -> bool:
    return isinstance(module, nn.Linear) and "transformer_blocks." in name


def _adapter(model: nn.Module, targets: Sequence[str], name: str, seed: int) -> Adapter:
    generator = torch.Generator().manual_seed(seed)
    changes = {}
    for target in targets:
        outputs, inputs = model.get_parameter(f"{target}.weight").shape
        a = torch.randn(RANK, inputs, generator=generator) * 0.02
        changes[target] = LowRank(a, torch.randn(outputs, RANK, generator=generator) * 0.02)
    return Adapter(name, "flux", RANK, changes, sum(change.nbytes for change in changes.values()))


def _file(adapter: Adapter) -> dict[str, torch.Tensor]:
    tensors = {}
    for target, change in adapter.tensors.items():
        tensors[f"transformer.{target}.lora_A.weight"] = change.a
        tensors[f"transformer.{target}.lora_B.weight"] = change.b
    return tensors


if __name__ == "__main__":
    main()
