"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ID = sa.LargeBinary(16).with_variant(postgresql.UUID(), "postgresql")

COUNTERS = ("attempt", "change", "entry", "feed", "name", "revision", "snapshot")

#: entries and stories refer to each other
STORY_OF_ENTRY = "fk_entries_story_id"


def upgrade() -> None:
    _configuration()
    _sources()
    _entries()
    _stories()
    _documents()
    if _adds_constraints():
        op.create_foreign_key(
            STORY_OF_ENTRY, "entries", "stories", ["story_id"], ["id"], deferrable=True, initially="DEFERRED"
        )
    op.bulk_insert(
        sa.table("counters", sa.column("name"), sa.column("value")), [{"name": n, "value": 0} for n in COUNTERS]
    )


def _configuration() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("value", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "names",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_names")),
        sa.UniqueConstraint("kind", "id", name=op.f("uq_names_kind_id")),
    )
    op.create_table(
        "listings",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("uuid", ID, nullable=False),
        sa.Column("opened_at", NUMBER, nullable=False),
        sa.Column("closed_at", NUMBER, nullable=True),
        sa.Column("touched", NUMBER, nullable=False),
        sa.Column("touched_at", NUMBER, nullable=True),
        sa.ForeignKeyConstraint(["number"], ["names.number"], name=op.f("fk_listings_number")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_listings")),
    )
    op.create_table(
        "config_revisions",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("diff", sa.Text(), nullable=False),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_config_revisions")),
    )
    op.create_table(
        "notes",
        sa.Column("key", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_notes")),
        sqlite_with_rowid=False,
    )


def _sources() -> None:
    op.create_table(
        "feed_infos",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_feed_infos")),
        sa.UniqueConstraint("hash", name=op.f("uq_feed_infos_hash")),
    )
    op.create_table(
        "fetch_states",
        sa.Column("source", NUMBER, autoincrement=False, nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("body_hash", sa.LargeBinary(), nullable=True),
        sa.Column("parser_version", sa.Text(), nullable=True),
        sa.Column("effective_url", sa.Text(), nullable=True),
        sa.Column("next_fetch_at", NUMBER, nullable=True),
        sa.Column("not_before", NUMBER, nullable=True),
        sa.Column("last_fetch_at", NUMBER, nullable=True),
        sa.Column("last_success_at", NUMBER, nullable=True),
        sa.Column("failures", NUMBER, nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("disabled", sa.Text(), nullable=True),
        sa.Column("held", sa.Text(), nullable=True),
        sa.Column("feed", NUMBER, nullable=True),
        sa.Column("attempt", NUMBER, nullable=True),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("held_until", NUMBER, nullable=True),
        sa.ForeignKeyConstraint(["feed"], ["feed_infos.number"], name=op.f("fk_fetch_states_feed")),
        sa.ForeignKeyConstraint(["source"], ["names.number"], name=op.f("fk_fetch_states_source")),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_fetch_states")),
    )
    op.create_index(op.f("ix_fetch_states_feed"), "fetch_states", ["feed"], unique=False)
    op.create_table(
        "host_slots",
        sa.Column("host", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("taken_by", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("held_until", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("host", "taken_by", name=op.f("pk_host_slots")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "attempts",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("source", NUMBER, nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("status", NUMBER, nullable=True),
        sa.Column("entries", NUMBER, nullable=False),
        sa.Column("new", NUMBER, nullable=False),
        sa.Column("changed", NUMBER, nullable=False),
        sa.Column("copies", NUMBER, nullable=False),
        sa.Column("seconds", sa.Float(precision=53), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["source"], ["names.number"], name=op.f("fk_attempts_source")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_attempts")),
    )


def _entries() -> None:
    op.create_table(
        "entries",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("source", NUMBER, nullable=False),
        sa.Column("story_id", ID, nullable=True),
        sa.Column("first_seen_at", NUMBER, nullable=False),
        sa.Column("last_seen_at", NUMBER, nullable=False),
        sa.Column("revision", NUMBER, nullable=False),
        sa.Column("revised_at", NUMBER, nullable=False),
        sa.Column("fingerprint_version", sa.SmallInteger(), nullable=False),
        sa.Column("words", NUMBER, nullable=False),
        sa.Column("text_hash", sa.LargeBinary(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("bands", sa.LargeBinary(), nullable=False),
        sa.Column("own_keys", sa.LargeBinary(), nullable=False),
        sa.Column("link_keys", sa.LargeBinary(), nullable=False),
        sa.Column("skipped", sa.Text(), nullable=True),
        sa.Column("evidence", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["source"], ["names.number"], name=op.f("fk_entries_source")),
        *_inline(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
    )
    op.create_index(op.f("ix_entries_first_seen_at_id"), "entries", ["first_seen_at", "id"], unique=False)
    op.create_index(op.f("ix_entries_story_id"), "entries", ["story_id"], unique=False)
    op.create_table(
        "contents",
        sa.Column("entry_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("feed", NUMBER, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_contents_entry_id")),
        sa.ForeignKeyConstraint(["feed"], ["feed_infos.number"], name=op.f("fk_contents_feed")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_contents")),
    )
    op.create_index(op.f("ix_contents_feed"), "contents", ["feed"], unique=False)
    op.create_table(
        "entry_revisions",
        sa.Column("entry_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("feed", NUMBER, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_entry_revisions_entry_id")),
        sa.ForeignKeyConstraint(["feed"], ["feed_infos.number"], name=op.f("fk_entry_revisions_feed")),
        sa.PrimaryKeyConstraint("entry_id", "number", name=op.f("pk_entry_revisions")),
    )
    op.create_index(op.f("ix_entry_revisions_feed"), "entry_revisions", ["feed"], unique=False)
    op.create_table(
        "entry_keys",
        sa.Column("source", NUMBER, autoincrement=False, nullable=False),
        sa.Column("key", sa.LargeBinary(length=16), autoincrement=False, nullable=False),
        sa.Column("entry_id", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("source", "key", name=op.f("pk_entry_keys")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "link_keys",
        sa.Column("key", NUMBER, autoincrement=False, nullable=False),
        sa.Column("entry_id", NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "entry_id", name=op.f("pk_link_keys")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "bands",
        sa.Column("band", NUMBER, autoincrement=False, nullable=False),
        sa.Column("entry_id", NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("band", "entry_id", name=op.f("pk_bands")),
        sqlite_with_rowid=False,
    )


def _stories() -> None:
    op.create_table(
        "stories",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("lead_id", NUMBER, nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("first_seen_at", NUMBER, nullable=False),
        sa.Column("announced", NUMBER, nullable=True),
        sa.Column("announced_at", NUMBER, nullable=True),
        sa.Column("updated_at", NUMBER, nullable=False),
        sa.Column("sort_at", NUMBER, nullable=False),
        sa.Column("retracted", sa.Text(), nullable=True),
        sa.Column("replaced_by", ID, nullable=True),
        sa.ForeignKeyConstraint(["lead_id"], ["entries.id"], name=op.f("fk_stories_lead_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stories")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "filings",
        sa.Column("story_id", ID, autoincrement=False, nullable=False),
        sa.Column("label", NUMBER, autoincrement=False, nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["label"], ["names.number"], name=op.f("fk_filings_label")),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_filings_story_id")),
        sa.PrimaryKeyConstraint("story_id", "label", name=op.f("pk_filings")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "memberships",
        sa.Column("story_id", ID, autoincrement=False, nullable=False),
        sa.Column("listing", NUMBER, autoincrement=False, nullable=False),
        sa.Column("announced", NUMBER, nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("sort_at", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["listing"], ["names.number"], name=op.f("fk_memberships_listing")),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_memberships_story_id")),
        sa.PrimaryKeyConstraint("story_id", "listing", name=op.f("pk_memberships")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_memberships_listing_announced_story_id"),
        "memberships",
        ["listing", "announced", "story_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_memberships_listing_language_announced_story_id"),
        "memberships",
        ["listing", "language", "announced", "story_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_memberships_listing_sort_at_story_id"), "memberships", ["listing", "sort_at", "story_id"], unique=False
    )
    op.create_table(
        "changes",
        sa.Column("sequence", NUMBER, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("story_id", ID, nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("replaced_by", ID, nullable=True),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_changes")),
    )


def _documents() -> None:
    op.create_table(
        "snapshots",
        sa.Column("path", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("listing", NUMBER, nullable=True),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("last_modified", NUMBER, nullable=False),
        sa.Column("max_age_s", NUMBER, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("gzip", sa.LargeBinary(), nullable=False),
        sa.Column("br", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["listing"], ["names.number"], name=op.f("fk_snapshots_listing")),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_snapshots")),
    )
    op.create_index(op.f("ix_snapshots_listing"), "snapshots", ["listing"], unique=False)
    op.create_index(op.f("ix_snapshots_version"), "snapshots", ["version"], unique=False)
    op.create_table(
        "dropped_snapshots",
        sa.Column("path", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_dropped_snapshots")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_dropped_snapshots_version"), "dropped_snapshots", ["version"], unique=False)
    op.create_table(
        "marks",
        sa.Column("listing", NUMBER, autoincrement=False, nullable=False),
        sa.Column("sequence", NUMBER, nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["listing"], ["names.number"], name=op.f("fk_marks_listing")),
        sa.PrimaryKeyConstraint("listing", name=op.f("pk_marks")),
    )


def _adds_constraints() -> bool:
    return bool(op.get_bind().dialect.supports_alter)


def _inline() -> tuple[sa.ForeignKeyConstraint, ...]:
    """SQLite cannot add a constraint, and lets one name a table that is yet to come."""
    if _adds_constraints():
        return ()
    return (
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], STORY_OF_ENTRY, deferrable=True, initially="DEFERRED"),
    )
