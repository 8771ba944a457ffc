"""Coding in bulk: batches in, batches out, in order, over processes where that pays."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial
from itertools import chain
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from pathlib import Path
from threading import Thread
from typing import Any, Protocol, TypeVar

import pyarrow as pa
from threadpoolctl import threadpool_limits

from cop.classification.coder.arrow import code_records
from cop.classification.coder.coding import Coded, Coder
from cop.kernel.errors import CopError

PAYS_FROM = 1_000
"""Texts from which starting processes takes less time than it saves."""

_AHEAD = 2
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_worker: list[Coder] = []


class _Sized(Protocol):
    def __len__(self) -> int: ...


B = TypeVar("B", bound=_Sized)
R = TypeVar("R")
Task = Callable[[Coder, B], R]


def code_batches(
    batches: Iterable[Sequence[str]], *, coder: Coder, workers: int | None = None, all_scores: bool = False
) -> Iterator[list[Coded]]:
    """Code batches of texts lazily; one list per batch, in order, the same whatever the number of processes.

    Args:
        batches: texts, in batches of any size (some hundreds serve best).
        coder: the coder; processes load the same one from its folder.
        workers: processes; 1 codes here; None uses all cores for inputs of at least `PAYS_FROM` texts.
        all_scores: give every code's probability as well.

    Raises:
        CopError: what reading the batches raised, after the codes of those before it.
    """
    lists = (list(batch) for batch in batches)
    return _in_order(lists, partial(_code_texts, all_scores=all_scores), coder, workers)


def code_arrow_batches(
    batches: Iterable[pa.RecordBatch], *, coder: Coder, workers: int | None = None, all_scores: bool = False
) -> Iterator[pa.RecordBatch]:
    """Code batches of `INPUT_SCHEMA` lazily into ones of `CODED_SCHEMA` (`SCORED_SCHEMA`), as `code_batches` does.

    Raises:
        CopError: what reading the batches raised, after the codes of those before it.
    """
    return _in_order(batches, partial(code_records, all_scores=all_scores), coder, workers)


def one_thread() -> None:
    """Let the numerical libraries of this process use one thread: its siblings have the other cores."""
    for name in _THREADS:  # for libraries that are loaded from now on
        os.environ[name] = "1"
    threadpool_limits(1)


def _code_texts(coder: Coder, texts: list[str], *, all_scores: bool) -> list[Coded]:
    return coder.code(texts, all_scores=all_scores)


def _in_order(batches: Iterable[B], task: Task[B, R], coder: Coder, workers: int | None) -> Iterator[R]:
    """Do the task on each batch: here, or in processes of which each has a coder.

    At most `2 * workers` batches are in flight, so memory does not grow with the input. New processes are started
    afresh, not forked, so that threads of the caller cannot leave a lock behind in them.
    """
    source = iter(batches)
    count = workers or _cores()
    if workers is None and count > 1:
        few, source = _peek(source)
        count = 1 if few else count
    if count == 1:
        yield from (task(coder, batch) for batch in source)
    else:
        yield from _in_processes(source, task, coder, count)


def _peek(source: Iterator[B]) -> tuple[bool, Iterator[B]]:
    """Whether there are fewer than `PAYS_FROM` texts, and all the batches still."""
    waiting, seen = list[B](), 0
    try:
        while seen < PAYS_FROM:
            waiting.append(next(source))
            seen += len(waiting[-1])
    except StopIteration:
        return True, iter(waiting)
    except CopError as error:
        return True, chain(waiting, _raising(error))
    return False, chain(_drained(waiting), source)


def _drained(waiting: list[B]) -> Iterator[B]:
    waiting.reverse()
    while waiting:
        yield waiting.pop()


def _raising(error: CopError) -> Iterator[Any]:
    raise error
    yield


def _in_processes(source: Iterator[B], task: Task[B, R], coder: Coder, workers: int) -> Iterator[R]:
    flying: deque[Future[R]] = deque()
    fault: CopError | None = None
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _start, (coder.folder, coder.fast, coder.scheme))
    try:
        while True:
            try:
                batch = next(source)
            except StopIteration:
                break
            except CopError as error:
                fault = error
                break
            flying.append(pool.submit(_do, task, batch))
            if len(flying) >= _AHEAD * workers:
                yield flying.popleft().result()
        while flying:
            yield flying.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    if fault is not None:
        raise fault


def _start(folder: Path, fast: bool, scheme: str | None) -> None:
    Thread(target=_leave_with_caller, daemon=True).start()
    _worker.append(Coder.load(folder, fast=fast, scheme=scheme))
    one_thread()


def _leave_with_caller() -> None:
    """End this process when the one that started it is gone: a killed caller cannot say so."""
    caller = parent_process()
    if caller is not None:
        wait([caller.sentinel])
        os._exit(1)


def _do(task: Task[B, R], batch: B) -> R:
    return task(_worker[0], batch)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
