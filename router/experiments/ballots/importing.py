"""Votes from a CSV file, as they are exported or as another tool has them: all of it, or nothing and every fault by its
line."""

from __future__ import annotations

import csv
import io
import json
import math
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from configs.errors import InvalidRequest, InvalidRows
from configs.rows import RowError
from router.experiments.ballots.exporting import COLUMNS
from router.experiments.ballots.model import IMPORTED, SIDES, Ballot, Cast, Shown
from router.experiments.ballots.pool import hash_prompt
from router.experiments.model import Phase

T = TypeVar("T")

MOST_ROWS = 200_000
_TOLD = 20  # of the faults
_NEEDED = ("choice", "rater", "prompt")
_CHOICES = (*SIDES, "tie", "both_bad", "skip")
_SCREEN = ("tie", "both_bad", "skip")
_PSEUDONYM_LENGTH = 18


@dataclass(frozen=True, slots=True)
class ReadVotes:
    """Answered ballots, and the raters among them who are named rather than pseudonyms."""

    ballots: Sequence[tuple[Ballot, Cast]]
    names: Sequence[str]


def read_votes(data: bytes, phase: Phase, known: Collection[str], now: datetime) -> ReadVotes:
    """`known` are ids of ballots that are there already. Rows without an answer are passed over. Raises
    `InvalidRequest` for what is no such file, and `InvalidRows`."""
    reader = csv.reader(io.StringIO(_decode(data), newline=""), strict=True)
    columns = _read_header(next(reader, []))
    rows, errors, before = _Rows(phase, known, now), list[RowError](), 2
    try:
        for cells in reader:
            line, before = before, reader.line_num + 1
            if not any(cells):
                continue
            fault = rows.take(line, columns, cells)
            if fault is not None:
                errors.append(fault)
            if len(rows.taken) > MOST_ROWS:
                raise InvalidRequest(f"the file has more than {MOST_ROWS:,} votes: split it", "file")
    except csv.Error as error:
        errors.append(RowError(line=before, message=f"it cannot be read as CSV ({error})"))
    if errors:
        first = errors[0]
        more = f", and {len(errors) - 1} more lines are wrong" if len(errors) > 1 else ""
        message = f"nothing was taken: line {first.line}: {first.message}{more}"
        raise InvalidRows(message, "file", rows=tuple(errors[:_TOLD]))
    if not rows.taken:
        raise InvalidRequest("the file has no votes: write one in each row below the header", "file")
    return ReadVotes(rows.taken, sorted(rows.names))


class _Fault(Exception):
    def __init__(self, field: str | None, message: str) -> None:
        super().__init__(message)
        self.field, self.message = field, message


class _Rows:
    """Reads row after row."""

    def __init__(self, phase: Phase, known: Collection[str], now: datetime) -> None:
        self._phase, self._now = phase, now
        self._arms = {arm.id for arm in phase.arms}
        self._criteria = set(phase.config.criteria)
        self._known = set(known)
        self.taken: list[tuple[Ballot, Cast]] = []
        self.names: set[str] = set()

    def take(self, line: int, columns: Sequence[str], cells: Sequence[str]) -> RowError | None:
        """What is wrong with the row; None where it is taken, or has no answer."""
        try:
            if len(cells) != len(columns):
                raise _Fault(None, f"it has {len(cells)} cells, where the header has {len(columns)} columns")
            row = {name: cell.strip() for name, cell in zip(columns, cells, strict=True)}
            if row["choice"]:
                self.taken.append(self._read(row))
        except _Fault as fault:
            return RowError(line=line, field=fault.field, message=fault.message)
        return None

    def _read(self, row: Mapping[str, str]) -> tuple[Ballot, Cast]:
        arms, cell = self._read_arms(row), row.get
        gold, repeats = cell("gold", ""), cell("repeat", "") or None
        if gold and gold not in SIDES:
            raise _Fault("gold", f"gold is '{gold[:20]}': must be left or right, or empty")
        self._check_arms(arms, bool(gold))
        choice = self._read_choice(row["choice"], len(arms))
        created = _optional(row, "created", _read_time) or self._now
        answered = _optional(row, "answered", _read_time) or created
        id = secrets.token_hex(16)
        ballot = Ballot(
            id=id,
            experiment=self._phase.experiment,
            phase=self._phase.number,
            rater=self._read_rater(row["rater"]),
            sitting=0,
            place=0,
            pair=hash_prompt(row["prompt"]) if len(row["prompt"]) > 64 else row["prompt"],
            once=f"{IMPORTED}{self._read_id(cell('ballot', '') or id)}",
            arms=arms,
            prompt_hash=_read_prompt(row["prompt"]),
            asset_type=_read_word(row, "asset_type"),
            quality=_read_word(row, "quality"),
            shown=Shown(prompt=""),
            probability=_optional(row, "probability", _read_share) or 1.0,
            leased_until=answered,
            created_at=created,
            repeats=repeats if repeats is None else repeats[:64],
            gold=SIDES.index(gold) if gold else None,
        )
        criteria = _optional(row, "criteria", self._read_criteria) or {}
        dwell = _optional(row, "dwell_ms", _read_dwell)
        return ballot, Cast(1, choice, criteria, dwell, cell("client", "")[:64], True, answered)

    def _read_arms(self, row: Mapping[str, str]) -> tuple[str, ...]:
        if row.get("arms"):
            return tuple(row["arms"].split())
        for side in SIDES:
            if not row.get(side):
                raise _Fault(side, f"{side} is empty: name the arm that was shown there")
        return row["left"], row["right"]

    def _check_arms(self, arms: tuple[str, ...], gold: bool) -> None:
        for arm in arms:
            if arm not in self._arms:
                raise _Fault("arms", f"there is no arm '{arm[:64]}'; there are {', '.join(sorted(self._arms))}")
        if len(arms) < 2 or (len(set(arms)) < len(arms) and not gold):
            raise _Fault("arms", f"'{arms[0]}' stands beside itself")

    def _read_choice(self, said: str, places: int) -> str:
        allowed = _CHOICES if places == 2 else (*map(str, range(places)), *_SCREEN)
        if said not in allowed:
            raise _Fault("choice", f"choice is '{said[:20]}': must be one of {', '.join(allowed)}")
        return said

    def _read_rater(self, said: str) -> str:
        if not said or len(said) > 64 or not said.isascii() or not said.isprintable() or " " in said:
            raise _Fault("rater", "rater: 1 to 64 letters, digits or signs without a space")
        if not (said.startswith("r_") and len(said) == _PSEUDONYM_LENGTH):
            self.names.add(said)
        return said

    def _read_id(self, said: str) -> str:
        if len(said) > 64 or not said.isascii() or not said.isprintable():
            raise _Fault("ballot", "ballot: up to 64 letters, digits or signs")
        if said in self._known:
            raise _Fault("ballot", f"ballot '{said}' is here already, or twice in the file")
        self._known.add(said)
        return said

    def _read_criteria(self, said: str) -> dict[str, str]:
        read = json.loads(said)
        if not isinstance(read, dict) or not all(isinstance(value, str) for value in read.values()):
            raise ValueError("must be a JSON object of choices by criterion")
        unknown = next((name for name in read if name not in self._criteria), None)
        if unknown is not None:
            raise ValueError(f"'{unknown[:64]}' is not asked in this experiment")
        return read


