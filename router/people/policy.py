"""Who may call what: one row for each route of the API. `router/api/gate.py` holds every request against it.

A row says which roles may call a route, which scope a key, a device or a program needs for it, and whose the thing must
be that the route names. A route without a row lets no studio start.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from configs.errors import NotAllowed
from router.people.principal import Principal, Role


class Scope(StrEnum):
    """What a key, a device or a program may be trusted with, of what its roles allow."""

    IMAGES_READ = "images:read"
    """Look at pictures, jobs and batches, and fetch their files."""
    IMAGES_WRITE = "images:write"
    """Draw, upload, compare, cancel and delete."""
    EXPERIMENTS_READ = "experiments:read"
    """Read how experiments stand."""
    EXPERIMENTS_VOTE = "experiments:vote"
    """Answer ballots."""
    EXPERIMENTS_WRITE = "experiments:write"
    """Start, change and stop experiments."""
    LIBRARY_WRITE = "library:write"
    """Change LoRAs, asset types, brand kits, datasets, prompt sets and champions."""
    OPERATE = "operate"
    """See what runs, set limits, record licences, read the audit log."""
    ADMIN = "admin"
    """Give roles, and see everything of everybody."""


class Whose(StrEnum):
    """Of the thing that a route names."""

    PUBLIC = "public"
    """Nobody has to sign in."""
    ANY = "any"
    """The studio's, or nobody's: the same for all who may call the route."""
    OWN = "own"
    """Theirs alone. Who may only look at it is told so; to everybody else it is not there."""
    SELF = "self"
    """Theirs alone, from admins, too: a blind vote is nobody else's to see."""
    SPACE = "space"
    """Theirs, or of a space that they are in; to everybody else it is not there."""
    LED = "led"
    """A space that they lead. Who is only in it is told so; to everybody else it is not there."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One row. With no `roles` everybody who has signed in may; with no `scope` every key may."""

    whose: Whose
    roles: frozenset[Role] = frozenset()
    scope: Scope | None = None

    def check(self, principal: Principal) -> None:
        """Raises `NotAllowed`, and says what is missing. A program (`service`) may what its scopes say."""
        if self.scope is not None and not _has_scope(principal, self.scope):
            said = f"this needs the scope {self.scope}: ask for a key or a sign-in that has it"
            raise NotAllowed(said, scope=self.scope)
        if self.roles and not _has_role(principal, self.roles):
            known = " or ".join(sorted(self.roles))
            raise NotAllowed(f"this needs the role {known}: an admin can give it to you")

    def admits(self, principal: Principal) -> bool:
        """Whether `check` lets them through."""
        return (self.scope is None or _has_scope(principal, self.scope)) and (
            not self.roles or _has_role(principal, self.roles)
        )


def _has_scope(principal: Principal, scope: Scope) -> bool:
    """A program has those that were given to it; a person all, unless what they use was given fewer."""
    if principal.scopes is None:
        return principal.roles != {Role.SERVICE}
    return scope in principal.scopes


def _has_role(principal: Principal, roles: frozenset[Role]) -> bool:
    return principal.has(Role.SERVICE) or any(map(principal.has, roles))


def _rule(whose: Whose, scope: Scope | None = None, *roles: Role) -> Rule:
    return Rule(whose, frozenset(roles), scope)


_SEERS = (Role.DESIGNER, Role.EVALUATOR, Role.BRAND_ENGINEER)
_JUDGES = (Role.EVALUATOR, Role.BRAND_ENGINEER)

