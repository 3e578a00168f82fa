"""Commands that the command line tells people to type are typed as they stand, whatever ids a studio gives."""

from __future__ import annotations

import shlex
from typing import Any, cast

import pytest
import typer
from atelier import Atelier, AtelierError
from atelier.cli.draw import Drawing
from atelier.models import Accepted, Job

from tests.clients.forged import forge

IDS = ["a1", "two words", "x; rm -rf ~", "$(reboot)", "it's", "`id`", "a&b", '"', "*", "~"]


class Interrupted:
    """Ctrl-C comes while a job is drawn; `cancels` says whether the studio still answers then."""

    def __init__(self, job_id: str, cancels: bool) -> None:
        self._job_id, self._cancels = job_id, cancels

    def _value(self, _field: str, kind: type) -> Any:
        return {str: self._job_id, int: 1, float: 1.0, bool: True}.get(kind, "2026-01-01T00:00:00Z")

    def submit(self, *_: object, **__: object) -> Accepted:
        return Accepted.model_validate(forge(Accepted, self._value, 0))

    def wait(self, *_: object) -> Job:
        raise KeyboardInterrupt

    def cancel(self, _: object) -> Job:
        if not self._cancels:
            raise AtelierError("the studio does not answer")
        return Job.model_validate(forge(Job, self._value))


@pytest.mark.parametrize("job_id", IDS)
@pytest.mark.parametrize(("cancels", "command"), [(True, "job"), (False, "cancel")])
def test_a_hint_is_quoted_for_a_shell(
    job_id: str, cancels: bool, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    studio = Interrupted(job_id, cancels)
    drawing = Drawing(cast(Atelier, studio), lambda key: studio.submit("a lamp", idempotency_key=key), 1, silent=True)
    with pytest.raises((AtelierError, typer.Exit)):
        drawing.run()
    _, _, hint = capsys.readouterr().err.rpartition("atelier ")
    assert shlex.split(hint) == [command, job_id]
