"""The asset types as a table for their folder's README: generated, so that a new YAML is in the docs, too.

`python -m configs.contract_page` writes it; a test holds that it was.
"""

from __future__ import annotations

from configs.catalog import Catalog
from configs.contracts import AssetTypeConfig
from configs.load import ROOT, load_catalog

README = ROOT / "configs" / "asset_types" / "README.md"
BEGIN = "<!-- generated: python -m configs.contract_page -->\n"
END = "<!-- end -->\n"
_HEAD = ("asset type", "version", "usual size", "files", "styles", "slots", "stages", "brand kit")


def table(catalog: Catalog) -> str:
    """A line an asset type, and one a quality after them."""
    lines = [_line(_HEAD), _line(["---"] * len(_HEAD))]
    lines += [_line(_cells(asset_type)) for asset_type in catalog.asset_types.values()]
    lines += ["\n", _line(("quality", "size", "stages", "what it is for")), _line(["---"] * 4)]
    for quality in sorted(catalog.qualities.values(), key=lambda one: one.order):
        size = "as the model draws" if quality.size == "native" else f"{quality.enlarge} × the usual one"
        lines.append(_line((f"`{quality.id}`", size, _stages(quality.stages), quality.description)))
    return "".join(lines)


def insert(text: str, inner: str) -> str:
    """`text` with `inner` between its two markers. Raises ValueError without them."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the markers are missing: {BEGIN.strip()} and {END.strip()}")
    return f"{before}{BEGIN}{inner}{END}{after}"


def _cells(one: AssetTypeConfig) -> tuple[str, ...]:
    return (
        f"`{one.id}`",
        one.version,
        str(one.default_size),
        ", ".join(one.formats),
        ", ".join(one.used_styles) or "–",
        ", ".join(one.used_slots) or "–",
        _stages(one.stages),
        one.brand_kit or "–",
    )


def _stages(stages: dict[str, bool | dict[str, object]]) -> str:
    return ", ".join(f"no {name}" if terms is False else name for name, terms in stages.items()) or "–"


def _line(cells: tuple[str, ...] | list[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    README.write_text(insert(README.read_text(), table(load_catalog())))
