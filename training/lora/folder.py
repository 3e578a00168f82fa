"""A folder of pictures with their captions, for training without a studio: no library, no rights, no preflight."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from configs.errors import ConfigError
from training.lora.pictures import TrainingPicture

_PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"}
_CAPTIONS = (".txt", ".caption")
_TABLE = "captions.csv"
_PRIOR = "class"
MOST_PIXELS = 64_000_000


def read_folder(folder: Path) -> list[TrainingPicture]:
    """The pictures of `folder`, each with the caption that lies beside it (`mug.txt`, `mug.caption`) or that
    `captions.csv` has for it (columns file, caption); those of its folder `class` keep the class. Raises ConfigError
    for a folder without pictures, and for a picture without a caption or that cannot be read, naming it."""
    if not folder.is_dir():
        raise ConfigError(f"there is no folder {folder}", "folder")
    pictures = _read(folder, is_prior=False)
    if not pictures:
        raise ConfigError(f"{folder} has no pictures: put PNG, JPEG or WebP files there, each with a .txt beside it")
    return pictures + (_read(folder / _PRIOR, is_prior=True) if (folder / _PRIOR).is_dir() else [])


def _read(folder: Path, is_prior: bool) -> list[TrainingPicture]:
    table = _read_table(folder / _TABLE)
    files = sorted(file for file in folder.iterdir() if file.suffix.lower() in _PICTURES)
    return [_picture(file, table, is_prior) for file in files]


def _picture(file: Path, table: Mapping[str, str], is_prior: bool) -> TrainingPicture:
    data = file.read_bytes()
    try:
        with Image.open(file) as image:
            if image.width * image.height > MOST_PIXELS:
                raise ConfigError(f"{file.name} has {image.width}x{image.height} pixels: make it smaller", "folder")
            image.load()
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise ConfigError(f"{file.name} cannot be read as a picture: {error}", "folder") from None
    return TrainingPicture(file, _caption(file, table), hashlib.sha256(data).hexdigest(), is_prior=is_prior)


def _caption(file: Path, table: Mapping[str, str]) -> str:
    beside = next((path for end in _CAPTIONS if (path := file.with_suffix(end)).is_file()), None)
    text = table.get(file.name, "") if beside is None else beside.read_text(encoding="utf-8-sig")
    caption = " ".join(text.split())
    if not caption:
        raise ConfigError(f"{file.name} has no caption: write one into {file.stem}.txt beside it", "folder")
    return caption


def _read_table(file: Path) -> dict[str, str]:
    if not file.is_file():
        return {}
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    if rows and not {"file", "caption"} <= rows[0].keys():
        raise ConfigError(f"{file.name} must have the columns 'file' and 'caption'", "folder")
    return {row["file"]: row["caption"] or "" for row in rows}
