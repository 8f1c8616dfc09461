#!/usr/bin/env python3
"""How xpuq-calibrate grows with pictures and parts, as the table of docs/calibration-at-scale.md.

    python tools/bench/calibration_growth.py MODEL PICTURES WORK [--preset NAME] [--counts 1000,10000] [--shards 1,2,4]

Makes as many pictures as are needed in WORK, each a picture below PICTURES turned,
scaled, shifted and brightened a little (seeded, so the same ones every time), then
calibrates on them in parts that run at the same time, one thread each, and joins the
parts. The whole in one process is what the joined profiles are compared with.
"""

import argparse
import json
import os
import random
import subprocess
import time
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance

REPO = Path(__file__).resolve().parents[2]


def make_pictures(source: Path, folder: Path, count: int):
    folder.mkdir(parents=True, exist_ok=True)
    originals = sorted(f for f in source.rglob("*") if f.suffix in (".png", ".jpg"))
    for i in range(count):
        target = folder / f"{i:05d}.jpg"
        if target.exists():
            continue
        rng = random.Random(i)
        picture = Image.open(originals[i % len(originals)]).convert("RGB")
        paper = picture.getpixel((0, 0))
        shift = (rng.randint(-12, 12), rng.randint(-12, 12))
        picture = picture.rotate(rng.uniform(-6, 6), Image.Resampling.BILINEAR, translate=shift, fillcolor=paper)
        scale = rng.uniform(0.8, 1.2)
        picture = picture.resize([round(s * scale) for s in picture.size], Image.Resampling.BILINEAR)
        ImageEnhance.Brightness(picture).enhance(rng.uniform(0.7, 1.2)).save(target, quality=90)


def calibrate(command: list, parts: int, work: Path) -> dict:
    """All parts at once. Wall and CPU seconds of all, peak memory of the largest, MiB."""
    start = time.perf_counter()
    running = []
    for i in range(1, parts + 1):
        part = ["--shard", f"{i}/{parts}"] if parts > 1 else []
        running.append(subprocess.Popen([*command, *part, "-o", str(work / f"part{i}.xcal")], stdout=subprocess.DEVNULL))
    cpu, peak = 0.0, 0
    for process in running:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"exit status {process.returncode}: {' '.join(process.args)}")
        cpu += usage.ru_utime + usage.ru_stime
        peak = max(peak, usage.ru_maxrss)
    return {"seconds": time.perf_counter() - start, "cpu": cpu, "peak": peak / 1024}


class Ranges:
    """Of each value of a profile: (min, max), the chosen ends, and the share of counts up to each bin."""

    def __init__(self, tool: Path, profile: Path):
        found = subprocess.run([tool, "--show", profile, "--json"], capture_output=True, text=True, check=True)
        values = json.loads(found.stdout)["result"]["values"]
        self.measured = [(v["min"], v["max"]) for v in values]
        self.chosen = np.array([v["clip"] for v in values])
        self.shares = [self.share(v["histogram"]["counts"]) for v in json.loads(profile.read_text())["values"]]

    @staticmethod
    def share(counts: list):
        """Runs of zeros are stored as [0, length]."""
        flat = [c for entry in counts for c in ([0] * entry[1] if isinstance(entry, list) else [entry])]
        return np.cumsum(flat, dtype=np.float64) / np.sum(flat, dtype=np.float64)


def scale_difference(whole: Ranges, joined: Ranges) -> float:
    """Largest relative difference of a scale, percent."""
    a, b = (r.chosen[:, 1] - r.chosen[:, 0] for r in (whole, joined))
    return 100 * float(np.max(np.abs(b - a) / a))


def bins_moved(whole: Ranges, joined: Ranges) -> int:
    """The least number of bins that counts moved by: the joined counts lie between those of the whole moved down and
    moved up by it. Counts are f32: a millionth of all is rounding."""
    def moved(a, b):
        for k in range(len(a)):
            if np.all(b[: len(a) - k] <= a[k:] + 1e-6) and np.all(a[: len(a) - k] <= b[k:] + 1e-6):
                return k
    return max(moved(a, b) for a, b in zip(whole.shares, joined.shares, strict=True))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--preset", default="imagenet:224")
    parser.add_argument("--counts", default="1000,10000")
    parser.add_argument("--shards", default="1,2,4")
    parser.add_argument("--bin", type=Path, default=REPO / "build/release/bin")
    args = parser.parse_args()
    tool = args.bin / "xpuq-calibrate"
    counts, shards = ([int(n) for n in text.split(",")] for text in (args.counts, args.shards))
    make_pictures(args.pictures, args.work / "pictures", max(counts))
    print("| pictures | parts | seconds | pictures/s | CPU ms a picture | peak MiB a part | minimum and maximum | counts moved by, bins | scales differ by |")
    print("|---:|---:|---:|---:|---:|---:|---|---:|---:|")
    for count in counts:
        whole = None
        for parts in shards:
            command = [str(c) for c in (tool, args.model, args.work / "pictures", "--preset", args.preset, "--batch", 1, "-j", 1,
                                        "-n", count, "--select", "first", "-q", "--force")]  # fmt: skip
            cost = calibrate(command, parts, args.work)
            profile = args.work / "part1.xcal"
            if parts > 1:
                profile = args.work / "joined.xcal"
                files = [args.work / f"part{i}.xcal" for i in range(1, parts + 1)]
                subprocess.run([tool, "--merge", "-q", "--force", "-o", profile, *files], check=True, stdout=subprocess.DEVNULL)
            found = Ranges(tool, profile)
            whole = whole or found
            same = "equal" if found.measured == whole.measured else "DIFFERENT"
            figures = f"{cost['seconds']:.1f} | {count / cost['seconds']:.1f} | {1000 * cost['cpu'] / count:.2f} | {cost['peak']:.0f}"
            print(f"| {count} | {parts} | {figures} | {same} | {bins_moved(whole, found)} | {scale_difference(whole, found):.2f} % |", flush=True)


if __name__ == "__main__":
    main()
