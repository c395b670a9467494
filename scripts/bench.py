#!/usr/bin/env python3
"""Prints how psparty's speed compares with curl's: ratios of medians, both run in turn on this machine."""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 50
BIN = pathlib.Path(__file__).resolve().parent.parent / ".build" / "release"


def seconds(command, environment):
    start = time.perf_counter()
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    elapsed = time.perf_counter() - start
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed with {done.returncode}: {done.stderr.decode()}")
    return elapsed


def compare(name, ours, theirs, environment, limit):
    for command in (ours, theirs):
        seconds(command, environment)
    pairs = [(seconds(ours, environment), seconds(theirs, environment)) for _ in range(ROUNDS)]
    mine, other = (statistics.median(column) for column in zip(*pairs))
    print(f"{name}: {mine * 1000:.1f} ms against {other * 1000:.1f} ms, ratio {mine / other:.2f} (at most {limit})")


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
            token = subprocess.check_output([BIN / "psparty", "token"], env=environment, text=True).strip()
            rehearsed = subprocess.check_output([BIN / "psparty", "create", "--dry-run"], env=environment, text=True)
            # The very request, as psparty itself says it, with the token in place of the command that prints it.
            request = rehearsed.strip().replace("$(psparty token)", token)
            curl = ["sh", "-c", f"exec {request}"]
            compare("psparty --version / curl --version", ["psparty", "--version"], ["curl", "--version"], environment, 1.2)
            compare("psparty create / the same POST by curl", ["psparty", "create"], curl, environment, 1.3)
        finally:
            simulator.terminate()
            simulator.wait()


if __name__ == "__main__":
    main()
