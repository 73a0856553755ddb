"""Pushes from upstream hubs."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("source", NUMBER, nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("hub", sa.Text(), nullable=False),
        sa.Column("hubs", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("callback", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("next_request_at", NUMBER, nullable=False),
        sa.Column("requested_at", NUMBER, nullable=True),
        sa.Column("verified_at", NUMBER, nullable=True),
        sa.Column("lease_until", NUMBER, nullable=True),
        sa.Column("last_push_at", NUMBER, nullable=True),
        sa.Column("failures", NUMBER, nullable=False),
        sa.Column("given_up", NUMBER, nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("pushed", NUMBER, nullable=False),
        sa.Column("missed", NUMBER, nullable=False),
        sa.Column("doubted_at", NUMBER, nullable=True),
        sa.Column("rejected", NUMBER, nullable=False),
        sa.Column("recent", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["source"], ["names.number"], name=op.f("fk_subscriptions_source")),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_subscriptions")),
    )
    op.create_index(op.f("ix_subscriptions_next_request_at"), "subscriptions", ["next_request_at"])
    op.create_index(op.f("ix_subscriptions_source"), "subscriptions", ["source"])
    op.create_table(
        "pushes",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("source", NUMBER, nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("content_type", sa.Text(), nullable=True),
        sa.Column("size", NUMBER, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["source"], ["names.number"], name=op.f("fk_pushes_source")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_pushes")),
    )
    op.create_index(op.f("ix_pushes_source"), "pushes", ["source"])
    op.add_column("attempts", sa.Column("pushed", NUMBER, nullable=False, server_default="0"))
    op.bulk_insert(sa.table("counters", sa.column("name"), sa.column("value")), [{"name": "push", "value": 0}])
