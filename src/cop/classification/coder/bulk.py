"""Coding in bulk: batches in, batches out, in order, over processes where that pays."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from pathlib import Path
from threading import Thread

from cop.classification.coder.coding import Coded, Coder

PAYS_FROM = 10_000
"""Texts from which starting processes takes less time than it saves."""

_AHEAD = 2
_worker: list[Coder] = []


def code_batches(
    batches: Iterable[Sequence[str]], *, coder: Coder, workers: int | None = None, all_scores: bool = False
) -> Iterator[list[Coded]]:
    """Code batches lazily; one list per batch, in order, with the same results whatever the number of processes.

    At most `2 * workers` batches are in flight, so memory does not grow with the input. New processes are started
    afresh, not forked, so that threads of the caller cannot leave a lock behind in them.

    Args:
        batches: texts, in batches of any size (some hundreds serve best).
        coder: the coder; processes load the same one from its folder.
        workers: processes; 1 codes here; None uses all cores for inputs of at least `PAYS_FROM` texts.
        all_scores: give every code's probability as well.
    """
    source = iter(batches)
    count = workers or _cores()
    if count == 1:
        yield from (coder.code(batch, all_scores=all_scores) for batch in source)
        return
    waiting: list[Sequence[str]] = []
    if workers is None:
        seen = 0
        for batch in source:
            waiting.append(batch)
            seen += len(batch)
            if seen >= PAYS_FROM:
                break
        if seen < PAYS_FROM:
            yield from (coder.code(batch, all_scores=all_scores) for batch in waiting)
            return
    yield from _in_processes(chain(_drained(waiting), source), coder, count, all_scores)


def _drained(waiting: list[Sequence[str]]) -> Iterator[Sequence[str]]:
    waiting.reverse()
    while waiting:
        yield waiting.pop()


def _in_processes(
    batches: Iterator[Sequence[str]], coder: Coder, workers: int, all_scores: bool
) -> Iterator[list[Coded]]:
    flying: deque[Future[list[Coded]]] = deque()
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _start, (coder.folder,))
    try:
        for batch in batches:
            flying.append(pool.submit(_code, list(batch), all_scores))
            if len(flying) >= _AHEAD * workers:
                yield flying.popleft().result()
        while flying:
            yield flying.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _start(folder: Path) -> None:
    Thread(target=_leave_with_caller, daemon=True).start()
    _worker.append(Coder.load(folder))


def _leave_with_caller() -> None:
    """End this process when the one that started it is gone: a killed caller cannot say so."""
    caller = parent_process()
    if caller is not None:
        wait([caller.sentinel])
        os._exit(1)


def _code(texts: list[str], all_scores: bool) -> list[Coded]:
    return _worker[0].code(texts, all_scores=all_scores)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
