"""Prints a measured ratio beside its limit, and remembers whether one was missed."""

import sys

missed = []


def verdict(name, ratio, limit, is_floor, detail):
    """`limit` is None for a ratio that is only reported."""
    is_kept = limit is None or (ratio >= limit if is_floor else ratio <= limit)
    word = "at least" if is_floor else "at most"
    bound = "" if limit is None else f" ({word} {limit}{'' if is_kept else ': MISSED'})"
    print(f"{name}: {detail}, ratio {ratio:.2f}{bound}", flush=True)
    if not is_kept:
        missed.append(name)


def finish():
    """Ends the program: with status 1 if a limit was missed."""
    sys.exit(f"missed: {', '.join(missed)}" if missed else 0)
