"""The house rules that a program can check: who imports whom, how notebooks look, whether the module map is true."""

import ast
import re
import statistics
from functools import cache
from importlib import import_module
from pathlib import Path

import nbformat
import pytest
import yaml

import analysis
from tests.conftest import OF_THE_BUNDLED_BOOK

ROOT = Path(analysis.__file__).parent.parent
PACKAGE = ROOT / "analysis"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

# A room may import from the rooms in lines above its own, and from itself.
LAYERS = (
    {"study"},
    {"frames"},
    {"methods"},
    {"published"},
    {"show"},
    {"calibration"},
    {"synthesis"},
    {"chapters"},
    {"as_printed"},
    {"book"},
    {"commands"},
    {"__main__"},
)


def room_of(module: str) -> str:
    return module.split(".")[1]


def imported(path: Path) -> set[str]:
    """Full names of the modules a file imports, wherever in the file it does so."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            if node.level == 1 and path.parent != PACKAGE:
                continue  # from its own room
            assert node.level == 0, f"{path} imports relatively from another room"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@cache
def rooms() -> dict[str, set[str]]:
    """Each room of the package and the rooms it imports from."""
    found: dict[str, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if parts == ("__init__",):
            continue
        inside = {room_of(name) for name in imported(path) if name.startswith("analysis.")}
        found.setdefault(parts[0], set()).update(inside - {parts[0], "__version__"})
    return found


def test_every_room_has_its_place():
    assert set(rooms()) == set().union(*LAYERS)


@pytest.mark.parametrize("room", sorted(set().union(*LAYERS)))
def test_imports_go_downwards(room):
    place = next(number for number, layer in enumerate(LAYERS) if room in layer)
    allowed = set().union(*LAYERS[:place])
    assert rooms().get(room, set()) <= allowed


def test_only_synthesis_imports_synthesis():
    assert [room for room, uses in rooms().items() if "synthesis" in uses] == []


SHOWN = sorted(path for path in (PACKAGE / "show").rglob("*.py") if path.stem != "page")


@pytest.mark.parametrize("path", SHOWN, ids=lambda path: path.stem)
def test_what_shows_results_never_estimates(path):
    """Only the page itself opens a study; all else in its room rounds and words what it is given."""
    assert {room_of(name) for name in imported(path) if name.startswith("analysis.")} <= {"show", "study"}


METHODS = sorted((PACKAGE / "methods").glob("*.py"))


@pytest.mark.parametrize("path", METHODS, ids=lambda path: path.stem)
def test_methods_know_no_files_and_no_settings(path):
    names = imported(path)
    assert {name.split(".")[0] for name in names} & {"pathlib", "yaml", "json", "csv", "os"} == set()
    assert {room_of(name) for name in names if name.startswith("analysis.")} <= {"methods"}


WRITERS = {"to_csv", "to_json", "to_excel", "to_parquet", "to_feather", "to_stata", "to_pickle"}


def test_numbers_of_a_study_are_written_by_the_page_alone():
    """It asks the disclosure policy. The audit writes what is in print; synthesis and calibration write invented
    people, and so do the pages that lead numbers back, of synthetic data alone."""
    writing = {
        f"{path.relative_to(PACKAGE).as_posix()}: {function.name}"
        for path in PACKAGE.rglob("*.py")
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef) and not {"synthesis", "calibration"} & set(path.parts)
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute) and node.attr in WRITERS
    }
    assert writing == {"show/page.py: write_csv", "commands/printed.py: _audit",
                       "commands/printed.py: _measured",
                       "book/trace_pages.py: _write_people"}  # fmt: skip


def test_yaml_is_read_in_one_way():
    """The one reader refuses repeated keys, which YAML itself lets pass."""
    readers = [path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py") if _reads_yaml(path)]
    assert readers == ["study/yaml_files.py"]


def _reads_yaml(path: Path) -> bool:
    text = path.read_text(encoding="utf-8")
    return re.search(r"\byaml\.(?!safe_dump\b|dump\b)", text) is not None


def test_modules_and_functions_stay_small():
    long = []
    for path in PACKAGE.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        if source.count("\n") >= 400:
            long.append(path.name)
        long += [
            f"{path.name}: {node.name}"
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.FunctionDef) and _code_lines(node) > 30
        ]
    assert long == []


def _code_lines(function: ast.FunctionDef) -> int:
    """Lines of the body without the docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def test_module_map_is_the_tree():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `analysis/([a-z_]+)(?:\.py|/)` \|", text, flags=re.MULTILINE))
    assert listed == set(rooms())


def test_everything_on_the_map_exists():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\b(?:analysis|book|notebooks|tests|data|benchmarks)/[\w./-]*\w", text))
    assert {name for name in named if not (ROOT / name).exists()} == set()


