"""The migrations make the schema that the code declares, on both databases."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from feedsvc.store.engine import connect
from feedsvc.store.schema import metadata


def test_the_migrated_schema_is_the_declared_one(store_url: str) -> None:
    engines = connect(store_url)
    with engines.reader.connect() as connection:
        # Each database has its own kind of full-text table, which only the migration declares.
        opts = {"include_name": lambda name, kind, _: kind != "table" or not str(name).startswith("search_words")}
        assert compare_metadata(MigrationContext.configure(connection, opts=opts), metadata) == []
        found = inspect(connection)
        for table in metadata.sorted_tables:
            options = found.get_table_options(table.name)
            assert options.get("sqlite_with_rowid", True) == (
                table.dialect_options["sqlite"]["with_rowid"] if engines.dialect == "sqlite" else True
            )
    engines.dispose()
