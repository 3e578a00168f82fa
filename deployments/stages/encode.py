"""A finished picture as files, each at its final size with its recipe inside. CPU only, no torch."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from PIL import Image

from configs.errors import AtelierError, StageError
from configs.formats import MEDIA_TYPES, VECTORS, Format
from configs.inputs import InputImage
from deployments.messages import Picture, PictureRef, Recipe, Terms
from deployments.provenance.claim import write_claim
from deployments.provenance.signing import SIGNED
from deployments.stages.clear_space import keep_clear
from deployments.stages.composite import composite
from deployments.stages.linear import resize, sharpen
from deployments.stages.raster import write_avif, write_jpeg, write_png, write_webp

if TYPE_CHECKING:
    from deployments.provenance.signatory import Signatory

log = logging.getLogger(__name__)

_RASTERS = {"png": write_png, "webp": write_webp, "jpeg": write_jpeg, "avif": write_avif}


@dataclass(frozen=True, slots=True)
class FinishRequest:
    """Bring a picture to its final size (pixels), lay it over what it keeps, if anything, and write it in each format,
    with its recipe inside; and in each of the further `sizes`, the formats that have a size.

    `sharpen` is how much of an unsharp mask it gets at each size. What is cut out keeps `clear_space` of its size
    around it, and lies on `ground` where a format has no transparency. How much it is `like` that picture is measured.
    `terms` are what its files say that they may be used for. `file_quality` (0 to 100) is that of lossy formats, each
    of which has a usual one. Without `credentials` they are not signed.
    """

    method: ClassVar[str] = "finish"
    streams: ClassVar[bool] = True
    takes_picture: ClassVar[bool] = True

    width: int
    height: int
    formats: tuple[Format, ...]
    recipe: Recipe
    composite: tuple[InputImage[PictureRef], ...] = ()
    sizes: tuple[tuple[int, int], ...] = ()
    sharpen: float = 0.0
    clear_space: float = 0.0
    ground: str = "#ffffff"
    like: PictureRef = None
    terms: Terms | None = None
    file_quality: int | None = None
    credentials: bool = True


@dataclass(frozen=True, slots=True)
class EncodedFile:
    """One file. `size`, written WIDTHxHEIGHT, tells a further size from the picture's own, which has none."""

    format: Format
    media_type: str
    data: bytes
    size: str = ""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A picture in its formats; `notes` say what was left out and why, and it took `seconds`. `scores` were measured of
    what only files have: a drawing."""

    files: tuple[EncodedFile, ...]
    notes: tuple[str, ...]
    seconds: float
    scores: dict[str, float] = field(default_factory=dict)


def encode(
    picture: Picture, request: FinishRequest, signatory: Signatory | None = None, parent: bytes | None = None
) -> Encoded:
    """Bring a picture to its final size and write each format asked for; what `request` names are pixels. Each file
    that can be signed is, last, if somebody does; `parent` is the file of the picture that this one is a change of.

    What cannot be delivered, such as an SVG of a picture that is not flat, is left out and explained in `notes`;
    a picture of which nothing could be delivered comes as PNG. A file that cannot be signed is delivered unsigned: the
    picture is not lost, and a note says so.
    Raises StageError if the picture itself cannot be written.
    """
    started = time.perf_counter()
    try:
        outward = replace(request, recipe=request.recipe.outward())
        writing = _Writing(outward, _open(picture), signatory, parent)
        files = tuple(writing.files())
    except AtelierError:
        raise
    except Exception as error:  # noqa: BLE001 - a picture that fails must not take the replica with it
        log.exception("a picture could not be written")
        raise StageError(f"the picture could not be written as a file ({type(error).__name__})") from None
    notes = tuple(dict.fromkeys(writing.notes))
    return Encoded(files, notes, time.perf_counter() - started, writing.scores)


@dataclass
class _Writing:
    """The files of one picture: what they have in common is made once."""

    request: FinishRequest
    source: Image.Image
    signatory: Signatory | None = None
    parent: bytes | None = None
    notes: list[str] = field(default_factory=list)
    scores: dict[str, float] = field(default_factory=dict)
    _svg: bytes | StageError | None = None

    def files(self) -> Iterator[EncodedFile]:
        if self.source.mode == "RGBA":
            self.source, note = keep_clear(self.source, self.request.clear_space)
            self.notes += [note] if note else []
        own = sharpen(self._sized(self.request.width, self.request.height), self.request.sharpen)
        if self.request.composite:
            self.source = own = composite(own, self.request.composite)
        written = [file for kind in self.request.formats if (file := self._file(kind, own))]
        if not written:
            self.notes.append("delivered as PNG instead")
            written = [EncodedFile("png", MEDIA_TYPES["png"], self._raster("png", own))]
        yield from written
        for width, height in self.request.sizes:
            sized = sharpen(self._sized(width, height), self.request.sharpen)
            for kind in dict.fromkeys(file.format for file in written if file.format not in VECTORS):
                yield EncodedFile(kind, MEDIA_TYPES[kind], self._raster(kind, sized), f"{width}x{height}")

    def _sized(self, width: int, height: int) -> Image.Image:
        return resize(self.source, width, height)

    def _file(self, kind: Format, own: Image.Image) -> EncodedFile | None:
        """None, with a note, for what cannot be delivered."""
        try:
            data = self._vector(kind) if kind in VECTORS else self._raster(kind, own)
        except StageError as error:
            self.notes.append(error.message)
            return None
        return EncodedFile(kind, MEDIA_TYPES[kind], data)

    def _raster(self, kind: Format, image: Image.Image) -> bytes:
        if kind == "jpeg" and image.mode == "RGBA":
            self.notes.append(f"JPEG has no transparency: the picture lies on {self.request.ground} in it")
            image = _laid_on(image, self.request.ground)
        return self._signed(kind, _RASTERS[kind](image, self.request.recipe, self.request.file_quality))

    def _signed(self, kind: Format, data: bytes) -> bytes:
        if self.signatory is None or not self.request.credentials or kind not in SIGNED:
            return data
        claim = write_claim(self.request.recipe, self.request.terms, kind)
        try:
            return self.signatory.sign(data, kind, claim, self.parent)
        except StageError as error:
            log.error("a file is delivered unsigned: %s", error.message)
            self.notes.append(f"delivered without content credentials: {error.message}")
            return data

    def _vector(self, kind: Format) -> bytes:
        svg = self._drawing()
        if kind == "svg":
            return svg
        from deployments.stages.pdf import write_pdf  # its library, which only a replica needs

        return write_pdf(svg, self.request.recipe, self.request.width, self.request.height)

    def _drawing(self) -> bytes:
        """The SVG file, which PDF is made of, too."""
        from deployments.stages.legibility import measure_drawing
        from deployments.stages.vector import rasterise, write_svg  # the tracer, which only a replica needs

        if self._svg is None:
            # Traced before resizing, when there may be more to see.
            width, height = self.request.width, self.request.height
            try:
                self._svg = write_svg(self.source, self.request.recipe, width, height)
                legible = measure_drawing(partial(rasterise, self._svg.decode()), width, height)
                self.scores = {f"legibility_svg_{size}": score for size, score in legible.items()}
            except StageError as error:
                self._svg = error
        if isinstance(self._svg, StageError):
            raise self._svg
        return self._svg


def _open(picture: Picture) -> Image.Image:
    size = (picture.width, picture.height)
    image = Image.frombytes("RGB", size, picture.rgb)
    if picture.alpha:
        image.putalpha(Image.frombytes("L", size, picture.alpha))
    return image


def _laid_on(image: Image.Image, ground: str) -> Image.Image:
    return Image.alpha_composite(Image.new("RGBA", image.size, ground), image).convert("RGB")
