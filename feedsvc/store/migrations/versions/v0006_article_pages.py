"""The pages of articles."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "page_tasks",
        sa.Column("entry_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("href", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("wanted_at", NUMBER, nullable=False),
        sa.Column("held_until", NUMBER, nullable=True),
        sa.Column("next_fetch_at", NUMBER, nullable=True),
        sa.Column("failures", NUMBER, nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_page_tasks_entry_id")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_page_tasks")),
    )
    op.create_index(op.f("ix_page_tasks_held_until"), "page_tasks", ["held_until"])
    op.create_index(op.f("ix_page_tasks_next_fetch_at_wanted_at"), "page_tasks", ["next_fetch_at", "wanted_at"])
    op.create_table(
        "articles",
        sa.Column("entry_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("own", sa.LargeBinary(), nullable=False),
        sa.Column("fingerprint_version", sa.SmallInteger(), nullable=False),
        sa.Column("bands", sa.LargeBinary(), nullable=False),
        sa.Column("link_keys", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_articles_entry_id")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_articles")),
    )
