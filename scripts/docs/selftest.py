"""The checks find what they are for."""

import pathlib

from page import Page

# A page, and what the complaint about it must contain; None for a page without a mistake.
CASES = [
    ("Run `psparty list --bogus` now.\n", ":1: `psparty list --bogus` is wrong usage"),
    ("| a | b |\n| --- | --- |\n| c | `psparty friends --onlin \\| jq .` |\n", ":3: "),
    ("`id=$(psparty create --voicy)`\n", ":1: "),
    ("`psparty create --max-members N [--voice]` and `psparty friends --online --json \\| psparty invite -`\n", None),
    ("`psparty redact`, and `psparty voice signal --plain`\n", None),
    ("`psparty voice signal --plian`\n", ":1: "),
    ("one\n\n```sh\ntrue\npsparty list --bogus\n```\n", ":5: this command ended with status 64"),
    ("```sh\nfalse | cat\n```\n", ":2: this command ended with status 1"),
    ("```sh\nid=42\n```\n\n```sh\n[ $id = 42 ]\n```\n", None),
    ("```sh not-run=needs-a-moon\nfalse\n```\n", None),
    ("```sh notrun=x\ntrue\n```\n", ":1: unknown words"),
    ("```\n$ psparty list\n```\n", ":1: commands in a block"),
    ("```console\n$ echo one; echo 00000000-0000-4000-8000-000000000001\none\n11111111-2222-4333-8444-555555555555\n```\n", None),
    ("```console\n$ echo one\ntwo\n```\n", ":1: the page shows other output"),
    ("```console\n$ echo one two three\none … three\n```\n", None),
    ("```console\n$ psparty list\npsparty: not signed in as profile default\n…\n```\n", None),
    ("```console\n$ psparty list\n```\n", ":2: this command ended with status 4"),
    ("```console\n$ echo psparty: no failure\npsparty: no failure\n```\n", ":2: this command ended with status 0"),
    ("[a](no-such-page.md)\n", ":1: there is no no-such-page.md"),
    ("# One, two\n\n[a](#one-two) [b](#three)\n", ":3: this page has no heading #three"),
    ("<!-- test-docs\nid=7\n-->\n\n```sh\n[ $id = 7 ]\n```\n", None),
    ("```bash\n#!/usr/bin/env bash\n# say.sh WORD\necho $1\n```\n\n```console\n$ ./say.sh one\none\n```\n", None),
    ("```sh\ntrue\n", ":1: this block does not end"),
]


def run(check, pool):
    pages = [Page.parse("page", pathlib.Path("/nonexistent"), text) for text, _ in CASES]
    complaints = []
    for (text, expected), found in zip(CASES, pool.map(check, pages)):
        if (expected is None and found) or (expected and not any("page" + expected in line for line in found)):
            complaints.append(f"test-docs: self-test: {text!r}\n  expected {expected!r}, found {found!r}")
    return complaints
