#!/usr/bin/env python3
"""Draws docs/voice-sequence.json, which a test records from the simulator, as a sequence diagram: SVG on standard output."""

import html
import json
import pathlib
import sys

LANES = {"A": ("psparty of A", 130), "service": ("service", 440), "B": ("psparty of B", 750)}
ROW, TOP, WIDTH = 34, 70, 880
STYLE = """
text { font: 13px sans-serif; fill: #222 } .lane { font-weight: bold; text-anchor: middle } .section { font-style: italic; fill: #555 }
.label { text-anchor: middle } line { stroke: #999 } .step { stroke: #1f5fa8; stroke-width: 1.5; marker-end: url(#head) }
.media { stroke: #b3541e; stroke-width: 2; stroke-dasharray: 6 4; marker-end: url(#head) } .back { fill: #fff }
"""


def main():
    source = pathlib.Path(__file__).resolve().parent.parent / "docs" / "voice-sequence.json"
    steps = json.loads(source.read_text())
    rows, body, section = 0, [], None
    for step in steps:
        if step["section"] != section:
            section = step["section"]
            rows += 1
            y = TOP + rows * ROW
            body.append(f'<text class="section" x="12" y="{y}">{html.escape(section)}</text>')
        rows += 1
        y = TOP + rows * ROW
        start, end = LANES[step["from"]][1], LANES[step["to"]][1]
        gap = 4 if end > start else -4
        kind = "media" if step.get("media") else "step"
        body.append(f'<line class="{kind}" x1="{start + gap}" y1="{y}" x2="{end - gap}" y2="{y}"/>')
        body.append(f'<text class="label" x="{(start + end) // 2}" y="{y - 6}">{html.escape(step["text"])}</text>')
    height = TOP + (rows + 1) * ROW
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}">',
           f"<style>{STYLE}</style>",
           '<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">'
           '<path d="M0 0L10 5L0 10z" fill="#444"/></marker></defs>',
           f'<rect class="back" width="{WIDTH}" height="{height}"/>']
    for title, x in LANES.values():
        out.append(f'<text class="lane" x="{x}" y="30">{title}</text>')
        out.append(f'<line x1="{x}" y1="42" x2="{x}" y2="{height - 12}"/>')
    sys.stdout.write("\n".join(out + body + ["</svg>"]) + "\n")


if __name__ == "__main__":
    main()
