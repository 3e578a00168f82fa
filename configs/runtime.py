"""How a model is held in memory and run, as data: single settings, named presets of them, and which go together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from configs.frozen import Frozen

PresetName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
DType = Literal["float32", "bfloat16", "float16"]
Offload = Literal["none", "model", "group", "sequential"]
Attention = Literal["native", "cudnn"]
Compilation = Literal["none", "regional"]
Quantisation = Literal["none", "nf4", "fp8", "gguf"]
SETTINGS = ("dtype", "attention", "compile", "offload", "quantisation", "vae_slicing", "vae_tiling")
"""Those that must have been tested together."""


class Runtime(Frozen):
    """How a model is held in memory and run. What a `preset` says holds where nothing else is said beside it.

    `offload`: what waits in main memory until it is needed: whole components (`model`), the blocks of the large ones
    (`group`) or single layers (`sequential`). `compile: regional` compiles the blocks that repeat. `quantisation`: nf4
    keeps the linears of the denoiser and of large text encoders in 4 bits, fp8 the denoiser's in 8, gguf as the file
    has them. `vae_slicing` decodes one picture of a batch at a time, `vae_tiling` large ones in parts.
    """

    preset: PresetName | None = None
    dtype: DType = "float32"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    attention: Attention = "native"
    compile: Compilation = "none"
    offload: Offload = "none"
    quantisation: Quantisation = "none"
    vae_slicing: bool = False
    vae_tiling: bool = False
    threads: int | None = Field(default=None, gt=0)
    memory_gb: float | None = Field(default=None, gt=0, description="of the GPU, at most; its share of it if absent")


def _of_a_network(runtime: Runtime) -> Runtime:
    others = sorted(runtime.model_fields_set - set(_OF_NETWORKS))
    if others:
        raise ValueError(f"'{others[0]}' is for models; what counts here is {', '.join(_OF_NETWORKS)}")
    return runtime


_OF_NETWORKS = ("dtype", "device", "threads", "memory_gb")
NetworkRuntime = Annotated[Runtime, AfterValidator(_of_a_network)]
"""That of a single network, such as an upscaler, which honours these settings and refuses the others."""


class Preset(Frozen):
    """Settings under a name (`configs/presets/<id>.yaml`). `exact`: draws what the model draws without it."""

    id: PresetName
    description: str
    exact: bool
    runtime: Runtime

    @model_validator(mode="after")
    def _flat(self) -> Preset:
        if self.runtime.preset is not None:
            raise ValueError("a preset names no other preset")
        return self

    def fill(self, runtime: Runtime) -> Runtime:
        """This preset's settings with those that `runtime` gives itself."""
        given = {name: getattr(runtime, name) for name in runtime.model_fields_set}
        return self.runtime.model_copy(update=given)


class Combination(Frozen):
    """Settings that were tested together (`configs/tested.yaml`): every choice of one value per setting.

    `proof` says how: `drawn` with tiny weights on a CPU, and compared; or `called`: what is asked of the libraries was
    checked, no GPU was at hand.
    """

    families: tuple[str, ...] = Field(min_length=1)
    dtype: tuple[DType, ...] = ("float32", "bfloat16", "float16")
    attention: tuple[Attention, ...] = ("native",)
    compile: tuple[Compilation, ...] = ("none",)
    offload: tuple[Offload, ...] = ("none",)
    quantisation: tuple[Quantisation, ...] = ("none",)
    vae_slicing: tuple[bool, ...] = (False, True)
    vae_tiling: tuple[bool, ...] = (False, True)
    proof: Literal["drawn", "called"]

    def changes(self, runtime: Runtime) -> dict[str, Any]:
        """What would have to change for `runtime` to be one of these, by setting; nothing if it is."""
        return {name: getattr(self, name)[0] for name in SETTINGS if getattr(runtime, name) not in getattr(self, name)}


def find_untested(runtime: Runtime, family: str, tested: Sequence[Combination]) -> str | None:
    """One sentence, with the nearest combination that was tested, if `runtime` is none of these; None if it is."""
    found = [row.changes(runtime) for row in tested if family in row.families]
    if not found:
        return None  # an unknown family, which is refused as such
    nearest = min(found, key=len)
    if not nearest:
        return None
    now = _words((name, getattr(runtime, name)) for name in SETTINGS if getattr(runtime, name) != _PLAIN[name])
    return f"{now} was not tested together for family {family}; the nearest that was has {_words(nearest.items())}"


def _words(settings: Iterable[tuple[str, Any]]) -> str:
    shown = ((name, str(value).lower() if isinstance(value, bool) else value) for name, value in settings)
    return " with ".join(f"'{name}: {value}'" for name, value in shown)


_PLAIN = {name: Runtime.model_fields[name].default for name in SETTINGS}
