"""Written by `python -m clients.generator.synchronous` from `licences.py`, where it is changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from atelier.calls import Call
from atelier.licences import Something, _acknowledge, _all, _grant, _grants, _revoke, _state
from atelier.models import Picture
from atelier.models.answers import Acknowledgement as Acknowledgement
from atelier.models.answers import Grant as Grant
from atelier.models.answers import LicenceText as LicenceText
from atelier.pictures import Use


class Licences:
    """What pictures of a studio may be used for; for operators, what was bought."""

    def __init__(self, run: Callable[[Call[Any]], Any]) -> None:
        self._run = run

    def all(self) -> tuple[LicenceText, ...]:
        """Every licence with its source, and the models, LoRAs and networks that are under it."""
        found: tuple[LicenceText, ...] = self._run(_all())
        return found

    def grants(self) -> tuple[Grant, ...]:
        """Those that were recorded as bought, the newest first."""
        found: tuple[Grant, ...] = self._run(_grants())
        return found

    def grant(
        self,
        reference: str,
        *,
        licence: str | None = None,
        component: str | None = None,
        space: str | None = None,
        purposes: Sequence[Use] = ("internal", "product"),
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Grant:
        """Record a licence that was bought: of all that is under `licence`, of a `component` such as a model, or of
        what of one is under the other. `reference` says which contract it is; times have a zone."""
        said = {"licence": licence, "component": component, "space": space, "purposes": [*purposes]}
        found: Grant = self._run(_grant(reference, **said, since=since, until=until))
        return found

    def revoke(self, grant: Grant | str) -> Grant:
        """It holds no longer."""
        found: Grant = self._run(_revoke(grant))
        return found

    def acknowledge(self, what: Something, purpose: Use, text: str | None = None) -> Acknowledgement:
        """Say that you have read the conditions of using pictures for a purpose, and keep to them: all pictures of a
        job (also where one of them is given), a picture by its id, or a batch. With a `text`, only if they are that."""
        found: Acknowledgement = self._run(_acknowledge(what, purpose, text))
        return found

    def state(self, picture: Picture | str, right: str, source: str = "") -> Picture:
        """Say whose an upload is: `own`, `bought`, or `unknown`."""
        found: Picture = self._run(_state(picture, right, source))
        return found
