#!/usr/bin/env python3
"""Writes tests/fixtures/observer.json: multi-batch runs of torchao's HistogramObserver.

    python tools/oracle/histogram_observer.py
"""

import json
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from exporting import lcg
from reference_qdq import fnv64, hexf

import numpy as np
import torch
from torchao.quantization.pt2e import HistogramObserver

TARGET = Path(__file__).resolve().parents[2] / "tests" / "fixtures" / "observer.json"
HEADER = {
    "generator": "s=seed; per element s=(s*1664525+1013904223) mod 2^32; t=(s>>8)*2^-23-1, exact in f32",
    "transforms": "uni: t; relu: max(t,0); cube: fl(fl(t*t)*t); every operation rounds to f32",
    "value": "x=fl(fl(transform(t)*multiplier)+offset): two roundings, no fused multiply-add",
    "batches": "one observe() per entry of a run's batches, in order; multiplier and offset are per batch",
    "observer": "bins 2048, upsample 16, s8 -128..127, per tensor affine, eps 2^-12; state is that after the last batch",
    "histogram_fnv": "64-bit FNV-1a (offset cbf29ce484222325, prime 100000001b3) over the 8192 little-endian bytes",
    "floats": "hexadecimal, all exact f32",
}


def values(kind, size, seed, multiplier, offset):
    t = lcg(seed, size)
    if kind == "relu":
        t = np.maximum(t, np.float32(0))
    elif kind == "cube":
        t = (t * t) * t
    return torch.from_numpy(t * np.float32(multiplier) + np.float32(offset))


def run(kind, batches):
    observer = HistogramObserver(
        dtype=torch.int8,
        quant_min=-128,
        quant_max=127,
        qscheme=torch.per_tensor_affine,
        eps=2**-12,
        bins=2048,
    )
    for size, seed, multiplier, offset in batches:
        observer(values(kind, size, seed, multiplier, offset))
    low, high = observer._non_linear_param_search()
    scale, zero = observer.calculate_qparams()
    return {
        "transform": kind,
        "batches": [
            {"seed": seed, "size": size, "multiplier": hexf(np.float32(m)), "offset": hexf(np.float32(o))}
            for size, seed, m, o in batches
        ],
        "histogram_fnv": fnv64(observer.histogram.numpy().tobytes()),
        "min": hexf(observer.min_val),
        "max": hexf(observer.max_val),
        "new_min": hexf(low),
        "new_max": hexf(high),
        "scale": hexf(scale),
        "zero_point": int(zero),
    }


def main():
    rng = random.Random(7)
    runs = []
    # The nine worked cases of the specification come first.
    for kind in ("uni", "relu", "cube"):
        for count in (1, 2, 3):
            runs.append((kind, [(4096, b + 1, (1.0, 1.5, 0.75)[b], 0.0) for b in range(count)]))
    offsets = (0.0, 0.0, 0.0, 0.25, -0.5, 3.0, -7.5)
    while len(runs) < 240:
        kind = ("uni", "relu", "cube")[len(runs) % 3]
        base = 2.0 ** rng.uniform(-6, 8)
        shift = rng.choice(offsets) * base
        batches = []
        for _ in range(rng.randint(1, 4)):
            size = rng.choice((rng.randint(10, 100), rng.randint(100, 1000), rng.randint(1000, 6000)))
            factor = float(np.float32(base * rng.uniform(0.3, 2.0)))
            batches.append((size, rng.randint(1, 10**6), factor, float(np.float32(shift * rng.choice((1, 1, 0.5))))))
        runs.append((kind, batches))
    parts = [f"{json.dumps(k)}:{json.dumps(v)}" for k, v in HEADER.items()]
    rows = ",\n".join(json.dumps(run(*r), separators=(",", ":")) for r in runs)
    TARGET.write_text('{\n"header":{\n' + ",\n".join(parts) + '\n},\n"runs":[\n' + rows + "\n]\n}\n")
    print(len(runs), "runs,", TARGET.stat().st_size, "B")


if __name__ == "__main__":
    main()
