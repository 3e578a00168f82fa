"""Every statement about share links."""

from __future__ import annotations

from sqlalchemy import bindparam, select, text, update

from router.assets.sharing.tables import share_links, signing_keys
from router.storage.columns import Utc
from router.storage.insertion import Insertion

INSERT = Insertion(share_links)
LINK = select(share_links).where(share_links.c.id == bindparam("of_link"))
OF_TARGET = (
    select(share_links)
    .where(share_links.c.target == bindparam("of_target"))
    .order_by(share_links.c.id.desc())
    .limit(bindparam("most"))
)
REVOKE = (
    update(share_links)
    .where(share_links.c.id == bindparam("of_link"), share_links.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("now", type_=Utc))
    .returning(share_links.c.id)
)
SECRET = select(signing_keys.c.secret).where(signing_keys.c.name == "share")
KEEP_SECRET = text(
    "INSERT INTO signing_keys (name, secret, created_at) VALUES ('share', :fresh, :now) ON CONFLICT (name) DO NOTHING"
).bindparams(bindparam("now", type_=Utc))
