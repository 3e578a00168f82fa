"""`atelier verify`: what a file is, whether it was changed, and what it may be used for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from atelier.cli import options
from atelier.cli.answers import answering
from atelier.cli.draw import PATIENCE
from atelier.cli.layout import Fact
from atelier.cli.options import DEFAULT_URL
from atelier.cli.printing import print_facts, print_json
from atelier.client import Atelier
from atelier.verification import Verification

Files = Annotated[list[Path], typer.Argument(metavar="FILE", help="Pictures, also of others; several are one by one.")]


def verify(
    files: Files,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Say what files are: made by a model or not, unchanged since whoever signed them, of what, under which licence.
    The exit code is 1 where one was changed after it had been signed, or its credentials cannot be read."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = [(file, studio.verify(file)) for file in files]
    if as_json:
        told = [{"file": str(file), **one.model_dump(mode="json")} for file, one in found]
        print_json(told[0] if len(told) == 1 else {"files": told})
    else:
        for file, one in found:
            print_facts(_facts(file, one))
    if not all(one.holds for _, one in found):
        raise typer.Exit(1)


def _facts(file: Path, found: Verification) -> list[Fact]:
    facts = [Fact("file", str(file)), Fact("says", found.sentence, prose=True)]
    if found.issuer is not None:
        trust = "trusted issuer" if found.issuer.trusted else "untrusted issuer"
        facts.append(Fact("signed by", f"{found.issuer.name}, {found.issuer.authority} ({trust})", prose=True))
    for one in found.ingredients:
        facts.append(Fact("made of", f"{one.title or one.instance} ({one.relationship})", prose=True))
    if found.licence is not None:
        uses = {name: getattr(found.licence, name) for name in ("reference", "internal", "product")}
        said = ", ".join(f"{name} {verdict}" for name, verdict in uses.items() if verdict)
        facts.append(Fact("licence", ": ".join(filter(None, [found.licence.licences, said])), prose=True))
    recipe = found.recipe or {}
    if recipe.get("prompt"):
        facts.append(Fact("prompt", str(recipe["prompt"]), prose=True))
    if recipe:
        facts.append(Fact("drawn by", f"{recipe.get('model')}, seed {recipe.get('seed')}"))
    if found.parameters:
        facts.append(Fact("parameters", found.parameters, prose=True))
    return [*facts, *(Fact("note", one, prose=True) for one in found.findings)]
