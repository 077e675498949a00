"""A calculator on a page: what it starts from, and the form in which a reader changes it. Never estimates.

The arithmetic is done by `book/_static/calculator.js`, which a test holds to `analysis.methods.cost_benefit`. Without
JavaScript the case of the study stands there, and a note.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.show.catalogue import Catalogue
from analysis.show.prose import Number, Sentence, format_number
from analysis.study.escaping import html

# Draws are kept as whole numbers: of millionths for effects, of kroner for costs.
_SCALES = {"effect_full": 1e6, "effect_partial": 1e6, "extra_cost": 1.0}


@dataclass(frozen=True)
class Field:
    """One number that a reader may change. name: what the model calls it, also in the address of the page.

    factor: from the model's unit to the shown one. decimals: with which it is shown. least, most: what it may be, in
    the shown unit.
    """

    name: str
    factor: float
    decimals: int
    least: float
    most: float


@dataclass(frozen=True)
class Group:
    """One population: code, starting values by field, what a year in work is worth (W, F, U in NOK), and the draws.

    draws: bootstrap values of what the trial measured, by field; all draws of one place are of the same people.
    """

    code: str
    start: Mapping[str, float]
    value: Mapping[str, float]
    draws: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Calculator:
    """A form with fields, and groups of people to choose from, the main one first.

    first_year: year after the costs in which gains begin. conf_level: of the interval. case: the sentences that tell
    what the study itself finds, which stand beside every other answer.
    """

    name: str
    fields: Sequence[Field]
    groups: Sequence[Group]
    first_year: int
    conf_level: float
    case: Sequence[Sentence]

    def numbers(self, labels: Mapping[str, str], words: Mapping[str, str], language: str) -> str:
        """All that the script needs, as JSON that a page may hold."""
        told = {
            "language": language, "words": dict(words), "level": self.conf_level, "firstYear": self.first_year,
            "fields": {each.name: {"factor": each.factor, "decimals": each.decimals, "least": each.least,
                                   "most": each.most} for each in self.fields},
            "groups": [{"code": each.code, "label": labels[each.code], "start": dict(each.start),
                        "value": dict(each.value), "scales": _SCALES,
                        "draws": {name: np.rint(values * _SCALES[name]).astype(int).tolist()
                                  for name, values in each.draws.items()}} for each in self.groups],
        }  # fmt: skip
        return json.dumps(told, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def to_html(calculator: Calculator, chapter: str, catalogue: Catalogue, case: str, label: str | None) -> str:
    """The section with the study's own case, the form and the place of the answer. case: HTML. label: of the data."""
    key, level = f"{chapter}.calculators.{calculator.name}", Number(100 * calculator.conf_level, "count")
    fill = {"level": format_number(level, catalogue.language)}
    words = {name: _with_places(str(text), fill) for name, text in catalogue.template(f"{key}.words").items()}
    labels = {each.code: catalogue.label(chapter, "populations", each.code) for each in calculator.groups}
    place, title = f"calculator-{calculator.name}", html(catalogue.text(f"{key}.title"))
    lines = [
        f'<section class="calculator" id="{place}" aria-label="{title}">',
        f'<div class="calculator-case"><p><strong>{html(catalogue.text(f"{key}.case"))}</strong></p>{case}</div>',
        f"<noscript><p>{html(catalogue.text(f'{key}.without_script'))}</p></noscript>",
        f'<form hidden autocomplete="off"><p>{html(catalogue.text(f"{key}.lead"))}</p><div class="calculator-fields">',
        _choice(place, labels, catalogue.text(f"{key}.group")),
        *(_input(place, each, calculator, catalogue, key) for each in calculator.fields),
        f'</div><p><button type="reset">{html(catalogue.text(f"{key}.reset"))}</button></p></form>',
        '<div class="calculator-answer" hidden><div role="status" aria-live="polite" aria-atomic="true"></div>',
        f'<p class="data-label">{html(label)}</p>' if label else "",
        f"<p>{html(catalogue.text(f'{key}.caveat'))}</p></div>",
        f'<script type="application/json">{calculator.numbers(labels, words, catalogue.language)}</script>',
        '<script src="../_static/calculator.js" defer></script>',
        "</section>",
    ]
    return "\n".join(filter(None, lines))


def _with_places(text: str, fill: Mapping[str, str]) -> str:
    for name, value in fill.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _choice(place: str, labels: Mapping[str, str], words: str) -> str:
    options = "".join(f'<option value="{html(code)}">{html(label)}</option>' for code, label in labels.items())
    return f'<label for="{place}-group">{html(words)}</label><select id="{place}-group" name="group">{options}</select>'


def _input(place: str, field: Field, calculator: Calculator, catalogue: Catalogue, key: str) -> str:
    start = field.factor * calculator.groups[0].start[field.name]
    step = f"{10.0**-field.decimals:g}"
    return (
        f'<label for="{place}-{field.name}">{html(catalogue.text(f"{key}.fields.{field.name}"))}</label>'
        f'<input id="{place}-{field.name}" name="{field.name}" type="number" inputmode="decimal" required '
        f'step="{step}" min="{field.least:g}" max="{field.most:g}" value="{start:.{field.decimals}f}">'
    )
