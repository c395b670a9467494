"""Commands in running text and tables: the programs' own parser must accept them.

Each runs in bash, signed in nowhere. Exit status 64 says that the words are wrong; anything else that they were understood.
A text may mention a command without the arguments that it needs.
"""

import re
import subprocess

from sandbox import Sandbox

# Words that stand for a value which the parser checks. Others, such as NAME or FILE, are fine as they are.
VALUES = {
    "D": "1s", "DURATION": "1s", "N": "3", "SIZE": "1m", "KEY": "color", "VALUE": "never", "COMMAND": "list",
    "TOPIC": "output", "ORIGIN": "https://127.0.0.1:1", "METHOD": "GET", "PATH": "/x",
    "PARTY": "11111111-2222-4333-8444-555555555555", "DIR": "dir",
}  # fmt: skip

MISSING = ("psparty: Missing expected argument", "psparty: name the engine")

WRAPPER = """#!/bin/bash
errors=$(mktemp)
timeout --kill-after 1 5 '{program}' "$@" 2>"$errors"
status=$?
cat "$errors" >&2
printf '%s\t%s\t%s\n' "$status" "$(head -n 1 "$errors")" "{program} $*" >>"$TRIED"
exit $status
"""


def filled(text):
    """The command with values in place of placeholders, and without brackets around what may be left out."""
    text = re.sub(r"\[([^][]*)\]", r"\1", text) if "'" not in text else text
    text = re.sub(r"(?<=[A-Za-z])\|[A-Za-z|-]+", "", text)
    text = text.replace("…", "")
    return re.sub(r"\b[A-Z]+\b", lambda word: VALUES.get(word.group(), word.group()), text)


def check(page, programs):
    if not page.commands:
        return []
    complaints = []
    with Sandbox(programs) as sandbox:
        folder = sandbox.path / "bin"
        folder.mkdir()
        for name in ("psparty", "psparty-sim"):
            (folder / name).write_text(WRAPPER.format(program=programs / name))
            (folder / name).chmod(0o755)
        tried = sandbox.path / "tried"
        variables = {
            **sandbox.variables,
            "PATH": f"{folder}:{sandbox.variables['PATH']}",
            "PSPARTY_SERVER": "https://127.0.0.1:1",
            "TRIED": str(tried),
        }
        for line, text in page.commands:
            tried.write_text("")
            try:
                result = subprocess.run(
                    ["bash", "-c", filled(text)], env=variables, cwd=sandbox.work, stdin=subprocess.DEVNULL,
                    capture_output=True, text=True, timeout=20,
                )  # fmt: skip
            except subprocess.TimeoutExpired:
                complaints.append(f"{page.name}:{line}: `{text}` did not end")
                continue
            runs = tried.read_text().splitlines()
            if not runs:
                complaints.append(f"{page.name}:{line}: `{text}` runs no psparty: {result.stderr.strip()}")
            for run in runs:
                if problem := wrong_usage(*run.split("\t"), variables):
                    complaints.append(f"{page.name}:{line}: `{text}` is wrong usage: {problem}")
    return complaints


def wrong_usage(status, message, words, variables):
    """The parser's complaint about the words, or None."""
    if status != "64":
        return None
    if not message.startswith(MISSING):
        return message
    # The parser complains of what is missing before it looks at options, so the help tells which options there are.
    program, *words = words.split()
    names = [word for word in words if not word.startswith("-")][:2]
    known = ""
    for command in ([*names, "--help"], [*names[:1], "--help"], ["--help"], ["help", "options"]):
        known += subprocess.run([program, *command], env=variables, capture_output=True, text=True).stdout
    unknown = [word for word in words if word.startswith("--") and len(word) > 2 and word.split("=")[0] not in known]
    return f"unknown option {unknown[0]}" if unknown else None
