#!/usr/bin/env python3
"""Latency of int8 networks, xpuq beside ONNX Runtime, OpenVINO and inductor, in one run.

    python tools/bench/export_models.py MODELS
    python tools/bench/export_models.py MODELS --batch 16
    python tools/bench/peers.py MODELS models/orientation/calib [--threads N] [--json FILE] [NAME...]

NAME is a file of MODELS without its suffix (resnet18, resnet18.b16, ...), .onnx and
.pt2 of the same network. Every engine quantizes on the same pictures and stays loaded
in a process of its own; they take turns of --seconds each, in --rounds rounds, so that
a disturbance hits all of them. A figure is the median latency of a call with the input
and the output in the caller's memory; "ratio" is xpuq's median over the best peer's.
"first answer" is, for a peer, loading the quantized network and the first call (its
imports are not counted), for xpuq the whole command from its start to its end.
SQNR is of the scores against the float network (ONNX Runtime's f32), over all pictures:
it shows where speed was bought with wrong numbers. A peer that is not installed, or
that fails, is named and left out.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from calibration import Pictures
from peer_engines import ENGINES

REPO = Path(__file__).resolve().parents[2]
NAMES = tuple(f"{net}{batch}" for net in ("resnet18", "resnet50", "mobilenetv2", "vit_tiny") for batch in ("", ".b16"))


def worker(args):
    """Answers lines of stdin: "time SECONDS" with latencies in ms, "scores" with the path of an .npy."""
    data = np.load(args.folder / "data.npy")
    engine = ENGINES[args.worker](args.models / args.names[0], list(data), args.threads, str(args.folder))
    start = time.perf_counter()
    engine.load()
    engine(data[0])
    print(json.dumps({"first_ms": (time.perf_counter() - start) * 1e3}), flush=True)
    for line in sys.stdin:
        if line.startswith("scores"):
            np.save(args.folder / f"{args.worker}.npy", np.stack([engine(batch) for batch in data]))
            print(json.dumps({}), flush=True)
            continue
        times, end = [], time.perf_counter() + float(line.split()[1])
        engine(data[0])
        while time.perf_counter() < end or len(times) < 5:
            start = time.perf_counter()
            engine(data[0])
            times.append((time.perf_counter() - start) * 1e3)
        print(json.dumps({"times": times}), flush=True)


class Peer:
    def __init__(self, key, args, name, folder):
        self.key, self.folder = key, folder
        command = [sys.executable, __file__, args.models, args.pictures, name, "--worker", key, "--folder", folder,
                   "--threads", args.threads]  # fmt: skip
        self.log = open(folder / f"{key}.log", "w")
        self.process = subprocess.Popen(
            [str(c) for c in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True
        )
        self.first_ms = self.answer()["first_ms"]

    def answer(self):
        """Engines print on stdout too: the first line that is JSON counts."""
        for line in self.process.stdout:
            if line.startswith("{"):
                return json.loads(line)
        last = (self.folder / f"{self.key}.log").read_text().strip().splitlines()
        raise RuntimeError(last[-1] if last else f"ended with status {self.process.wait()}")

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.answer()

    def times(self, seconds):
        return self.ask(f"time {seconds}")["times"]

    def scores(self):
        self.ask("scores")
        return np.load(self.folder / f"{self.key}.npy")

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Xpuq:
    """The commands; a run is a process, its start is not in the latencies."""

    def __init__(self, args, name, folder, data):
        self.bin, self.threads, self.folder = args.bin, args.threads, folder
        model = args.models / f"{name}.pt2"
        self.samples, self.artifact = folder / "samples.npy", folder / "x.xpuq"
        np.save(self.samples, data.reshape(-1, *data.shape[2:]))
        self.tool("xpuq-calibrate", model, self.samples, "--preset", "none", "-n", "all", "--force", "-o", folder / "x.xcal")
        self.tool("xpuq-compile", model, "-p", folder / "x.xcal", "-o", self.artifact, *args.compile.split())
        np.save(folder / "one.npy", data[0])
        times = []
        for _ in range(5):
            start = time.perf_counter()
            self.tool("xpuq-run", self.artifact, folder / "one.npy")
            times.append((time.perf_counter() - start) * 1e3)
        self.first_ms = statistics.median(times)

    def tool(self, name, *arguments):
        command = [self.bin / name, *arguments, "-q", "-j", self.threads]
        found = subprocess.run([str(c) for c in command], capture_output=True, text=True)
        if found.returncode != 0:
            raise RuntimeError(found.stderr.strip())
        return found.stdout

    def times(self, seconds):
        self.tool("xpuq-run", self.artifact, "--duration", f"{seconds}s", "--times", self.folder / "times.json")
        return [t["latency_ms"] for t in json.loads((self.folder / "times.json").read_text())]

    def scores(self):
        self.tool("xpuq-run", self.artifact, self.samples, "--no-softmax", "-o", self.folder / "x.npy")
        return np.load(self.folder / "x.npy")

    def close(self):
        pass


def float_scores(stem, data):
    import onnxruntime as ort

    session = ort.InferenceSession(f"{stem}.onnx", providers=["CPUExecutionProvider"])
    return np.stack([session.run(None, {session.get_inputs()[0].name: batch})[0] for batch in data])


def sqnr(wanted, got):
    wanted, got = (a.reshape(-1).astype(np.float64) for a in (wanted, got))
    return float(10 * np.log10(np.sum(wanted**2) / max(np.sum((wanted - got) ** 2), 1e-300)))


def measure(name, args, folder):
    batch = int(name.rsplit(".b", 1)[1]) if ".b" in name else 1
    pictures = Pictures(args.pictures, max(args.count, 2 * batch))
    tensors = [pictures.tensor(f).numpy()[0] for f in pictures.files]
    data = np.stack(tensors[: len(tensors) // batch * batch]).reshape(-1, batch, *tensors[0].shape)
    np.save(folder / "data.npy", data)
    engines = {"xpuq": Xpuq(args, name, folder, data)}
    for key in args.engines.split(","):
        try:
            engines[key] = Peer(key, args, name, folder)
        except RuntimeError as error:
            print(f"{name}: {key} left out: {error}", file=sys.stderr, flush=True)
    times = {key: [] for key in engines}
    for _ in range(args.rounds):
        for key, engine in engines.items():
            times[key].append(engine.times(args.seconds))
            time.sleep(0.3)  # threads of the last one stop spinning
    wanted = float_scores(args.models / name, data)
    row = {"model": name, "batch": batch, "engines": {}}
    for key, engine in engines.items():
        whole = [t for part in times[key] for t in part]
        row["engines"][key] = {
            "median_ms": statistics.median(statistics.median(part) for part in times[key]),
            "min_ms": min(whole), "rounds_ms": [statistics.median(part) for part in times[key]],
            "sqnr_db": sqnr(wanted, engine.scores()), "first_ms": engine.first_ms,
        }  # fmt: skip
        engine.close()
    for figure, ratio in (("median_ms", "ratio"), ("first_ms", "first_ratio")):
        peers = [e[figure] for key, e in row["engines"].items() if key != "xpuq"]
        row[ratio] = row["engines"]["xpuq"][figure] / min(peers) if peers else None
    return row


def table(rows, keys):
    lines = ["| network, batch | " + " | ".join(f"{key}, ms (SQNR, dB)" for key in keys) + " | ratio | first answer, ms; ratio |"]
    lines.append("| --- |" + " ---: |" * (len(keys) + 2))
    for row in rows:
        cells = [row["engines"].get(key) for key in keys]
        cells = [f"{c['median_ms']:.2f} ({c['sqnr_db']:.1f})" if c else "–" for c in cells]
        ratio = f"{row['ratio']:.2f}" if row["ratio"] else "–"
        first = f"{row['engines']['xpuq']['first_ms']:.0f}" + (f"; {row['first_ratio']:.2f}" if row["first_ratio"] else "")
        lines.append(f"| {row['model'].split('.b')[0]}, {row['batch']} | {' | '.join(cells)} | {ratio} | {first} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=Path)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("names", nargs="*", metavar="NAME", default=list(NAMES), help=", ".join(NAMES))
    parser.add_argument("--bin", type=Path, default=REPO / "build" / "release" / "bin", help="folder of the commands")
    parser.add_argument("--engines", default=",".join(ENGINES), help=f"peers ({','.join(ENGINES)})")
    parser.add_argument("--compile", default="", help="options of xpuq-compile")
    parser.add_argument("--count", type=int, default=32, help="pictures (32, at least two batches)")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each engine (3)")
    parser.add_argument("--seconds", type=float, default=2, help="length of a turn (2)")
    parser.add_argument("--threads", type=int, default=2, help="of every engine (2)")
    parser.add_argument("--json", type=Path, help="raw results")
    parser.add_argument("--worker", choices=ENGINES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_intermixed_args()
    if args.worker:
        return worker(args)
    rows = []
    for name in args.names:
        with tempfile.TemporaryDirectory() as folder:
            rows.append(measure(name, args, Path(folder)))
        print(table(rows[-1:], ["xpuq", *args.engines.split(",")]).splitlines()[-1], file=sys.stderr, flush=True)
        if args.json:
            args.json.parent.mkdir(parents=True, exist_ok=True)
            args.json.write_text(json.dumps({"threads": args.threads, "rounds": args.rounds, "models": rows}, indent=1) + "\n")
    print(table(rows, ["xpuq", *args.engines.split(",")]))


if __name__ == "__main__":
    main()
