"""What pictures are seen by: colours and edges whatever is shown, shapes whatever they are drawn in, and networks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import transformers
from PIL import Image, ImageFilter

from configs.errors import ConfigError
from tests.bench.judging.looks import KESTREL, LEARNED, UNSEEN, pictures
from training.lora.judging.eyes import Manner, Network, fit
from training.lora.judging.references import References, style_rank
from training.mini.world.pictures import render
from training.mini.world.scene import Scene


def icon(subject: str) -> Image.Image:
    return Image.fromarray(render(Scene(subject, "blue", "white", "icon")))


@pytest.fixture(scope="module")
def references() -> References:
    own = pictures(KESTREL, LEARNED[:8])
    return References([one for one in own if not one.held_out], [one for one in own if one.held_out])


def test_manner_sees_the_look_and_not_the_subject() -> None:
    look, other, plain = Manner().look([KESTREL.draw(UNSEEN[0]), KESTREL.draw(UNSEEN[1]), icon(UNSEEN[0])])
    assert look @ other > look @ plain + 0.1


def test_shape_sees_the_subject_and_not_the_look(references: References) -> None:
    right = references.captions.index(KESTREL.caption(LEARNED[2]))
    softened = KESTREL.draw(LEARNED[2]).filter(ImageFilter.GaussianBlur(1))
    like = references.shapes @ references.shape.look([softened])[0]
    assert int(np.argmax(like)) == right


def test_a_style_is_ranked_between_the_base_and_the_set(references: References) -> None:
    base = Manner().look([icon(subject) for subject in UNSEEN[:4]])
    ideal, soft, plain = Manner().look(
        [KESTREL.draw(UNSEEN[0]), KESTREL.draw(UNSEEN[0]).filter(ImageFilter.GaussianBlur(2)), icon(UNSEEN[0])]
    )
    ranks = [style_rank(references, 0, vector, base) for vector in (ideal, soft, plain)]
    assert ranks == sorted(ranks, reverse=True)
    assert ranks[0] > 0.9
    assert ranks[2] < 0.5


def test_a_set_knows_its_colours(references: References) -> None:
    assert references.own_palette > 0.75
    assert references.palette_share(icon("car")) < 0.5


def test_any_picture_is_fitted_to_one_square() -> None:
    assert fit(Image.new("RGBA", (300, 100))).size == (128, 128)
    assert fit(Image.new("L", (40, 90))).mode == "RGB"


def test_a_network_of_ones_own_sees(tmp_path: Path) -> None:
    library: Any = transformers
    vision = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = library.CLIPConfig(
        vision_config={**vision, "image_size": 32, "patch_size": 8}, text_config=vision, projection_dim=12
    )
    library.CLIPModel(config).save_pretrained(tmp_path)
    library.CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size=32).save_pretrained(tmp_path)
    vectors = Network(tmp_path).look([icon("car"), icon("fish")])
    assert vectors.shape == (2, 12)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_folder_without_a_network_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is no network that sees pictures"):
        Network(tmp_path)
