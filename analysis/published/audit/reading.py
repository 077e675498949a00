"""Reading a file of relations: all its faults at once, or its relations."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from analysis.published.audit.cells import cells_by_address
from analysis.published.audit.faults import faults_of
from analysis.published.audit.relations import Relation, expand
from analysis.study.problems import StudyProblems
from analysis.study.yaml_files import YamlProblems, read_document

NO_WORDS: Mapping[str, str] = MappingProxyType({})


def read_relations(
    path: Path, published: pd.DataFrame, checks: Mapping[str, Callable], words: Mapping[str, str] = NO_WORDS
) -> list[Relation]:
    """All relations of a file, expanded to the cells of `published`; `words` has what to call codes in sentences.

    `checks`: name → function with what it takes (`checks.Takes`). Raises StudyProblems with everything that is wrong
    with the declarations: each with its line, relation and key, and what is allowed.
    """
    try:
        document = read_document(path)
    except YamlProblems as error:
        raise StudyProblems(path.parent, error.problems) from error
    cells = cells_by_address(published)
    if problems := [*document.repeated, *faults_of(document, path.name, cells, checks)]:
        raise StudyProblems(path.parent, problems)
    return [relation for entry in document.content or [] for relation in expand(entry, cells, words)]
