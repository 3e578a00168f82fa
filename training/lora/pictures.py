"""What is learned from: a picture, its caption, and what it is for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps


@dataclass(frozen=True, slots=True)
class TrainingPicture:
    """`sha256` is of the picture's content. A `held_out` one is never learned from; `is_prior` ones show the class and
    keep it from becoming the subject. Where it is `worded`, it is learned with these words in place of its caption, by
    which it is judged."""

    pixels: Image.Image | Path
    caption: str
    sha256: str
    held_out: bool = False
    is_prior: bool = False
    worded: str = ""

    @property
    def words(self) -> str:
        """That it is learned with."""
        return self.worded or self.caption

    def opened(self) -> Image.Image:
        """Upright, in RGB; what is transparent lies on white."""
        if isinstance(self.pixels, Path):
            with Image.open(self.pixels) as image:
                return _flat(ImageOps.exif_transpose(image))
        return _flat(ImageOps.exif_transpose(self.pixels))


def _flat(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    ground = Image.new("RGBA", image.size, "white")
    ground.alpha_composite(image.convert("RGBA"))
    return ground.convert("RGB")
