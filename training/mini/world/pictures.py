"""SVG to pixels, through resvg: the same scene at any resolution."""

import io

import numpy as np
import resvg_py
from numpy.typing import NDArray
from PIL import Image

from training.mini.world.drawing import draw, mask
from training.mini.world.scene import Scene


def rasterise(svg: str, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Pixels of an SVG document, height × width × 3."""
    data = resvg_py.svg_to_bytes(svg_string=svg, width=size[0], height=size[1], skip_system_fonts=True)
    return np.asarray(Image.open(io.BytesIO(bytes(data))).convert("RGB"))


def render(scene: Scene, multiple: int = 1) -> NDArray[np.uint8]:
    """The scene's picture at `multiple` times its native size."""
    return rasterise(draw(scene), (scene.size[0] * multiple, scene.size[1] * multiple))


def render_mask(scene: Scene, part: str, multiple: int = 1) -> NDArray[np.bool_]:
    """Where `part` is visible: `subject`, or `garment:<kind>`."""
    size = (scene.size[0] * multiple, scene.size[1] * multiple)
    return rasterise(mask(scene, part), size)[:, :, 0] > 127


def render_cover(scene: Scene) -> NDArray[np.uint8]:
    """How much of each 16 × 16 pixels the subject covers, 0..255."""
    return rasterise(mask(scene, "subject"), (scene.size[0] // 16, scene.size[1] // 16))[:, :, 0]
