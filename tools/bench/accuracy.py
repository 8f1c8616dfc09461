#!/usr/bin/env python3
"""Measures what the accuracy options of xpuq-compile win back, as the table of docs/accuracy.md.

    python tools/bench/small_nets.py build/accuracy
    python tools/bench/accuracy.py --nets build/accuracy [--cache build/pretrained] [NAME...]

The small networks are scored on models/digits/test, fitted on models/digits/calib and
searched on FOLDER/validate; rec-v4 on the lines that tools/bench/pretrained.py draws
(fitted and searched on the calibration lines).
"""

import argparse
import json
import shlex
import subprocess
from pathlib import Path

import pretrained

REPO = Path(__file__).resolve().parents[2]
DIGITS = REPO / "models" / "digits"
SMALL = ("mobilenet_v3", "efficientnet", "squeezenet")
SINGLES = ("", "--weight-scale-floor none", "--method auto", "--method entropy", "--bias-correction --calibration {calib}",
           "--equalize --calibration {calib}", "--equalize --weight-scale-floor none --calibration {calib}", "--round adaptive --calibration {calib}")  # fmt: skip
SEARCHES = {
    "mobilenet_v3": "--min-output-sqnr 36", "efficientnet": "--min-output-sqnr 38", "squeezenet": "--min-output-sqnr 36",
    "rec-v4": "--min-output-sqnr 13",
}  # fmt: skip


class Small:
    """A network of small_nets.py."""

    def __init__(self, name, args, tools):
        self.model, self.tools, self.calib, self.validate = args.nets / f"{name}.pt2", tools, DIGITS / "calib", args.nets / "validate"
        self.stem = args.nets / name

    def prepare(self):
        self.profile = self.stem.with_suffix(".xcal")
        self.tools("xpuq-calibrate", self.model, self.calib, "-n", "all", "--preset", "unit", "--force", "-o", self.profile)
        self.tools("xpuq-compile", self.model, "-p", self.profile, "--precision", "f32", "-o", self.stem.with_suffix(".f32.xpuq"))
        return self.score(self.stem.with_suffix(".f32.xpuq"))[0]

    def score(self, artifact):
        out = json.loads(self.tools("xpuq-run", artifact, DIGITS / "test", "--accuracy", "--reference", self.stem.with_suffix(".f32.xpuq"), "--json"))
        return out["result"]["accuracy"]["top1"], out["result"]["reference"]["sqnr_db"]

    def measure(self, options):
        artifact = self.stem.with_suffix(".xpuq")
        document = json.loads(self.tools("xpuq-compile", self.model, "-p", self.profile, "-o", artifact, "--json", *options))
        return *self.score(artifact), document["result"]


class Reader:
    """A recogniser of pretrained.py; its figure is right characters."""

    def __init__(self, name, args, tools):
        args.cache.joinpath("work").mkdir(parents=True, exist_ok=True)
        if not args.cache.joinpath("pictures").exists():
            pretrained.draw(args.cache / "pictures")
        self.bench = pretrained.Bench(name, args, tools)
        self.calib = self.validate = self.bench.folder(self.bench.net.calib)

    def prepare(self):
        self.profile = self.bench.profile()
        self.bench.reference(self.profile)
        return self.bench.truth()

    def measure(self, options):
        artifact, document = self.bench.compile("int8", self.profile, options)
        ratio, says = pretrained.Ratio(), []
        for a, b in zip(self.bench.floats, self.bench.tools.answers(artifact, self.bench.files), strict=True):
            ratio.add(a, b)
            says.append(pretrained.essence("read", b, self.bench.oracle.letters))
        texts = (self.bench.folder(self.bench.net.test) / "texts.txt").read_text(encoding="utf-8").splitlines()
        return pretrained.agreement("read", texts, says)[0], ratio.db(), document["result"]


class Tools(pretrained.Tools):
    """A missed target is a result."""

    def __call__(self, name, *args):
        command = [str(self.folder / name), *map(str, args), "-q", "-j", str(self.threads)]
        r = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if r.returncode not in (0, 6):
            raise SystemExit(f"{shlex.join(command)}: exit {r.returncode}\n{r.stderr}")
        return r.stdout


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SEARCHES))
    p.add_argument("--bin", type=Path, default=REPO / "build/release/bin")
    p.add_argument("--nets", type=Path, default=REPO / "build/accuracy", help="folder of small_nets.py")
    p.add_argument("--cache", type=Path, default=REPO / "build/pretrained", help="folder of models/fetch.sh --all")
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--try", dest="extra", action="append", default=[], metavar="OPTIONS", help="these rows alone; {calib}, {validate} are the pictures")
    args = p.parse_args()
    print("| network | options | right | SQNR | MACs in int8 |\n| --- | --- | --- | --- | --- |")
    for name in args.names or SEARCHES:
        net = (Small if name in SMALL else Reader)(name, args, Tools(args.bin, args.threads))
        right = net.prepare()
        print(f"| {name} | float | {'' if right is None else f'{right:.2f} %'} | | |", flush=True)
        search = SEARCHES[name] + " --validate {validate} --calibration {calib}"
        for options in args.extra or [*SINGLES, search]:
            figure, db, result = net.measure(shlex.split(options.format(calib=net.calib, validate=net.validate)))
            shown = options.replace(" --calibration {calib}", "").replace(" --validate {validate}", "")
            print(f"| | {f'`{shown}`' if shown else 'int8 as PyTorch'} | {figure:.2f} % | {db:.1f} dB | {result['coverage']['percent']:.1f} % |", flush=True)
            for step in result.get("search", {}).get("steps", []):
                print(f"<!-- {step['what']}: top-1 {step['top1']:.2f}, {step['sqnr_db']:.1f} dB, {step['macs_int8_percent']:.1f} %{', kept' if step['kept'] else ''} -->", flush=True)


if __name__ == "__main__":
    main()
