"""What other programs write into prompts beside words: read or named, and never sent to a model.

LoRAs are read (`<lora:name:0.8>`). Weights, alternations, breaks and options are not: of them the words are kept. What
is ordinary text, such as `a house (red)`, `ratio 1:2` or `10:30`, stays to the letter.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)"
_WEIGHT = r"[-+]?(?:\d?\.\d+|\d(?:\.\d*)?)"  # none has 50, as in `(sale: 50)`
_FINE = r"[-+]?\d?\.\d+"
_LORAS = "lora|lyco|lycoris|locon"
_TAG = re.compile(rf"<\s*({_LORAS}|hypernet|embedding)\s*:\s*([^<>]*?)\s*>", re.IGNORECASE)
_UNCLOSED = re.compile(rf"<\s*(?:{_LORAS}|hypernet)\s*:[^<>\s,]*(?=[\s,]|$)", re.IGNORECASE)
_SWARM = re.compile(
    r"<\s*(?:segment|object|region|clear|refiner|base|video|wildcard|wc|preset|setvar|setmacro|var|macro|param|embed|comment)"
    r"\s*(?:\[[^\]<>]*\])?\s*:[^<>]*>|<\s*(?:break|trigger)\s*>",
    re.IGNORECASE,
)
_CHOSEN = re.compile(r"<\s*(?:random|alternate|alt|fromto|repeat)\s*(?:\[[^\]<>]*\])?\s*:([^<>]*)>", re.IGNORECASE)
_WILDCARD = re.compile(r"(?<!\w)__([^\W_][\w/*-]*?)__(?!\w)")
_EMBEDDED = rf"embedding:[\w./\\-]+(?:\s*:\s*{_NUMBER})?"
_EMBEDDING = re.compile(rf"(?<!\\)\(\s*{_EMBEDDED}\s*\)|(?<![\w:]){_EMBEDDED}", re.IGNORECASE)
_IN = r"(?<!\\)[(（]"
_WORDS = r"[^()（）<>]*[^()（）<>\s\d.,:：]"  # no ratio: `(1:2)`
_NUMBERED = r"[^()（）<>]*(?<!\w)[^\W\d]\w*\d"  # `score_9`, and no `scale 1`
_WEIGHTED = re.compile(rf"{_IN}(?:({_WORDS})[\s,]*[:：]\s*{_WEIGHT}|({_NUMBERED})\s*[:：]\s*{_FINE})\s*[)）]")
_OPEN_WEIGHT = re.compile(rf"{_IN}({_WORDS})\s*[:：]\s*{_FINE}\s*$")
_EMPTY_WEIGHT = re.compile(rf"{_IN}\s*[:：]\s*{_NUMBER}\s*[)）]")
_AFTER = re.compile(r"(?<!\\)\(([^()]*[^()\\])\)(?:\d*\.\d+|\+{1,4}|-{1,4})(?![\w.%:°-])")
_DOUBLED = re.compile(r"(?<!\\)\(\(([^()]*)(?<!\\)\)\)|\{\{([^{}]*)\}\}")
_CHOICE = re.compile(r"(?<!\\)\[([^\[\]{}]*[|:][^\[\]{}]*)(?<!\\)\]|\{([^{}\[\]]*\|[^{}\[\]]*)\}")
_SQUARE = re.compile(r"(?<!\\)\[([^\[\]]*)(?<!\\)\]")
_MULTI = re.compile(r"\s*:{2,}\s*" + _NUMBER + r"(?![\w:])|:{2,}(?=\s|$)")
_BREAK = re.compile(r"(?<!\S)(BREAK|AND)(?!\S)")
_WORDY = "no"
_NAMING = "style|cref|sref|oref|p|profile|personalize|quality|q"
_OTHERS = (
    "ar|aspect|v|version|s|stylize|c|chaos|seed|sameseed|stop|tile|iw|w|weird|niji|video|repeat|r|fast|relax|turbo|draft|"
    "raw|cw|sw|ow|hd|uplight|upbeta|test|testp|creative|exp"
)
_DASHES = r"(?:--|[—–])"
_OPTION = re.compile(
    rf"(?<!\S){_DASHES}(?:(?:{_WORDY})(?!\S)(?:\s+(?!{_DASHES}[a-z])\S+)*"
    rf"|(?:{_NAMING})(?!\S)(?:\s+(?!{_DASHES})\S+)?"
    rf"|(?:{_OTHERS})(?!\S)(?:\s+[-.\d][\d.:x/]*(?!\S))?)",
    re.IGNORECASE,
)
_ESCAPED = re.compile(r"\\([()\[\]])")
_LORA_TAGS = frozenset({"lora", "lyco", "lycoris", "locon"})


@dataclass(frozen=True, slots=True)
class NamedLora:
    """A LoRA that a prompt names: as it is written there, and its strength if one is."""

    name: str
    strength: float | None


@dataclass(frozen=True, slots=True)
class Reading:
    """`text` is what is for the model; `ignored` are the pieces whose meaning was left out, as they were written."""

    text: str
    loras: tuple[NamedLora, ...] = ()
    ignored: tuple[str, ...] = ()


def read_syntax(prompt: str) -> Reading:
    """What `prompt` says in words, and beside them. A prompt without any syntax comes back to the letter."""
    reader = _Reader(prompt)
    return Reading(reader.read(), tuple(reader.loras), tuple(dict.fromkeys(reader.ignored)))


class _Reader:
    """Takes one kind after another out of the text."""

    def __init__(self, prompt: str) -> None:
        self._prompt = prompt
        self.loras: list[NamedLora] = []
        self.ignored: list[str] = []

    def read(self) -> str:
        text = _TAG.sub(self._tag, self._prompt)
        for pattern in (_UNCLOSED, _SWARM, _EMBEDDING, _OPTION, _EMPTY_WEIGHT):
            text = pattern.sub(self._drop, text)
        text = _BREAK.sub(self._break, text)
        while (plainer := self._unwrap(text)) != text:
            text = plainer
        text = _ESCAPED.sub(r"\1", text)
        return text if text == self._prompt else _tidy(text)

    def _unwrap(self, text: str) -> str:
        """One layer of whatever encloses words, the innermost first."""
        for pattern, keep in _WRAPPERS:
            text = pattern.sub(lambda found, keep=keep: self._keep(found, keep(found)), text)  # type: ignore[misc]
        return text

    def _tag(self, found: re.Match[str]) -> str:
        name, *numbers = (part.strip() for part in found[2].split(":"))
        strengths = [_strength(number) for number in numbers]
        if found[1].lower() not in _LORA_TAGS or not name or None in strengths[:1]:
            return self._drop(found)
        if len(strengths) > 1 and any(other != strengths[0] for other in strengths[1:]):
            self.ignored.append(":".join(["", *numbers[1:]]))
        self.loras.append(NamedLora(name, strengths[0] if strengths else None))
        return " "

    def _drop(self, found: re.Match[str]) -> str:
        return self._keep(found, " ")

    def _keep(self, found: re.Match[str], words: str) -> str:
        """`words` in place of a piece, apart from what it touched: its bounds were those of words."""
        self.ignored.append(found[0].strip())
        before, after = found.string[: found.start()][-1:], found.string[found.end() :][:1]
        left = words[:1].isalnum() and (before.isalnum() or before in tuple(")]}）"))
        right = words[-1:].isalnum() and (after.isalnum() or after in tuple("([{（"))
        return f"{' ' * left}{words}{' ' * right}"

    def _break(self, found: re.Match[str]) -> str:
        """BREAK stands between parts; among capitals, or in quotes, it is a word as any other."""
        before, after = found.string[: found.start()], found.string[found.end() :]
        words = [*before.split()[-1:], *after.split()[:1]]
        shouted = any(len(word) > 1 and word.isupper() for word in words if word not in ("BREAK", "AND"))
        if shouted or any(before.count(mark) % 2 for mark in '"“'):
            return found[0]
        return self._keep(found, "," if found[1] == "BREAK" else "and")


def _strength(text: str) -> float | None:
    """Of `0.8`, or `unet=0.8`."""
    match = re.fullmatch(rf"(?:[a-z_]+\s*=\s*)?({_NUMBER})", text, re.IGNORECASE)
    return None if match is None else float(match[1])


def _inner(found: re.Match[str]) -> str:
    return next((group for group in found.groups() if group is not None), "")


def _choices(found: re.Match[str]) -> str:
    """The words of `[a|b]` or `[a:b:0.5]`, without the number that says when; of `<random:a,b>` with its commas."""
    parts = [part.strip() for part in re.split(r"[|:]", _inner(found))]
    return " ".join(part for part in parts if part and not re.fullmatch(_NUMBER, part))


_WRAPPERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (_CHOSEN, _choices),
    (_WILDCARD, lambda found: re.sub(r"[/*_-]+", " ", found[1]).strip()),
    (_WEIGHTED, _inner),
    (_OPEN_WEIGHT, _inner),
    (_AFTER, _inner),
    (_DOUBLED, _inner),
    (_CHOICE, _choices),
    (_SQUARE, _inner),
    (_MULTI, lambda _: ","),
)


def _tidy(text: str) -> str:
    """Without the gaps and doubled commas that were left."""
    text = re.sub(r"\s+", " ", text)
    while (full := re.sub(r"\( \)|\[ \]|（ ）", "", text)) != text:
        text = re.sub(r"\s+", " ", full)
    text = re.sub(r"(?<=[(\[（]) ?,\s*|,?\s+(?=[)\]）])", "", text)
    text = re.sub(r"(\s*,)+(?=\s*,)|\s+(?=,)", "", text)
    text = re.sub(r",(?=[^\s,\d])", ", ", text)
    return text.strip(" ,")
