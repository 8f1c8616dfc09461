#!/usr/bin/env python3
"""Pictures calibrated per second, PyTorch's reference and xpuq-calibrate side by side.

    python tools/bench/calibration.py MODELS PICTURES [--bin FOLDER] [--json FILE] [NAME...]

MODELS holds NAME.pt2 as tools/bench/export_models.py writes them (resnet18, resnet50,
mobilenetv2: 224, batch 1). Both sides read the same picture files with the preset
imagenet:224 on the same number of threads: the reference decodes and resizes with
Pillow in its loop, xpuq on its own. Runs alternate in one invocation; medians count.

A rate is pictures over the time of the loop. For xpuq "whole" also counts everything
else that the command does: loading, choosing ranges, writing the profile.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
NAMES = ("resnet18", "resnet50", "mobilenetv2")
SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".ppm"}
SIDE, SHORT = 224, 256


class Pictures:
    """The first `count` files in byte order, spread over the folder as xpuq-calibrate does with a list."""

    def __init__(self, folder: Path, count: int):
        found = sorted((f for f in folder.rglob("*") if f.suffix.lower() in SUFFIXES), key=lambda f: os.fsencode(f))
        if not found:
            raise SystemExit(f"{folder}: no pictures")
        count = min(count, len(found))
        self.files = [found[i * len(found) // count] for i in range(count)]

    def tensor(self, file: Path):
        """Short side 256 bilinear, centre 224, ImageNet's mean and deviation."""
        import numpy as np
        import torch
        from PIL import Image

        picture = Image.open(file).convert("RGB")
        width, height = picture.size
        short = min(width, height)
        size = (SHORT, int(SHORT * height / width)) if width <= height else (int(SHORT * width / height), SHORT)
        if short != SHORT:
            picture = picture.resize(size, Image.Resampling.BILINEAR)
        left, top = round((picture.width - SIDE) / 2), round((picture.height - SIDE) / 2)
        array = np.asarray(picture.crop((left, top, left + SIDE, top + SIDE)), np.float32) / np.float32(255)
        mean, deviation = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])
        return torch.from_numpy(np.ascontiguousarray(((array - mean) / deviation).transpose(2, 0, 1)))[None]


class Reference:
    """prepare_pt2e on the archive; every run starts with empty observers."""

    def __init__(self, archive: Path, threads: int):
        import torch
        from torchao.quantization.pt2e.quantize_pt2e import prepare_pt2e
        from torchao.quantization.pt2e.quantizer import xpu_inductor_quantizer as xpu

        torch.set_num_threads(threads)
        quantizer = xpu.XPUInductorQuantizer().set_global(xpu.get_default_xpu_inductor_quantization_config())
        self.model = prepare_pt2e(torch.export.load(str(archive)).module(), quantizer)
        self.empty = [
            (module, {key: value.clone() for key, value in module.named_buffers(recurse=False)})
            for module in self.model.modules()
            if hasattr(module, "min_val")
        ]

    def run(self, pictures: Pictures) -> float:
        import torch

        for module, buffers in self.empty:
            for key, value in buffers.items():
                setattr(module, key, value.clone())
        start = time.perf_counter()
        with torch.no_grad():
            for file in pictures.files:
                self.model(pictures.tensor(file))
        return len(pictures.files) / (time.perf_counter() - start)


class Xpuq:
    def __init__(self, tool: Path, archive: Path, threads: int):
        self.tool, self.archive, self.threads = tool, archive, threads

    def run(self, pictures: Pictures):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "list").write_text("".join(f"{f.resolve()}\n" for f in pictures.files))
            command = [
                self.tool, self.archive, "--from", f"{folder}/list", "--preset", f"imagenet:{SIDE}", "-n", "all",
                "--batch", "1", "-j", self.threads, "-q", "--json", "-o", f"{folder}/p.xcal",
            ]  # fmt: skip
            start = time.perf_counter()
            found = subprocess.run([str(c) for c in command], capture_output=True, text=True)
            seconds = time.perf_counter() - start
        if found.returncode != 0:
            raise SystemExit(f"{self.archive.name}: {found.stderr.strip()}")
        result = json.loads(found.stdout)["result"]
        if result["images"]["used"] != len(pictures.files):
            raise SystemExit(f"{self.archive.name}: {result['images']['used']} of {len(pictures.files)} pictures used")
        return result["images_per_second"], len(pictures.files) / seconds


def measure(name: str, args, pictures: Pictures) -> dict:
    archive = args.models / f"{name}.pt2"
    reference, xpuq = Reference(archive, args.threads), Xpuq(args.bin / "xpuq-calibrate", archive, args.threads)
    warm = Pictures.__new__(Pictures)
    warm.files = pictures.files[:3]
    reference.run(warm)
    rates = {"reference": [], "xpuq": [], "xpuq_whole": []}
    for _ in range(args.rounds):
        rates["reference"].append(reference.run(pictures))
        time.sleep(0.5)  # PyTorch's threads stop spinning
        loop, whole = xpuq.run(pictures)
        rates["xpuq"].append(loop)
        rates["xpuq_whole"].append(whole)
    medians = {key: statistics.median(values) for key, values in rates.items()}
    return {"model": name, "rates": rates, "median": medians, "ratio": medians["xpuq"] / medians["reference"]}


def table(rows: list) -> str:
    lines = [
        "| model | reference, pictures/s | xpuq, pictures/s | ratio | xpuq whole command | runs (reference; xpuq) |"
    ]
    lines.append("| --- | ---: | ---: | ---: | ---: | --- |")
    for row in rows:
        m = row["median"]
        runs = "; ".join(" ".join(f"{v:.1f}" for v in row["rates"][key]) for key in ("reference", "xpuq"))
        figures = [m["reference"], m["xpuq"], row["ratio"], m["xpuq_whole"]]
        lines.append(" | ".join([f"| {row['model']}", *(f"{v:.1f}" for v in figures), f"{runs} |"]))
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=Path)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("names", nargs="*", metavar="NAME", default=list(NAMES), help=", ".join(NAMES))
    parser.add_argument("--bin", type=Path, default=REPO / "build" / "release" / "bin", help="folder of the commands")
    parser.add_argument("--count", type=int, default=48, help="pictures a run (48)")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each side (3)")
    parser.add_argument("--threads", type=int, default=2, help="for both sides (2)")
    parser.add_argument("--json", type=Path, help="raw results")
    args = parser.parse_args()
    pictures = Pictures(args.pictures, args.count)
    rows = []
    for name in args.names:
        rows.append(measure(name, args, pictures))
        print(f"{name}: done", file=sys.stderr, flush=True)
    document = {"pictures": len(pictures.files), "threads": args.threads, "rounds": args.rounds, "models": rows}
    if args.json:
        args.json.parent.mkdir(parents=True, exist_ok=True)
        args.json.write_text(json.dumps(document, indent=1) + "\n")
    print(table(rows))


if __name__ == "__main__":
    main()
