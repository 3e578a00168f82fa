"""What Alembic runs for each command: the steps, on the connection that it is given, inside its transaction."""

from __future__ import annotations

from alembic import context

from router.storage.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
