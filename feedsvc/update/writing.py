"""Writes that go into the store together: a transaction costs more than most polls have to say."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from feedsvc.errors import StoreError
from feedsvc.store import Store, Transaction

T = TypeVar("T")

#: of one transaction, in `weight`: other processes write between two
AT_ONCE = 100


@dataclass(frozen=True, slots=True, eq=False)
class _Wish:
    write: Callable[[Transaction], Any]
    weight: int
    result: "asyncio.Future[Any]"


@dataclass(slots=True)
class Writes:
    """The writes of one loop, one transaction at a time, in the order of asking.

    What is asked for while one is under way shares the next. Each is whole in its transaction; where one fails, each is
    written alone, so that it fails alone: so a write may be run twice, and must do nothing but write.
    """

    store: Store
    _waiting: list[_Wish] = field(default_factory=list)
    _turn: "asyncio.Task[None] | None" = None

    async def write(self, write: Callable[[Transaction], T], weight: int = 1) -> T:
        """Return what `write` returned once it is committed; raise what it raised, or StoreError."""
        wish = _Wish(write, weight, asyncio.get_running_loop().create_future())
        self._waiting.append(wish)
        if self._turn is None:
            self._turn = asyncio.create_task(self._work(), name="writes")
        found: T = await wish.result
        return found

    async def _work(self) -> None:
        try:
            while self._waiting:
                await self._write_together(self._next())
        finally:
            self._turn = None

    def _next(self) -> list[_Wish]:
        taken: list[_Wish] = []
        weight = 0
        while self._waiting and (not taken or weight + self._waiting[0].weight <= AT_ONCE):
            weight += self._waiting[0].weight
            taken.append(self._waiting.pop(0))
        # Nobody waits any more for one that was cancelled.
        return [wish for wish in taken if not wish.result.done()]

    async def _write_together(self, wishes: Sequence[_Wish]) -> None:
        if not wishes:
            return
        try:
            results = await asyncio.to_thread(self._run, wishes)
        except Exception as error:
            if len(wishes) > 1 and not isinstance(error, StoreError):
                for wish in wishes:
                    await self._write_together([wish])
                return
            for wish in wishes:
                if not wish.result.done():
                    wish.result.set_exception(error)
        else:
            for wish, result in zip(wishes, results, strict=True):
                if not wish.result.done():
                    wish.result.set_result(result)

    def _run(self, wishes: Sequence[_Wish]) -> list[Any]:
        with self.store.write() as tx:
            return [wish.write(tx) for wish in wishes]
