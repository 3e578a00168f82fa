"""Orders of mini, fifty of them, that together take every way which a picture can take on a laptop."""

from __future__ import annotations

from typing import Any

UPLOAD, MASK = "{upload}", "{mask}"
"""Stand for pictures that were brought."""

_SAMPLERS = ("euler",)
_TYPES = ("icon", "logo_illustration", "product_illustration", "premium_illustration")
_LORAS = ("mini-dusk", "mini-ember", "mini-harbour", "mini-kestrel")
_OVER = {"image": UPLOAD, "strength": 0.6}

ORDERS: dict[str, dict[str, Any]] = {
    **{
        f"{type} {quality}": {"asset_type": type, "quality": quality}
        for type in _TYPES
        for quality in ("draft", "standard")
    },
    **{f"high {type}": {"asset_type": type, "quality": "high"} for type in _TYPES[1:3]},
    **{f"LoRA {id}": {"loras": [{"id": id}]} for id in _LORAS},
    **{f"half a LoRA {id}": {"loras": [{"id": id, "strength": 0.5}]} for id in _LORAS},
    "two LoRAs": {"loras": [{"id": "mini-dusk", "strength": 0.6}, {"id": "mini-kestrel", "strength": 0.4}]},
    "a LoRA taken away": {"loras": [{"id": "mini-ember", "strength": -0.5}]},
    "a LoRA and its version": {"loras": [{"id": "mini-ember@1.0.0"}]},
    **{f"sampler {name}": {"sampler": name} for name in _SAMPLERS},
    "few steps": {"num_inference_steps": 4},
    "many steps": {"num_inference_steps": 24},
    "guided": {"guidance_scale": 1.5},
    "tall": {"size": "96x160"},
    "wide": {"size": "160x96"},
    "enlarged": {"size": "256x256"},
    "enlarged twice": {"size": "512x512"},
    "further sizes": {"sizes": ["64x64", "32x32"], "formats": ["png", "webp"]},
    "all formats": {"formats": ["png", "webp", "jpeg"]},
    "near another": {"near": {"seed": 5, "strength": 0.3}},
    "refined": {"stages": {"refine": {"strength": 0.3}}},
    "refined and enlarged": {"size": "256x256", "stages": {"refine": {"strength": 0.3}}},
    "cut out": {"stages": {"cut_out": {}}},
    "kept to a kit": {"brand_kit": "harbour", "stages": {"palette": {"mode": "snap"}}},
    "kept softly to a kit": {"brand_kit": "atelier", "stages": {"palette": {"mode": "soft"}}},
    "in colours of its own": {"brand_kit": "atelier", "stages": {"palette": {"colours": ["#0078D4", "#ffffff"]}}},
    "drawn over": _OVER,
    "drawn over a little": {"image": UPLOAD, "strength": 0.3},
    "drawn over with a LoRA": {**_OVER, "loras": [{"id": "mini-harbour"}]},
    "drawn over and enlarged": {**_OVER, "size": "256x256"},
    "where a mask marks": {**_OVER, "mask": MASK},
    "where a mask marks, at more": {"image": UPLOAD, "mask": MASK, "strength": 0.9},
    "without a refinement": {"stages": {"refine": False}},
    "another seed": {"seed": 77},
    "few steps and guided": {"num_inference_steps": 6, "guidance_scale": 2.5},
    "tall with a look": {"size": "96x160", "loras": [{"id": "mini-dusk"}]},
    "an icon of few colours": {"asset_type": "icon", "brand_kit": "harbour"},
    "icon with a look": {"asset_type": "icon", "loras": [{"id": "mini-kestrel"}]},
}

BESIDE: dict[str, dict[str, Any]] = {
    "the best of three": {"best_of": 3},
    "two of four": {"best_of": 4, "keep": 2},
    "one of several": {"num_variations": 3},
    "in tiles": {"size": "256x256", "stages": {"tile": {}}},
    "the best where a mask marks": {**_OVER, "mask": MASK, "best_of": 2},
}
"""Orders of which several drawings are in one batch: its rows decide in which order numbers are added up."""
