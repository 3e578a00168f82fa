"""Which routes leave a line in the audit, and why the others that change something do not.

A test holds that every POST, PUT, PATCH and DELETE of the app is in one of the two tables, and that each audited one
leaves exactly one line where it changes something, and none where it is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

AUDITED: Mapping[str, str] = MappingProxyType(
    {
        "POST /library/{kind}": "library.add",
        "POST /library/{kind}/{id}/mark": "library.mark",
        "POST /loras": "library.add",
        "POST /datasets": "library.add",
        "POST /datasets/{id}/zip": "library.add",
        "PATCH /datasets/{id}": "library.add",
        "POST /prompt-sets/{id}": "library.add",
        "POST /experiments/{id}/start": "experiment.start",
        "POST /experiments/{id}/phases": "experiment.phase",
        "POST /experiments/{id}/pause": "experiment.pause",
        "POST /experiments/{id}/resume": "experiment.resume",
        "POST /experiments/{id}/stop": "experiment.stop",
        "PATCH /experiments/{id}": "experiment.expose",
        "POST /experiments/{id}/runs": "run.order",
        "DELETE /experiments/{id}/runs/{run_id}": "run.cancel",
        "POST /experiments/{experiment_id}/votes": "votes.import",
        "DELETE /raters/{rater}": "rater.forget",
        "POST /champions/{asset_type}/{quality}": "champion.promote",
        "POST /champions/{asset_type}/{quality}/rollback": "champion.rollback",
        "POST /champions/{asset_type}/{quality}/ramp": "champion.ramp",
        "POST /champions/{asset_type}/{quality}/pause": "champion.pause",
        "POST /champions/{asset_type}/{quality}/resume": "champion.resume",
        "DELETE /pictures/{picture_id}": "picture.delete",
        "POST /spaces": "space.create",
        "PATCH /spaces/{id}": "space.change",
        "DELETE /spaces/{id}": "space.delete",
        "PUT /spaces/{id}/members/{principal_id}": "space.member",
        "DELETE /spaces/{id}/members/{principal_id}": "space.leave",
        "POST /me/keys": "key.create",
        "DELETE /me/keys/{key_id}": "key.revoke",
        "POST /auth/device/approve": "device.approve",
        "DELETE /me/devices/{device_id}": "device.revoke",
        "PUT /people/{person_id}/roles": "role.set",
        "PATCH /people/{person_id}": "principal.deactivate",
        "DELETE /images/{asset_id}": "picture.delete",
        "POST /images/{asset_id}/restore": "picture.restore",
        "PUT /quotas/{subject}/{id}": "quota.set",
        "DELETE /quotas/{subject}/{id}": "quota.remove",
        "DELETE /collections/{collection_id}": "collection.delete",
        "POST /collections/{collection_id}/links": "share.create",
        "POST /images/{asset_id}/links": "share.create",
        "DELETE /links/{link_id}": "share.revoke",
        "POST /webhooks": "webhook.create",
        "PATCH /webhooks/{webhook_id}": "webhook.change",
        "POST /webhooks/{webhook_id}/secret": "webhook.rotate",
        "DELETE /webhooks/{webhook_id}": "webhook.delete",
        "PATCH /pictures/{picture_id}": "licence.state",
        "POST /licences/grants": "licence.grant",
        "POST /pictures/{picture_id}/clear": "licence.state",
        "DELETE /licences/grants/{grant_id}": "licence.revoke",
        "POST /images/{asset_id}/acknowledge": "licence.acknowledge",
        "POST /jobs/{job_id}/acknowledge": "licence.acknowledge",
        "POST /batches/{batch_id}/acknowledge": "licence.acknowledge",
    }
)
"""By method and path as in OpenAPI: the action of its line."""

_DRAWS = "drawing changes nothing of others', and the job is its own record"
_DRAWS_AND_LINKS = f"{_DRAWS}; a link that is asked for with it leaves the line of share.create"
_ONES_OWN = "it is nobody else's business, and changes nothing of others'"
_ARRANGES = "putting pictures together gives nobody a right to them"
_VOTES = "a vote is a row of its own that is never overwritten, and blind: the audit must not tell whose it is"
_TELLS = "nobody is told anything but where a webhook goes already, whose line says that"
NOT_AUDITED: Mapping[str, str] = MappingProxyType(
    {
        "POST /generate": _DRAWS,
        "POST /regenerate": _DRAWS,
        "POST /like": _DRAWS,
        "POST /tweak": _DRAWS,
        "POST /finish": _DRAWS,
        "POST /images/{asset_id}/replay": _DRAWS,
        "POST /batches": _DRAWS,
        "POST /v1/images/generations": _DRAWS_AND_LINKS,
        "POST /v1/images/edits": _DRAWS_AND_LINKS,
        "POST /openai/v1/images/generations": _DRAWS_AND_LINKS,
        "POST /openai/v1/images/edits": _DRAWS_AND_LINKS,
        "POST /openai/deployments/{deployment}/images/generations": _DRAWS_AND_LINKS,
        "POST /openai/deployments/{deployment}/images/edits": _DRAWS_AND_LINKS,
        "POST /compare": _DRAWS,
        "POST /compare/{comparison_id}/pick": "a pick is told by the comparison, to whoever ordered it",
        "POST /webhooks/{webhook_id}/test": _TELLS,
        "POST /webhooks/{webhook_id}/replay": _TELLS,
        "POST /webhooks/{webhook_id}/deliveries/{delivery_id}/replay": _TELLS,
        "POST /auth/device": "a device asks, and nobody has let it in yet",
        "POST /auth/device/token": "that it was let in is told when a person does that",
        "POST /auth/token": "a device that was let in goes on",
        "PUT /images/{asset_id}/favourite": _ONES_OWN,
        "DELETE /images/{asset_id}/favourite": _ONES_OWN,
        "POST /collections": _ARRANGES,
        "PATCH /collections/{collection_id}": _ARRANGES,
        "POST /collections/{collection_id}/items": _ARRANGES,
        "PATCH /collections/{collection_id}/items/{asset_id}": _ARRANGES,
        "DELETE /collections/{collection_id}/items/{asset_id}": _ARRANGES,
        "PUT /images/{asset_id}/tags": "a tag is a row with its author and time, and no right",
        "POST /datasets/{id}/captions": "a suggestion is told to who asked, and changes nothing",
        "POST /verify": "nothing of the file is kept",
        "POST /pictures": "a picture that is brought is a row with its owner and time",
        "POST /trainings": "learning changes nothing of others', and the job is its own record",
        "DELETE /trainings/{training_id}": "a cancel is an event of the job's own log",
        "POST /trainings/{training_id}/adopt": "the library's own line tells it: what is added is a version of a LoRA",
        "DELETE /jobs/{job_id}": "a cancel is an event of the job's own log",
        "DELETE /batches/{batch_id}": "a cancel is an event of the log of each job",
        "POST /experiments/{experiment_id}/ballots": _VOTES,
        "PUT /ballots/{ballot_id}/vote": _VOTES,
        "POST /ballots/{ballot_id}/reveal": _VOTES,
    }
)
"""The same for those that leave none: the reason."""