OPEN = _rule(Whose.PUBLIC)
SIGNED_IN = _rule(Whose.ANY)
MINE = _rule(Whose.SELF)
DRAW = _rule(Whose.OWN, Scope.IMAGES_WRITE, Role.DESIGNER)
DRAW_SEEN = _rule(Whose.SPACE, Scope.IMAGES_WRITE, Role.DESIGNER)
COMPARE = _rule(Whose.OWN, Scope.IMAGES_WRITE, Role.DESIGNER, Role.EVALUATOR)
KEEP = _rule(Whose.SPACE, Scope.IMAGES_WRITE, *_SEERS)
LOOK = _rule(Whose.SPACE, Scope.IMAGES_READ, *_SEERS)
KNOW = _rule(Whose.ANY, Scope.EXPERIMENTS_READ)
TEACH = _rule(Whose.ANY, Scope.LIBRARY_WRITE, Role.DESIGNER, Role.BRAND_ENGINEER)
STUDY = _rule(Whose.ANY, Scope.IMAGES_READ, *_SEERS)
LOOK_OR_OPERATE = _rule(Whose.SPACE, Scope.IMAGES_READ, *_SEERS, Role.OPERATOR)
ASK = _rule(Whose.ANY, Scope.EXPERIMENTS_VOTE, Role.EVALUATOR)
VOTE = _rule(Whose.SELF, Scope.EXPERIMENTS_VOTE, Role.EVALUATOR)
JUDGE = _rule(Whose.ANY, Scope.EXPERIMENTS_READ, *_JUDGES)
EXPERIMENT = _rule(Whose.ANY, Scope.EXPERIMENTS_WRITE, Role.EVALUATOR)
LIBRARY = _rule(Whose.ANY, Scope.LIBRARY_WRITE, Role.BRAND_ENGINEER)
TRAIN = _rule(Whose.OWN, Scope.LIBRARY_WRITE, Role.DESIGNER, Role.BRAND_ENGINEER)
PROMPTS = _rule(Whose.ANY, Scope.LIBRARY_WRITE, *_JUDGES)
OPERATE = _rule(Whose.ANY, Scope.OPERATE, Role.OPERATOR)
HOOK = _rule(Whose.OWN, Scope.IMAGES_WRITE, *_SEERS)
TEAM = _rule(Whose.SPACE)
LEAD = _rule(Whose.LED)
ADMINISTER = _rule(Whose.ANY, Scope.ADMIN, Role.ADMIN)

