"""A study whose every text is hostile: what each target could take for markup, in each place that takes a text."""

import copy
import shutil
from collections.abc import Iterator
from pathlib import Path

import yaml
from pydantic import TypeAdapter, ValidationError

from analysis.study.between_settings import faults_between_settings
from analysis.study.settings import Study

HANDMADE = Path(__file__).parent / "handmade"
# Text places that the handmade trial's settings lack.
MORE = """
columns:
  county: {description: County, label: {en: County}, values: {north: {en: North}, south: {en: South}}}
  income: {description: Income, kind: number, unit: NOK, label: {en: Income}}
outcomes:
  - {code: in_work_no_benefits, label: {en: In work}, statuses: [job_no_benefits]}
  - {code: fully_or_partly_in_work, label: {en: In some work}, statuses: [job_no_benefits, aap_and_job]}
status_groups: {working: [job_no_benefits], others: []}
status_group_labels: {working: {en: Working}, others: {en: Others}}
subgroups:
  - {code: sex, column: sex, label: {en: Sex}, groups: {women: [woman], men: [man]},
     labels: {women: {en: Women}, men: {en: Men}}}
"""


PIECES = (
    "<script>alert({n})</script>",
    "{{{{ 7*7 }}}} {{glue}} {{0}} {{programme}}",
    "=cmd() $z_1$ *now* __so__",
    "[a](https://evil.example) | `b`",
    "{{doc}}`health` <x-evil>y</x-evil>",
    "<https://evil.example> \\ @x &lt;",
    "+1 ../../etc ~~no~~",
    "-1 \u202eturned \0 nul\nline",
    "# head ::: % note: x",
    "1. one <!-- c --> ``` (l)=",
)


def hostile(number: int) -> str:
    """A text of its own for each place, with what targets could take for something else."""
    start, *rest = PIECES[number % len(PIECES)].format(n=number).split(" ", 1)
    return " ".join([start, f"H{number}H", *rest])


def text_places(settings: dict) -> Iterator[tuple]:
    """The path of each place of `study.yml` that takes any text: where another one is accepted, too."""
    for path in _leaves(settings):
        changed = copy.deepcopy(settings)
        put(changed, path, "Any text (of 20 letters)")
        try:
            study = TypeAdapter(Study).validate_python(changed)
        except ValidationError:
            continue
        if not list(faults_between_settings(study)):
            yield path


def _leaves(node: object, path: tuple = ()) -> Iterator[tuple]:
    if isinstance(node, dict | list):
        for key, below in node.items() if isinstance(node, dict) else enumerate(node):
            yield from _leaves(below, (*path, key))
    elif isinstance(node, str):
        yield path


def put(node: object, path: tuple, text: str) -> None:
    *way, last = path
    for key in way:
        node = node[key]
    node[last] = text


def hostile_study(folder: Path) -> dict[tuple, str]:
    """Write the study; returns the text of each place."""
    shutil.copytree(HANDMADE, folder, ignore=shutil.ignore_patterns("words", "as_printed.yml"))
    settings = yaml.safe_load((folder / "study.yml").read_text(encoding="utf-8")) | yaml.safe_load(MORE)
    texts = {path: hostile(number) for number, path in enumerate(text_places(settings))}
    for path, text in texts.items():
        put(settings, path, text)
    (folder / "study.yml").write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
    lines = (folder / "background.csv").read_text(encoding="utf-8").splitlines()
    more = [",county,income", *(f",{('north', 'south')[row % 2]},{100 * row}" for row in range(len(lines) - 1))]
    (folder / "background.csv").write_text("".join(f"{a}{b}\n" for a, b in zip(lines, more, strict=True)), "utf-8")
    return texts
