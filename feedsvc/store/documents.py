"""Taking documents out of service, for the parts that need it."""

from collections.abc import Collection

from sqlalchemy import delete, select

from feedsvc.store.schema import dropped_snapshots, marks, snapshots
from feedsvc.store.work import Work, chunks


def drop_documents(work: Work, listings: Collection[int]) -> None:
    """Drop the documents of these listings, and forget how far they were rendered."""
    if not listings:
        return
    found = work.connection.execute(select(snapshots.c.path).where(snapshots.c.listing.in_(listings))).scalars()
    drop_paths(work, found.all())
    work.connection.execute(delete(marks).where(marks.c.listing.in_(listings)))


def drop_paths(work: Work, paths: Collection[str]) -> None:
    """Drop these documents, under one new version."""
    there: list[str] = []
    for part in chunks(paths):
        there += work.connection.execute(select(snapshots.c.path).where(snapshots.c.path.in_(part))).scalars()
        work.connection.execute(delete(snapshots).where(snapshots.c.path.in_(part)))
    if there:
        version = work.take("snapshot")
        work.insert(dropped_snapshots, [{"path": path, "version": version} for path in there])
