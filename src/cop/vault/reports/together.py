"""Work that is cheaper together: what comes while a batch is being done is done in the next one, all at once.

Coding a hundred texts takes a few times as long as coding one, and one commit of a hundred reports hardly longer than
of one. So a busy door does more at once the more knock at it, and nobody waits where nobody else does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar, cast

T = TypeVar("T")
R = TypeVar("R")


@dataclass(slots=True)
class _Waiting(Generic[T, R]):
    job: T
    answer: R | None = None
    fault: BaseException | None = None
    done: bool = False


class Together(Generic[T, R]):
    """Calls `do` with the jobs of all threads that wait, at most `most` at once; each gets its own answer or fault."""

    def __init__(self, do: Callable[[Sequence[T]], Sequence[R | BaseException]], *, most: int) -> None:
        self._do, self._most = do, most
        self._jobs: list[_Waiting[T, R]] = []
        self._list, self._turn = Lock(), Lock()

    def __call__(self, job: T) -> R:
        mine = _Waiting[T, R](job)
        with self._list:
            self._jobs.append(mine)
        while not mine.done:
            with self._turn:
                if not mine.done:
                    self._batch()
        if mine.fault is not None:
            raise mine.fault
        return cast("R", mine.answer)  # without a fault there is one

    def _batch(self) -> None:
        with self._list:
            batch, self._jobs = self._jobs[: self._most], self._jobs[self._most :]
        try:
            answers = self._do([waiting.job for waiting in batch])
        except BaseException as fault:
            answers = [fault] * len(batch)
        for waiting, answer in zip(batch, answers, strict=True):
            if isinstance(answer, BaseException):
                waiting.fault = answer
            else:
                waiting.answer = answer
            waiting.done = True
