"""What was read last, what could not be read, and what is usual for a source."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("fetch_states", sa.Column("fresh_for_s", NUMBER, nullable=True))
    op.add_column("fetch_states", sa.Column("usual", sa.LargeBinary(), nullable=True))
    op.add_column("fetch_states", sa.Column("degraded", sa.Text(), nullable=True))
    op.add_column("fetch_states", sa.Column("parts", sa.LargeBinary(), nullable=True))
    op.create_table(
        "last_documents",
        sa.Column("source", NUMBER, autoincrement=False, nullable=False),
        sa.Column("marks", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["source"], ["names.number"], name=op.f("fk_last_documents_source")),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_last_documents")),
    )
    op.create_table(
        "kept_documents",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("source", NUMBER, nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("size", NUMBER, nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["source"], ["names.number"], name=op.f("fk_kept_documents_source")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_kept_documents")),
    )
    op.create_index(op.f("ix_kept_documents_source"), "kept_documents", ["source"])
    counters = sa.table("counters", sa.column("name"), sa.column("value"))
    op.bulk_insert(counters, [{"name": "kept_document", "value": 0}])
