"""How large a picture is drawn, and how large it ends."""

from __future__ import annotations

from dataclasses import dataclass

from configs.catalog import Installation
from configs.contracts import AssetTypeConfig, ModelTerms, QualityConfig
from configs.errors import InvalidRequest, UnknownName
from configs.schema import ModelConfig, Size
from deployments.stages.upscale import UPSCALE, Chosen, UpscaleSettings, choose_upscaler
from router.job_request import JobRequest
from router.notes import Note, NoteCode
from router.stage_settings import settle_settings
from router.stage_table import settings_of

_SAME_ASPECT = 0.02
_LARGEST = 8192
_FACTOR = "stages.upscale.factor"


def final_size(
    request: JobRequest,
    asked: str | None,
    asset_type: AssetTypeConfig,
    terms: ModelTerms,
    quality: QualityConfig,
    model: ModelConfig,
    installation: Installation,
) -> tuple[Size, tuple[Note, ...]]:
    """The size `asked` for, or what a request says to make of the usual one; else what asset type and quality make
    of that: as far as the upscaler goes, with a note where that is less. Raises `UnknownName` and `InvalidRequest`."""
    usual = terms.default_size or asset_type.default_size
    enlarging = _enlarging(request, asset_type, quality, model, installation)
    if asked is not None:
        return _named(asked, asset_type, model, enlarging), ()
    if quality.size == "native":
        usual = min(_of_aspect(usual, model), key=lambda size: size.pixels)
        if not enlarging.insisted:
            return usual, ()
    reach = enlarging.reach(usual, model)
    if usual.width > reach and not enlarging.wanted:
        return base_size(usual, model), ()
    for factor in range(enlarging.factor, 1, -1):
        if enlarging.factor % factor == 0 and usual.width * factor <= reach:
            return _times(usual, factor), enlarging.note(factor, usual, quality, model)
    return usual, enlarging.note(1, usual, quality, model)


def base_size(size: Size, model: ModelConfig) -> Size:
    """The smallest native size that covers `size`, or the largest there is."""
    matching = sorted(_of_aspect(size, model), key=lambda native: native.pixels)
    return next((native for native in matching if native.width >= size.width), matching[-1])


@dataclass(frozen=True, slots=True)
class _Enlarging:
    """How many times the usual size a picture is to be, whether the request itself `insisted` on that, and what
    there is to do it; `wanted` is false where the request, its asset type or its quality wants none."""

    factor: int
    insisted: bool
    wanted: bool
    chosen: Chosen | None

    def reach(self, size: Size, model: ModelConfig) -> int:
        """How wide a picture of this shape can get, in pixels."""
        widest = max(native.width for native in _of_aspect(size, model))
        if self.chosen is None:
            return widest
        return _LARGEST if self.chosen.most is None else min(_LARGEST, widest * self.chosen.most)

    def note(self, factor: int, usual: Size, quality: QualityConfig, model: ModelConfig) -> tuple[Note, ...]:
        """What to say where it is only `factor` times. Raises `InvalidRequest` where the request insists on more."""
        if factor == self.factor:
            return ()
        why = "has no upscaler" if self.chosen is None else f"gets no further with {self.chosen.upscaler}"
        if self.insisted:
            message = f"{_times_text(usual, self.factor)} is too large for {model.id}, which {why}"
            raise InvalidRequest(f"{message}; at most {factor} times {usual} can be had", _FACTOR)
        message = f"{quality.id} is {_times_text(usual, self.factor)} for this; {model.id} {why}"
        return (Note(code=NoteCode.SIZE_CAPPED, message=f"{message}, so it is {_times(usual, factor)}"),)


def _enlarging(
    request: JobRequest,
    asset_type: AssetTypeConfig,
    quality: QualityConfig,
    model: ModelConfig,
    installation: Installation,
) -> _Enlarging:
    """Raises `UnknownName` for an upscaler that the request itself names."""
    own = settings_of(UPSCALE, request.stages)
    settled = settle_settings(UPSCALE, request.stages, asset_type, quality)
    if settled is False:
        return _Enlarging(1, insisted=False, wanted=False, chosen=None)
    said = settled if isinstance(settled, UpscaleSettings) else UpscaleSettings()
    try:
        chosen = choose_upscaler(installation, model, said.upscaler)
    except UnknownName:
        if isinstance(own, UpscaleSettings) and own.upscaler is not None:
            raise
        chosen = None
    insisted = isinstance(own, UpscaleSettings) and own.factor is not None
    return _Enlarging(said.factor or quality.enlarge, insisted, wanted=True, chosen=chosen)


def _named(asked: str, asset_type: AssetTypeConfig, model: ModelConfig, enlarging: _Enlarging) -> Size:
    allowed = {str(size): size for size in (*asset_type.sizes, *model.native_sizes)}
    if asked not in allowed:
        message = f"'{asked}' is not a size of {asset_type.id} on {model.id}; choose one of {', '.join(allowed)}"
        raise UnknownName(message, "size", tuple(allowed))
    if enlarging.insisted:
        raise InvalidRequest("size says already how large the picture ends: leave one of the two out", _FACTOR)
    size = allowed[asked]
    widest = base_size(size, model)
    if not enlarging.wanted and size.width > widest.width:
        message = f"{model.id} draws up to {widest}, and {size} would have to be enlarged, which is left out"
        raise InvalidRequest(message, "stages.upscale")
    return size


def _of_aspect(size: Size, model: ModelConfig) -> list[Size]:
    matching = [native for native in model.native_sizes if abs(native.aspect / size.aspect - 1) <= _SAME_ASPECT]
    if not matching:
        shapes = tuple(str(native) for native in model.native_sizes)
        raise InvalidRequest(f"{model.id} draws {', '.join(shapes)}, none of the shape of {size}", "size", shapes)
    return matching


def _times(size: Size, factor: int) -> Size:
    return Size(width=size.width * factor, height=size.height * factor)


def _times_text(size: Size, factor: int) -> str:
    """As `_times`, of sizes that none may have."""
    return f"{size.width * factor}x{size.height * factor}"