POLICY: dict[str, Rule] = {
    # What there is to see without signing in: that the studio is there, its page, and how to talk to it.
    "GET /": OPEN,
    "GET /app": OPEN,
    "GET /app/{path}": OPEN,
    "GET /docs": OPEN,
    "GET /docs/oauth2-redirect": OPEN,
    "GET /healthz": OPEN,
    "GET /mark.svg": OPEN,
    "GET /openapi.json": OPEN,
    "GET /readyz": OPEN,
    "GET /redoc": OPEN,
    "GET /static": OPEN,
    # What a link shows: its token says that somebody may.
    "GET /shared/{token}": OPEN,
    "GET /shared/{token}/{asset_id}/{rendition}": OPEN,
    "GET /static-offline-docs": OPEN,
    # What one may draw with.
    "GET /asset-types": SIGNED_IN,
    "GET /asset-types/{name}": SIGNED_IN,
    "GET /brand": SIGNED_IN,
    "GET /brand/{kit_id}": SIGNED_IN,
    "GET /loras": SIGNED_IN,
    "GET /licences": SIGNED_IN,
    "GET /models": SIGNED_IN,
    "GET /library/{kind}": SIGNED_IN,
    "GET /library/{kind}/{id}": SIGNED_IN,
    "GET /library/{kind}/{id}/diff": SIGNED_IN,
    "GET /library/{kind}/{id}/history": SIGNED_IN,
    "GET /library/{kind}/{id}/versions": SIGNED_IN,
    # Agents: what each of their tools may is said by the routes that it asks.
    "POST /mcp": SIGNED_IN,
    # The same for programs that speak OpenAI's Images API, in its paths and in Azure's.
    "GET /v1/models": SIGNED_IN,
    "GET /v1/models/{model}": SIGNED_IN,
    "GET /openai/models": SIGNED_IN,
    "GET /openai/models/{model}": SIGNED_IN,
    "GET /openai/v1/models": SIGNED_IN,
    "GET /openai/v1/models/{model}": SIGNED_IN,
    "POST /v1/images/generations": DRAW,
    "POST /v1/images/edits": DRAW,
    "POST /openai/v1/images/generations": DRAW,
    "POST /openai/v1/images/edits": DRAW,
    "POST /openai/deployments/{deployment}/images/generations": DRAW,
    "POST /openai/deployments/{deployment}/images/edits": DRAW,
    # Drawing, and what was drawn.
    "POST /generate": DRAW,
    "POST /regenerate": DRAW,
    "POST /like": DRAW,
    "POST /tweak": DRAW,
    "POST /finish": DRAW,
    "POST /images/{asset_id}/replay": DRAW_SEEN,
    "GET /images/{asset_id}/replays": LOOK,
    "GET /jobs": LOOK,
    "GET /jobs/{job_id}": LOOK,
    "DELETE /jobs/{job_id}": COMPARE,
    "GET /events": LOOK,
    "GET /jobs/{job_id}/events": LOOK,
    "GET /jobs/{job_id}/grid": LOOK,
    "GET /jobs/{job_id}/images": LOOK,
    "GET /jobs/{job_id}/images/{index}.{format}": LOOK,
    "GET /jobs/{job_id}/lineage": LOOK,
    "GET /assets/{asset_id}/lineage": LOOK,
    "GET /history": LOOK,
    "GET /images": LOOK,
    "GET /images/facets": LOOK,
    "GET /images/{asset_id}": LOOK,
    "GET /images/{asset_id}/recipe": LOOK,
    "GET /images/{asset_id}/thumbnail": LOOK,
    "PUT /images/{asset_id}/favourite": KEEP,
    "DELETE /images/{asset_id}/favourite": KEEP,
    "PUT /images/{asset_id}/tags": COMPARE,
    "DELETE /images/{asset_id}": COMPARE,
    "POST /images/{asset_id}/restore": COMPARE,
    "GET /collections": LOOK,
    "POST /collections": COMPARE,
    "GET /collections/{collection_id}": LOOK,
    "PATCH /collections/{collection_id}": COMPARE,
    "DELETE /collections/{collection_id}": COMPARE,
    "POST /collections/{collection_id}/items": COMPARE,
    "PATCH /collections/{collection_id}/items/{asset_id}": COMPARE,
    "DELETE /collections/{collection_id}/items/{asset_id}": COMPARE,
    "GET /collections/{collection_id}/links": COMPARE,
    "POST /collections/{collection_id}/links": COMPARE,
    "GET /images/{asset_id}/links": COMPARE,
    "POST /images/{asset_id}/links": COMPARE,
    "DELETE /links/{link_id}": COMPARE,
    "POST /batches/{batch_id}/acknowledge": LOOK,
    "POST /images/{asset_id}/acknowledge": LOOK,
    "POST /jobs/{job_id}/acknowledge": LOOK,
    "GET /analytics": LOOK_OR_OPERATE,
    "GET /pictures": LOOK,
    "POST /pictures": COMPARE,
    "POST /verify": STUDY,
    "GET /pictures/{picture_id}": LOOK,
    "DELETE /pictures/{picture_id}": COMPARE,
    "PATCH /pictures/{picture_id}": COMPARE,
    "GET /batches": LOOK,
    "POST /batches": DRAW,
    "GET /batches/{batch_id}": LOOK,
    "DELETE /batches/{batch_id}": COMPARE,
    "GET /batches/{batch_id}/sheet": LOOK,
    "GET /batches/{batch_id}/zip": LOOK,
    "POST /compare": COMPARE,
    "GET /compare/{comparison_id}": LOOK,
    "POST /compare/{comparison_id}/pick": COMPARE,
    "GET /compare/{comparison_id}/pictures/{prompt}/{letter}/{place}": LOOK,
    "GET /compare/{comparison_id}/sheet": LOOK,
    # Trainings.
    "GET /trainings": LOOK,
    "POST /trainings": TRAIN,
    "GET /trainings/{training_id}": LOOK,
    "GET /trainings/{training_id}/pictures/{sha256}": LOOK,
    "DELETE /trainings/{training_id}": TRAIN,
    "POST /trainings/{training_id}/adopt": TRAIN,
    # What programs elsewhere are told.
    "GET /webhooks": HOOK,
    "POST /webhooks": HOOK,
    "GET /webhooks/{webhook_id}": HOOK,
    "PATCH /webhooks/{webhook_id}": HOOK,
    "DELETE /webhooks/{webhook_id}": HOOK,
    "POST /webhooks/{webhook_id}/secret": HOOK,
    "POST /webhooks/{webhook_id}/test": HOOK,
    "GET /webhooks/{webhook_id}/deliveries": HOOK,
    "POST /webhooks/{webhook_id}/deliveries/{delivery_id}/replay": HOOK,
    "POST /webhooks/{webhook_id}/replay": HOOK,
    # Teams.
    "GET /spaces": SIGNED_IN,
    "POST /spaces": ADMINISTER,
    "GET /spaces/{id}": TEAM,
    "PATCH /spaces/{id}": LEAD,
    "DELETE /spaces/{id}": ADMINISTER,
    "GET /spaces/{id}/people": LEAD,
    "PUT /spaces/{id}/members/{principal_id}": LEAD,
    "DELETE /spaces/{id}/members/{principal_id}": LEAD,
    # Licences that were bought.
    "GET /licences/grants": OPERATE,
    "POST /licences/grants": OPERATE,
    "POST /pictures/{picture_id}/clear": OPERATE,
    "DELETE /licences/grants/{grant_id}": OPERATE,
    # Experiments and votes.
    "GET /experiments": KNOW,
    "GET /experiments/{id}": KNOW,
    "GET /experiments/{id}/events": KNOW,
    "GET /experiments/{id}/runs": KNOW,
    "GET /experiments/{id}/runs/{run_id}": KNOW,
    "GET /assignments": JUDGE,
    "GET /experiments/{experiment_id}/plot": JUDGE,
    "GET /experiments/{experiment_id}/results": JUDGE,
    "GET /experiments/{experiment_id}/votes.csv": JUDGE,
    "GET /experiments/{experiment_id}/votes.parquet": JUDGE,
    "POST /experiments/{experiment_id}/ballots": ASK,
    "GET /ballots/{ballot_id}/{place}": VOTE,
    "PUT /ballots/{ballot_id}/vote": VOTE,
    "POST /ballots/{ballot_id}/reveal": VOTE,
    "DELETE /raters/{rater}": SIGNED_IN,
    "POST /experiments/{experiment_id}/votes": EXPERIMENT,
    "PATCH /experiments/{id}": EXPERIMENT,
    "POST /experiments/{id}/pause": EXPERIMENT,
    "POST /experiments/{id}/phases": EXPERIMENT,
    "POST /experiments/{id}/resume": EXPERIMENT,
    "POST /experiments/{id}/runs": EXPERIMENT,
    "DELETE /experiments/{id}/runs/{run_id}": EXPERIMENT,
    "POST /experiments/{id}/start": EXPERIMENT,
    "POST /experiments/{id}/stop": EXPERIMENT,
    # Who one is, and what one signs in with.
    "GET /device": OPEN,
    "GET /auth/issuers": OPEN,
    "POST /auth/device": OPEN,
    "POST /auth/device/token": OPEN,
    "POST /auth/token": OPEN,
    "GET /auth/codes/{user_code}": SIGNED_IN,
    "POST /auth/device/approve": SIGNED_IN,
    "GET /me": SIGNED_IN,
    "GET /me/keys": MINE,
    "POST /me/keys": MINE,
    "DELETE /me/keys/{key_id}": MINE,
    "GET /me/devices": MINE,
    "DELETE /me/devices/{device_id}": MINE,
    "GET /people": ADMINISTER,
    "GET /people/names": SIGNED_IN,
    "PUT /people/{person_id}/roles": ADMINISTER,
    "PATCH /people/{person_id}": ADMINISTER,
    # The library, and what is drawn with as long as nobody says otherwise.
    "POST /library/{kind}": LIBRARY,
    "POST /library/{kind=experiments}": PROMPTS,
    "POST /library/{kind=prompt-sets}": PROMPTS,
    "POST /library/{kind}/{id}/mark": LIBRARY,
    "POST /library/{kind=experiments}/{id}/mark": PROMPTS,
    "POST /library/{kind=prompt-sets}/{id}/mark": PROMPTS,
    "POST /loras": LIBRARY,
    # What is learned from.
    "GET /datasets": STUDY,
    "GET /datasets/{id}": STUDY,
    "GET /datasets/{id}/preflight": STUDY,
    "POST /datasets": TEACH,
    "POST /datasets/{id}/zip": TEACH,
    "PATCH /datasets/{id}": TEACH,
    "POST /datasets/{id}/captions": TEACH,
    "POST /library/{kind=datasets}": TEACH,
    "POST /library/{kind=datasets}/{id}/mark": TEACH,
    "POST /prompt-sets/{id}": PROMPTS,
    "GET /champions": KNOW,
    "GET /champions/{asset_type}/{quality}": KNOW,
    "GET /champions/{asset_type}/{quality}/history": KNOW,
    "POST /champions/{asset_type}/{quality}": LIBRARY,
    "POST /champions/{asset_type}/{quality}/pause": LIBRARY,
    "POST /champions/{asset_type}/{quality}/ramp": LIBRARY,
    "POST /champions/{asset_type}/{quality}/resume": LIBRARY,
    "POST /champions/{asset_type}/{quality}/rollback": LIBRARY,
    # Who changed what.
    "GET /audit": OPERATE,
    "GET /audit.jsonl": OPERATE,
    # What runs where.
    "GET /metrics": OPERATE,
    "GET /operations": OPERATE,
    "GET /operations/capacity": OPERATE,
    "GET /operations/figures": OPERATE,
    # How much may be drawn.
    "GET /me/quota": SIGNED_IN,
    "GET /quotas": OPERATE,
    "GET /quotas/{subject}/{id}": OPERATE,
    "PUT /quotas/{subject}/{id}": OPERATE,
    "DELETE /quotas/{subject}/{id}": OPERATE,
}
"""By method and path template, as in OpenAPI; of a folder of files, its path. A row with `{part=value}` is the route's
where its path says exactly this; the row without one is for all the others."""
