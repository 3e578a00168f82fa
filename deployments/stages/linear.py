"""Resizing and sharpening in light, not in levels: as a lens would, so that fine bright lines stay bright and nothing
changes its colour."""

from __future__ import annotations

import numpy as np
from PIL import Image

from deployments.stages.neighbours import spread
from deployments.stages.oklab import Colours, Levels, to_levels, to_linear

_LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)  # of sRGB's primaries
_BLUR = np.array([0.006, 0.061, 0.242, 0.382, 0.242, 0.061, 0.006], np.float32)  # a Gaussian of one pixel
_STRIP = 2**20  # pixels of light at a time: what is made smaller may have forty times as many
_REACH = 2  # pixels in which the lightest and the darkest lie that sharpening goes up to: no halos


def resize(image: Image.Image, width: int, height: int) -> Image.Image:
    """An RGB or RGBA picture at exactly width x height; another aspect ratio is cropped around the centre, never
    squeezed. What is transparent lends nothing of its colour to what is not."""
    if image.size == (width, height):
        return image
    pixels = np.asarray(image)
    box = _box(image.width, image.height, width / height)
    light = to_linear(pixels[..., :3])
    if image.mode == "RGB":
        return Image.fromarray(to_levels(_resampled(light, width, height, box)), "RGB")
    alpha = pixels[..., 3:].astype(np.float32) / 255
    small = _resampled(np.concatenate([light * alpha, alpha], axis=-1), width, height, box)
    cover = small[..., 3:].clip(0, 1)
    colours = to_levels(small[..., :3] / np.maximum(cover, 1 / 512))
    return Image.fromarray(np.concatenate([colours, (cover * 255).round().astype(np.uint8)], axis=-1), "RGBA")


def shrink(image: Image.Image, width: int, height: int) -> Image.Image:
    """`resize` of what becomes many times smaller, in a tenth of the time and with little memory: blocks of pixels are
    averaged first, in light, too. What is left over of a block at the edge is less than half a pixel in the end."""
    block = min(image.width // (2 * width), image.height // (2 * height))
    return resize(image if block < 2 else _averaged(image, block), width, height)


def _averaged(image: Image.Image, block: int) -> Image.Image:
    """The mean of each `block` x `block` pixels."""
    across, down = image.width // block, image.height // block
    small = Image.new(image.mode, (across, down))
    rows = max(1, _STRIP // (image.width * block))
    for top in range(0, down, rows):
        bottom = min(down, top + rows)
        strip = image.crop((0, top * block, across * block, bottom * block))
        small.paste(Image.fromarray(_means(np.asarray(strip), block), image.mode), (0, top))
    return small


def _means(pixels: Levels, block: int) -> Levels:
    """Of levels, shape [rows * block, columns * block, channels]."""
    light = to_linear(pixels[..., :3])
    if pixels.shape[-1] == 3:
        return to_levels(_mean(light, block))
    alpha = pixels[..., 3:].astype(np.float32) / np.float32(255)
    cover = _mean(alpha, block)
    seen: Colours = np.maximum(cover, 1 / 512)
    colours = to_levels(_mean(light * alpha, block) / seen)
    return np.concatenate([colours, (cover * 255).round().astype(np.uint8)], axis=-1)


def _mean(values: Colours, block: int) -> Colours:
    """Down first, which is one addition of whole rows; NumPy takes three times as long for both at once."""
    height, width, channels = values.shape
    down = values.reshape(height // block, block, width, channels).sum(axis=1)
    across: Colours = down.reshape(height // block, width // block, block, channels).sum(axis=2)
    return across / np.float32(block * block)


def sharpen(image: Image.Image, amount: float) -> Image.Image:
    """An unsharp mask on the lightness of an RGB or RGBA picture, `amount` times what blurring takes away; no pixel
    becomes lighter or darker than what is near it, and none changes its hue."""
    if amount <= 0:
        return image
    light = to_linear(np.asarray(image)[..., :3])
    luminance = light @ _LUMINANCE
    wanted = luminance + np.float32(amount) * (luminance - _blurred(luminance))
    wanted = wanted.clip(spread(luminance, _REACH, np.minimum), spread(luminance, _REACH, np.maximum))
    scale = np.where(luminance > 1e-4, wanted / np.maximum(luminance, 1e-4), 1)
    scale = np.minimum(scale, 1 / np.maximum(light.max(axis=-1), 1e-4))  # as bright as it gets in its hue
    sharp = Image.fromarray(to_levels(light * np.maximum(scale, 0)[..., None]), "RGB")
    if image.mode == "RGBA":
        sharp.putalpha(image.getchannel("A"))
    return sharp


def _blurred(values: Colours) -> Colours:
    """Of values, shape [height, width], across and then down."""
    for axis in (0, 1):
        reach = len(_BLUR) // 2
        padded = np.pad(values, [(reach, reach) if axis == one else (0, 0) for one in (0, 1)], mode="edge")
        windows = np.lib.stride_tricks.sliding_window_view(padded, len(_BLUR), axis=axis)
        values = windows @ _BLUR
    return values


def _resampled(channels: Colours, width: int, height: int, box: tuple[float, float, float, float]) -> Colours:
    """Each channel of [height, width, channels] by Lanczos."""
    planes = (Image.fromarray(np.ascontiguousarray(channels[..., index])) for index in range(channels.shape[-1]))
    resized = [np.asarray(plane.resize((width, height), Image.Resampling.LANCZOS, box)) for plane in planes]
    return np.stack(resized, axis=-1)


def _box(width: int, height: int, aspect: float) -> tuple[float, float, float, float]:
    """The part of a picture, around its centre, that has this aspect ratio."""
    wide, high = min(width, height * aspect), min(height, width / aspect)
    left, top = (width - wide) / 2, (height - high) / 2
    return left, top, left + wide, top + high
