"""The archive for a machine without a network: its files, checksums and instructions, without its wheels."""

import re
import subprocess
import tarfile
from pathlib import Path

import pytest

from analysis.book import bundle
from analysis.book.report import ROOT


def git(root: Path, *arguments: str) -> None:
    own = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(root), *own, *arguments], check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path) -> Path:
    root = tmp_path / "checkout"
    (root / "data").mkdir(parents=True)
    (root / "Makefile").write_text("all:\n", encoding="utf-8")
    (root / "data" / "æ b.csv").write_text("a\n1\n", encoding="utf-8")
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "first")
    (root / "secret.csv").write_text("untracked", encoding="utf-8")
    return root


@pytest.fixture
def folder(checkout, tmp_path) -> Path:
    """The archive's folder with one wheel in it."""
    folder = tmp_path / "bundle"
    revision = bundle.add_project(checkout, folder)
    (folder / bundle.WHEELS).mkdir()
    (folder / bundle.WHEELS / "one.whl").write_bytes(b"wheel")
    bundle.finish(folder, revision)
    return folder


def checked(folder: Path) -> int:
    command = ["sha256sum", "--check", "--quiet", "--strict", bundle.CHECKSUMS]
    return subprocess.run(command, cwd=folder, capture_output=True).returncode


def test_it_holds_tracked_files_alone_and_a_checksum_of_each_file(folder):
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files == {"Makefile", "data/æ b.csv", "wheels/one.whl", bundle.INSTALL, bundle.CHECKSUMS}
    lines = (folder / bundle.CHECKSUMS).read_text(encoding="utf-8").splitlines()
    assert {line.split("  ", 1)[1] for line in lines} == files - {bundle.CHECKSUMS}
    assert checked(folder) == 0


def test_a_changed_wheel_is_found(folder):
    (folder / bundle.WHEELS / "one.whl").write_bytes(b"other")
    assert checked(folder) == 1


def test_instructions_name_revision_python_and_checksums(folder, checkout):
    told = (folder / bundle.INSTALL).read_text(encoding="utf-8")
    commit = subprocess.run(["git", "-C", str(checkout), "rev-parse", "HEAD"], capture_output=True, text=True).stdout
    assert commit.strip() in told and bundle.CHECKSUMS in told and bundle.platform.python_version() in told


def test_the_archive_has_one_folder(checkout, tmp_path, monkeypatch):
    run = bundle._run
    monkeypatch.setattr(bundle, "_run", lambda problem, *command: "" if "pip" in command else run(problem, *command))
    bundle.write_bundle(tmp_path / "dist" / "all.tar", checkout)
    with tarfile.open(tmp_path / "dist" / "all.tar") as tar:
        assert {Path(each).parts[0] for each in tar.getnames()} == {bundle.name()}


def test_outside_a_checkout_it_says_so_in_one_line(tmp_path):
    with pytest.raises(bundle.NoBundle, match="no git checkout"):
        bundle.add_project(tmp_path, tmp_path / "bundle")


def pins(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==([^\s;\\]+)", (ROOT / lock).read_text(encoding="utf-8"), re.M))


def test_jupyter_is_locked_together_with_the_report():
    report, jupyter = map(pins, bundle.LOCKS)
    assert {"jupyterlab", "nbconvert"} <= jupyter.keys()
    assert {name: jupyter[name] for name in jupyter.keys() & report.keys()} == {
        name: report[name] for name in jupyter.keys() & report.keys()
    }