def test_every_module_says_in_its_first_line_what_it_is_for():
    silent = [
        path.relative_to(ROOT).as_posix()
        for path in PACKAGE.rglob("*.py")
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


# What belongs to one study: its name and arms, its places, its printed tables and sections. Laws have sections, too.
OF_ONE_STUDY = re.compile(
    r"\b(?:sfj|SFJ|jmo|JMO|Senter for jobbmestring|hordaland|soer_troendelag|oestfold|akershus|troms)\b"
    r"|\b(?:table|text|figure)_[0-9A-Z]|\b[Tt]ables? [0-9A]|\b[Ss]ections? [0-9](?!\d*-\d)|\bappendix\b"
)
ENGINE = sorted(
    path for path in PACKAGE.rglob("*.py") if not {"as_printed", "synthesis"} & set(path.relative_to(PACKAGE).parts)
)


def test_no_module_of_the_engine_names_a_study_its_places_or_its_printed_tables():
    named = [
        f"{path.relative_to(ROOT)}:{number}: {found[0]}"
        for path in ENGINE
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        for found in OF_ONE_STUDY.finditer(line)
    ]
    assert named == []


def test_modules_of_the_engine_have_at_most_350_lines_and_most_functions_are_short():
    lengths = []
    for path in ENGINE:
        source = path.read_text(encoding="utf-8")
        assert source.count("\n") <= 350, path
        lengths += [_code_lines(node) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    assert statistics.median(lengths) <= 8


# Notebooks


def cells_of(path: Path, kind: str) -> list[nbformat.NotebookNode]:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


def tagged(path: Path, tag: str) -> list[nbformat.NotebookNode]:
    return [cell for cell in cells_of(path, "code") if tag in cell.metadata.get("tags", [])]


def by_name(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=lambda path: path.stem)


def test_chapters_share_one_name_everywhere():
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    pages = {Path(entry["file"]) for part in contents["parts"] for entry in part["chapters"]}
    listed = {page.name for page in pages if page.parent == Path("notebooks")}
    modules = {path.stem for path in (PACKAGE / "chapters").iterdir() if not path.stem.startswith("_")}
    catalogue = {path.stem for path in (PACKAGE / "show" / "words" / "en").glob("*.yml")} - {"common", "book"}
    assert listed == {path.stem for path in NOTEBOOKS} == modules == catalogue


@by_name(NOTEBOOKS)
def test_notebook_has_one_main_heading(path):
    """Written, or computed by `page.title` so that it turns with the data."""
    prose = "\n".join(cell.source for cell in cells_of(path, "markdown"))
    written = re.findall(r"^# ", prose, flags=re.MULTILINE)
    computed = [cell for cell in cells_of(path, "code") if "page.title(" in cell.source]
    assert len(written) + len(computed) == 1


@by_name(NOTEBOOKS)
def test_notebook_is_thin(path):
    for cell in cells_of(path, "code"):
        tree = ast.parse(cell.source)
        loops = (ast.For, ast.While, ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.comprehension)
        assert not [node for node in ast.walk(tree) if isinstance(node, loops)], cell.source
        code = [line for line in cell.source.splitlines() if line.strip() and not line.lstrip().startswith("#")]
        assert len(code) <= 8 or "parameters" in cell.metadata.tags, cell.source
        assert "hide-input" in cell.metadata.get("tags", []), cell.source


@by_name(NOTEBOOKS)
def test_notebook_imports_only_its_chapter_and_the_page(path):
    source = "\n".join(cell.source for cell in cells_of(path, "code"))
    tree = ast.parse(source)
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    shared = {"analysis.show.page", "analysis.published.registry", "analysis.chapters._claims_shown"}
    shared |= {"analysis.chapters"}
    assert modules <= shared | {f"analysis.chapters.{path.stem}"}


@by_name(NOTEBOOKS)
def test_notebook_states_its_parameters(path):
    cells = tagged(path, "parameters")
    assert len(cells) == 1
    names = {node.targets[0].id: node for node in ast.parse(cells[0].source).body if isinstance(node, ast.Assign)}
    assert {"study", "language", "results"} <= set(names)
    uncommented = [line for line in cells[0].source.splitlines() if "=" in line.split("#")[0] and "#" not in line]
    assert uncommented == []


@by_name(NOTEBOOKS)
def test_notebook_is_stored_with_its_outputs(path):
    """A cell marked for comparison that has no stored output would pass the comparison unseen."""
    checked = tagged(path, "nbval-check-output")
    assert checked
    assert all(cell.outputs for cell in checked)
    assert all(cell.execution_count for cell in cells_of(path, "code"))
    outputs = [output for cell in cells_of(path, "code") for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]


@by_name(NOTEBOOKS)
def test_notebook_metadata_is_clean(path):
    notebook = nbformat.read(path, as_version=4)
    assert set(notebook.metadata) <= {"kernelspec", "language_info"}
    assert notebook.metadata.kernelspec.name == "python3"
    assert {key for cell in notebook.cells for key in cell.metadata} <= {"tags", "mystnb", "needs", "kind", "heading"}
    identifiers = [cell.id for cell in notebook.cells]
    assert len(set(identifiers)) == len(identifiers)


# What is committed


def test_nothing_committed_points_outside_the_project():
    """No absolute path of a machine, and no work left for later, in anything that is read by people or run."""
    forbidden = re.compile(r"(?<![\w.])/(?:work|tmp|home|root)/|\bTO" + r"DO\b|\bFIX" + r"ME\b")
    kinds = {".py", ".md", ".yml", ".yaml", ".toml", ".cfg", ".sh", ".R", ".css", ".ipynb", ".cff", ".in"}
    skipped = {".venv", "_build", ".git", ".pytest_cache", ".ruff_cache"}
    found = []
    for path in ROOT.rglob("*"):
        if path.suffix in kinds and path.is_file() and not skipped & set(path.relative_to(ROOT).parts):
            text = path.read_text(encoding="utf-8")
            found += [f"{path.relative_to(ROOT)}: {match.group()}" for match in forbidden.finditer(text)]
    assert found == []


CITED = re.compile(
    r"(?<![\w./<>{}-])(?:analysis|tests|data|book|notebooks|benchmarks)/"
    r"[\w./-]*\w\.(?:py|R|csv|yml|md|ipynb|json|sha256|txt|css|cfg)\b"
)


def citing_files():
    """Code, pages and words that tell a reader of other files; what was said of files now gone stays in the log."""
    folders = [ROOT / name for name in ("analysis", "book", "data", "tests/reference")]
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix in {".py", ".md", ".yml", ".R"}]
    return [*files, *(path for path in ROOT.glob("*.md") if path.name != "CHANGELOG.md")]


def test_every_cited_file_exists():
    """A docstring that says what a method was checked against, or a page that sends a reader to a file, is true."""
    cited = {(path.relative_to(ROOT).as_posix(), found) for path in citing_files()
             for found in CITED.findall(path.read_text(encoding="utf-8"))}  # fmt: skip
    assert len(cited) > 30
    assert sorted(place for place in cited if not (ROOT / place[1]).exists()) == []


def test_every_check_against_r_names_the_file_that_holds_it():
    said = [part for path in (PACKAGE / "methods").glob("*.py")
            for part in path.read_text(encoding="utf-8").split("hecked against R")[1:]]  # fmt: skip
    assert len(said) > 15
    assert [part[:120] for part in said if not CITED.search(part.split('"""')[0])] == []


def test_every_script_of_r_has_its_answers_beside_it():
    scripts = sorted((ROOT / "tests" / "reference").glob("*.R"))
    assert len(scripts) > 3
    for script in scripts:
        answers = script.with_name(f"{script.stem}_answers.csv")
        assert answers.exists() and answers.name in script.read_text(encoding="utf-8")


def test_notes_read_well_where_no_book_is_made():
    """Notebooks are read on code hosts, too, where a directive of the book is a raw block."""
    notes = [*(PACKAGE / "show" / "words").rglob("*.yml"), *ROOT.glob("data/*/words/**/*.yml"), *NOTEBOOKS]
    assert [path.name for path in notes if re.search(r"(`{3,}|:{3,})\{", path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_table_and_figure_that_a_chapter_gives_stands_on_a_page(path):
    """A cell that a merge loses leaves no other trace: the table on what makes results trusted was shown nowhere."""
    chapter = import_module(f"analysis.chapters.{path.stem}")
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells]
    modules = [module.read_text(encoding="utf-8") for module in PACKAGE.rglob("*.py")
               if f"chapters/{path.stem}/" not in module.as_posix()]  # fmt: skip
    made = [name for name in getattr(chapter, "__all__", ()) if re.match(r"(table|figure)_|\w+_(table|figure)$", name)]
    assert [name for name in made if not re.search(rf"\b{name}\b", "\n".join(cells + modules))] == []


def test_one_worker_has_all_tests_that_read_the_built_book():
    """Another one would wait until it is built."""
    asks = re.compile(r"def \w+\([^)]*\b(built_book|browser, address)\b")
    texts = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")}
    asking = {name for name, text in texts.items() if asks.search(text)}
    assert len(asking) > 10 and asking - OF_THE_BUNDLED_BOOK == set()
