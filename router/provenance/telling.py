"""What was found of a file, in words. Pure."""

from __future__ import annotations

from deployments.provenance.reading import Reading
from router.provenance.verification import Issuer, Made, Verification

_MADE: dict[Made, str] = {
    "model": "A model made this picture",
    "changed by a model": "A model changed this picture",
    "enhanced by a program": "A program enhanced this picture",
    "captured": "A camera took this picture",
    "unknown": "This file does not say how it was made",
}
_CODES = {
    "assertion.dataHash.mismatch": "its pixels or texts are not those that were signed",
    "assertion.bmffHash.mismatch": "its pixels or texts are not those that were signed",
    "assertion.hashedURI.mismatch": "what is said of it is not what was signed",
    "claimSignature.mismatch": "the signature is of another claim",
    "signingCredential.expired": "the certificate had expired",
    "claimSignature.outsideValidity": "it was signed outside of the time that the certificate is for",
    "signingCredential.invalid": "the certificate is not one that C2PA takes",
    "assertion.missing": "something that was signed is missing",
    "claim.missing": "its claim is missing",
}


def tell(found: Verification, reading: Reading) -> Verification:
    """The same with its sentence and its findings."""
    return found.model_copy(update={"sentence": _sentence(found), "findings": _findings(found, reading)})


def _sentence(found: Verification) -> str:
    said = _MADE[found.made]
    if found.made_by:
        said += f" ({found.made_by})" if found.made != "unknown" else f"; it names {found.made_by}"
    parts = [f"{said}.", _integrity(found)]
    if found.picture is not None and found.picture.format:
        parts.append(f"It is picture {found.picture.picture} of this studio.")
    elif found.picture is not None:
        parts.append(f"It says that it is picture {found.picture.picture} of this studio, and is not one of its files.")
    return " ".join(parts)


def _integrity(found: Verification) -> str:
    by = "" if found.issuer is None else f" by {found.issuer.name}{_trust(found.issuer)}"
    return {
        "unchanged": f"It is unchanged since it was signed{by}."
        if found.issuer is not None
        else "It is as this studio delivered it.",
        "changed": f"It was changed after it had been signed{by}.",
        "unsigned": "Nobody has signed it: whether it was changed cannot be told.",
        "signature removed": "Its signature was taken out, and nothing else was changed.",
        "unreadable": "Its credentials are damaged and tell nothing.",
    }[found.integrity]


def _trust(issuer: Issuer) -> str:
    if issuer.trusted:
        return ", a trusted issuer"
    own = ", whose certificate is self-made" if issuer.self_made else ""
    return f"{own} (untrusted issuer)"


def _findings(found: Verification, reading: Reading) -> tuple[str, ...]:
    said = [_CODES.get(code, f"C2PA: {code}") for code in reading.failures]
    if reading.stores > 1:
        said.append(f"it has {reading.stores} manifests, where one may be: which one speaks cannot be told")
    if found.issuer is not None and not found.issuer.trusted:
        said.append("anybody can make a certificate with this name: it proves that the file is unchanged, not by whom")
    if found.private:
        said.append("its prompt was kept out of it: the studio that made it has it")
    if found.format in ("svg", "pdf"):
        said.append(f"{found.format.upper()} files carry a mark and a recipe, and no signature")
    return tuple(dict.fromkeys(said))
