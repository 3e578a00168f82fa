"""Scenes to SVG: one composition per style, and the same shapes painted flat for masks."""

from training.mini.world import backdrops
from training.mini.world.backdrops import Canvas, gradient
from training.mini.world.palette import COLOURS, DARK_BACKGROUNDS, PLAIN, Tone, mix
from training.mini.world.people import figure
from training.mini.world.scene import Scene
from training.mini.world.shapes import DETAILS, Shape
from training.mini.world.subjects import PEOPLE, THINGS

# Share of the canvas's short side that the subject's box of 100 units takes, and where its centre lies.
EXTENT = {"icon": 0.82, "product": 0.66, "logo": 0.56, "premium": 0.6}
CENTRE = {"icon": 0.5, "product": 0.52, "logo": 0.5, "premium": 0.58}
FIXED = {"wood": "#8a5a36", "leafy": "#3f9d4a", "flame": "#ff8a1f", "stem": "#ecd7ae", "accent": "#ffc629"}
SKINS = ("#f5c6a0", "#c98a5a", "#8a5636")
HAIRS = ("#4a2f1d", "#20222a", "#b9792f")


def canvas_of(size: tuple[int, int]) -> Canvas:
    """Canvas units for a pixel size: the short side of a square is 100 units, others keep its units per pixel."""
    return size[0] / 1.28, size[1] / 1.28


def draw(scene: Scene) -> str:
    """The scene as an SVG document of its own size; render it at any multiple."""
    canvas = canvas_of(scene.size)
    tones = _gradients(scene) if scene.style in ("product", "premium") else ""
    body = "".join(s.paint(_paint(scene, s)) for s in shapes_of(scene))
    inner = _shadow(scene, canvas) + f'<g transform="{_pose(scene, canvas)}">{body}</g>'
    return _document(scene, tones + _backdrop(scene, canvas) + inner)


def draw_subject(scene: Scene) -> str:
    """The subject alone, on no ground and without its shadow."""
    tones = _gradients(scene) if scene.style in ("product", "premium") else ""
    body = "".join(s.paint(_paint(scene, s)) for s in shapes_of(scene))
    return _document(scene, f'{tones}<g transform="{_pose(scene, canvas_of(scene.size))}">{body}</g>')


def mask(scene: Scene, part: str) -> str:
    """An SVG, white where `part` is visible and black elsewhere; part is `subject` (everything) or `garment:<kind>`."""
    canvas = canvas_of(scene.size)
    whole = part == "subject"
    body = "".join(s.paint("#fff" if whole or s.part == part else "#000") for s in shapes_of(scene))
    ground = backdrops.fill(canvas, "#000")
    return _document(scene, f'{ground}<g transform="{_pose(scene, canvas)}">{body}</g>')


def shapes_of(scene: Scene) -> tuple[Shape, ...]:
    if scene.subject in PEOPLE:
        return figure(scene.subject, scene.garments)
    return THINGS[scene.subject].draw()


def _document(scene: Scene, body: str) -> str:
    w, h = canvas_of(scene.size)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{scene.size[0]}" height="{scene.size[1]}" '
        f'viewBox="0 0 {w:g} {h:g}">{body}</svg>'
    )


def _pose(scene: Scene, canvas: Canvas) -> str:
    place = scene.placement
    share = EXTENT[scene.style] * (1.12 if scene.subject in PEOPLE else 1.0)
    across = min(canvas[0], canvas[1] * 0.9) if scene.size[0] <= scene.size[1] else canvas[1] * 1.08
    scale = share * across / 100 * place.scale
    x, y = canvas[0] / 2 + place.dx, canvas[1] * CENTRE[scene.style] + place.dy
    turn = 0 if _stands(scene) else place.turn
    return f"translate({x:.2f} {y:.2f}) rotate({turn:.2f}) scale({scale:.4f}) translate(-50 -50)"


def _stands(scene: Scene) -> bool:
    return scene.style in ("product", "premium") or scene.subject in PEOPLE


