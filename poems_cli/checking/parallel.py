"""Many patients on all processors: answers as JSON text, in the order in which the patients came.

A short run never leaves its own process. A long one starts helpers once it has warmed up: they are forked, so they know the
rules and all that was worked out so far. Only a bounded number of patients is under way at once, so memory stays flat.
"""

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from poems_cli.engine.assess import Assessor
from poems_cli.errors import Problem, usage_error
from poems_cli.model import Patient, Rules, Verdict
from poems_cli.records import Reading
from poems_cli.report.json_line import json_writer
from poems_cli.report.writing import Wanted

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

_DIED = "the system ended a worker process; memory may be short"

#: So many patients are answered before helpers are worth starting.
WARM_UP = 256

#: So many patients go to a helper at once.
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


def answers(rules: Rules, assessor: Assessor, readings: Iterable[Reading], jobs: int, wanted: Wanted) -> Iterator[Outcome]:
    """Every reading's outcome, in order, with ``jobs`` processes at most; with this one where none can be forked."""
    global _worker  # forked helpers find here what they work with
    worker = Worker(rules, assessor, wanted)
    stream = iter(readings)
    for reading in islice(stream, WARM_UP) if jobs > 1 and hasattr(os, "fork") else stream:
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
    """Every batch is with one helper, and every helper has one batch at most, so neither side ever waits to be heard."""
    helpers = Helpers(jobs)
    under_way: deque[tuple[int, list[Reading]]] = deque()
    try:
        for number, batch in enumerate(batches):
            helper, finished, answered = number % jobs, None, None
            if len(under_way) == jobs:
                helper, finished = under_way.popleft()
                answered = helpers.receive(helper)
            helpers.send(helper, [reading.patient for reading in batch if reading.patient is not None])
            under_way.append((helper, batch))
            if finished is not None and answered is not None:
                yield from _collected(finished, answered)
        while under_way:
            helper, finished = under_way.popleft()
            yield from _collected(finished, helpers.receive(helper))
    finally:
        helpers.end()


def _collected(batch: Sequence[Reading], answered: Sequence[Answered]) -> Iterator[Outcome]:
    ready = iter(answered)
    for reading in batch:
        yield Outcome(next(ready) if reading.patient is not None else None, reading.problems, reading.place)


class Helpers:
    """Forked processes that answer batches of patients.

    Each reads from a pipe whose other end only this process holds: however this process ends, they read the end of the pipe
    and end too.
    """

    def __init__(self, count: int) -> None:
        from multiprocessing import get_context

        context = get_context("fork")
        self._pipes: list[Connection] = []
        self._processes = []
        for _ in range(count):
            ours, theirs = context.Pipe()
            self._pipes.append(ours)
            process = context.Process(target=_help, args=(theirs, tuple(self._pipes)), daemon=True)
            process.start()
            theirs.close()
            self._processes.append(process)

    def send(self, helper: int, patients: list[Patient]) -> None:
        """Give a helper its next batch. Raises :class:`PoemsError` if it has died."""
        try:
            self._pipes[helper].send(patients)
        except OSError:
            raise usage_error("", _DIED, "try again with --jobs 1") from None

    def receive(self, helper: int) -> list[Answered]:
        """Wait for the answers to a helper's batch. Raises :class:`PoemsError` if it has died, and whatever it has met."""
        try:
            answered: list[Answered] | Exception = self._pipes[helper].recv()
        except (EOFError, OSError):
            raise usage_error("", _DIED, "try again with --jobs 1") from None
        if isinstance(answered, Exception):
            raise answered
        return answered

    def end(self) -> None:
        """End every helper; none has anything left that is wanted."""
        for pipe in self._pipes:
            pipe.close()
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join()


def _help(work: "Connection", of_parent: Sequence["Connection"]) -> None:
    """Answer batches until the pipe ends. An interrupt of the terminal is the parent's to hear of."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.SIG_DFL)
    for pipe in of_parent:  # copies would keep the pipes of others open
        pipe.close()
    with suppress(EOFError, OSError):
        while True:
            patients: list[Patient] = work.recv()
            try:
                answered: list[Answered] | Exception = _answer_batch(patients)
            except Exception as error:  # raised again in the parent; here its traceback would be printed
                answered = error
            work.send(answered)


class Worker:
    """Answers patients, in this process or in a helper."""

    def __init__(self, rules: Rules, assessor: Assessor, wanted: Wanted) -> None:
        self._assessor = assessor
        self._wanted = wanted
        self._writer = json_writer(rules, wanted)

    def answer(self, patient: Patient) -> Answered:
        """One patient's answer."""
        every, brief = self._wanted.every_mimic, self._wanted.brief
        assessment = self._assessor.assess(patient, every_mimic=every, brief=brief, rows_in_full=every)
        contradictory = tuple([contradiction.finding for contradiction in assessment.facts.contradictions])
        return Answered(
            self._writer.written(assessment), contradictory, assessment.criteria[assessment.default_criteria].verdict
        )


_worker: Worker | None = None


def _answer_batch(patients: list[Patient]) -> list[Answered]:
    if _worker is None:
        message = "a worker was started without its work"
        raise RuntimeError(message)
    return [_worker.answer(patient) for patient in patients]
