"""The transactions about people. Who changes what somebody may counts the revision up first, which is a lock: what is
read after that nobody else changes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from configs.errors import NotAllowed, NotFound, StateConflict
from router.people import rows, statements
from router.people.audit.model import Signature
from router.people.audit.writing import write_line
from router.people.person import Newcomer, Person, write_roles
from router.people.principal import Role
from router.people.tables import HOME


def welcome(connection: Connection, newcomer: Newcomer, now: datetime) -> Person:
    """The row of whoever signs in, made at first sight, with what the token says now."""
    connection.execute(statements.NEXT_REVISION)  # two first requests at once make one row
    told = {"name": newcomer.name, "token_roles": write_roles(newcomer.roles), "seen_at": now}
    if connection.execute(statements.KNOWN, {"of_id": newcomer.id}).first() is None:
        new = {"id": newcomer.id, "subject": newcomer.subject, "created_at": now, "roles": ""} | told
        connection.execute(statements.INSERT_PERSON, new)
        connection.execute(statements.INSERT_MEMBER, {"space": HOME, "principal": newcomer.id, "role": "member"})
        signature = Signature(newcomer.id, "oidc")
        told_of = {"name": newcomer.name, "roles": newcomer.roles}
        write_line(connection, signature, "principal.create", ("principal", newcomer.id), told_of, now)
    else:
        connection.execute(statements.SET_SEEN, told | {"of_id": newcomer.id})
    return person(connection, newcomer.id)


def ensure(connection: Connection, id: str, name: str, now: datetime) -> None:
    """That who never signs in has a row, for what refers to it."""
    if connection.execute(statements.KNOWN, {"of_id": id}).first() is None:
        new = {"id": id, "name": name, "created_at": now, "roles": "", "token_roles": ""}
        connection.execute(statements.INSERT_PERSON, new)


def set_roles(connection: Connection, id: str, roles: frozenset[Role], by: Signature, now: datetime) -> Person:
    """Raises `NotFound`, `NotAllowed` and `StateConflict`."""
    connection.execute(statements.NEXT_REVISION)
    _check_admin(connection, by)
    stands = person(connection, id)
    if stands.given == roles:
        return stands
    connection.execute(statements.SET_ROLES, {"of_id": id, "roles": write_roles(roles)})
    _check_somebody_is_left(connection, by)
    write_line(connection, by, "role.set", ("principal", id), {"roles": roles, "before": stands.given}, now)
    return person(connection, id)


def set_active(connection: Connection, id: str, active: bool, by: Signature, now: datetime) -> Person:
    """Raises `NotFound`, `NotAllowed` and `StateConflict`."""
    connection.execute(statements.NEXT_REVISION)
    _check_admin(connection, by)
    stands = person(connection, id)
    if (stands.deactivated_at is None) == active:
        return stands
    when = None if active else now
    connection.execute(statements.SET_DEACTIVATED, {"of_id": id, "deactivated_at": when})
    _check_somebody_is_left(connection, by)
    action = "principal.activate" if active else "principal.deactivate"
    write_line(connection, by, action, ("principal", id), {"name": stands.name}, now)
    return person(connection, id)


def person(connection: Connection, id: str) -> Person:
    """Raises `NotFound`."""
    found = next(rows.read_people(connection.execute(statements.BY_ID, {"of_id": id})), None)
    if found is None:
        raise NotFound(f"there is nobody '{id[:64]}'", "id")
    return found


def _check_admin(connection: Connection, by: Signature) -> None:
    """Another admin may have been faster."""
    if by.how != "dev":
        asking = person(connection, by.who)
        if asking.deactivated_at is not None or Role.ADMIN not in asking.roles:
            raise NotAllowed("you are no admin any more: somebody has taken that role from you meanwhile")


def _check_somebody_is_left(connection: Connection, by: Signature) -> None:
    active = map(rows.read_person, connection.execute(statements.ACTIVE))
    if by.how != "dev" and not any(Role.ADMIN in one.roles for one in active):
        raise StateConflict("nobody would be admin after that: make somebody else admin first")
