"""Pictures that are worse than the others, and marks that do not belong to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from configs.dataset_rules import DatasetRules
from router.datasets.preflight.finding import Finding, found
from router.datasets.preflight.hashing import Array
from router.datasets.preflight.samples import Sample, count_of, ids, seen

_SOFT = 0.25  # an edge that is softer is blurred whatever the others are
_FEWEST = 8  # pictures among which something that is the same in a corner says anything
_LEVELS = 3.5  # that the strongest of a mark differs by from what is around it
_PLACES = ("top left", "top right", "bottom left", "bottom right")


def check_files(samples: Sequence[Sample], rules: DatasetRules) -> Iterator[Finding]:
    """Those that cannot be read, and those without a ground."""
    gone = [one for one in samples if one.look is None]
    if gone:
        reason = f"the files of {count_of(len(gone))} are not there, or damaged"
        yield found(rules.checks["unreadable"], "unreadable", reason, "bring them again, or take them out", ids(gone))
    clear = [one for one, look in seen(samples) if look.transparent]
    if clear:
        reason = f"{count_of(len(clear))} with transparent parts, which are laid on white"
        yield found(
            rules.checks["transparent"],
            "transparent",
            reason,
            "lay them on the ground that they are to be drawn on",
            ids(clear),
        )


def check_blur(samples: Sequence[Sample], rules: DatasetRules) -> Iterator[Finding]:
    """Edges that are much softer than those of the others."""
    known = seen(samples)
    if not known:
        return
    usual = float(np.median([look.edge for _, look in known]))
    soft = [one for one, look in known if look.edge < max(rules.at("blurred") * usual, _SOFT)]
    if soft:
        reason = f"{count_of(len(soft))} blurred, or enlarged from something smaller: edges are softer than the others'"
        remedy = "export the original at full size; what is blurred is learned as the look"
        yield found(rules.checks["blurred"], "blurred", reason, remedy, ids(soft))


def check_compression(samples: Sequence[Sample], rules: DatasetRules) -> Iterator[Finding]:
    """Blocks that JPEG leaves."""
    blocky = [one for one, look in seen(samples) if look.blocks > rules.at("compressed")]
    if blocky:
        reason = f"{count_of(len(blocky))} with the blocks that strong JPEG compression leaves"
        remedy = "export as PNG, or as JPEG of quality 90 or more, from the original: saving anew does not mend it"
        yield found(rules.checks["compressed"], "compressed", reason, remedy, ids(blocky))


def check_corners(samples: Sequence[Sample], rules: DatasetRules) -> Iterator[Finding]:
    """Something fine that is the same in one corner of many pictures, and in no other corner: a watermark, perhaps."""
    known = seen(samples)
    if len(known) < _FEWEST:
        return
    patches = np.stack([look.corners for _, look in known])
    shares = [_share_marked(patches[:, place]) for place in range(len(_PLACES))]
    marked = [place for place, share in enumerate(shares) if np.mean(share) >= rules.at("corner_mark")]
    if len(marked) == 1:
        place = marked[0]
        those = [one for (one, _), has in zip(known, shares[place], strict=True) if has]
        reason = (
            f"{count_of(len(those))} have the same mark at the {_PLACES[place]}, as a watermark or a signature would be"
        )
        remedy = "get them without it; if it is part of the look, leave it: it will be drawn"
        yield found(rules.checks["corner_mark"], "corner_mark", reason, remedy, ids(those))


def _share_marked(patches: Array) -> list[bool]:
    """For each picture, whether its corner has what most of the others have there."""
    common = np.median(patches, axis=0)
    strength = float(np.percentile(np.abs(common), 97))
    if strength < _LEVELS:
        return [False] * len(patches)
    flat = common.ravel() - common.mean()
    rows = patches.reshape(len(patches), -1)
    rows = rows - rows.mean(axis=1, keepdims=True)
    alike = rows @ flat / np.maximum(np.linalg.norm(rows, axis=1) * np.linalg.norm(flat), 1e-6)
    return [bool(one > 0.6) for one in alike]
