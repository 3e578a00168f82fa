"""What a batch's zip says of its files: how each was made, what it may be used for, and what was measured of it.

It grows with every picture and comes last, so it is kept in a file rather than in memory.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from tempfile import SpooledTemporaryFile
from typing import Any

from configs.errors import InvalidRequest
from configs.version import VERSION
from deployments.stages.recipe import read_recipe, to_json
from router.batches.model import Batch
from router.jobs.model import ImageRecord, Job, StoredFile
from router.licences.uses import Judged

_IN_MEMORY = 2**20
_PIECE = 2**16
_COLUMNS = (
    *("line", "file", "prompt", "asset_type", "model", "quality", "seed", "width", "height"),
    *("reference", "internal", "product", "licences", "scores"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # with which a spreadsheet would begin to calculate


class Manifest:
    """`manifest.json` and `manifest.csv` of a batch, written as its pictures come by. Close it."""

    def __init__(self, batch: Batch) -> None:
        self._json: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed by `close`
        self._csv: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - the same
        self._without: list[dict[str, Any]] = []
        self._left_out: list[dict[str, Any]] = []
        self._pictures = 0
        head = {
            "atelier": VERSION,
            "batch_id": batch.id,
            "status": batch.status,
            "created_at": batch.created_at.isoformat(),
            "asked": batch.asked,
            "lines": batch.lines,
            "jobs": batch.jobs,
            "lines_skipped": batch.lines_skipped,
            "skipped": [error.model_dump(mode="json", exclude_none=True) for error in batch.skipped],
        }
        self._json.write(json.dumps(head, indent=1).removesuffix("\n}").encode() + b',\n "pictures": [')
        self._csv.write(b"\xef\xbb\xbf")  # without which Excel takes it for another character set
        self._write_row(_COLUMNS)

    def add_picture(
        self, job: Job, image: ImageRecord, files: Mapping[str, StoredFile], lost: Mapping[str, str], recipe: Any
    ) -> None:
        """A finished picture with its files by name; `lost` are those that are not in the zip, and why."""
        made = _made_with(job)
        told = {
            "line": job.line,
            **made,
            "job_id": job.id,
            "index": image.index,
            "asset_id": image.asset_id,
            "seed": image.seed,
            "width": image.width,
            "height": image.height,
            "files": [_file(name, file, lost.get(name)) for name, file in files.items()],
            "licence": image.licence.model_dump(mode="json"),
            "scores": image.scores,
            "notes": list(image.notes),
            "recipe": recipe,
        }
        self._json.write(b",\n  " if self._pictures else b"\n  ")
        self._json.write(json.dumps(told).encode())
        self._pictures += 1
        scores = "; ".join(f"{name}={value:.4g}" for name, value in image.scores.items())
        licence = image.licence
        verdict = (licence.reference, licence.internal, licence.product, ", ".join(licence.licences))
        for name in files:
            if name not in lost:
                cells = (job.line, name, *made.values(), image.seed, image.width, image.height, *verdict, scores)
                self._write_row(cells)

    def add_job_without(self, job: Job) -> None:
        """A job that has not all of its pictures: it failed, was canceled, or is not finished."""
        told = {"line": job.line, "job_id": job.id, "status": job.status.value, "pictures": len(job.images)}
        if job.failure is not None:
            told["error"] = job.failure.model_dump(mode="json")
        self._without.append(told)

    def add_left_out(self, job: Job, image: ImageRecord, judged: Judged) -> None:
        """A picture that may not be used for what the zip is for; one that came while it was made is none of it."""
        found = judged.restricted.get(image.asset_id)
        if found is None:
            return
        told = {"line": job.line, "job_id": job.id, "index": image.index, "asset_id": image.asset_id}
        self._left_out.append(
            told | {"use": judged.use, "refused": [*found.refused], "conditions": [*found.conditions]}
        )

    def read_json(self) -> Iterator[bytes]:
        """All of the JSON document, in pieces; it is at its end then."""
        left_out = b',\n "left_out": ' + json.dumps(self._left_out).encode() if self._left_out else b""
        self._json.write(b'\n ],\n "without_pictures": ' + json.dumps(self._without).encode() + left_out + b"\n}\n")
        return _pieces(self._json)

    def read_csv(self) -> Iterator[bytes]:
        """All of the table, in pieces."""
        return _pieces(self._csv)

    def close(self) -> None:
        self._json.close()
        self._csv.close()

    def _write_row(self, cells: Sequence[Any]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text).writerow([_plain(cell) for cell in cells])
        self._csv.write(text.getvalue().encode(errors="replace"))


def recipe_in(file: bytes) -> Any:
    """The recipe that a file carries, as JSON; None where it has none."""
    try:
        return json.loads(to_json(read_recipe(file)))
    except InvalidRequest:
        return None


def _made_with(job: Job) -> dict[str, str]:
    plan = job.readable_plan
    if plan is None:
        return {"prompt": str(job.request.get("prompt", "")), "asset_type": "", "model": "", "quality": ""}
    return {
        "prompt": plan.prompt,
        "asset_type": plan.asset_type,
        "model": plan.base.model,
        "quality": plan.quality,
    }


def _file(name: str, file: StoredFile, lost: str | None) -> dict[str, Any]:
    told = {"name": name, "format": file.format, "sha256": file.sha256, "size_bytes": file.size_bytes}
    told |= {} if file.size is None else {"size": str(file.size)}
    return told if lost is None else told | {"missing": lost}


def _plain(cell: Any) -> Any:
    """A cell that no spreadsheet calculates with."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _pieces(file: SpooledTemporaryFile[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(_PIECE):
        yield piece
