"""The room that a brand keeps around its marks: what is cut out too near to the edge of its picture is made smaller."""

from __future__ import annotations

from PIL import Image

from deployments.stages.linear import resize

_SEEN = 8  # of 255: what is less opaque belongs to nothing


def keep_clear(image: Image.Image, share: float) -> tuple[Image.Image, str]:
    """An RGBA picture whose subject has `share` of its larger side as room on each side, and what was done for it; as
    it is, and nothing, where it has that already."""
    box = image.getchannel("A").point(lambda level: 255 if level >= _SEEN else 0).getbbox()
    if share <= 0 or box is None:
        return image, ""
    left, top, right, bottom = box
    room = share * max(right - left, bottom - top)
    if min(left, top, image.width - right, image.height - bottom) >= room - 1:
        return image, ""
    scale = min(1.0, image.width / (right - left + 2 * room), image.height / (bottom - top + 2 * room))
    wide, high = max(1, int((right - left) * scale)), max(1, int((bottom - top) * scale))
    subject = resize(image.crop(box), wide, high)
    spacious = Image.new("RGBA", image.size)
    spacious.paste(subject, ((image.width - wide) // 2, (image.height - high) // 2))
    done = "moved to the middle" if scale == 1 else f"made {1 - scale:.0%} smaller"
    return spacious, f"the subject was {done}: its brand keeps {share:.0%} of its size clear around it"
