#!/usr/bin/env python3
"""plant.py ROOT OUTPUT DEFECT...: writes OUTPUT/<source> for every source under ROOT that a .defect file names, with all
its defects in it, and OUTPUT/known_defects.cpp with the list of them. README.md describes the format."""

import re
import sys
from pathlib import Path

FORMAT = re.compile(
    r"in: (?P<source>.+)\nfound by: (?P<profiles>.+)\nwhat: (?P<what>.+)\n"
    r"--- instead of\n(?P<right>.+)\n--- there is\n(?P<wrong>.+)\n", re.S)
SWITCH = re.compile(r"\bDEFECT\b")


class Defect:
    def __init__(self, path):
        self.path = path
        self.name = path.stem
        parts = FORMAT.fullmatch(path.read_text())
        if not parts:
            sys.exit(f"{path}: not in the format that README.md describes")
        for part in ("source", "profiles", "what"):
            if "\n" in parts[part]:
                sys.exit(f"{path}: {part} is of one line")
        self.source, self.profiles, self.what = parts["source"], parts["profiles"], parts["what"]
        self.right, self.wrong = parts["right"], parts["wrong"]
        if not self.source.endswith(".cpp"):
            sys.exit(f"{path}: {self.source} is no .cpp file")
        if not SWITCH.search(self.wrong):
            sys.exit(f"{path}: DEFECT is missing under 'there is'")

    def planted(self):
        return SWITCH.sub(f'::kith::sim::has_defect("{self.name}")', self.wrong)


def patched(root, source, defects):
    text = (root / source).read_text()
    places = []
    for defect in defects:
        found = text.count(defect.right)
        if found != 1:
            sys.exit(f"{defect.path}: its text occurs {found} times in {source}, not once")
        at = text.index(defect.right)
        places.append((at, at + len(defect.right), defect))
    # From the end, so that the places before stay what they are.
    places.sort(key=lambda place: place[0], reverse=True)
    for (begin, _, later), (_, end, earlier) in zip(places, places[1:]):
        if end > begin:
            sys.exit(f"{later.path} and {earlier.path} change the same text")
    for begin, end, defect in places:
        text = text[:begin] + defect.planted() + text[end:]
    return f'#include "tests/simulation/defects/defect.h"\n#line 1 "{root / source}"\n{text}'


def literal(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def list_of(defects):
    rows = "".join(f"    {{{literal(d.name)}, {literal(d.what)}, {literal(d.profiles)}}},\n" for d in defects)
    return ('#include "tests/simulation/defects/defect.h"\n\nnamespace kith::sim {\n\nnamespace {\n'
            f"constexpr KnownDefect kKnown[] = {{\n{rows}}};\n}}  // namespace\n\n"
            "std::span<const KnownDefect> known_defects() { return kKnown; }\n\n}  // namespace kith::sim\n")


def write(path, text):
    if path.exists() and path.read_text() == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def main(root, output, *paths):
    defects = sorted((Defect(Path(path)) for path in paths), key=lambda defect: defect.name)
    by_source = {}
    for defect in defects:
        by_source.setdefault(defect.source, []).append(defect)
    for source, its in by_source.items():
        write(Path(output) / source, patched(root, source, its))
    write(Path(output) / "known_defects.cpp", list_of(defects))


main(Path(sys.argv[1]), *sys.argv[2:])
