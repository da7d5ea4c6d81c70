#!/usr/bin/env python3
"""Gives the project a product's own name: crates, program, settings, cookies, roles and titles.

    python3 scripts/rename.py acme-billing

Run it in a clean checkout. docs/your-product.md says what follows, and how to take over later versions.
"""

import pathlib
import re
import subprocess
import sys

OLD = "tenantry"
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

# A name of Rust or of SQL has no hyphen; names of packages, programs, files and hosts have no underscore.
SNAKE_AFTER = r"(?=_|::|=)"
DATABASE = re.compile(r"(?<=://)([^\s\"'/]*/)" + OLD + r"\b(?![.-])")
# Elsewhere in SQL: a database, and settings of a session.
SQL_BEFORE = re.compile(
    r"((?:--dbname, |@postgres/|DATABASE |current_setting\('|SET (?:LOCAL )?))" + OLD + r"\b"
)


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def rename(text, path, name):
    """The text with the product's name in the form that each place takes."""
    snake = name.replace("-", "_")
    words = name.split("-")
    title = " ".join(word.capitalize() for word in words)
    text = text.replace(OLD.upper(), snake.upper())
    text = re.sub(OLD.capitalize() + r"(?=[-_]\w)", "-".join(title.split()), text)
    text = text.replace(OLD.capitalize(), title)
    if path.suffix == ".sql":
        return re.sub(OLD, snake, text)
    if path.parts[:2] == ("scripts", "bench") or path.name.startswith("bench"):
        # Names of databases, but for the program's file and package.
        text = re.sub(r"(?<![/\w-])(?<!-p )(?<!--package )" + OLD + r"\b(?![-/.])", snake, text)
    text = DATABASE.sub(lambda found: found.group(1) + snake, text)
    text = SQL_BEFORE.sub(lambda found: found.group(1) + snake, text)
    text = re.sub(OLD + SNAKE_AFTER, snake, text)
    return text.replace(OLD, name)


def main():
    if len(sys.argv) != 2 or not NAME.fullmatch(sys.argv[1]) or OLD in sys.argv[1]:
        sys.exit("usage: python3 scripts/rename.py NAME, such as acme-billing: letters, digits, hyphens")
    name = sys.argv[1]
    if run("git", "status", "--porcelain"):
        sys.exit("the checkout has changes: commit them first")
    own = pathlib.Path(__file__).resolve()
    changed = 0
    for line in run("git", "ls-files", "-z").split("\0"):
        path = pathlib.Path(line)
        # This file knows the name that it replaces.
        if not line or path.is_symlink() or path.resolve() == own:
            continue
        try:
            before = path.read_bytes().decode()
        except UnicodeDecodeError:
            continue
        after = rename(before, path, name)
        if after != before:
            path.write_bytes(after.encode())
            changed += 1
    # The lines are as long as the names in them, and the lock file is sorted by them.
    run("cargo", "fmt", "--all")
    run("cargo", "update", "--workspace", "--offline")
    print(f"{changed} files speak of {name}. Next: docs/your-product.md")


if __name__ == "__main__":
    main()
