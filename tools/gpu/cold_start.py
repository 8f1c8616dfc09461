#!/usr/bin/env python3
"""Time from process start to the end of the first inference on a simulated GPU.

    tools/gpu/cold_start.py ARTIFACT TARGET --plain ARTIFACT [--repeat 5]

ARTIFACT has a section for TARGET, --plain the same model none. Compared, by turns: xpuq-run with the section,
and the same plan without it, where oneDNN creates its primitives on the spot.
The driver keeps the kernels that it builds for itself (copies and fills) in a
cache of its own, as it does on any machine; --no-driver-cache turns that off.
Nothing is computed on a simulated device, so
what is compared is loading, not inference.
"""

import argparse
import os
import statistics
import subprocess
import time
from pathlib import Path

BUILD = Path(__file__).resolve().parents[2] / "build" / "release"


def seconds(command, environment):
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **environment})
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("artifact", type=Path)
    parser.add_argument("target")
    parser.add_argument("--plain", type=Path, required=True, help="the same artifact without target sections")
    parser.add_argument("--no-driver-cache", action="store_true")
    parser.add_argument("--repeat", type=int, default=5)
    args = parser.parse_args()
    common = [BUILD / "tests" / "simulate", args.target, BUILD / "bin" / "xpuq-run"]
    once = ["-d", "gpu", "--no-cache", "--warmup", "0ms", "--duration", "0", "--iterations", "1"]
    environment = {"NEO_CACHE_PERSISTENT": "0"} if args.no_driver_cache else {}
    times = {"section": [], "oneDNN": []}
    for _ in range(args.repeat):
        times["section"].append(seconds([*common, args.artifact, *once], environment))
        times["oneDNN"].append(seconds([*common, args.plain, *once], environment))
    middle = {name: statistics.median(values) for name, values in times.items()}
    for name, values in times.items():
        print(f"{name:8} median {middle[name] * 1e3:7.1f} ms, least {min(values) * 1e3:7.1f} ms")
    print(f"ratio    {middle['oneDNN'] / middle['section']:.1f}")


if __name__ == "__main__":
    main()
