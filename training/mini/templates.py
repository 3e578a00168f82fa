"""The prompt templates of the four asset types, as the studio sends them: captions must know them word for word."""

from configs.load import load_catalog
from configs.templates import Template

ASSET_TYPES: dict[str, str] = {
    "icon": "icon",
    "product": "product_illustration",
    "logo": "logo_illustration",
    "premium": "premium_illustration",
}
_CATALOG = load_catalog()
TEMPLATES: dict[str, str] = {
    style: "{prompt}".join(Template.parse(_CATALOG.asset_types[name].prompt_template).around({}))
    for style, name in ASSET_TYPES.items()
}
