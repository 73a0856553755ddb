"""What the pages need: the words of stories, entries that were withdrawn, and pictures."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ID = sa.LargeBinary(16).with_variant(postgresql.UUID(), "postgresql")


def upgrade() -> None:
    op.add_column("entries", sa.Column("withdrawn", sa.Text(), nullable=True))
    # Until now nothing was ever retracted.
    op.add_column("stories", sa.Column("retracted_at", NUMBER, nullable=True))
    op.add_column("attempts", sa.Column("withdrawn", NUMBER, nullable=False, server_default="0"))
    _search()
    _pictures()


def _search() -> None:
    op.create_table(
        "search_keys",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("story_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_search_keys")),
        sa.UniqueConstraint("story_id", name=op.f("uq_search_keys_story_id")),
    )
    op.create_table(
        "unindexed",
        sa.Column("stamp", NUMBER, nullable=False),
        sa.Column("story_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("stamp", "story_id", name=op.f("pk_unindexed")),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE TABLE search_words (number bigint PRIMARY KEY, words tsvector NOT NULL)")
        op.execute("CREATE INDEX ix_search_words_words ON search_words USING gin (words)")
    else:
        # The words come folded and cut; this tokenizer takes them as they are. Nothing asks for their order here.
        op.execute(
            "CREATE VIRTUAL TABLE search_words USING fts5(words, tokenize = 'ascii', detail = none, columnsize = 0)"
        )


def _pictures() -> None:
    op.create_table(
        "pictures",
        sa.Column("key", sa.LargeBinary(16), nullable=False),
        sa.Column("href", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("newest_at", NUMBER, nullable=False),
        sa.Column("next_fetch_at", NUMBER, nullable=True),
        sa.Column("failures", NUMBER, nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("media_type", sa.Text(), nullable=True),
        sa.Column("width", NUMBER, nullable=True),
        sa.Column("height", NUMBER, nullable=True),
        sa.Column("digest", sa.LargeBinary(16), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_pictures")),
    )
    op.create_index(op.f("ix_pictures_next_fetch_at"), "pictures", ["next_fetch_at"])
    op.create_table(
        "story_pictures",
        sa.Column("story_id", ID, nullable=False),
        sa.Column("picture", sa.LargeBinary(16), nullable=False),
        sa.Column("sort_at", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("story_id", "picture", name=op.f("pk_story_pictures")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_story_pictures_picture_sort_at_story_id"), "story_pictures", ["picture", "sort_at", "story_id"]
    )