def _decode(data: bytes) -> str:
    if not data.strip():
        raise InvalidRequest("the file is empty: its first line names the columns, the others have a vote each", "file")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InvalidRequest(f"line {line} of the file is no text in UTF-8: save it as `CSV UTF-8`", "file") from None
    if "\x00" in text:
        raise InvalidRequest("the file has zero bytes: save it as `CSV UTF-8`", "file")
    return text


def _read_header(cells: Sequence[str]) -> tuple[str, ...]:
    columns = tuple(cell.strip() for cell in cells)
    unknown = next((name for name in columns if name not in COLUMNS), None)
    if unknown is not None:
        raise InvalidRequest(f"line 1: '{unknown[:64]}' is no column; the columns are {', '.join(COLUMNS)}", "file")
    twice = next((name for name in columns if columns.count(name) > 1), None)
    if twice is not None:
        raise InvalidRequest(f"line 1: the column '{twice}' is there twice", "file")
    missing = [name for name in _NEEDED if name not in columns]
    missing += [] if "arms" in columns else [side for side in SIDES if side not in columns]
    if missing:
        raise InvalidRequest(f"line 1: there is no column '{missing[0]}'", "file")
    return columns


def _read_prompt(said: str) -> str:
    """As a hash, if it is none."""
    if not said:
        raise _Fault("prompt", "prompt is empty: give the prompt, or anything that is the same for the same prompt")
    is_hash = len(said) == 16 and all(letter in "0123456789abcdef" for letter in said)
    return said if is_hash else hash_prompt(said)


def _read_word(row: Mapping[str, str], name: str) -> str:
    said = row.get(name, "")
    if len(said) > 64 or not said.isprintable():
        raise _Fault(name, f"{name}: up to 64 letters, digits or signs")
    return said.partition("@")[0]


def _optional(row: Mapping[str, str], name: str, read: Callable[[str], T]) -> T | None:
    said = row.get(name, "")
    if not said:
        return None
    try:
        return read(said)
    except (ValueError, OverflowError) as error:
        why = str(error) if error.args and str(error).startswith(("must", "'")) else "it cannot be read"
        raise _Fault(name, f"{name} is '{said[:40]}': {why}") from None


def _read_time(said: str) -> datetime:
    time = datetime.fromisoformat(said)
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def _read_share(said: str) -> float:
    share = float(said)
    if not (math.isfinite(share) and 0 < share <= 1):
        raise ValueError("must be more than 0, and 1 or less")
    return share


def _read_dwell(said: str) -> int:
    dwell = int(said)
    if not 0 <= dwell <= 86_400_000:
        raise ValueError("must be 0 to 86400000 milliseconds")
    return dwell
