"""What a verified access token must say for somebody to come in, claim by claim. Pure: no key and no clock.

Who somebody is comes from numbers that an issuer never gives twice (`tid` and `oid` with Entra ID, else `iss` and
`sub`). An address or a name, which may pass to another person, is shown and never compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from configs.errors import NotAllowed, NotSignedIn
from configs.sign_in import IssuerConfig
from configs.text import one_line
from router.people.person import Newcomer
from router.people.principal import Role

Claims = Mapping[str, Any]
_LONGEST_NAME = 100
_OF_ID_TOKENS = ("nonce", "at_hash", "c_hash", "s_hash")
_TYPES = (None, "jwt", "at+jwt", "application/at+jwt")


def check_header(header: Claims) -> None:
    """Raises `NotSignedIn` for what is another kind of token by its header."""
    kind = header.get("typ")
    if (kind.lower() if isinstance(kind, str) else kind) not in _TYPES:
        raise refused("it is no access token")


def newcomer(claims: Claims, issuer: IssuerConfig) -> Newcomer:
    """Who the token of `issuer` is of. Raises `NotSignedIn` for a token that is not for this studio, or is none of a
    kind that counts; `NotAllowed` for somebody who is known and may not come in."""
    if claims.get("typ") == "ID" or any(name in claims for name in _OF_ID_TOKENS):
        raise refused("it is an ID token, and an access token for the studio is needed")
    if issuer.is_entra:
        _check_entra(claims, issuer)
    app = _is_app(claims, issuer)
    roles = _roles(claims, issuer, app)
    _check_client(claims, issuer)
    if app and not roles:
        raise NotAllowed("this program was given no role here: have one assigned to it where it signs in")
    if not app and issuer.scope not in _scopes(claims):
        raise NotAllowed(f"the token lacks the scope {issuer.scope}: sign in again and ask for it", scope=issuer.scope)
    if not issuer.guests and _is_guest(claims, issuer):
        raise NotAllowed("guests may not sign in here: ask an admin of the studio")
    subject = _subject(claims, issuer)
    if subject[1] in issuer.admins:
        roles |= {Role.ADMIN}
    name = claims.get("name") or claims.get("preferred_username") or claims.get("app_displayname") or subject[1]
    return Newcomer(" ".join(subject), one_line(str(name), _LONGEST_NAME) or subject[1], roles)


def refused(why: str) -> NotSignedIn:
    """A token that does not count."""
    return NotSignedIn(f"the token does not count: {why}; sign in again", refused=True)


def _check_entra(claims: Claims, issuer: IssuerConfig) -> None:
    """`iss` was one of the trusted ones, which name a tenant each; the token must be of that very tenant."""
    tenant = claims.get("tid")
    if tenant not in issuer.tenants or claims.get("iss") != issuer.issuer.replace("{tid}", str(tenant)):
        raise refused("it is of another tenant")
    if claims.get("ver") != "2.0":
        raise refused("it is of another version than 2.0")


def _is_app(claims: Claims, issuer: IssuerConfig) -> bool:
    """Whether a program has signed in by itself, without a person. Of Entra ID only what says so itself: an ID token
    has no scope either, and may have roles."""
    if issuer.is_entra:
        return claims.get("idtyp") == "app" and not _scopes(claims)
    client = claims.get("azp") or claims.get("client_id")
    return client is not None and claims.get("sub") == client


def _check_client(claims: Claims, issuer: IssuerConfig) -> None:
    client = claims.get("azp") or claims.get("client_id") or claims.get("appid")
    if issuer.clients and client not in issuer.clients:
        raise NotAllowed("the program that brought the token may not be used with this studio: ask its admin")


def _scopes(claims: Claims) -> frozenset[str]:
    """Entra ID says `scp`, others `scope`: words in a text, or a list of them."""
    said = claims.get("scp", claims.get("scope", ""))
    words = said.split() if isinstance(said, str) else said if isinstance(said, list) else ()
    return frozenset(str(word) for word in words)


def _roles(claims: Claims, issuer: IssuerConfig, app: bool) -> frozenset[Role]:
    """What the token's values are mapped to; a person has everybody's, too."""
    said = claims.get(issuer.roles_claim, ())
    values = said.split() if isinstance(said, str) else said if isinstance(said, list) else ()
    mapped = {Role(issuer.roles[str(value)]) for value in values if str(value) in issuer.roles}
    if app:
        return frozenset(mapped | {Role.SERVICE}) if mapped else frozenset()
    return frozenset(mapped | {Role(role) for role in issuer.everybody})


def _is_guest(claims: Claims, issuer: IssuerConfig) -> bool:
    """Entra ID: `acct` says so where the API asks for it; else `idp` names another issuer than `iss`."""
    account, home = claims.get("acct"), claims.get("idp")
    return account in (1, "1") or (issuer.is_entra and home is not None and str(claims.get("tid")) not in str(home))


def _subject(claims: Claims, issuer: IssuerConfig) -> tuple[str, str]:
    names = ("tid", "oid") if issuer.is_entra else ("iss", "sub")
    first, second = (claims.get(name) for name in names)
    if not isinstance(first, str) or not isinstance(second, str) or not second or len(second) > 255:
        raise refused(f"it does not say whose it is ({names[1]})")
    return first, second
