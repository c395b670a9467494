"""What a push client is measured against: the sender, and the variables that lead psparty to it."""

import base64
import json
import os
import pathlib
import subprocess
import sys
import time

BENCH = pathlib.Path(__file__).resolve().parent


class Sender:
    def __init__(self, scratch):
        self.certificate, key = scratch / "cert.pem", scratch / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
             "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", self.certificate],
            check=True, stderr=subprocess.DEVNULL)  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, BENCH / "sender.py", self.certificate, key],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # fmt: skip
        self.port = int(self.process.stdout.readline())

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def done(self):
        self.process.stdout.readline()


def environment(scratch, sender, found):
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    # Put together here, unsigned: only this sender takes it.
    token = ".".join([part({"alg": "none"}), part({"account_id": "1000000000000000001", "exp": int(time.time()) + 86400}), "x"])
    variables = {
        "PATH": os.environ["PATH"], "HOME": str(scratch), "PSPARTY_STATE_HOME": str(scratch / "state"),
        "PSPARTY_CONFIG_HOME": str(scratch / "config"), "PSPARTY_SERVER": f"https://127.0.0.1:{sender.port}",
        "PSPARTY_CA_FILE": str(sender.certificate), "PSPARTY_ACCESS_TOKEN": token,
    }  # fmt: skip
    if found["node"]:
        variables["NODE_PATH"] = str(found["node"])
    return variables, token
