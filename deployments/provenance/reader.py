"""The process that `reading` starts: one file in, one JSON out."""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

from deployments.provenance.claim import ASSERTION
from deployments.provenance.reading import UNREADABLE, Ingredient, Reading, State

Told: TypeAlias = dict[str, Any]
_KIND = "digitalSourceType"
_UNTRUSTED = "signingCredential.untrusted"
_SECONDS = 15  # of a processor
_LONGEST = 300  # characters of anything that a stranger's file says
_MOST = 50  # of anything that it lists


def read(file: Path, media_type: str, anchors: str) -> Reading:
    """What the library behind C2PA makes of a file."""
    from c2pa import C2paError, Context, Reader, Settings

    verify = {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_trust": True}
    trust = {"trust": {"trust_anchors": anchors}} if anchors else {}
    try:
        with (
            Context(settings=Settings.from_dict({"verify": verify, **trust})) as context,
            file.open("rb") as opened,
            Reader(media_type, opened, context=context) as reader,
        ):
            return _told(json.loads(reader.json()))
    except C2paError:
        return UNREADABLE


def _told(read: Told) -> Reading:
    manifest: Told = read.get("manifests", {}).get(read.get("active_manifest"), {})
    codes = [_text(one.get("code")) for one in read.get("validation_status", ())][:_MOST]
    signed = manifest.get("signature_info", {})
    actions = list(_actions(manifest))[:_MOST]
    return Reading(
        state=_state(read),
        failures=tuple(dict.fromkeys(code for code in codes if code != _UNTRUSTED)),
        generator=", ".join(_generator(one) for one in manifest.get("claim_generator_info", ())[:3]),
        signer=_text(signed.get("common_name")),
        authority=_text(signed.get("issuer")),
        signed_at=_text(signed.get("time")) or None,
        source_types=tuple(dict.fromkeys(_text(one.get(_KIND)) for one in actions if _KIND in one)),
        actions=tuple(_text(one.get("action")) for one in actions),
        ingredients=tuple(_ingredient(one) for one in manifest.get("ingredients", ())[:_MOST]),
        picture=next((one["data"] for one in _assertions(manifest) if one.get("label") == ASSERTION), {}),
    )


def _state(read: Told) -> State:
    states: dict[str, State] = {"Valid": "valid", "Trusted": "trusted", "Invalid": "invalid"}
    return states.get(str(read.get("validation_state")), "unreadable")


def _assertions(manifest: Told) -> Iterator[Told]:
    yield from (one for one in manifest.get("assertions", ()) if isinstance(one.get("data"), dict))


def _actions(manifest: Told) -> Iterator[Told]:
    for one in _assertions(manifest):
        if str(one.get("label", "")).startswith("c2pa.actions"):
            yield from (action for action in one["data"].get("actions", ()) if isinstance(action, dict))


def _ingredient(told: Told) -> Ingredient:
    return Ingredient(
        title=_text(told.get("title")),
        relationship=_text(told.get("relationship")),
        instance=_text(told.get("instance_id")),
        is_signed="active_manifest" in told,
    )


def _generator(told: Told) -> str:
    return f"{_text(told.get('name'))} {_text(told.get('version'))}".strip()


def _text(said: object) -> str:
    return "" if said is None else " ".join(str(said).split())[:_LONGEST]


def main() -> None:
    """Limits itself, then reads: what grows beyond that ends here and nowhere else."""
    folder, media_type, megabytes = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (megabytes * 2**20,) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    reading = read(folder / "file", media_type, (folder / "anchors").read_text("utf-8"))
    sys.stdout.write(reading.model_dump_json())


if __name__ == "__main__":
    main()
