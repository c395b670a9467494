"""Blocks of commands: they run in the order of the page, in one bash.

The output of a `console` block goes to a terminal, that of others to a file. A block that begins with `#!` is a program: it becomes a file with the name that its second line gives, `# NAME …`.
"""

import contextlib
import re
import subprocess
import time

from sandbox import Sandbox
from terminal import Terminal

LIMIT = 30  # seconds for one block
# What differs from run to run, in the page and in the real output alike.
VARYING = [
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<id>"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "<time>"),
    (re.compile(r"(\b\d{4}-\d\d-\d\d )?\b\d\d:\d\d(:\d\d)?\b"), "<clock>"),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:<port>"),
    (re.compile(r"\bpid \d+"), "pid <n>"),
    (re.compile(r"\b\d+(\.\d+)? ms\b"), "<n> ms"),
]


def check(page, programs, root):
    blocks = [block for block in page.blocks if not block.reason]
    if not blocks:
        return []
    with Sandbox(programs) as sandbox:
        # The pages speak of files of the project as seen from its folder.
        for entry in root.iterdir():
            if not entry.name.startswith(".") and entry.name != "README.md":
                (sandbox.work / entry.name).symlink_to(entry)
        shell = Shell(page, sandbox)
        try:
            for block in blocks:
                if complaint := shell.run(block):
                    return [complaint]
        finally:
            shell.close()
    return []


class Shell:
    """One bash. It tells what it did in a journal, so that nothing waits for a pipe that a background job holds."""

    def __init__(self, page, sandbox):
        self.page, self.sandbox = page, sandbox
        self.journal = sandbox.path / "journal"
        self.journal.write_text("")
        self.bash = subprocess.Popen(
            # The bash is not the leader of its session: a leader would take the terminal below as its own.
            ["sh", "-c", "bash --norc --noprofile; exit $?"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env=sandbox.variables, cwd=sandbox.work, text=True, start_new_session=True,
        )  # fmt: skip
        # Job control, as in an interactive shell: a job is a process group, and `kill %1` ends all of it.
        self._tell("set -m")
        self.terminal = Terminal()

    def close(self):
        with contextlib.suppress(BrokenPipeError):
            self.bash.stdin.close()
        self.terminal.close()

    def _tell(self, line):
        with contextlib.suppress(BrokenPipeError):
            self.bash.stdin.write(line + "\n")
            self.bash.stdin.flush()

    def run(self, block):
        """Runs a block and returns a complaint, or None."""
        script = self.sandbox.path / f"block-{block.line}"
        file = self.sandbox.path / f"output-{block.line}"
        self.journal.write_text("")
        is_console = block.language == "console"
        printed = len(self.terminal.text())

        def output():
            if is_console:
                return self.terminal.text()[printed:]
            return file.read_text(errors="replace") if file.exists() else ""

        script.write_text(self._console_script(block) if is_console else self._script(block))
        self._tell(f"{{ . '{script}'; }} >'{self.terminal.path if is_console else file}' 2>&1 </dev/null; echo 'done 0 0' >>'{self.journal}'")
        deadline = time.monotonic() + LIMIT
        while not self._ended():
            if time.monotonic() > deadline:
                return f"{block.place}: this block did not end within {LIMIT} s:\n{indented(output())}"
            time.sleep(0.01)
        for kind, status, line in self._entries():
            if kind == "failed":
                return f"{self.page.name}:{line}: this command ended with status {status}:\n{indented(output())}"
        if self.bash.poll() is not None:
            return f"{block.place}: the shell exited:\n{indented(output())}"
        return self._compare(block, output) if is_console else None

    def _ended(self):
        return any(entry[0] == "done" for entry in self._entries()) or self.bash.poll() is not None

    def _entries(self):
        return [line.split(" ", 2) for line in self.journal.read_text().splitlines() if line.count(" ") == 2]

    def _script(self, block):
        if block.lines[0].startswith("#!"):
            file = self.sandbox.work / block.lines[1].split()[1].rstrip(":")
            file.write_text("\n".join(block.lines) + "\n")
            file.chmod(0o755)
            return "true\n"
        # The lines have the numbers that they have in the page.
        trap = f"set -eE -o pipefail; trap 'echo \"failed $? $LINENO\" >>\"{self.journal}\"' ERR"
        return trap + "\n" * (block.line - 1) + "\n".join(block.lines) + "\nset +eE; trap - ERR\n"

    def _console_script(self, block):
        lines = ["set +eE +o pipefail"]
        for line, command, shown in commands(block):
            # An example of an error shows the line in which psparty says so.
            fails = any(re.match(r"psparty(-sim)?: ", text) for text in shown)
            lines += [command, f'status=$?; [ "$status" {"!=" if fails else "="} 0 ]'
                      f' || echo "failed $status {line}" >>"{self.journal}"']  # fmt: skip
        return "\n".join(lines) + "\n"

    def _compare(self, block, output):
        shown = [text for _, _, texts in commands(block) for text in texts]
        if not any(shown):
            return None
        expected = re.compile(pattern(shown))
        deadline = time.monotonic() + 5
        # Jobs in the background may still print.
        while not expected.fullmatch(normal(output())):
            if time.monotonic() > deadline:
                return f"{block.place}: the page shows other output than this:\n{indented(output())}"
            time.sleep(0.05)
        return None


def commands(block):
    """Triples of line, command and the lines of output that the page shows below it."""
    result = []
    for number, text in enumerate(block.lines, block.line):
        if text.startswith("$ "):
            result.append((number, text[2:], []))
        elif result and not result[-1][2] and result[-1][1].endswith("\\"):
            result[-1] = (result[-1][0], result[-1][1] + "\n" + text.removeprefix("> "), [])
        elif result:
            result[-1][2].append(text)
    return result


def normal(text):
    for varying, word in VARYING:
        text = varying.sub(word, text)
    return "\n".join(line.rstrip() for line in text.strip().split("\n"))


def pattern(lines):
    text = normal("\n".join(lines))
    parts = []
    for line in text.split("\n"):
        parts.append(r"(?:.*\n)*?" if line.strip() == "…" else ".*?".join(map(re.escape, line.split("…"))) + r"\n")
    whole = "".join(parts)
    return whole.removesuffix(r"\n") if whole.endswith(r"\n") else whole + r".*"


def indented(text):
    return "\n".join("    " + line for line in text.splitlines()[-20:]) or "    (no output)"
