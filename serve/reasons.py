"""Why a replica did not start, out of the report that Serve makes of it: our own sentence, or what was raised."""

from __future__ import annotations

import re

from configs import errors
from configs.errors import AtelierError

_RAISED = re.compile(r"^\s*(?:[A-Za-z_]\w*\.)*([A-Za-z_]\w*): (\S.*)$")
_DEPLOYMENTS = re.compile(r"deployments? \[([^\]]+)\]")
_OURS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, AtelierError)}
_WRAPPERS = {"RuntimeError", "RayTaskError"}
"""What Ray and Serve put around the text of an error that they hand on."""
_SILENT = ("Traceback", "Deploying application", "ray::")


def find_reason(report: str, log: str, who: str) -> str:
    """One sentence. `log` is where people find the whole `report`; `who` did not start, if it names no deployments."""
    raised = [one for line in report.splitlines() if (one := _read(line)) is not None]
    ours = [sentence for kind, sentence in raised if kind in _OURS]
    if ours:
        return ours[-1]
    names = _DEPLOYMENTS.search(report)
    who = names.group(1).replace("'", "") if names else who
    theirs = [f"{kind}: {words}" for kind, words in raised if kind.endswith(("Error", "Exception"))]
    what = theirs[-1] if theirs else "it said nothing of why"
    return f"{who} did not start ({what.rstrip('.')}); {log} has the whole report"


def _read(line: str) -> tuple[str, str] | None:
    """The class and the words of what a line of a report says was raised."""
    found = _RAISED.match(line)
    if found is None:
        return None
    kind, words = found.groups()
    if kind not in _WRAPPERS:
        return kind, words
    return _read(words) or (None if words.startswith(_SILENT) else (kind, words))
