#!/usr/bin/env python3
"""Compiles networks for Intel GPUs that are not there and checks what came out.

    tools/gpu/check_targets.py NETWORKS [--targets dg2,b580] [--json FILE] [--markdown FILE] [--changes N]

NETWORKS is a text file: per line a name, a model, a profile, and options of
xpuq-compile; '#' begins a comment. For every network and target:
  launches   kernels of one inference, and of those how many oneDNN generated
  replay     xpuq-run on the simulated device, recorded again, is the section
  changes    N changed sections that the comparison had to find
  steps      values equal to the interpreter, on the emulated device
  dpas       int8 convolutions and products that executed dpas, of all
Needs a build with xpuq-record, replay_check and simulate (tools/test-gpu.sh).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WEIGHTED = ("conv", "linear")


def run(command, **environment):
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment})


class Checker:
    def __init__(self, build, folder):
        self.bin, self.tests, self.folder = build / "bin", build / "tests", Path(folder)

    def compile(self, name, model, profile, options, target):
        artifact = self.folder / f"{name}.{target}.xpuq"
        answer = self.folder / "compile.json"
        command = [self.bin / "xpuq-compile", model, "-p", profile, "-o", artifact, "--target", target, f"--json={answer}", *options]
        done = run(command)
        if done.returncode:
            return artifact, None, " ".join(done.stderr.split()) or f"exit {done.returncode}"
        return artifact, json.loads(answer.read_text())["result"], None

    def replay(self, artifact, target, seed=None):
        command = [self.tests / "simulate", target, self.tests / "replay_check", artifact]
        done = run(command + ([str(seed)] if seed is not None else []), ZE_ENABLE_TRACING_LAYER="1")
        return done.returncode == 0, done.stdout.strip() or done.stderr.strip()

    def emulate(self, artifact, target):
        answer = self.folder / "steps.json"
        answer.unlink(missing_ok=True)
        done = run([self.bin / "xpuq-run", artifact, "--self-test", "-d", f"emulated:{target}", f"--json={answer}"])
        document = json.loads(answer.read_text()) if answer.exists() else {}
        if "self_test" not in (document.get("result") or {}):
            return None, " ".join(done.stderr.split())
        return document["result"]["self_test"], None

    def one(self, name, model, profile, options, target, changes):
        row = {"network": name, "target": target}
        artifact, compiled, problem = self.compile(name, model, profile, options, target)
        if problem:
            return {**row, "problem": problem}
        row.update(compiled["targets"][0])
        row["artifact_bytes"] = compiled["bytes"]
        row["replay"], row["replay_says"] = self.replay(artifact, target)
        row["changes"] = changes
        row["changes_found"] = sum(self.replay(artifact, target, seed)[0] for seed in range(1, changes + 1))
        test, problem = self.emulate(artifact, target)
        if problem:
            return {**row, "problem": problem}
        steps = test["steps"]
        integers = [s for s in steps if s["largest"] >= 1 or s["different"] == 0]
        row["steps"] = len(steps)
        row["steps_equal"] = sum(s["different"] == 0 for s in steps)
        row["elements"] = sum(s["elements"] for s in steps)
        row["elements_different"] = sum(s["different"] for s in steps)
        row["largest_code"] = max((s["largest"] for s in integers), default=0)
        row["largest_relative"] = max((s["largest"] for s in steps if s not in integers), default=0)
        row["passed"] = test["passed"] == test["tests"]
        weighted = [s for s in steps if s["op"] in WEIGHTED]
        row["weighted"] = len(weighted)
        row["weighted_jit"] = sum("jit" in s["impl"] for s in weighted)
        row["weighted_dpas"] = sum(s["work"]["dpas"] > 0 for s in weighted)
        row["instructions"] = sum(s["work"]["instructions"] for s in steps)
        return row


def line(row):
    head = f"{row['network']:16} {row['target']:8}"
    if "steps" not in row:
        return f"{head} {row.get('problem')}"
    return (
        f"{head} launches {row['launches']:4} ({row['library_launches']} oneDNN), modules {row['modules']:4}, "
        f"code {row['code_bytes'] >> 10:5} KiB, work {row['work_bytes'] >> 10:6} KiB, moved {row['moved_bytes'] >> 10:7} KiB, "
        f"{row['seconds']:5.1f} s; replay {'identical' if row['replay'] else row['replay_says']}, "
        f"changes found {row['changes_found']}/{row['changes']}; steps equal {row['steps_equal']}/{row['steps']}, "
        f"elements different {row['elements_different']}/{row['elements']} (codes by {row['largest_code']:.0f}, "
        f"floats by {row['largest_relative']:.1e}); jit {row['weighted_jit']}/{row['weighted']}, "
        f"dpas {row['weighted_dpas']}/{row['weighted']}"
    )


def markdown(rows):
    """The tables of docs/gpu.md."""
    out = ["| network | target | launches (oneDNN) | modules | code KiB | arena KiB | moved KiB | set-up launches | compile s | replay |",
           "|---|---|---:|---:|---:|---:|---:|---:|---:|---|"]  # fmt: skip
    good = [r for r in rows if "steps" in r]
    for r in good:
        out.append(
            f"| {r['network']} | {r['target']} | {r['launches']} ({r['library_launches']}) | {r['modules']} | "
            f"{r['code_bytes'] >> 10} | {r['work_bytes'] >> 10} | {r['moved_bytes'] >> 10} | {r['setup_launches']} | "
            f"{r['seconds']:.1f} | {'identical' if r['replay'] else 'differs'}, {r['changes_found']} of {r['changes']} changes found |"
        )
    out += ["", "| network | target | steps equal | elements that differ | largest, codes | largest, floats | conv and linear: jit, dpas |",
            "|---|---|---:|---:|---:|---:|---:|"]  # fmt: skip
    for r in good:
        out.append(
            f"| {r['network']} | {r['target']} | {r['steps_equal']} of {r['steps']} | {r['elements_different']:,} of {r['elements']:,} | "
            f"{r['largest_code']:.0f} | {r['largest_relative']:.0e} | {r['weighted_jit']}, {r['weighted_dpas']} of {r['weighted']} |"
        )
    return "\n".join(out) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", type=Path)
    parser.add_argument("--targets", default="dg2,b580,max1100,mtl,lnl")
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "release")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--markdown", type=Path, help="the tables of docs/gpu.md")
    parser.add_argument("--changes", type=int, default=3)
    args = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        checker = Checker(args.build, folder)
        for text in args.networks.read_text().splitlines():
            words = text.split("#")[0].split()
            if not words:
                continue
            for target in args.targets.split(","):
                rows.append(checker.one(*words[:3], words[3:], target, args.changes))
                print(line(rows[-1]), flush=True)
                for left in Path(folder).glob("*.xpuq"):
                    left.unlink()
                if args.json:
                    args.json.write_text(json.dumps(rows, indent=1))
                if args.markdown:
                    args.markdown.write_text(markdown(rows))
    bad = [r for r in rows if not (r.get("passed") and r["replay"] and r["changes_found"] == r["changes"])]
    print(f"{len(rows) - len(bad)} of {len(rows)} as wanted")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
