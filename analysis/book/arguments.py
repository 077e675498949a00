"""What the words of a command line must be; refused before anything is read or computed."""

import argparse
import os
from pathlib import Path
from typing import Any


class Unwritable(Exception):
    """A place for results that cannot be used, with the reason; found out before anything is computed."""


def path(text: str) -> Path:
    """A path; a home folder's ~ is read here, since make passes it on as it is."""
    return Path(os.path.expanduser(text))


def out(text: str) -> Path:
    """A folder for a book. Raises Unwritable."""
    folder = path(text)
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if os.path.exists(path))
    if not there.is_dir():
        raise Unwritable(f"--out {text}: {there} is a file. Name a folder.")
    if not os.access(there, os.W_OK):
        raise Unwritable(f"--out {text}: no right to write in {there}. Name another folder.")
    return folder


def file(option: str, text: str) -> Path:
    """A file to be written, for an option. Raises Unwritable."""
    file = path(text)
    folder = file.absolute().parent
    if file.is_dir():
        raise Unwritable(f"{option} {text}: this is a folder. Name a file in it.")
    if not folder.is_dir():
        raise Unwritable(f"{option} {text}: there is no folder {folder}. Make it, or name a file in another folder.")
    if not os.access(file if file.exists() else folder, os.W_OK):
        raise Unwritable(f"{option} {text}: no right to write there. Name another file.")
    return file


def count(text: str) -> int:
    """A whole number from 1."""
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


def parts(text: str) -> int:
    """A whole number from 2: in how many parts to divide."""
    if count(text) < 2:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 2")
    return int(text)


def parameter(text: str) -> tuple[str, Any]:
    """NAME=VALUE, the value as YAML has it."""
    from analysis.study.yaml_files import YamlProblems, parse_yaml

    name, sign, value = text.partition("=")
    try:
        if sign and name.isidentifier():
            return name, parse_yaml(value, name)
    except YamlProblems:
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
