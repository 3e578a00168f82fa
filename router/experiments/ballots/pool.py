"""What can be compared: the first pictures of jobs that drew the same prompt with the same seeds, each as its own arm.

A job that failed, or that another arm drew than the one it was assigned to, is not among them: its picture would be
counted for the wrong one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from configs.formats import Format
from router.experiments.ballots.model import Compared, ShownPicture
from router.jobs.documents import SCORES, read_or
from router.storage.database import AnyRow

_PIXELS: tuple[Format, ...] = ("png", "webp", "avif", "jpeg")
"""Files that a picture is read from, the best first."""


def hash_prompt(prompt: str) -> str:
    """By which votes on one prompt are known: 16 hex digits."""
    return hashlib.sha256(prompt.encode(errors="replace")).hexdigest()[:16]


def read_pool(rows: Iterable[AnyRow]) -> tuple[Compared, ...]:
    """From rows by pair, arm and job, one a file. Of several jobs of one arm in a pair the first counts."""
    return tuple(one for _, found in groupby(rows, lambda row: row.pair) for one in _compared(list(found)))


def _compared(rows: Sequence[AnyRow]) -> Iterator[Compared]:
    """Pictures of one pair, apart by size: what differs in size can be told apart by it."""
    by_size: dict[tuple[int, int], dict[str, ShownPicture]] = {}
    told = _request_of(rows[0])
    for arm, of_arm in groupby(rows, lambda row: row.assigned):
        first = list(next(groupby(of_arm, lambda row: row.job_id))[1])
        picture = _picture(arm, first)
        if picture is not None:
            by_size.setdefault((first[0].width, first[0].height), {})[arm] = picture
    for (width, height), pictures in by_size.items():
        if len(pictures) > 1:
            yield Compared(rows[0].pair, *told, width, height, pictures)


def _request_of(row: AnyRow) -> tuple[str, str, str, str]:
    """Prompt, its hash, asset type without a version, quality."""
    request: dict[str, Any] = json.loads(row.request)
    prompt = str(request.get("prompt") or "")
    asset_type = str(request.get("asset_type") or "").partition("@")[0]
    return prompt, hash_prompt(prompt), asset_type, str(request.get("quality") or "")


def _picture(arm: str, rows: Sequence[AnyRow]) -> ShownPicture | None:
    """None where it has no file with pixels."""
    files = {row.rendition: row.sha256 for row in rows}
    format = next((one for one in _PIXELS if one in files), None)
    if format is None:
        return None
    first = rows[0]
    scores = {} if first.scores is None else read_or(SCORES, first.scores, {}, f"picture {first.asset_id}")
    asset_type = str(json.loads(first.request).get("asset_type") or "")
    return ShownPicture(
        arm=arm,
        job=first.job_id,
        sha256=files[format],
        format=format,
        seed=first.seed,
        asset_type=asset_type,
        scores=scores,
    )
