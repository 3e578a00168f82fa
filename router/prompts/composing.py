"""The text that a model reads: trigger words, the user's words and the asset type's, as many of these as there is room
for. What a model does not read is never cut in silence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from configs.schema import ModelConfig
from deployments.stages.base import PromptReading
from router.notes import Note, NoteCode
from router.prompts.tokens import Counter, Measured

_QUOTED = 120  # characters of lost words that a note repeats


@dataclass(frozen=True, slots=True)
class Frame:
    """What the template of an asset type has before and after the user's words."""

    asset_type: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Composed:
    """`text` is what the model is given."""

    text: str
    reading: PromptReading
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class _Draft:
    text: str
    left_out: tuple[str, ...]


def compose(
    prompt: str,
    frame: Frame,
    trigger_words: Iterable[str],
    model: ModelConfig,
    counter: Counter,
) -> Composed:
    """The whole of trigger words that `prompt` lacks, `prompt` and what the template has before and after it where the
    model reads that; else the template loses phrases, from its end, before anything is lost of `prompt`."""
    draft, measured = _fit(_drafts(prompt, frame, list(trigger_words)), model.text_length, counter)
    lost = _lost(draft.text, measured)
    reading = PromptReading(
        tokens=measured.tokens,
        limit=model.text_length,
        exact=counter.exact,
        left_out=draft.left_out,
        lost=lost,
    )
    notes = (*_notes(reading, frame.asset_type, model), *_strange(measured, "this prompt", model))
    return Composed(draft.text, reading, notes)


def note_lost(text: str, what: str, model: ModelConfig, counter: Counter) -> tuple[Note, ...]:
    """That `text`, which nothing was added to, is not read to its end, or not all of it, where it is not."""
    measured = counter.measure(text, model.text_length)
    lost = _lost(text, measured)
    strange = _strange(measured, what, model)
    return (*((_cut(lost, what, measured.tokens, model, counter.exact),) if lost else ()), *strange)


def _fit(drafts: Iterable[_Draft], limit: int, counter: Counter) -> tuple[_Draft, Measured]:
    """The first draft that is read to its end, or the shortest."""
    for draft in drafts:
        measured = counter.measure(draft.text, limit)
        if measured.tokens <= limit:
            break
    return draft, measured


def _drafts(prompt: str, frame: Frame, trigger_words: list[str]) -> Iterator[_Draft]:
    """With all of the template first, then with ever less: from its end, and what stands before the prompt at last."""
    head, tail = frame.before, frame.after
    phrases = [phrase for phrase in re.split(r"(?=,)", tail) if phrase]
    for count in range(len(phrases), -1, -1):
        text = head + prompt + "".join(phrases[:count])
        yield _Draft(_triggered(text, trigger_words), _names(phrases[count:]))
    if head.strip():
        yield _Draft(_triggered(prompt, trigger_words), _names([head, *phrases]))


def _triggered(text: str, trigger_words: list[str]) -> str:
    """Trigger words that `text` lacks come first: encoders cut long prompts at the end."""
    missing = [word for word in trigger_words if not re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE)]
    return ", ".join([*missing, text])


def _names(phrases: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for phrase in phrases if (name := phrase.strip(" ,\n")))


def _lost(text: str, measured: Measured) -> str:
    """The words that are not read to their end."""
    if measured.read >= len(text):
        return ""
    begin = measured.read
    while begin > 0 and not text[begin - 1].isspace() and not text[begin].isspace():
        begin -= 1
    return text[begin:].strip(" ,")


def _notes(reading: PromptReading, asset_type: str, model: ModelConfig) -> Iterator[Note]:
    if reading.lost:
        yield _cut(reading.lost, "this prompt", reading.tokens, model, reading.exact)
    if reading.left_out:
        phrases = ", ".join(f"'{phrase}'" for phrase in reading.left_out)
        about = "" if reading.exact else "about "
        message = (
            f"{model.id} reads {about}{reading.limit} tokens, too few for all that {asset_type} adds to a prompt: "
        )
        yield Note(code=NoteCode.STYLE_SHORTENED, message=f"{message}left out are {phrases}")


def _strange(measured: Measured, what: str, model: ModelConfig) -> tuple[Note, ...]:
    if not measured.unknown:
        return ()
    quoted = _quoted(" ".join(measured.unknown))
    message = f"{model.id} knows no letters or signs as in '{quoted}': of {what} it does not read these"
    return (Note(code=NoteCode.PROMPT_UNKNOWN, message=message),)


def _quoted(words: str) -> str:
    return words if len(words) <= _QUOTED else f"{words[: _QUOTED - 1]}…"


def _cut(lost: str, what: str, tokens: int, model: ModelConfig, exact: bool) -> Note:
    return Note(
        code=NoteCode.PROMPT_CUT,
        message=f"{model.id} reads {model.text_length} tokens and {what} takes {'' if exact else 'about '}{tokens}: "
        f"its last words are not read: '{_quoted(lost)}'",
    )
