"""When each source publishes."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("fetch_states", sa.Column("rhythm", sa.LargeBinary(), nullable=True))
