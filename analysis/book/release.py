"""Look over a built report before it leaves: whom it names, which few people it counts, what else lies in it.

The plan of what stays untold is made, and attacked, when the report is built (`rehearsal`). This reads the files alone,
as whoever receives them will, has them attacked anew (`release_attack`), and writes the log that a register owner asks
for.
"""

import gzip
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from io import BytesIO
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any
from zipfile import ZipFile

import pandas as pd

from analysis.book import provenance, releases
from analysis.book.failures import ReportFailed
from analysis.book.inputs import digest, seen
from analysis.book.release_attack import Attacked, attack
from analysis.book.search_index import TEXTS, unpacked
from analysis.frames.trial import Trial, open_trial
from analysis.show.disclosure.fates import LIMITS
from analysis.show.prose import HIDDEN
from analysis.study.contract import tables_of
from analysis.study.contract.columns import kind_of
from analysis.study.finding import DATA
from analysis.study.problems import StudyProblems
from analysis.study.settings import FILE, Study

# Files that readers read, and all that a book may hold besides those of its theme.
_TEXTS = (".html", ".ipynb", ".css", ".js", ".json", ".jsonl", ".csv", ".svg", ".txt", ".xml")
_PACKED = (".xlsx", ".zip", ".gz")
_KNOWN = (*_TEXTS, *_PACKED, ".png", ".woff", ".woff2", ".ttf", ".eot", ".ico", ".inv", ".map", ".md", "")
_TOKEN = re.compile(r"[A-Za-z]*\d[\w-]*")
_TAG = re.compile("<[^>]+>")
_COUNTS = ("n", "count", "n_treated", "n_control")
# The table of a file that holds several, behind its name.
_PART = re.compile(r" \([^()]*\)$")
_MEANT = "Name its study folder with --study; if files changed there since, build the report again."
# Folders of a book in which each companion has one of its own.
_BY_STUDY = ("results", "trace", "_sources")
Nobodys = frozenset[tuple[Path, int | None, str]]
# Columns whose days are those of single people.
_DAYS = ("birth_date",)


@dataclass(frozen=True)
class Finding:
    """One thing that should not leave: the file, below the book's folder, and what is wrong; never what is in it."""

    file: str
    cause: str

    def __str__(self) -> str:
        return f"{self.file}: {self.cause}"


@dataclass(frozen=True)
class Looked:
    """What was looked at: number of files, their digest, hidden and told numbers of downloads, what was found, and for
    a protected study what an attack gave."""

    files: int
    digest: str
    hidden: int
    told: int
    findings: tuple[Finding, ...]
    attacked: Attacked | None = None


def look_over(
    html: Path, trial: Trial, others: Mapping[str, frozenset[str]] = MappingProxyType({}),
    nobodys: Nobodys = frozenset(),
) -> Looked:  # fmt: skip
    """Look over the finished pages of a book about a study; `html` is the folder that would leave.

    others: companions of the study with invented people, and the names of these: their pages may name them and count
    few of them. nobodys: cells of downloads that count no people, see `Attacked`.
    """
    files = sorted(path for path in html.rglob("*") if path.is_file())
    names, found = _names(trial), []
    for path in files:
        strange = others.get(_study_in(path.relative_to(html)), frozenset())
        found += [Finding(path.relative_to(html).as_posix(), cause) for cause in _causes(path, names - strange)]
    downloads = [pd.read_csv(path, dtype=str, keep_default_na=False) for path in files if path.suffix == ".csv"]
    if trial.study.disclosure == "protected":
        of_files = zip((path for path in files if path.suffix == ".csv"), downloads, strict=True)
        own = ((path, frame) for path, frame in of_files if _study_in(path.relative_to(html)) not in others)
        found += [Finding(path.relative_to(html).as_posix(), cause) for path, frame in own
                  for cause in _few(_of_people(frame, path, nobodys), trial.study)]  # fmt: skip
    hidden = sum(int((frame == HIDDEN).to_numpy().sum()) for frame in downloads)
    return Looked(len(files), digest({html: seen(html)}), hidden, sum(map(len, downloads)), tuple(found))


def _study_in(path: Path) -> str:
    """The companion that a file of a book is about, if it is about one: its folder, also below results and the like."""
    parts = path.parts[1:] if path.parts[0] in _BY_STUDY else path.parts
    return parts[0] if len(parts) > 1 else ""


