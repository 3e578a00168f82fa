"""Every captioner of the table keeps what the protocol says; the one that ships knows its subjects in any look."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from configs.captioners import CaptionerConfig, CaptionerKind
from configs.errors import ConfigError, StageError
from configs.load import load_catalog
from configs.runtime import Runtime
from configs.schema import LicencePart
from configs.weights import Weights
from deployments.captioners.attributes import AttributeClassifier
from deployments.captioners.captioner import Asked, Captioner
from deployments.captioners.replica import CaptionReplica, open_picture
from deployments.captioners.table import CAPTIONERS, load_captioner
from deployments.captioners.vision_language_captioner import VisionLanguageCaptioner
from deployments.captions import CaptionRequest
from deployments.exchange import Exchange
from deployments.messages import Picture
from tests.deployments.captioners.tiny_models import blip, llava
from tests.kept_files import files_in_memory
from training.captioner.export import GRAMMAR
from training.mini.look_sets import render
from training.mini.looks import LOOKS

QUESTIONS = {"subject": ("mug", "woman", "other"), "colour": ("red", "blue"), "background": ("white", "other")}
QUESTIONS |= {"style": ("icon", "logo"), "garment:coat": ("none", "red")}


def attributes(folder: Path) -> None:
    torch.manual_seed(0)
    network = AttributeClassifier([len(answers) for answers in QUESTIONS.values()], 4, 8)
    save_file({name: part.contiguous() for name, part in network.state_dict().items()}, folder / "model.safetensors")
    told = {"width": 4, "dimensions": 8, "questions": QUESTIONS, "temperature": 0.1}
    (folder / "config.json").write_text(json.dumps(told | {"grammar": GRAMMAR.model_dump(mode="json")}))


@dataclass(frozen=True)
class Made:
    """A tiny captioner of a kind, of random weights."""

    kind: CaptionerKind
    make: Callable[[Path], None]
    takes_instructions: bool = False
    instruction: str = ""


MADE = {
    "attributes": Made("attributes", attributes),
    "blip": Made("vision-language", blip, instruction="a picture of"),
    "llava": Made("vision-language", llava, takes_instructions=True),
}


def config(made: Made, folder: Path) -> CaptionerConfig:
    return CaptionerConfig(
        id="tiny",
        name="Tiny",
        kind=made.kind,
        weights=Weights(path=str(folder)),
        instruction=made.instruction,
        takes_instructions=made.takes_instructions,
        max_new_tokens=8,
        runtime=Runtime(device="cpu"),
        licence_parts=(LicencePart(part="network", licence="apache-2.0"),),
    )


@pytest.fixture(scope="module", params=MADE)
def captioner(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Captioner:
    folder = tmp_path_factory.mktemp(request.param)
    MADE[request.param].make(folder)
    return load_captioner(config(MADE[request.param], folder)).captioner


def picture(number: int, width: int = 48, height: int = 40) -> Picture:
    rng = np.random.default_rng(number)
    return Picture(width, height, rng.integers(0, 256, (height, width, 3), np.uint8).tobytes())


def test_every_kind_has_a_row_and_is_tried_here() -> None:
    assert {one.kind for one in MADE.values()} == set(CAPTIONERS)


def test_a_caption_is_a_line_and_the_same_again_whatever_came_before(captioner: Captioner) -> None:
    alone = captioner.caption(picture(1), Asked())
    captioner.caption(picture(2, 200, 30), Asked())
    assert captioner.caption(picture(1), Asked()) == alone
    assert "\n" not in alone.text


def test_a_tiny_and_a_narrow_picture_are_captioned(captioner: Captioner) -> None:
    for size in ((2, 3), (400, 3)):
        assert isinstance(captioner.caption(picture(1, *size), Asked()).text, str)


@pytest.mark.parametrize("made", MADE)
@pytest.mark.parametrize("harm", ["gone", "cut", "other"])
def test_weights_that_are_not_whole_are_refused_in_a_sentence(made: str, harm: str, tmp_path: Path) -> None:
    MADE[made].make(tmp_path)
    file = tmp_path / "model.safetensors"
    if harm == "gone":
        file.unlink()
    elif harm == "cut":
        file.write_bytes(file.read_bytes()[:200])
    else:
        (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert", "hidden_size": 8}))
    with pytest.raises(ConfigError) as refused:
        load_captioner(config(MADE[made], tmp_path))
    assert "captioner 'tiny'" in str(refused.value)
    assert "\n" not in str(refused.value).strip()


def test_a_caption_goes_on_from_what_it_is_to_begin_with_and_is_unsure_where_it_is_cut(tmp_path: Path) -> None:
    blip(tmp_path)
    said = load_captioner(config(MADE["blip"], tmp_path)).captioner.caption(picture(1), Asked())
    assert said.text.startswith("a picture of ")
    longer = config(MADE["blip"], tmp_path).model_copy(update={"max_new_tokens": 40})
    assert load_captioner(longer).captioner.caption(picture(1), Asked()).text.startswith(said.text)
    assert said.unsure


def test_one_that_chats_is_told_what_people_ask_for_and_repeats_none_of_it(tmp_path: Path) -> None:
    llava(tmp_path)
    asked = Asked(instructions="describe a mug .", glossary=("kestrel",))
    chatting = load_captioner(config(MADE["llava"], tmp_path)).captioner
    assert isinstance(chatting, VisionLanguageCaptioner)
    told: list[str] = []
    chatting.__dict__["_processor"] = Overheard(chatting.__dict__["_processor"], told)
    said = chatting.caption(picture(1), asked)
    assert told[0].startswith("user <image>")
    assert told[0].endswith("describe a mug . Where they fit, use these words: kestrel. assistant")
    assert len(said.text.split()) <= 8


class Overheard:
    """A processor, and what it is told of words."""

    def __init__(self, processor: Any, told: list[str]) -> None:
        self._processor, self._told = processor, told

    def __call__(self, **given: Any) -> Any:
        self._told += given["text"]
        return self._processor(**given)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._processor, name)


def test_one_that_does_not_chat_takes_no_instructions(tmp_path: Path) -> None:
    blip(tmp_path)
    with pytest.raises(ConfigError, match="does not chat"):
        load_captioner(config(Made("vision-language", blip, takes_instructions=True), tmp_path))


def test_the_author_is_the_captioner_at_what_its_weights_hold(tmp_path: Path) -> None:
    attributes(tmp_path)
    first = load_captioner(config(MADE["attributes"], tmp_path)).author
    assert first.startswith("tiny@")
    assert len(first) == len("tiny@") + 12
    torch.manual_seed(1)
    network = AttributeClassifier([len(answers) for answers in QUESTIONS.values()], 4, 8)
    save_file({name: part.contiguous() for name, part in network.state_dict().items()}, tmp_path / "model.safetensors")
    assert load_captioner(config(MADE["attributes"], tmp_path)).author != first


def test_the_one_that_ships_knows_subjects_in_looks_that_it_never_saw() -> None:
    """Two thirds and not all: what is examined in full is in its card (`python -m training.captioner.examine`)."""
    shipped = load_captioner(load_catalog().captioners["mini-captioner"]).captioner
    things = [("red", "mug"), ("blue", "bicycle"), ("green", "cactus"), ("purple", "shield"), ("teal", "umbrella")]
    told, right = [], 0
    for look in LOOKS.values():
        for colour, subject in things:
            image = render(look, subject, colour)
            said = shipped.caption(Picture(*image.size, image.tobytes()), Asked())
            told.append(said.text)
            right += f"{colour} {subject}" in said.text
    assert right > len(told) * 2 / 3, told


def test_of_a_picture_of_nothing_it_says_less_and_that_it_is_not_sure() -> None:
    shipped = load_captioner(load_catalog().captioners["mini-captioner"]).captioner
    said = shipped.caption(Picture(64, 64, bytes((130, 90, 60)) * 4096), Asked())
    assert said.unsure
    assert len(said.text.split()) <= 7


async def replica_of(files: dict[str, bytes]) -> tuple[CaptionReplica, dict[str, str]]:
    """The shipped captioner over a store with some files, and their hashes."""
    keeper = files_in_memory()
    hashes = await keeper.put(tuple(files.values()))
    replica = CaptionReplica(load_catalog().captioners["mini-captioner"], Exchange(open_files=lambda: keeper))
    return replica, dict(zip(files, hashes, strict=True))


def encoded(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def test_the_replica_reads_files_itself_and_refuses_what_is_none() -> None:
    mug = render(LOOKS["kestrel"], "mug", "red")

    async def run() -> None:
        replica, at = await replica_of({"mug": encoded(mug), "text": b"no picture"})
        said = await replica.caption(CaptionRequest(at["mug"]))
        assert said.text == "a red mug"
        assert said.by.startswith("mini-captioner@")
        assert not said.unsure
        for refused, why in ((at["text"], "no picture"), ("0" * 64, "cannot be captioned")):
            with pytest.raises(StageError, match=why):
                await replica.caption(CaptionRequest(refused))
        replica.close()

    asyncio.run(run())


def test_what_is_transparent_lies_on_white_and_large_pictures_become_small() -> None:
    opened = open_picture(encoded(Image.new("RGBA", (3000, 1500), (255, 0, 0, 0))))
    assert (opened.width, opened.height, set(opened.rgb)) == (1024, 512, {255})
