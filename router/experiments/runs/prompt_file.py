"""A prompt set from a CSV file: the columns prompt, asset_type and seed, read as a batch's file is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from pydantic import ValidationError

from configs.errors import InvalidRequest, InvalidRows, NotFound
from configs.prompt_sets import PromptSetConfig, SetPrompt
from configs.rows import RowError
from configs.semver import FIRST, following
from router.api.sentences import sentence_for
from router.batches.csv_file import read_csv
from router.batches.model import MOST_ERRORS, Line
from router.library.drafts import read_draft
from router.library.kinds import PROMPT_SETS
from router.library.model import LIVE, Entry, Versions
from router.people.audit.model import Signature
from router.studio import Studio

MOST_PROMPTS = 2000
COLUMNS = tuple(SetPrompt.model_fields)


async def add_prompts(
    studio: Studio, id: str, data: bytes, author: str, name: str = "", signature: Signature | None = None
) -> tuple[Versions, bool]:
    """The entry with what the file says as its live version, one higher than those that are there; and whether it is
    new: the same prompts again are not. Raises `InvalidRequest`, and `InvalidRows` naming every line that is wrong."""
    prompts = read_prompts(data, tuple(studio.installation.catalog.asset_types))
    known: Versions | None = None
    with suppress(NotFound):
        known = await studio.library.store.versions(PROMPT_SETS.name, id)
    before = None if known is None else _config(studio, known.newest)
    body = {
        "name": name or (id if before is None else before.name),
        "description": "" if before is None else before.description,
        "prompts": [one.model_dump(mode="json") for one in prompts],
    }
    version = FIRST if known is None else following(known.newest.version)
    new = read_draft(PROMPT_SETS, id, version, body, author, "from a CSV file")
    if known is not None and new.body == known.newest.body:
        version = known.newest.version
        note = "from a CSV file"
        return await studio.library.move(PROMPT_SETS.name, id, LIVE, version, author, note, signature), False
    await studio.library.add(new, LIVE, signature)
    return await studio.library.store.versions(PROMPT_SETS.name, id), True


def read_prompts(data: bytes, asset_types: Sequence[str]) -> tuple[SetPrompt, ...]:
    """What the rows say. Raises `InvalidRows`, naming each that is wrong by its line."""
    file = read_csv(data)
    prompts, errors = list[SetPrompt](), list(file.errors)
    for line in file.lines:
        wrong = next(_faults(line, asset_types), None)
        if wrong is None:
            prompts.append(SetPrompt.model_validate(dict(line.fields)))
        else:
            errors.append(wrong)
    if errors:
        errors.sort(key=lambda error: error.line)
        first = errors[0]
        where = f"line {first.line}" + ("" if first.field is None else f", {first.field}")
        message = f"{len(errors)} of {len(prompts) + len(errors)} rows cannot be read: {where}: {first.message}"
        raise InvalidRows(message, "file", rows=tuple(errors[:MOST_ERRORS]))
    if len(prompts) > MOST_PROMPTS:
        raise InvalidRequest(f"{len(prompts):,} prompts are more than a set may have: {MOST_PROMPTS:,}", "file")
    return tuple(prompts)


def _faults(line: Line, asset_types: Sequence[str]) -> Iterator[RowError]:
    for field in line.fields:
        if field not in COLUMNS:
            message = f"a prompt set has the columns {', '.join(COLUMNS)}: how they are drawn is what is compared"
            yield RowError(line=line.number, field=field, message=message)
    asset_type = str(line.fields.get("asset_type", ""))
    if asset_type and asset_type not in asset_types:
        message = f"'{asset_type[:64]}' is not known; known: {', '.join(asset_types)}"
        yield RowError(line=line.number, field="asset_type", message=message)
    try:
        SetPrompt.model_validate(dict(line.fields))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(map(str, first["loc"]))
        sentence = sentence_for(first["type"], first.get("ctx", {}))
        message = f"'{field}' is missing" if first["type"] == "missing" else sentence
        yield RowError(line=line.number, field=field, message=message)


def _config(studio: Studio, entry: Entry) -> PromptSetConfig | None:
    """None of what this release cannot read: the file says it anew."""
    with suppress(InvalidRequest):
        config: PromptSetConfig = studio.library.read(PROMPT_SETS, entry)
        return config
    return None