def _backdrop(scene: Scene, canvas: Canvas) -> str:
    if scene.background in backdrops.SCENE_BACKDROPS:
        return backdrops.SCENE_BACKDROPS[scene.background](canvas)
    if scene.style == "premium":
        return backdrops.layers(canvas, scene.background)
    if scene.style == "product":
        return backdrops.stage(canvas, scene.background)
    base = PLAIN[scene.background].base
    return backdrops.fill(canvas, base) + (_ring(scene, canvas) if scene.style == "logo" else "")


def _ring(scene: Scene, canvas: Canvas) -> str:
    radius = min(canvas) * 0.44
    colour = _main_tone(scene).base
    return (
        f'<circle cx="{canvas[0] / 2:g}" cy="{canvas[1] / 2:g}" r="{radius:g}" fill="none" '
        f'stroke="{colour}" stroke-width="5"/>'
    )


def _shadow(scene: Scene, canvas: Canvas) -> str:
    """A soft contact shadow in the styles that have a ground."""
    if scene.style not in ("product", "premium"):
        return ""
    place = scene.placement
    across = min(canvas[0], canvas[1])
    x = canvas[0] / 2 + place.dx
    y = canvas[1] * CENTRE[scene.style] + place.dy + EXTENT[scene.style] * across * 0.46
    rx = EXTENT[scene.style] * across * 0.44
    return f'<ellipse cx="{x:.2f}" cy="{y:.2f}" rx="{rx:.2f}" ry="{rx * 0.13:.2f}" fill="#000000" fill-opacity="0.22"/>'


def _main_tone(scene: Scene) -> Tone:
    return COLOURS[scene.colour or scene.garments[0].colour]


def _gradients(scene: Scene) -> str:
    """Top-lit gradients for main and garments: gentle in product style, strong in premium."""
    share = 0.35 if scene.style == "product" else 0.6
    tones = {"main": _main_tone(scene)} | {f"garment-{g.kind}": COLOURS[g.colour] for g in scene.garments}
    return "".join(
        gradient(name, (mix(t.base, t.light, share * 0.5), t.base, mix(t.base, t.dark, share)))
        for name, t in tones.items()
    )


def _paint(scene: Scene, shape: Shape) -> str:
    return _logo_paint(scene, shape) if scene.style == "logo" else _full_paint(scene, shape)


def _logo_paint(scene: Scene, shape: Shape) -> str:
    ground = PLAIN[scene.background].base
    if shape.role in DETAILS:
        return ground
    if scene.subject in PEOPLE and shape.role in ("skin", "hair"):
        return "#c5ccd8" if scene.background in DARK_BACKGROUNDS else "#4a4f5a"
    return _main_tone(scene).base


def _full_paint(scene: Scene, shape: Shape) -> str:
    role = shape.role
    shaded = scene.style in ("product", "premium")
    if role.startswith("garment:"):
        kind = role.removeprefix("garment:")
        worn = next(g for g in scene.garments if g.kind == kind)
        return f"url(#garment-{kind})" if shaded else COLOURS[worn.colour].base
    if role == "main":
        return "url(#main)" if shaded else _main_tone(scene).base
    return _detail_paint(scene, shape)


def _detail_paint(scene: Scene, shape: Shape) -> str:
    role = shape.role
    variant = scene.placement.variant
    if role == "skin":
        return SKINS[variant]
    if role == "hair":
        return HAIRS[(variant * 2) % 3]
    if role in ("dark", "light"):
        tone = _tone_of_part(scene, shape)
        return tone.dark if role == "dark" or scene.colour == "white" else tone.light
    if role == "paper":
        return "#dfe4ec" if scene.colour == "white" else "#ffffff"
    if role == "eye":
        return "#ffffff" if scene.colour == "black" else "#1d2026"
    return FIXED.get(role) or ("#c9d0dc" if scene.background in DARK_BACKGROUNDS else "#343a46")


def _tone_of_part(scene: Scene, shape: Shape) -> Tone:
    kind = shape.part.removeprefix("garment:")
    worn = [g for g in scene.garments if g.kind == kind]
    return COLOURS[worn[0].colour] if worn else _main_tone(scene)
