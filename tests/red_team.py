"""A hundred planted leaks: small reports that tell of one to four people in ten ways, each with ten groups of people.

Each gives what a report tells of some people (tables, figures, sentences, listings, frames, key numbers, as chapters
make them) and the addresses of which at least one must stay untold.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.show.disclosure.gate import Recorder
from analysis.show.disclosure.plan import Plan, plan_of
from analysis.show.disclosure.told import Address
from analysis.show.figures import Figure
from analysis.show.listing import Listing
from analysis.show.prose import Sentence, count, decimal, percent
from analysis.show.tables import Table, cells

PAGE, OTHER = "chapter", "another"


@dataclass(frozen=True)
class Leak:
    """A way to tell of a few: what is told of some people, and where; one of each group of places must be hidden."""

    name: str
    tell: Callable[[pd.DataFrame, Recorder], None]
    places: tuple[tuple[Address, ...], ...]


def people(seed: int) -> pd.DataFrame:
    """80 to 300 people in two arms; one to four of them are `few`: away, without an answer, or rich."""
    draw = np.random.default_rng(seed)
    size = int(draw.integers(80, 300))
    few = np.zeros(size, bool)
    few[draw.choice(size, int(draw.integers(1, 5)), replace=False)] = True
    arm = np.where(draw.random(size) < 0.5, "new", "usual")
    return pd.DataFrame({"few": few, "arm": arm, "works": draw.random(size) < 0.4, "score": draw.normal(20, 5, size)})


def table(recorder: Recorder, key: str, rows: list, page: str = PAGE, **more: object) -> None:
    recorder.result(Table(key, cells(rows), **more), page)


def at(*place: str, page: str = PAGE) -> Address:
    return (page, *place)


def all_but(own: pd.DataFrame, recorder: Recorder) -> None:
    share = 100 * (~own["few"]).mean()
    table(recorder, "answers", [("answered", "total", "pct", share, len(own)), ("number", "total", "n", len(own))])


def chart_label(own: pd.DataFrame, recorder: Recorder) -> None:
    share = own["few"].mean()
    bars = pd.DataFrame({"row": ["away", "here"], "estimate": [share, 1 - share], "n": len(own)})
    recorder.result(Figure("bars", "bars", bars, {"percent": True}), PAGE)


def model_size(own: pd.DataFrame, recorder: Recorder) -> None:
    known = own[~own["few"]]
    gap = known.loc[known["arm"] == "new", "score"].mean() - known.loc[known["arm"] == "usual", "score"].mean()
    table(recorder, "model", [("gap", "new", "estimate", gap)], n=len(known))
    table(recorder, "status", [("away", "total", "n", own["few"].sum()), ("all", "total", "n", len(own))], page=OTHER)


def share_of_told(own: pd.DataFrame, recorder: Recorder) -> None:
    recorder.result(Sentence("away", {"all": count(len(own)), "share": percent(100 * own["few"].mean())}), PAGE)


def mean_of_few(own: pd.DataFrame, recorder: Recorder) -> None:
    away = own.loc[own["few"], "score"]
    table(recorder, "scores", [("away", "total", "mean", away.mean(), len(away)),
                               ("all", "total", "mean", own["score"].mean(), len(own))])  # fmt: skip


def extreme(own: pd.DataFrame, recorder: Recorder) -> None:
    table(recorder, "range", [("score", "total", name, getattr(own["score"], name)(), len(own)) for name in
                              ("min", "max")] + [("score", "total", "n", len(own), len(own))])  # fmt: skip


def rest_of_total(own: pd.DataFrame, recorder: Recorder) -> None:
    parts = {"works": own["works"] & ~own["few"], "not": ~own["works"] & ~own["few"]}
    rows = [(name, "total", "n", some.sum(), some.sum()) for name, some in {**parts, "away": own["few"]}.items()]
    table(recorder, "parts", [*rows, ("number", "total", "n", len(own), len(own))])


def two_books(own: pd.DataFrame, recorder: Recorder) -> None:
    for page, some in ((PAGE, own), (OTHER, own[~own["few"]])):
        table(recorder, "work", [("works", "total", "pct", 100 * some["works"].mean(), len(some)),
                                 ("number", "total", "n", len(some), len(some))], page=page)  # fmt: skip


def key_number(own: pd.DataFrame, recorder: Recorder) -> None:
    recorder.numbers({"away": own["few"].sum(), "people": len(own)}, PAGE)
    recorder.frame(own["few"].map({True: "away", False: "here"}).value_counts().rename_axis("who").reset_index(), "own",
                   PAGE)  # fmt: skip


def listed(own: pd.DataFrame, recorder: Recorder) -> None:
    rows = [{"who": str(name), "people": count(len(some)), "score": decimal(some["score"].mean())}
            for name, some in own.groupby("few")]  # fmt: skip
    recorder.result(Listing("who", pd.DataFrame(rows)), PAGE)


def _n(key: str, row: str, statistic: str = "n", page: str = PAGE) -> Address:
    return at("table", key, row, "total", statistic, page=page)


LEAKS = (
    Leak("all but a few", all_but, ((_n("answers", "answered", "pct"), _n("answers", "number")),)),
    Leak("a label in a chart", chart_label, ((at("figure", "bars", "away", "estimate"),),
         (at("figure", "bars", "here", "estimate"),))),
    Leak("number of people of a model", model_size, ((_n("status", "away", page=OTHER),),
         (at("table", "model", "n"), _n("status", "all", page=OTHER)))),
    Leak("share of a told number", share_of_told, ((at("says", "", "away", "all"), at("says", "", "away", "share")),)),
    Leak("mean of a few", mean_of_few, ((_n("scores", "away", "mean"),),)),
    Leak("least and greatest", extreme, ((_n("range", "score", "min"),), (_n("range", "score", "max"),))),
    Leak("rest of a total", rest_of_total, ((_n("parts", "away"),),
         tuple(_n("parts", row) for row in ("works", "not", "number")))),
    Leak("two books", two_books, (tuple(_n("work", *place, page=page) for page in (PAGE, OTHER)
         for place in (("number",), ("works", "pct"))),)),
    Leak("a key number and a frame", key_number, ((at("number", "away", "n"), at("number", "away")),
         (at("frame", "own", "away", "count"),))),
    Leak("a listing", listed, ((at("listing", "who", "True", "people"),), (at("listing", "who", "True", "score"),))),
)  # fmt: skip


def plan(leak: Leak, seed: int) -> Plan:
    """What of the planted report is hidden, by the halves that a build takes."""
    own = people(seed)
    draw = np.random.default_rng(seed).random((16, len(own))) < 0.5
    draw[1] = ~draw[0]

    def heard(some: pd.DataFrame) -> dict:
        recorder = Recorder()
        leak.tell(some, recorder)
        return recorder.heard

    return plan_of(heard(own), [heard(own[half]) for half in draw])


def untold(leak: Leak, plan: Plan) -> Iterator[bool]:
    """For each group of places whether one of them is hidden."""
    return (any(place in plan.hidden for place in some) for some in leak.places)
