"""Many patients on all processors: answers as JSON text, in the order in which the patients came.

A short run never leaves its own process. A long one starts helpers once it has warmed up: they are forked, so they know the
rules and all that was worked out so far. Only a bounded number of patients is under way at once, so memory stays flat.
"""

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from poems_cli.assess import Assessor
from poems_cli.model import Patient, Rules, Verdict
from poems_cli.records import Problem, Reading
from poems_cli.report.json import JsonWriter
from poems_cli.report.json_brief import BriefWriter

#: So many patients are answered before helpers are worth starting.
WARM_UP = 256

#: So many patients go to a helper at once; each helper has two such batches to itself.
BATCH = 64


class Answered(NamedTuple):
    """One patient's answer as a line of JSON, its verdict, and the findings that contradict each other."""

    text: str
    contradictory: tuple[str, ...]
    verdict: Verdict


class Outcome(NamedTuple):
    """What came of one record, at its place in the input: an answer, or the problems that it had."""

    answer: Answered | None
    problems: tuple[Problem, ...]
    place: str


def processors() -> int:
    """How many processors this process may use; 1 where helpers cannot be forked."""
    if not hasattr(os, "fork"):
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def answers(
    rules: Rules, assessor: Assessor, readings: Iterable[Reading], jobs: int, *, every_mimic: bool, brief: bool
) -> Iterator[Outcome]:
    """Every reading's outcome, in order, with ``jobs`` processes at most."""
    global _worker  # forked helpers find here what they work with
    worker = Worker(rules, assessor, every_mimic=every_mimic, brief=brief)
    stream = iter(readings)
    for reading in islice(stream, WARM_UP) if jobs > 1 else stream:
        answer = worker.answer(reading.patient) if reading.patient is not None else None
        yield Outcome(answer, reading.problems, reading.place)
    following = next(stream, None)
    if following is None:
        return
    _worker = worker
    yield from _with_helpers(_batches(following, stream), jobs)


def _batches(first: Reading, rest: Iterator[Reading]) -> Iterator[list[Reading]]:
    batch = [first, *islice(rest, BATCH - 1)]
    while batch:
        yield batch
        batch = list(islice(rest, BATCH))


def _with_helpers(batches: Iterator[list[Reading]], jobs: int) -> Iterator[Outcome]:
    from concurrent.futures import Future, ProcessPoolExecutor
    from multiprocessing import get_context

    under_way: deque[tuple[list[Reading], Future[list[Answered]]]] = deque()
    pool = ProcessPoolExecutor(jobs, mp_context=get_context("fork"), initializer=_leave_interrupts_to_the_parent)
    try:
        for batch in batches:
            patients = [reading.patient for reading in batch if reading.patient is not None]
            under_way.append((batch, pool.submit(_answer_batch, patients)))
            if len(under_way) >= 2 * jobs:
                yield from _collected(*under_way.popleft())
        while under_way:
            yield from _collected(*under_way.popleft())
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _collected(batch: Sequence[Reading], future: "Future[list[Answered]]") -> Iterator[Outcome]:  # type: ignore[name-defined]  # noqa: F821  # imported where it is made
    ready = iter(future.result())
    for reading in batch:
        yield Outcome(next(ready) if reading.patient is not None else None, reading.problems, reading.place)


def json_writer(rules: Rules, *, every_mimic: bool, brief: bool) -> BriefWriter | JsonWriter:
    """What writes the answers of one run."""
    return BriefWriter(rules) if brief else JsonWriter(rules, every_mimic=every_mimic)


class Worker:
    """Answers patients, in this process or in a helper."""

    def __init__(self, rules: Rules, assessor: Assessor, *, every_mimic: bool, brief: bool) -> None:
        self._assessor = assessor
        self._every_mimic = every_mimic
        self._brief = brief
        self._writer = json_writer(rules, every_mimic=every_mimic, brief=brief)

    def answer(self, patient: Patient) -> Answered:
        """One patient's answer."""
        assessment = self._assessor.assess(patient, every_mimic=self._every_mimic, settling=not self._brief)
        contradictory = tuple([one.finding for one in assessment.facts.contradictions])
        return Answered(
            self._writer.written(assessment), contradictory, assessment.criteria[assessment.default_criteria].verdict
        )


_worker: Worker | None = None


def _answer_batch(patients: list[Patient]) -> list[Answered]:
    if _worker is None:
        message = "a helper was started without its work"
        raise RuntimeError(message)
    return [_worker.answer(patient) for patient in patients]


def _leave_interrupts_to_the_parent() -> None:
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
