"""An input picture: what stands for it may change, how it counts does not."""

from __future__ import annotations

import pickle

from hypothesis import given
from hypothesis import strategies as some

from configs.inputs import InputImage, Role, drawn_over, image_of, images_of, map_images

ROLES: tuple[Role, ...] = ("image", "mask", "reference", "control", "image_prompt")
SHARE = some.floats(0, 1)
INPUTS = some.lists(
    some.builds(
        InputImage,
        role=some.sampled_from(ROLES),
        image=some.text(),
        kind=some.sampled_from(["", "canny"]),
        scale=SHARE,
        start=SHARE,
        end=SHARE,
    )
)


@given(INPUTS)
def test_only_what_stands_for_the_picture_is_exchanged(inputs: list[InputImage[str]]) -> None:
    changed = map_images(inputs, len)
    assert [one.image for one in changed] == [len(one.image) for one in inputs]
    assert [one.with_image("") for one in changed] == [one.with_image("") for one in inputs]
    assert pickle.loads(pickle.dumps(changed)) == changed  # noqa: S301 - our own
    assert len(set(changed)) <= len(changed)  # they can be hashed, as the messages that hold them are


@given(INPUTS)
def test_every_input_is_found_in_its_role_in_order(inputs: list[InputImage[str]]) -> None:
    for role in ROLES:
        there = [one.image for one in inputs if one.role == role]
        assert list(images_of(inputs, role)) == there
        assert image_of(inputs, role) == (there[0] if there else None)


def test_a_role_is_told_with_what_it_has() -> None:
    control: InputImage[str] = InputImage(role="control", image="a", kind="canny", start=0.2)
    assert control.told() == {"kind": "canny", "scale": 1.0, "start": 0.2, "end": 1.0}
    assert control.model_copy(update={"role": "image_prompt"}).told()["scale"] == 1.0
    assert set(control.model_copy(update={"role": "mask"}).told().values()) == {None}
    assert [one.role for one in drawn_over("a", "b")] == ["image", "mask"]