def _companions(made_from: Mapping[str, Any], names: Collection[str]) -> dict[str, frozenset[str]]:
    """Of other studies in a book the bundled ones, which are as they were made, with the names of their people."""
    found = {}
    for name in names:
        folder = DATA / name
        trial = open_trial(folder) if (folder / FILE).is_file() else None
        if trial and trial.study.data == "synthetic" and _study_of(made_from, trial) == name:
            found[name] = _names(trial)
    return found


def checked(out: Path, study: Path | None, log: Path | None, record: bool = False) -> tuple[str, int]:
    """What to say of the report in a folder, and the exit code: 0 it may leave, 1 it may not, 2 nothing to look over.

    The log is written if a place is given. A report of which nothing was found is put on record as released if asked.
    """
    if not (out / "html").is_dir():
        return f"{out}: no report; name the folder given to `report --out`.", 2
    try:
        trial = open_trial(study)
    except StudyProblems as error:
        return str(error), 2
    made_from = _made_from(out / "html")
    if made_from and _study_of(made_from, trial) is None:
        return f"{out}: the report is not made from {trial.folder} as it is now. {_MEANT}", 2
    others = [name for name in made_from.get("data", ()) if name != _study_of(made_from, trial)]
    try:
        done = attack(out, trial) if trial.study.disclosure == "protected" else None
    except ReportFailed as error:
        return str(error), 2
    companions = _companions(made_from, others)
    looked = look_over(out / "html", trial, companions, done.nobodys if done else frozenset())
    looked = _attacked(looked, done) if done else looked
    if log:
        log.write_text(as_log(looked, trial, out / "html"), encoding="utf-8")
    told = [*map(str, looked.findings)] or list(_nothing_found(looked, trial))
    if record and not looked.findings:
        told.append(f"Put on record: {releases.record(out, trial, looked.digest)}")
    told += [f"The report is about {name}, too: look it over with the --study of that." for name in others]
    return "\n".join(told), int(bool(looked.findings))


def _nothing_found(looked: Looked, trial: Trial) -> Iterator[str]:
    yield f"{looked.files} files looked over: nothing found that should not leave."
    if done := looked.attacked:
        few = f"counts of fewer than {trial.study.smallest_group} people"
        end = f"none of {len(done.bounds)} {few} can be worked out." if done.bounds else f"there are no {few}."
        yield f"{done.told} of {done.counts} counts are told; {end}"


def _made_from(html: Path) -> dict[str, Any]:
    """What the report says that it is made from; nothing for pages that do not say it."""
    path = html / provenance.FILE
    return json.loads(path.read_bytes()) if path.is_file() else {}


def _study_of(made_from: Mapping[str, Any], trial: Trial) -> str | None:
    """What the report calls the study in the trial's folder; None if it is not made from what is there now.

    What is released is put on record there later, and so makes no difference.
    """
    there = {path.relative_to(trial.folder).as_posix(): file.sha256 for path, file in seen(trial.folder).items()}
    there = {name: file for name, file in there.items() if not name.startswith(f"{releases.FOLDER}/")}
    for study, files in made_from["data"].items():
        read = {_PART.sub("", name): file["sha256"] for name, file in files.items()}
        if {name: file for name, file in read.items() if not name.startswith(f"{releases.FOLDER}/")} == there:
            return study
    return None


def _attacked(looked: Looked, done: Attacked) -> Looked:
    found = [Finding("results", f"can be worked out from what is told: {place}") for place in done.found_out]
    return replace(looked, findings=(*looked.findings, *found), attacked=done)


def as_log(looked: Looked, trial: Trial, html: Path) -> str:
    """The log as JSON, for the register owner's reviewer: rules, what was found, and what would leave, file by file."""
    study, made_from = trial.study, _made_from(html)
    earlier = sorted(path.name for path in (trial.folder / releases.FOLDER).glob("*.json"))
    return json.dumps({
        "study": study.name, "data": study.data, "disclosure": study.disclosure, "smallest_group": study.smallest_group,
        "rounding": study.rounding, "earlier_releases": earlier,
        "program": made_from.get("code"), "parameters": made_from.get("parameters"),
        "files": looked.files, "sha256": looked.digest, "rows_of_downloads": looked.told, "hidden": looked.hidden,
        "findings": [str(finding) for finding in looked.findings],
        "attack": _logged(looked.attacked) if looked.attacked else None,
        "leaves": {path.relative_to(html).as_posix(): {"sha256": file.sha256, "bytes": path.stat().st_size}
                   for path, file in seen(html).items()},
    }, indent=1, ensure_ascii=False) + "\n"  # fmt: skip


