"""What is committed runs anywhere: no place of one machine, no address of a registry, no secret."""

import re
from pathlib import Path

from tests.guards.source import ROOT, kept_files

# Written in pieces, so that this file does not hold what it looks for.
PLACES = "|".join(["/wor" + "k/", "/roo" + "t/", "/hom" + r"e/[a-z]", "/opt/(?:whee" + "ls|pypi)", "C:" + r"\\Users"])
HOSTS = "|".join(
    [
        "pypi" + r"\.org",
        "files\\.python" + "hosted",
        "registry\\.npm" + "js",
        "proxy\\.golang" + r"\.org",
        "--index" + "-url http",
    ]
)
SECRETS = "|".join(["-----BEGIN (?:[A-Z]+ )?PRIVATE" + " KEY-----", "AKIA" + "[0-9A-Z]{16}"])
KINDS_NOT_KEPT = frozenset({".db", ".sqlite", ".sqlite3", ".pem", ".key", ".p12", ".pfx", ".log", ".mo", ".pyc"})
MOST_BYTES = 3 * 2**20


def test_nothing_names_a_place_of_one_machine() -> None:
    found = lines_with(PLACES, kept_files())
    assert not found, f"Ask for the place in the environment, or find it from the file's own: {found}"


def test_nothing_names_a_registry() -> None:
    found = lines_with(HOSTS, kept_files())
    assert not found, f"Where packages come from is the machine's own setting; remove the address: {found}"


def test_no_secret_is_kept() -> None:
    found = lines_with(SECRETS, kept_files()) + [str(path) for path in kept_files() if path.suffix in KINDS_NOT_KEPT]
    assert not found, f"Make it at start-up, below var/, which git ignores: {found}"


def test_no_file_is_larger_than_three_megabytes() -> None:
    found = [str(path) for path in kept_files() if path.stat().st_size > MOST_BYTES]
    assert not found, f"Make it from something smaller, or ask for it at set-up: {found}"


def test_these_guards_bite(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    for pattern, text in (
        (PLACES, "/wor" + "k/main"),
        (HOSTS, "https://pypi" + ".org/simple"),
        (SECRETS, "AKIA" + "A" * 16),
    ):
        bad.write_text(text)
        assert lines_with(pattern, (bad,)), text


def lines_with(pattern: str, paths: tuple[Path, ...]) -> list[str]:
    wanted = re.compile(pattern.encode())
    found: list[str] = []
    for path in paths:
        content = path.read_bytes()
        if b"\0" not in content[:8192] and (hit := wanted.search(content)):
            name = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
            found.append(f"{name}:{content[: hit.start()].count(10) + 1}")
    return found
