"""Tags of a rendered page by name and class; selectors of style sheets take most of the time that a page takes."""

from bs4 import Tag


def tags(page: Tag, name: str | bool, *classes: str) -> list[Tag]:
    """The tags of that name (True: of any) with one of the classes, in the order in which they stand there."""
    return [tag for tag in page.find_all(name) if not set(classes).isdisjoint(tag.get("class", ()))]


def named(page: Tag, *names: str) -> list[Tag]:
    """The tags of these names, in the order in which they stand there."""
    return [tag for tag in page.find_all(True) if tag.name in names]
