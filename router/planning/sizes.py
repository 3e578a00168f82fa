"""How large a picture is drawn, and how large it ends."""

from __future__ import annotations

from configs.catalog import Installation
from configs.contracts import AssetTypeConfig, ModelTerms, QualityConfig
from configs.errors import InvalidRequest, UnknownName
from configs.schema import ModelConfig, Size
from router.notes import Note, NoteCode

_SAME_ASPECT = 0.02
_LARGEST = 8192
_MOST_PASSES = 2  # of an upscaler over one picture


def final_size(
    asked: str | None,
    asset_type: AssetTypeConfig,
    terms: ModelTerms,
    quality: QualityConfig,
    model: ModelConfig,
    installation: Installation,
) -> tuple[Size, tuple[Note, ...]]:
    """The size that a request asks for, else what the quality makes of the asset type's: as far as the model's upscaler
    goes, with a note where that is less. Raises `UnknownName` and `InvalidRequest`."""
    if asked is not None:
        allowed = {str(size): size for size in (*asset_type.sizes, *model.native_sizes)}
        if asked not in allowed:
            message = f"'{asked}' is not a size of {asset_type.id} on {model.id}; choose one of {', '.join(allowed)}"
            raise UnknownName(message, "size", tuple(allowed))
        return allowed[asked], ()
    usual = terms.default_size or asset_type.default_size
    if quality.size == "native":
        return min(_of_aspect(usual, model), key=lambda size: size.pixels), ()
    reach = _reach(usual, model, installation)
    for factor in range(quality.enlarge, 1, -1):
        if quality.enlarge % factor == 0 and usual.width * factor <= reach:
            return _times(usual, factor), _note_size(factor, usual, quality, model)
    return usual, _note_size(1, usual, quality, model)


def base_size(size: Size, model: ModelConfig) -> Size:
    """The smallest native size that covers `size`, or the largest there is."""
    matching = sorted(_of_aspect(size, model), key=lambda native: native.pixels)
    return next((native for native in matching if native.width >= size.width), matching[-1])


def _of_aspect(size: Size, model: ModelConfig) -> list[Size]:
    matching = [native for native in model.native_sizes if abs(native.aspect / size.aspect - 1) <= _SAME_ASPECT]
    if not matching:
        shapes = tuple(str(native) for native in model.native_sizes)
        raise InvalidRequest(f"{model.id} draws {', '.join(shapes)}, none of the shape of {size}", "size", shapes)
    return matching


def _reach(size: Size, model: ModelConfig, installation: Installation) -> int:
    """How wide a picture of this shape can get, in pixels."""
    widest = max(native.width for native in _of_aspect(size, model))
    if model.upscaler is None:
        return widest
    scale = installation.catalog.upscalers[model.upscaler].scale
    return min(_LARGEST, widest * int(scale**_MOST_PASSES))


def _times(size: Size, factor: int) -> Size:
    return Size(width=size.width * factor, height=size.height * factor)


def _note_size(factor: int, usual: Size, quality: QualityConfig, model: ModelConfig) -> tuple[Note, ...]:
    if factor == quality.enlarge:
        return ()
    wanted = _times(usual, quality.enlarge)
    why = "has no upscaler" if model.upscaler is None else f"gets no further with {model.upscaler}"
    message = f"{quality.id} is {wanted} for this; {model.id} {why}, so it is {_times(usual, factor)}"
    return (Note(code=NoteCode.SIZE_CAPPED, message=message),)
