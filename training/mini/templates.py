"""The prompt templates of the four asset types, as the studio sends them: captions must know them word for word."""

TEMPLATES: dict[str, str] = {
    "icon": (
        "{prompt}, Fluent 2 design icon, minimal vector style, solid background, clean geometric shapes, "
        "professional UI icon, subtle gradients, centered composition, high contrast"
    ),
    "product": (
        "{prompt}, product illustration style, clean professional aesthetic, brand color palette, "
        "balanced composition, clear focal point, suitable for documentation and product pages"
    ),
    "logo": (
        "{prompt}, simple iconic illustration, logo-style artwork, clean and memorable, limited color palette, "
        "strong silhouette, works at small sizes, brand aesthetic"
    ),
    "premium": (
        "{prompt}, premium editorial illustration, marketing-grade quality, rich visual storytelling, "
        "sophisticated color palette, dynamic composition, hero image quality, brand aesthetic, "
        "suitable for websites and marketing campaigns"
    ),
}
