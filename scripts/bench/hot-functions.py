#!/usr/bin/env python3
"""Finds the functions that a push frame runs through on its way to its line, for the linker to lay them side by side: writes
scripts/hot-functions. Needs valgrind. Argument: the release program.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from stage import Sender, environment  # noqa: E402

FRAMES = 100
HEAD = """# The functions that a push frame runs through on its way to its line, ours, the standard library's and the runtime's: the
# linker lays them side by side, as the processor has to fetch them anew for each frame of a calm stream. Names that are
# gone do no harm. Written by `make hot-functions`.
"""


def profile(program, sender, variables, scratch):
    """A callgrind profile of the frames alone, without start and connection."""
    path = scratch / "profile"
    command = ["valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={path}", program, "listen", "--json"]
    client = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=variables)
    reader = subprocess.Popen(["cat"], stdin=client.stdout, stdout=subprocess.DEVNULL)
    try:
        sender.say("wait")
        sender.done()
        time.sleep(3)
        for switch in ("on", "off"):
            sender.say(f"{FRAMES} 1000 20000")
            sender.done()
            time.sleep(1)
            subprocess.run(["callgrind_control", "-i", switch, str(client.pid)], check=True, capture_output=True)
    finally:
        client.terminate()
        client.wait()
        reader.wait()
    return path.read_text()


def instructions(profile):
    """Of each function of the program by name, its callees' left out."""
    names, counts, function, is_call = {"fn": {}, "ob": {}}, {}, None, False
    for line in profile.splitlines():
        if match := re.match(r"c?(fn|ob)=\((\d+)\)(?: (.*))?", line):
            kind, number, name = match.groups()
            if name is not None:
                names[kind][number] = name
            if line.startswith("fn="):
                function = names["fn"][number]
        elif line.startswith("calls="):
            is_call = True
        elif re.match(r"[+*\d-]", line):
            if not is_call:
                counts[function] = counts.get(function, 0) + int(line.split()[-1])
            is_call = False
    return counts


def main():
    program = sys.argv[1]
    if not shutil.which("valgrind"):
        sys.exit("hot-functions: valgrind is missing (apt-get install valgrind)")
    with tempfile.TemporaryDirectory() as folder:
        scratch = pathlib.Path(folder)
        sender = Sender(scratch)
        try:
            variables, _ = environment(scratch, sender, {"node": None})
            counts = instructions(profile(program, sender, variables, scratch))
        finally:
            sender.process.kill()
            sender.process.wait()
    listing = subprocess.run(["nm", program], check=True, capture_output=True, text=True).stdout
    symbols = [line.split()[2] for line in listing.splitlines() if len(line.split()) == 3]
    plain = subprocess.run(["c++filt"], input="\n".join(symbols), check=True, capture_output=True, text=True).stdout
    # The profile has the names of C++ as people write them.
    known = dict(zip(plain.splitlines(), symbols)) | {symbol: symbol for symbol in symbols}
    once = (known.get(name.split("'")[0]) for name, count in counts.items() if count >= FRAMES)
    found = sorted({name for name in once if name})
    (pathlib.Path(__file__).resolve().parent.parent / "hot-functions").write_text(HEAD + "\n".join(found) + "\n")
    print(f"{len(found)} functions")


if __name__ == "__main__":
    main()
