"""What an inpainted picture keeps is what was given, to the last bit; the seam fades inside the mask."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from configs.errors import StageError
from configs.inputs import InputImage, drawn_over
from deployments.messages import Picture
from deployments.stages.encode import FinishRequest, encode
from tests.deployments.pictures import RECIPE


def flat(width: int, height: int, level: int) -> Picture:
    return Picture(width, height, bytes([level]) * (width * height * 3))


def left_half(width: int, height: int) -> Picture:
    row = b"\xff" * (width // 2 * 3) + bytes((width - width // 2) * 3)
    return Picture(width, height, row * height)


def noise(width: int, height: int) -> Picture:
    return Picture(width, height, np.random.default_rng(0).bytes(width * height * 3))


def finish(composite: tuple[InputImage[Picture], ...]) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    request = FinishRequest(128, 96, ("png",), RECIPE, composite)
    file = encode(flat(64, 48, 250), request).files[0]
    return np.asarray(Image.open(BytesIO(file.data)))


def test_black_keeps_white_is_drawn_and_between_them_it_fades() -> None:
    given = noise(128, 96)
    drawn = finish(drawn_over(given, left_half(128, 96)))
    kept = np.frombuffer(given.rgb, np.uint8).reshape(96, 128, 3)
    assert (drawn[:, 64:] == kept[:, 64:]).all()
    assert (drawn[:, :56] == 250).all()
    assert not (drawn[:, 62:64] == 250).all()


def test_pictures_of_different_sizes_are_refused() -> None:
    with pytest.raises(StageError, match="differ in size"):
        finish(drawn_over(noise(64, 48), left_half(128, 96)))
