"""Where study folders lie: a path, or the name of a study that comes with the program or lies beside others."""

import os
from pathlib import Path

from analysis.study.problems import Problem, StudyProblems
from analysis.study.yaml_files import read_yaml

DATA = Path(__file__).resolve().parents[2] / "data"
# The study that is meant when none is named.
BUNDLED = DATA / read_yaml(DATA / "studies.yml")["default"]
VARIABLE = "ANALYSIS_STUDIES"


def find_study(named: Path | str | None = None) -> Path:
    """The folder of a study: a path; else the name of a folder in the one that ANALYSIS_STUDIES names, or in `data/`.

    So an executed notebook can name its study without a path of the machine it ran on. None is the bundled trial.
    Raises StudyProblems when there is no such folder.
    """
    if named is None:
        return BUNDLED
    places = [Path(named), *(folder / Path(named).name for folder in _shelves() if len(Path(named).parts) == 1)]
    found = next((place for place in places if place.is_dir()), None)
    if found is None:
        cause = "The study folder does not exist."
        remedy = f"Check the path, or set {VARIABLE} to the folder that the study lies in."
        raise StudyProblems(named, [Problem(Path(named).name, None, None, "missing_folder", cause, remedy)])
    return found


def find_companion(folder: Path, name: str) -> Path:
    """The folder of a companion: beside the study's own, else wherever a study of that name is found.

    Raises StudyProblems when there is no such folder.
    """
    beside = Path(folder).resolve().parent / name
    return beside if beside.is_dir() else find_study(name)


def _shelves() -> list[Path]:
    return [*([Path(os.environ[VARIABLE])] if os.environ.get(VARIABLE) else []), DATA]
