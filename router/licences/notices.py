"""What a person is told beside a model, a LoRA or a picture before they use it: a few words, a sentence, a source."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from configs.catalog import Catalog
from configs.frozen import Frozen
from configs.schema import Licence, Verdict
from router.jobs.model import LicenceVerdict
from router.licences.verdicts import licence_of, parts_of, strictest

COMMERCIAL, CONDITIONAL = "Commercial OK", "Commercial with conditions"
INTERNAL_ONLY, REFERENCE_ONLY, NOT_TO_BE_USED = "Internal use only", "Reference only", "Not to be used"


class Notice(Frozen):
    """`source` is the text that decides it, as somebody read it on `read_on`; both absent where nobody has."""

    label: str
    sentence: str
    source: str | None = None
    read_on: date | None = None


def notice_of(verdict: LicenceVerdict, catalog: Catalog) -> Notice:
    """What to know of whatever the verdict is on."""
    label, deciding = _label(verdict), _deciding(verdict, catalog)
    oldest = min(deciding, key=lambda licence: licence.read_on, default=None)
    if oldest is None or oldest.read_on == date.min:
        return Notice(label=label, sentence=_sentence(label, verdict, deciding))
    return Notice(
        label=label, sentence=_sentence(label, verdict, deciding), source=oldest.source, read_on=oldest.read_on
    )


def _label(verdict: LicenceVerdict) -> str:
    if verdict.reference == "refused":
        return NOT_TO_BE_USED
    if verdict.product == "refused":
        return INTERNAL_ONLY if verdict.internal == "allowed" else REFERENCE_ONLY
    return COMMERCIAL if verdict.product == "allowed" else CONDITIONAL


def _deciding(verdict: LicenceVerdict, catalog: Catalog) -> Sequence[Licence]:
    """The licences that are as strict as the verdict on products; those that were lifted decide nothing."""
    known = [licence_of(id, catalog) for id in dict.fromkeys(part.licence for part in parts_of(verdict))]
    hardest: Verdict = strictest([one.product for one in known])
    if verdict.product == "allowed" and hardest != "allowed":  # something has been bought
        return [one for one in known if one.product == "allowed"]
    return [one for one in known if one.product == verdict.product]


def _sentence(label: str, verdict: LicenceVerdict, deciding: Sequence[Licence]) -> str:
    names = ", ".join(dict.fromkeys(licence.name for licence in deciding)) or "see its licences"
    why = "; ".join(dict.fromkeys(licence.note for licence in deciding if licence.note))
    because = f" {why}" if why else ""
    if label == COMMERCIAL:
        return f"{names}: can be used directly in products."
    if label == CONDITIONAL:
        return f"{names}: can be used in products under conditions.{because}"
    if label == NOT_TO_BE_USED:
        return "; ".join(verdict.reasons) or "nothing is known of what it may be used for."
    use = "internal use" if label == INTERNAL_ONLY else "design reference"
    return f"{names}: for {use} only, unless a licence is bought. Not for direct use in products.{because}"
