#!/usr/bin/env python3
"""Compares the includes of each folder of src/ with the dependencies its CMakeLists.txt names.

A folder is one library, `xpuq_library(NAME ... DEPENDS a b ...)`; an include "x/y.h" from another folder needs that
folder's library among the dependencies, directly or through one of them. Prints each violation; exit 1 if there is one.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent / "src"


def libraries():
    """Library name -> (folder, own sources, named dependencies)."""
    found = {}
    for cmake in sorted(ROOT.rglob("CMakeLists.txt")):
        text = re.sub(r"#.*", "", cmake.read_text())
        for body in re.findall(r"xpuq_library\(([^)]*)\)", text):
            words = body.split()
            sections, key = {"NAME": []}, "NAME"
            for word in words:
                if word in ("SOURCES", "SEPARATE", "DEPENDS", "EXTERNAL"):
                    key = word
                    sections.setdefault(key, [])
                else:
                    sections[key].append(word)
            found[words[0]] = (cmake.parent, sections.get("SOURCES", []) + sections.get("SEPARATE", []), sections.get("DEPENDS", []))
    return found


def closure(libs, name, seen=None):
    seen = set() if seen is None else seen
    for dep in libs.get(name, (None, [], []))[2]:
        if dep not in seen:
            seen.add(dep)
            closure(libs, dep, seen)
    return seen


def main():
    libs = libraries()
    folder_libs = {}
    for name, (folder, _, _) in libs.items():
        folder_libs.setdefault(folder, set()).add(name)
    problems = []
    for name, (folder, sources, _) in sorted(libs.items()):
        allowed = {libs[d][0] for d in closure(libs, name) if d in libs} | {folder, ROOT / "support"}
        files = [folder / s for s in sources]
        files += list(folder.glob("*.h"))
        for file in files:
            if not file.exists() or file.suffix not in (".cpp", ".h"):
                continue
            # A header of a folder with several libraries belongs to any of them.
            if file.suffix == ".h" and len(folder_libs[folder]) > 1:
                continue
            for include in re.findall(r'^#include "([^"]+)"', file.read_text(), re.M):
                if include.startswith("xpuq/"):
                    continue
                target = (ROOT / include).parent
                if target not in allowed and target in folder_libs:
                    problems.append(f"{file.relative_to(ROOT.parent)}: includes {include}, but {name} does not depend on it")
    print("\n".join(sorted(set(problems))) or "layers: fine")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
