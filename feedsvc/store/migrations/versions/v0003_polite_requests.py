"""What polite requests need: redirects that may last, hosts in trouble, and what was decided about sources."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("fetch_states", sa.Column("moved_to", sa.Text(), nullable=True))
    op.add_column("fetch_states", sa.Column("moved_since", NUMBER, nullable=True))
    op.add_column("fetch_states", sa.Column("moved_polls", NUMBER, nullable=False, server_default="0"))
    op.add_column("fetch_states", sa.Column("move_refused", sa.Text(), nullable=True))
    op.create_table(
        "host_troubles",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("source", NUMBER, nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("host", "source", name=op.f("pk_host_troubles")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "host_pauses",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("since", NUMBER, nullable=False),
        sa.Column("until", NUMBER, nullable=False),
        sa.Column("failures", NUMBER, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_host_pauses")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "source_events",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("source", NUMBER, nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["source"], ["names.number"], name=op.f("fk_source_events_source")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_source_events")),
    )
    op.create_index(op.f("ix_source_events_source"), "source_events", ["source"])
    op.bulk_insert(sa.table("counters", sa.column("name"), sa.column("value")), [{"name": "source_event", "value": 0}])
