"""Sphinx extension: what was read of unchanged pages is kept, and only pages that can have changed are written again.

A page is read again when its bytes, or those of what it includes, have changed; times of files decide nothing. It is
written again when it was read again, or when something has changed that a page may show of others: their titles,
contents, labels, numbers and places. The book is then the same, byte for byte, as one made from nothing.
"""

import hashlib
import pickle
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

STATE = "same_pages.pickle"
# What the search index holds of each page; Sphinx itself would read it back without the last of these.
_INDEX = ("_titles", "_filenames", "_mapping", "_title_mapping", "_all_titles", "_index_entries")
# What pages show of others. The general index is always written.
_SHARED = ("titles", "longtitles", "tocs", "toctree_includes", "toc_secnumbers", "toc_fignumbers", "metadata", "images",
           "dlfiles")  # fmt: skip
_OWN_DOMAINS = ("index",)
_AFTER_OTHERS = 900


def setup(app: Sphinx) -> dict:
    app.connect("builder-inited", _take_up)
    app.connect("env-get-outdated", _changed)
    app.connect("env-get-updated", _to_write, priority=_AFTER_OTHERS)  # when pages and equations have their numbers
    app.connect("build-finished", _keep, priority=_AFTER_OTHERS)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _take_up(app: Sphinx) -> None:
    file = Path(app.doctreedir, STATE)
    app.same_pages = pickle.loads(file.read_bytes()) if file.is_file() else {"sources": {}, "shared": "", "index": {}}
    app.builder.load_indexer = partial(_load_index, app)


def _changed(app: Sphinx, env: BuildEnvironment, *_: object) -> list[str]:
    last = app.same_pages["sources"]
    return [page for page in env.found_docs if page in env.all_docs and last.get(page) != _source(env, page)]


def _to_write(app: Sphinx, env: BuildEnvironment) -> Iterable[str]:
    """All pages if they may show something new of others; else the first, so that the index is written in any case."""
    last, app.same_pages["shared"] = app.same_pages["shared"], _shared(env)
    return sorted(env.found_docs) if app.same_pages["shared"] != last else [env.config.root_doc]


def _load_index(app: Sphinx, pages: Iterable[str]) -> None:
    """The index of the last build without these pages, which are about to be written."""
    indexer = app.builder.indexer
    for name, content in app.same_pages["index"].items():
        setattr(indexer, name, content)
    indexer.prune(set(app.env.all_docs).difference(pages))
    for words in (indexer._mapping, indexer._title_mapping):
        for word in [word for word, found in words.items() if not found]:
            del words[word]


def _keep(app: Sphinx, failure: Exception | None) -> None:
    if failure is None and getattr(app.builder, "indexer", None):
        _drop_images(app)
        app.same_pages["sources"] = {page: _source(app.env, page) for page in app.env.found_docs}
        app.same_pages["index"] = {name: getattr(app.builder.indexer, name) for name in _INDEX}
        Path(app.doctreedir, STATE).write_bytes(pickle.dumps(app.same_pages))


def _drop_images(app: Sphinx) -> None:
    """Remove the images of pages that show them no longer."""
    shown = {name for _, name in app.env.images.values()}
    for path in Path(app.outdir, app.builder.imagedir).glob("*"):
        if path.name not in shown:
            path.unlink()


def _source(env: BuildEnvironment, page: str) -> str:
    """Digest of a page's own bytes and those of all that it includes."""
    paths = [Path(env.doc2path(page)), *(Path(env.srcdir, name) for name in sorted(env.dependencies.get(page, ())))]
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "" for path in paths]
    return " ".join(digests)


def _shared(env: BuildEnvironment) -> str:
    """Digest of all that a page may show of others."""
    content = {name: getattr(env, name) for name in _SHARED}
    domains = {name: data for name, data in env.domaindata.items() if name not in _OWN_DOMAINS}
    return hashlib.sha256(repr(_plain([content, domains])).encode()).hexdigest()


def _plain(value: Any) -> Any:
    """A value in a form that reads the same in every process."""
    if isinstance(value, nodes.Node):
        return value.pformat()
    if isinstance(value, Mapping):
        return sorted((repr(_plain(key)), _plain(each)) for key, each in value.items())
    if isinstance(value, set | frozenset):
        return sorted(repr(_plain(each)) for each in value)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    text = repr(value)
    return [type(value).__name__, _plain(vars(value))] if " at 0x" in text and hasattr(value, "__dict__") else text
