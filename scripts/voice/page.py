"""The tables of docs/voice.md that the tests vouch for. They stand between marks, and are compared or written anew."""

import pathlib
import re

PAGE = pathlib.Path(__file__).resolve().parent.parent.parent / "docs" / "voice.md"
is_recording = False


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def check(name, text, is_exact=True):
    """Compares a part of the page with what it has to be; of one that holds figures only that it is there."""
    page = PAGE.read_text(encoding="utf-8")
    part = re.compile(rf"(<!-- {name}: [^>]*-->\n)(.*?)(<!-- {name} ends -->)", re.DOTALL)
    text = f"\n{text}\n"
    found = part.search(page)
    if not found:
        raise AssertionError(f"{PAGE.name} has no part {name}")
    if is_recording and found[2] != text:
        PAGE.write_text(page[: found.start(2)] + text + page[found.end(2):], encoding="utf-8")
    elif is_exact and found[2] != text:
        raise AssertionError(f"{PAGE.name}, {name}, is not what the tests see; scripts/test-voice.py --record writes:\n{text}")
