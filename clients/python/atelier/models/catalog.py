"""What there is to choose from: models, LoRAs, asset types, qualities and brand kits; and how the studio is."""

from __future__ import annotations

from datetime import date
from typing import Any

from atelier.models.body import Body, Licence


class LicencePart(Body):
    """Which licence a part of a model is under, and where its publisher says so."""

    part: str
    licence: str
    source: str | None = None
    read_on: date | None = None


class StepRange(Body):
    """How many steps a picture may take."""

    fewest: int
    most: int


class Sampler(Body):
    """A way to take noise away, and where its steps may lie: an empty `schedules` leaves no choice."""

    id: str
    name: str
    schedules: tuple[str, ...] = ()


class Capabilities(Body):
    """What a model can do; what it cannot is refused with `errors.Unsupported`.

    `modes`: `txt2img`, `img2img`, `inpaint`, `edit` (of up to `references` pictures). `controls` are the kinds of
    control pictures that it can follow. `guidance`: `embedded`, `classifier-free`, or `none`, which has no
    `guidance_scale`. `text_length` counts the tokens of a prompt that are read.
    """

    modes: tuple[str, ...]
    controls: tuple[str, ...] = ()
    image_prompt: bool = False
    references: int = 0
    lora: bool = False
    negative_prompt: bool = False
    guidance: str
    steps: StepRange
    size_multiple: int
    text_length: int
    samplers: tuple[Sampler, ...] = ()


class Model(Body):
    """A model that the studio runs. `steps` are per quality. LoRAs for it are trained on the model `trained_on`,
    itself or another; None where none are.

    `capabilities` is absent where the studio is older than this client.
    """

    id: str
    name: str
    description: str
    family: str
    variant: str = "base"
    default: bool
    native_sizes: tuple[str, ...]
    steps: dict[str, int]
    guidance_scale: float
    sampler: str | None = None
    schedule: str | None = None
    upscaler: str | None = None
    scorer: str | None = None
    vram_gb: float | None = None
    trained_on: str | None = None
    capabilities: Capabilities | None = None
    licence: Licence
    licence_parts: tuple[LicencePart, ...] = ()


class Models(Body):
    """The models that the studio runs."""

    models: tuple[Model, ...]


class Lora(Body):
    """A LoRA: `models` are those of the studio that it fits; its `trigger_words` are written into prompts by itself."""

    id: str
    version: str = ""
    name: str
    description: str
    family: str
    models: tuple[str, ...]
    trigger_words: tuple[str, ...]
    default_strength: float
    licence: Licence


class Loras(Body):
    """LoRAs, those of one family together."""

    loras: tuple[Lora, ...]


class Slot(Body):
    """A part of an asset type's template that a request may fill; `choices`, if any, are all that it may say."""

    description: str = ""
    choices: tuple[str, ...] = ()
    default: str = ""
    required: bool = False


class Style(Body):
    """A variant of an asset type."""

    name: str
    words: str = ""
    negative_prompt: str = ""


class AssetType(Body):
    """A kind of picture: a template around the prompt, sizes (`512x512`) and file formats."""

    id: str
    version: str = ""
    name: str
    description: str
    prompt_template: str
    slots: dict[str, Slot] = {}
    styles: dict[str, Style] = {}
    default_style: str | None = None
    default_size: str
    sizes: tuple[str, ...]
    stages: dict[str, Any] = {}
    brand_kit: str | None = None
    formats: tuple[str, ...]
    sha256: str = ""


class BrandColour(Body):
    """A colour of a brand (`#d13438`); a pixel within `tolerance` of it, in OKLab, counts as that colour."""

    name: str
    colour: str
    role: str = "primary"
    tolerance: float = 0.05


class BrandKit(Body):
    """What pictures are kept to: colours, room around subjects, words that prompts may not have, and a tone."""

    id: str
    version: str = ""
    name: str
    description: str = ""
    palette: tuple[BrandColour, ...]
    clear_space: float = 0.0
    banned_words: tuple[str, ...] = ()
    tone: str = ""


class BrandKits(Body):
    """The brand kits of the studio, by name."""

    brand_kits: tuple[BrandKit, ...]


class Quality(Body):
    """How much time a picture may take."""

    id: str
    name: str
    description: str


class Limits(Body):
    """What one request may ask for, and how large a file may be; None where the studio does not say."""

    max_variations: int | None = None
    max_prompt_chars: int | None = None
    max_loras: int | None = None
    max_pictures: int | None = None
    max_uploaded_pictures: int | None = None
    max_picture_bytes: int | None = None
    max_picture_pixels: int | None = None
    max_lora_bytes: int | None = None


class AssetTypes(Body):
    """The kinds of pictures and the qualities, fastest first, and what may be asked for."""

    asset_types: tuple[AssetType, ...]
    qualities: tuple[Quality, ...]
    limits: Limits = Limits()


class Health(Body):
    """`ok`; or `starting`, or `waiting` for the file store, with what is awaited."""

    status: str
    version: str
    detail: str = ""
