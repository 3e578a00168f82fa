"""Which files a picture comes as: formats, and further sizes."""

from __future__ import annotations

from typing import get_args

from configs.contracts import AssetTypeConfig
from configs.errors import InvalidRequest
from configs.formats import VECTORS, Format
from configs.schema import ModelConfig, Size
from router.job_request import JobRequest

_SMALLEST = 8


def find_formats(request: JobRequest, asset_type: AssetTypeConfig) -> tuple[Format, ...]:
    """The request's, else the asset type's. Every type comes in pixels of any format, and as outlines of any format
    where it comes as one of them. Raises `InvalidRequest`."""
    if request.formats is None:
        return asset_type.formats
    allowed: tuple[Format, ...] = tuple(one for one in get_args(Format) if asset_type.is_flat or one not in VECTORS)
    for name in request.formats:
        if name not in allowed:
            message = f"{asset_type.id} comes as {', '.join(allowed)}, not as {name}: it is no flat art"
            raise InvalidRequest(message, "formats", allowed)
    return tuple(dict.fromkeys(request.formats))


def find_own_size(request: JobRequest, asset_type: AssetTypeConfig, model: ModelConfig) -> str | None:
    """The size that a request asks for: where it says none, the largest of its `sizes`, if that can be drawn."""
    if request.size is not None or not request.sizes:
        return request.size
    largest = max((_read(name) for name in request.sizes), key=lambda size: size.pixels)
    return str(largest) if largest in (*asset_type.sizes, *model.native_sizes) else None


def find_sizes(request: JobRequest, own: Size, formats: tuple[Format, ...]) -> tuple[Size, ...]:
    """The further sizes of a picture of the size `own`. Raises `InvalidRequest` for those that are larger."""
    sizes = tuple(dict.fromkeys(size for name in request.sizes if (size := _read(name)) != own))
    if sizes and all(format in VECTORS for format in formats):
        raise InvalidRequest(f"{' and '.join(formats)} are of any size: ask for png, too, or give no sizes", "sizes")
    for size in sizes:
        if size.width > own.width or size.height > own.height:
            message = f"{size} is larger than the picture, which is {own}: give the largest as size"
            raise InvalidRequest(message, "sizes")
        if min(size.width, size.height) < _SMALLEST:
            raise InvalidRequest(f"{size} is too small to be seen: {_SMALLEST} pixels each way at least", "sizes")
    return sizes


def _read(name: str) -> Size:
    width, height = (int(number) for number in name.split("x"))
    if max(width, height) > 8192:
        raise InvalidRequest(f"{name} is too large: 8192 pixels each way at most", "sizes")
    return Size(width=width, height=height)
