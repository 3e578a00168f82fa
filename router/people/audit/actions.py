"""What is audited: every action by its dotted name, with the sentence that it is told in."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ACTIONS: Mapping[str, str] = MappingProxyType(
    {
        "key.create": "An API key was made",
        "key.revoke": "An API key was revoked",
        "device.approve": "A device was let in for somebody",
        "device.deny": "A device was refused",
        "device.revoke": "A device was signed out",
        "principal.create": "Somebody signed in for the first time",
        "principal.change": "Somebody's name, groups or state was changed",
        "principal.deactivate": "Somebody was shut out",
        "principal.activate": "Somebody was let in again",
        "principal.delete": "Somebody was deleted",
        "role.set": "Somebody was given other roles",
        "space.create": "A space was made",
        "space.change": "A space's name, brand kit or defaults were changed",
        "space.archive": "A space was archived",
        "space.restore": "An archived space was taken up again",
        "space.delete": "A space was deleted",
        "space.member": "Somebody was made a member of a space, or given another role in it",
        "space.leave": "Somebody is no member of a space any more",
        "library.add": "A version was added to the library",
        "library.mark": "A mark of a library entry was moved or taken away",
        "experiment.start": "An experiment was started",
        "experiment.phase": "A new phase of an experiment was begun",
        "experiment.pause": "An experiment was paused",
        "experiment.resume": "An experiment was resumed",
        "experiment.stop": "An experiment was stopped",
        "experiment.expose": "Another share of the units takes part in an experiment",
        "experiment.export": "Votes of an experiment were exported",
        "run.order": "A prompt set was ordered on all arms of an experiment",
        "run.cancel": "A run of an experiment was canceled",
        "votes.import": "Votes that were cast elsewhere were taken in",
        "rater.forget": "Who a rater is was erased",
        "champion.promote": "A champion was promoted, or its canary begun",
        "champion.rollback": "A champion or its canary was taken back",
        "champion.ramp": "A canary draws for more people",
        "champion.pause": "A canary was paused",
        "champion.resume": "A canary was resumed",
        "licence.grant": "A bought licence was recorded",
        "licence.revoke": "A bought licence was revoked",
        "licence.acknowledge": "Somebody acknowledged what a picture may be used for",
        "licence.state": "Somebody stated the right to an uploaded picture",
        "quota.set": "A quota was set",
        "quota.remove": "A quota is as the configs say again",
        "share.create": "A link for people without an account was made",
        "share.revoke": "A link for people without an account was revoked",
        "webhook.create": "A webhook was made",
        "webhook.change": "A webhook was changed, or taken into use again",
        "webhook.rotate": "A webhook was given another secret",
        "webhook.disable": "A webhook is told nothing any more",
        "webhook.delete": "A webhook was deleted",
        "picture.delete": "A picture was deleted",
        "picture.restore": "A deleted picture was taken back",
        "collection.delete": "A collection was deleted",
    }
)
"""One row an action. A line with another one is refused: add its row here."""


def check_action(action: str) -> None:
    """Raises `ValueError` for an action without a row."""
    if action not in ACTIONS:
        raise ValueError(f"'{action}' is no audited action: give it a row in router/people/audit/actions.py")
