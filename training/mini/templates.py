"""The prompt templates of the four asset types, as the studio sends them: captions must know them word for word."""

from configs.load import load_catalog

ASSET_TYPES: dict[str, str] = {
    "icon": "icon",
    "product": "product_illustration",
    "logo": "logo_illustration",
    "premium": "premium_illustration",
}
_CATALOG = load_catalog()
TEMPLATES: dict[str, str] = {
    style: _CATALOG.asset_types[name].prompt_template.strip() for style, name in ASSET_TYPES.items()
}
