"""The words of changed stories, kept with the marks that search goes by."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("unindexed", sa.Column("number", number, nullable=True))
    op.add_column("unindexed", sa.Column("words", sa.Text(), nullable=True))
