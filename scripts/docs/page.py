"""A page of Markdown: its blocks of commands, its commands in running text, its links and headings."""

import dataclasses
import re

SHELLS = {"sh", "bash", "console"}
FENCE = re.compile(r"^(\s*)```(.*)$")
SPAN = re.compile(r"(`+)(.+?)\1(?!`)", re.S)
LINK = re.compile(r"\]\(([^)\s]+)\)|(?:href|src|srcset)=\"([^\"]+)\"")
# A command that is worth checking: it begins with one of the programs, or runs one in a substitution or behind a pipe.
COMMAND = re.compile(r"(?:^|\$\(|\| )psparty(?:-sim)? ")


@dataclasses.dataclass
class Block:
    """The lines of a fence; `line` is the number of the first of them."""

    place: str
    line: int
    language: str
    lines: list
    reason: str = ""
    is_hidden: bool = False


@dataclasses.dataclass
class Page:
    name: str
    folder: object
    blocks: list
    commands: list  # (line, text)
    links: list  # (line, target)
    headings: list
    complaints: list

    @staticmethod
    def read(path, root):
        name = str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
        return Page.parse(name, path.parent, path.read_text())

    @staticmethod
    def parse(name, folder, text):
        page = Page(name, folder, [], [], [], [], [])
        page._take(text.split("\n"))
        return page

    def _take(self, lines):
        prose = list(lines)
        number = 0
        while number < len(lines):
            line = lines[number]
            if fence := FENCE.match(line):
                end = self._end(lines, number, lambda text: text.strip() == "```")
                self._add_block(fence.group(2).strip(), number, lines[number + 1 : end])
            elif line.startswith("<!-- test-docs"):
                end = self._end(lines, number, lambda text: text.strip() == "-->")
                self._add(number, "bash", lines[number + 1 : end], is_hidden=True)
            else:
                number += 1
                continue
            prose[number : end + 1] = [""] * (end + 1 - number)
            number = end + 1
        self._read_prose("\n".join(prose))

    def _end(self, lines, start, is_end):
        for number in range(start + 1, len(lines)):
            if is_end(lines[number]):
                return number
        self.complaints.append(f"{self.name}:{start + 1}: this block does not end")
        return len(lines) - 1

    def _add_block(self, info, number, lines):
        language, *marks = info.split() or [""]
        if language not in SHELLS:
            if any(re.match(r"\$ |psparty(-sim)? [a-z-]", line) for line in lines):
                self.complaints.append(f"{self.name}:{number + 1}: commands in a block that is not sh, bash or console")
            return
        reasons = [mark.removeprefix("not-run=") for mark in marks if mark.startswith("not-run=")]
        if len(reasons) != len(marks) or "" in reasons:
            self.complaints.append(f"{self.name}:{number + 1}: unknown words behind {language}: {info}")
        self._add(number, language, lines, reason=" ".join(reasons))

    def _add(self, number, language, lines, **more):
        self.blocks.append(Block(f"{self.name}:{number + 1}", number + 2, language, lines, **more))

    def _read_prose(self, text):
        def line_of(position):
            return text.count("\n", 0, position) + 1

        for span in SPAN.finditer(text):
            words = " ".join(span.group(2).replace("\\|", "|").split())
            if COMMAND.search(words):
                self.commands.append((line_of(span.start()), words))
        bare = SPAN.sub(lambda span: re.sub(r"[^\n]", "x", span.group()), text)
        for link in LINK.finditer(bare):
            self.links.append((line_of(link.start()), link.group(1) or link.group(2).split()[0]))
        self.headings = [anchor(line.lstrip("# ")) for line in text.split("\n") if re.match(r"#+ ", line)]


def anchor(heading):
    """The anchor that GitHub gives to a heading."""
    text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")