def _logged(done: Attacked) -> dict[str, Any]:
    return {name: value for name, value in asdict(done).items() if name != "nobodys"}


def _names(trial: Trial) -> frozenset[str]:
    """Every identifier of the study's tables, and every day of birth."""
    found: set[str] = set()
    for name, schema in tables_of(trial.study).items():
        frame = trial.tables[name]
        for column, described in schema.columns.items():
            if kind_of(described) == "identifier":
                found |= set(frame[column].dropna().astype(str))
            elif column in _DAYS:
                found |= set(frame[column].dropna().dt.strftime("%Y-%m-%d"))
    return frozenset(found)


def is_known(path: Path) -> bool:
    """Whether a report holds files of this kind; what its theme brings along may be of any."""
    return path.suffix in _KNOWN or any(part.startswith("_") and part.endswith("static") for part in path.parts)


def _causes(path: Path, names: frozenset[str]) -> Iterator[str]:
    if not is_known(path):
        yield "this kind of file has no place in a report"
    there = {token for text in _texts_in(path.name, path.read_bytes()) for token in _TOKEN.findall(text)} & names
    if there:
        yield f"names or days of birth of people in the data: {len(there)}"


def _texts_in(name: str, content: bytes, in_workbook: bool = False) -> Iterator[str]:
    """The text of a file, or of every file packed in it; of a workbook what its cells say, not how they are called."""
    suffix = PurePosixPath(name).suffix
    if suffix == ".gz":
        yield from _texts_in(name.removesuffix(suffix), gzip.decompress(content))
    elif suffix in _PACKED:
        with ZipFile(BytesIO(content)) as packed:
            for member in packed.namelist():
                yield from _texts_in(member, packed.read(member), suffix == ".xlsx")
    elif suffix in _TEXTS:
        text = content.decode("utf-8", errors="replace")
        text = unpacked(text) if PurePosixPath(name).name == TEXTS else text
        yield _TAG.sub(" ", text) if in_workbook else text


def _of_people(frame: pd.DataFrame, path: Path, nobodys: Nobodys) -> pd.DataFrame:
    """A download without the cells that count no people."""
    cells = [(row, column) for file, row, column in nobodys if file == path]
    if (None, "") in cells:
        return frame.iloc[:0]
    own = frame.copy()
    for row, column in cells:
        own.iloc[row, own.columns.get_loc(column)] = ""
    return own


def _limits_told(frame: pd.DataFrame) -> int:
    """How many limits and tests are told of estimates that are hidden: in a row of a figure, in a cell of a table."""
    if {"row", "column", "statistic", "value"} <= set(frame.columns):
        cells = [frame[name] for name in ("table", "row", "column") if name in frame]
        is_limit, is_hidden = frame["statistic"].isin(LIMITS), frame["value"] == HIDDEN
        beside = (is_hidden & ~is_limit).groupby(cells).transform("any")
        return int((is_limit & ~is_hidden & frame["value"].ne("") & beside).sum())
    limits = [name for name in frame if name in LIMITS]
    hides = frame["estimate"] == HIDDEN if "estimate" in frame else pd.Series(False, frame.index)
    return int(frame.loc[hides, limits].isin([HIDDEN, ""]).eq(False).sum().sum())


def _few(frame: pd.DataFrame, study: Study) -> Iterator[str]:
    """Counts of too few people in a download that is not about the print, such as are not rounded as agreed, and what
    gives back a number that is hidden."""
    own = frame[frame["kind"] != "published"] if "kind" in frame else frame
    columns = [own[name] for name in _COUNTS if name in own]
    if {"statistic", "value"} <= set(own.columns):
        columns.append(own.loc[own["statistic"] == "n", "value"])
    numbers = pd.concat([pd.to_numeric(column, errors="coerce") for column in columns]) if columns else pd.Series()
    smallest, base = study.smallest_group, study.rounding
    if few := int(((numbers > 0) & (numbers < smallest)).sum()):
        yield f"counts of fewer than {smallest}: {few}"
    if told := _limits_told(own):
        yield f"limits and tests beside a hidden number: {told}"
    if base and (exact := int((numbers.dropna() % base > 0).sum())):
        yield f"counts that are no multiples of {base}: {exact}"
