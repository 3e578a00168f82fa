"""Every judge keeps what the protocol says: the same number again, alone or beside others, from what is seen alone."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageFilter

from deployments.messages import Picture
from deployments.stages.measures import measure
from router.experiments.judges.carried import CARRIED
from router.experiments.judges.judge import Judge, Pixels, Seen
from router.experiments.judges.learned import ComparedPair, LearnedJudge, learn
from router.experiments.judges.pixel_statistics import STATISTICS, measure_pixels
from tests.router.experiments.judges.icons import draw_icon

Harm = Callable[[Pixels, int], Pixels]


def learned() -> LearnedJudge:
    rng = np.random.default_rng(0)
    icons = [draw_icon(rng) for _ in range(80)]
    numbers = [measure_pixels(icon.pixels) for icon in icons]
    pairs = []
    for vote in range(240):
        i, j = rng.choice(80, 2, replace=False)
        won = rng.random() < 1 / (1 + np.exp(icons[j].liking - icons[i].liking))
        pairs.append(ComparedPair(numbers[i], numbers[j], float(won), f"p{vote % 40}"))
    return LearnedJudge(learn(pairs))


JUDGES: dict[str, Judge] = {**CARRIED, "learned-linear": learned()}


def see(pixels: Pixels) -> Seen:
    """As the stages would have measured it, but for what takes a network or a brand kit."""
    picture = Picture(pixels.shape[1], pixels.shape[0], pixels.tobytes())
    scores = measure(picture, ("sharpness", "stray_text"))
    contrast = float(pixels.std()) / 128
    made_up = {"palette_adherence": contrast, "legibility_16": contrast, "fidelity": contrast, "preference": contrast}
    return Seen(pixels, scores | made_up)


@pytest.fixture(scope="module")
def pictures() -> list[Seen]:
    rng = np.random.default_rng(1)
    return [see(draw_icon(rng).pixels) for _ in range(6)]


@pytest.mark.parametrize("judge", JUDGES.values(), ids=list(JUDGES))
def test_a_picture_has_the_same_score_again_alone_and_beside_others(judge: Judge, pictures: list[Seen]) -> None:
    together = [score.value for score in judge.score(pictures, "an owl")]
    assert [score.value for score in judge.score(pictures, "an owl")] == together
    assert [judge.score([seen], "an owl")[0].value for seen in pictures] == together
    assert [score.value for score in judge.score(pictures[::-1], "an owl")] == together[::-1]
    assert len(set(together)) > 1 or judge.id == "stray-text"


@pytest.mark.parametrize("judge", JUDGES.values(), ids=list(JUDGES))
def test_scores_say_whose_they_are(judge: Judge, pictures: list[Seen]) -> None:
    (score,) = judge.score(pictures[:1], "an owl")
    assert (score.judge, score.criterion, score.sha256) == (judge.id, judge.criterion, judge.sha256)
    assert score.seconds >= 0


def test_what_a_file_says_of_its_maker_is_not_seen(pictures: list[Seen]) -> None:
    """A picture with a name of its model in it is decoded to the same pixels, and those are all there is."""
    written = []
    for comment in ("drawn by klein", ""):
        file = io.BytesIO()
        image = Image.fromarray(pictures[0].pixels)
        image.save(file, "PNG", **({"exif": b"Exif\0\0", "description": comment} if comment else {}))
        written.append(np.asarray(Image.open(file).convert("RGB")))
    judge = JUDGES["learned-linear"]
    one, other = (judge.score([Seen(pixels, {"seed": 7.0})], "")[0].value for pixels in written)
    assert one == other


def blur(pixels: Pixels, step: int) -> Pixels:
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(1.5 * step)))


def noise(pixels: Pixels, step: int) -> Pixels:
    rng = np.random.default_rng(0)
    noisy: Pixels = np.clip(pixels + rng.normal(0, 8 * step, pixels.shape), 0, 255).astype(np.uint8)
    return noisy


def grey(pixels: Pixels, step: int) -> Pixels:
    """Less and less contrast."""
    return (128 + (pixels.astype(float) - 128) * (1 - step / 4)).astype(np.uint8)


@pytest.mark.parametrize(
    ("judge", "harm"),
    [("sharpness", blur), ("learned-linear", noise), ("learned-linear", grey), ("brand-colours", grey)],
    ids=["sharpness blur", "learned noise", "learned grey", "colours grey"],
)
def test_a_picture_that_is_harmed_more_is_judged_worse(judge: str, harm: Harm) -> None:
    """Of what these people do not like: the mean over icons goes down each step of the ladder."""
    rng = np.random.default_rng(3)
    icons = [draw_icon(rng).pixels for _ in range(16)]
    means = []
    for step in range(4):
        values = [one.value for one in JUDGES[judge].score([see(harm(icon, step)) for icon in icons], "")]
        known = [value for value in values if value is not None]
        means.append(sum(known) / len(known))
    assert means == sorted(means, reverse=True)
    assert means[0] > means[-1]


def test_what_no_stage_has_measured_is_not_judged(pictures: list[Seen]) -> None:
    bare = Seen(pictures[0].pixels)
    assert all(judge.score([bare], "")[0].value is None for judge in CARRIED.values())
    assert CARRIED["brand-colours"].score([Seen(bare.pixels, {"palette_adherence_before": 1.0})], "")[0].value is None
    legibility = CARRIED["legibility"].score([Seen(bare.pixels, {"legibility_16": 0.4, "legibility_svg_32": 0.8})], "")
    assert legibility[0].value == pytest.approx(0.6)


def test_statistics_are_twenty_finite_numbers_of_any_picture() -> None:
    for pixels in (np.zeros((1, 1, 3), np.uint8), np.full((7, 300, 3), 255, np.uint8)):
        found = measure_pixels(pixels)
        assert found.shape == (len(STATISTICS),) == (20,)
        assert np.isfinite(found).all()
