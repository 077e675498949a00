"""Exchanges between people that leave every printed count as it is: proposed by the hundred."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .ages import BRACKETS
from .regression_state import ALTERS, AT, NAMES, RegressionState

# What is exchanged, among whom, and how often it is proposed. Tables 1, 2 and A.1 fix some covariates by arm and by
# status, others by one of them only. A round trip: two people of one arm and different status exchange a covariate, and
# two of the other arm, with the same statuses, exchange it the other way round, so that the counts by arm and those by
# status both stay.
KINDS = {
    ("sex", "arm and status"): 2.0,
    ("marital", "arm and status"): 2.0,
    ("education", "arm and status"): 2.2,
    ("health", "arm and status"): 2.4,
    ("age", "arm and status"): 1.2,
    ("age", "status and age group"): 1.5,
    ("country", "arm"): 2.0,
    ("expectation", "status"): 2.0,
    ("income", "status"): 1.6,
    ("sex", "round trip"): 6.0,
    ("marital", "round trip"): 6.0,
    ("education", "round trip"): 8.0,
    ("health", "round trip"): 8.0,
    ("work_12", "arm and on AAP"): 3.0,
    ("work_18", "arm"): 2.5,
    ("day", "arm"): 2.5,
}
SHARES = np.array(list(KINDS.values())) / sum(KINDS.values())
NOBODY = -1


@dataclass(frozen=True)
class Moves:
    """Proposed exchanges: carrier number, and up to four people each: the first and second exchange, and the third and
    fourth where there are such (NOBODY elsewhere)."""

    carriers: np.ndarray
    people: np.ndarray

    def __len__(self) -> int:
        return len(self.carriers)

    def take(self, chosen: np.ndarray) -> "Moves":
        """Some of them."""
        return Moves(self.carriers[chosen], self.people[chosen])

    def and_also(self, others: "Moves") -> "Moves":
        """Both, one after the other."""
        carriers = np.concatenate([self.carriers, others.carriers])
        return Moves(carriers, np.vstack([self.people, others.people]))

    def new_rows(self, rows: np.ndarray) -> np.ndarray:
        """Rows of the first to fourth after the exchange: moves × 4 × columns; nothing of meaning for NOBODY."""
        theirs = rows[self.people[:, [1, 0, 3, 2]]]
        return np.where(ALTERS[self.carriers][:, None, :], theirs, rows[self.people])

    def made(self, state: RegressionState, number: int) -> RegressionState:
        """The state after one of them."""
        people = self.people[number]
        return state.exchanged(int(self.carriers[number]), people[people != NOBODY].reshape(-1, 2))


class Proposer:
    """Draws exchanges. Who may exchange with whom follows from the people's arm and status, which never change."""

    def __init__(self, state: RegressionState) -> None:
        people = state.first
        self.movable = np.flatnonzero(state.rows[:, AT["in_models"]] > 0)
        self.arm = (people["arm"] == "sfj").to_numpy().astype(int)
        self.status = pd.Categorical(people["status_group"]).codes.astype(int)
        # Only full AAP and full sickness benefit can be left in part.
        self.leavable = people["status_at_inclusion"].isin(["aap", "sick_listed_full"]).to_numpy()
        on_aap = (people["status_group"] == "aap").to_numpy().astype(int)
        self.labels = {
            "arm": self.arm,
            "status": self.status,
            "arm and status": self.arm * 4 + self.status,
            "arm and on AAP": self.arm * 2 + on_aap,
        }
        # Answers as table A.1 tells them apart.
        education = people["education"].where(~people["education"].str.startswith("university"), "higher")
        answers = {"education": education, "sex": people["sex"],
                   "marital": people["marital_status"] == "married_partner",
                   "health": people["self_rated_health"].isin(["very_good", "good"])}  # fmt: skip
        self.answers = {name: pd.Categorical(values).codes.astype(int) for name, values in answers.items()}

    def draw(self, state: RegressionState, size: int, rng: np.random.Generator) -> Moves:
        """About `size` exchanges, fewer the more of them would change nothing or are not allowed."""
        parts = []
        counts = rng.multinomial(size, SHARES)
        for (name, among), count in zip(KINDS, counts, strict=True):
            first = rng.choice(self.movable, size=count)
            if among == "round trip":
                people = self._round_trips(state, name, first, rng)
            else:
                second = self._mates(self._labels(state, among), first, rng)
                people = np.column_stack([first, second, np.full((count, 2), NOBODY)])
                people = people[self._sensible(state.rows, name, first, second)]
            parts.append(Moves(np.full(len(people), NAMES.index(name)), people))
        drawn = parts[0]
        for part in parts[1:]:
            drawn = drawn.and_also(part)
        return drawn

    def _labels(self, state: RegressionState, among: str) -> np.ndarray:
        if among != "status and age group":
            return self.labels[among]
        edges = [high for _, high in BRACKETS.values()][:-1]
        return self.status * len(BRACKETS) + np.digitize(state.rows[:, AT["age"]], edges)

    def _mates(self, labels: np.ndarray, first: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Somebody movable with the same label, perhaps oneself, for each."""
        return self._with_label(labels, labels[first], rng)

    def _with_label(self, labels: np.ndarray, wanted: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Somebody movable with the wanted label for each; NOBODY where there is none."""
        order = self.movable[np.argsort(labels[self.movable], kind="stable")]
        low, high = (np.searchsorted(labels[order], wanted, side=side) for side in ("left", "right"))
        place = low + (rng.random(len(wanted)) * (high - low)).astype(int)
        return np.where(high > low, order[np.minimum(place, len(order) - 1)], NOBODY)

    def _sensible(self, rows: np.ndarray, name: str, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Exchanges that alter something and are allowed."""
        altered = (rows[first] != rows[second]) & ALTERS[NAMES.index(name)]
        sensible = altered.any(axis=1)
        if name == "work_12":
            part = (rows[:, AT["partly_m12"]] > 0) & (rows[:, AT["in_work_m12"]] == 0)
            sensible &= (~part[first] | self.leavable[second]) & (~part[second] | self.leavable[first])
        seen = rows[:, AT["observed_18"]] > 0
        if name == "work_18":
            sensible &= seen[first] & seen[second]
        if name == "day":
            sensible &= seen[first] != seen[second]
        return sensible

    def _round_trips(
        self, state: RegressionState, name: str, first: np.ndarray, rng: np.random.Generator
    ) -> np.ndarray:
        answers = self.answers[name][state.held[NAMES.index(name)]]
        second = self._mates(self.labels["arm"], first, rng)
        labels = (self.arm * 4 + self.status) * 8 + answers
        across = ((1 - self.arm[first]) * 4 + self.status[[first, second]]) * 8 + answers[[second, first]]
        third, fourth = (self._with_label(labels, wanted, rng) for wanted in across)
        fine = (self.status[first] != self.status[second]) & (answers[first] != answers[second])
        fine &= (third != NOBODY) & (fourth != NOBODY)
        return np.column_stack([first, second, third, fourth])[fine]
