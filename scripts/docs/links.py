"""Links between pages lead to a file and to a heading."""

from page import Page


def check(page, root):
    complaints = list(page.complaints)
    for line, target in page.links:
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, heading = target.partition("#")
        file = (page.folder / path).resolve() if path else None
        if file and not file.exists():
            complaints.append(f"{page.name}:{line}: there is no {path}")
            continue
        if not heading:
            continue
        other = Page.read(file, root) if file else page
        if heading not in other.headings:
            complaints.append(f"{page.name}:{line}: {path or 'this page'} has no heading #{heading}")
    return complaints
