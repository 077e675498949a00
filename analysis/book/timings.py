"""Where the seconds of a build go, and how many are left: by what each step took when it was last done."""

import json
import resource
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

FILE = "seconds.json"
BOOK = "book"


@dataclass
class Timings:
    """Seconds by step of one build, chapters under their names.

    last: those of the builds before. steps: (seconds, processor seconds) in this build, workers included for what they
    did when they have ended; those of a chapter are its own, and chapters run side by side.
    """

    last: Mapping[str, float] = field(default_factory=dict)
    steps: dict[str, tuple[float, float | None]] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> "Timings":
        """With what a folder keeps of earlier builds."""
        file = folder / FILE
        return cls(json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {})

    def write(self, folder: Path) -> None:
        """Keep what is known of each step, from this build or else from the last that took it."""
        known = {**self.last, **{name: seconds for name, (seconds, _) in self.steps.items()}}
        (folder / FILE).write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time what is done within; a step that is taken again is added to."""
        started, used = time.perf_counter(), _processor()
        try:
            yield
        finally:
            seconds, processor = self.steps.get(name, (0.0, 0.0))
            self.steps[name] = seconds + time.perf_counter() - started, processor + _processor() - used

    def chapter(self, name: str, seconds: float) -> None:
        """Note how long a chapter took."""
        self.steps[name] = seconds, None

    def longest_first(self, names: Collection[str]) -> list[str]:
        """Names in the order in which they are best begun; those that are not known first."""
        return sorted(names, key=lambda name: -self.last.get(name, float("inf")))

    def left(self, waiting: Collection[str], done: Collection[str], processes: int) -> float | None:
        """Seconds until the book is there, with these chapters not yet done; None if one of them is new.

        This build is as much faster or slower than the last as it was with what is done.
        """
        if not {*waiting, *done, BOOK} <= self.last.keys():
            return None
        before, now = (sum(seconds) for seconds in ([self.last[name] for name in done],
                                                    [self.steps[name][0] for name in done]))  # fmt: skip
        pace = now / before if before else 1.0
        chapters = [self.last[name] for name in waiting]
        return pace * (max([sum(chapters) / processes, *chapters]) + self.last[BOOK])

    def lines(self) -> list[str]:
        """One line a step: seconds, and seconds of the processor where they are known."""
        return ["step                    seconds  processor"] + [
            f"{name:<24}{seconds:7.1f}" + (f"{processor:11.1f}" if processor is not None else "")
            for name, (seconds, processor) in self.steps.items()
        ]


def _processor() -> float:
    """Processor seconds of this process and of its workers that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)
