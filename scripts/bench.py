#!/usr/bin/env python3
"""Prints how psparty's speed compares with curl's: ratios of medians, both run in turn on this machine."""

import json
import os
import pathlib
import shlex
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "bench"))
import limits  # noqa: E402
from limits import verdict  # noqa: E402

ROUNDS = 50
BIN = pathlib.Path(__file__).resolve().parent.parent / ".build" / "release"


def milliseconds(command, environment):
    start = time.perf_counter()
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    elapsed = time.perf_counter() - start
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed with {done.returncode}: {done.stderr.decode()}")
    return elapsed * 1000


def compare(name, ours, theirs, environment, limit):
    for command in (ours, theirs):
        milliseconds(command, environment)
    pairs = [(milliseconds(ours, environment), milliseconds(theirs, environment)) for _ in range(ROUNDS)]
    columns = list(zip(*pairs))
    mine, other = (f"{statistics.median(column):.1f} ms (least {min(column):.1f})" for column in columns)
    ratio = statistics.median(columns[0]) / statistics.median(columns[1])
    verdict(name, ratio, limit, False, f"{mine} against {other}")


def same_post(environment, scratch):
    """The very request, as psparty itself says it, its secret header in a file: curl alone is timed, with no shell."""
    psparty = str(BIN / "psparty")
    token = subprocess.check_output([psparty, "token"], env=environment, text=True).strip()
    rehearsed = subprocess.check_output([psparty, "create", "--dry-run"], env=environment, text=True)
    secret = pathlib.Path(scratch) / "authorization"
    secret.touch(mode=0o600)
    secret.write_text(f"Authorization: Bearer {token}\n", encoding="ascii")
    return [f"@{secret}" if "$(psparty token)" in word else word for word in shlex.split(rehearsed)]


def main():
    with tempfile.TemporaryDirectory() as scratch:
        simulator = subprocess.Popen([BIN / "psparty-sim", "--json"], stdout=subprocess.PIPE, env=os.environ | {"HOME": scratch})
        try:
            place = json.loads(simulator.stdout.readline())
            environment = {
                "PATH": f"{BIN}:{os.environ['PATH']}",
                "HOME": scratch,
                "PSPARTY_SERVER": place["server"],
                "PSPARTY_CA_FILE": place["caFile"],
                "PSPARTY_CLIENT_ID": place["clientId"],
                "PSPARTY_CLIENT_SECRET": place["clientSecret"],
                "PSPARTY_NPSSO": place["accounts"][0]["npsso"],
            }
            subprocess.run([BIN / "psparty", "login"], env=environment, check=True, stdout=subprocess.DEVNULL)
            psparty = str(BIN / "psparty")
            curl = same_post(environment, scratch)
            compare("psparty --version / curl --version", [psparty, "--version"], ["curl", "--version"], environment, 1.2)
            compare("psparty create / the same POST by curl", [psparty, "create"], curl, environment, 1.3)
        finally:
            simulator.terminate()
            simulator.wait()
    limits.finish()


if __name__ == "__main__":
    main()
