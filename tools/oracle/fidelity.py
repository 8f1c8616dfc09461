#!/usr/bin/env python3
"""Compares xpuq with the PyTorch reference over model families; writes build/fidelity.json and docs/fidelity.md.

    python tools/oracle/fidelity.py [--bin FOLDER] [--work FOLDER] [--fresh] [NAME...]

For each family: the network is exported as .pt2 and by both ONNX exporters; the
reference is calibrated and converted from the .pt2; xpuq calibrates on the same
tensors and compiles, once with its own statistics and once with the reference's.
Exported models and the reference's answers are kept in the work folder and used
again unless --fresh. With names, the other rows stay as build/fidelity.json has them.
"""

import argparse
import hashlib
import json
import re
import subprocess
import sys
import traceback
from pathlib import Path

import numpy as np

REPO = Path(__file__).resolve().parents[2]
CALIBRATION, TESTS = 32, 200
DOORS = {"pt2": "{}.pt2", "dynamo": "{}.dynamo.onnx", "torchscript": "{}.torchscript.onnx"}
SCALE_TOLERANCE = 1e-3
GOOD = 40  # dB
SOURCES = ("families", "classic_nets", "nets", "exporting")  # that the exported networks depend on


class Failure(Exception):
    """One step did not work; the text goes into the row."""


# ---- files


def load_json(path: Path):
    return json.loads(path.read_text())


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def first_lines(text: str, count: int = 3) -> str:
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    return "; ".join(lines[:count])[:400]


# ---- xpuq


class Tools:
    def __init__(self, folder: Path):
        self.folder = folder

    def __call__(self, tool: str, *arguments) -> str:
        command = [str(self.folder / tool), "-j", "1", *map(str, arguments)]
        found = subprocess.run(command, capture_output=True, text=True, timeout=900)
        if found.returncode != 0:
            errors = [line for line in found.stderr.splitlines() if "warning" not in line]
            raise Failure(f"{tool} exit {found.returncode}: {first_lines(chr(10).join(errors), 4)}")
        return found.stdout


class Graph:
    """The text of a graph after convert-quantize: quantized values, their readers, scales of weights."""

    LINE = re.compile(r"^\s+(%[^=]+?) = ([\w.]+)(?:\((.*?)\))?(.*)$")
    NAME = re.compile(r"%([^\s,()]+)")

    def __init__(self, text: str):
        nodes, readers = {}, {}
        self.returned = []
        for line in text.splitlines():
            if line.strip().startswith("return "):
                self.returned = self.NAME.findall(line)
            match = self.LINE.match(line)
            if not match:
                continue
            results, op, args, rest = match.groups()
            args = self.NAME.findall(args or "")
            for name in self.NAME.findall(results):
                nodes[name] = (op, args, rest)
                for arg in args:
                    readers.setdefault(arg, []).append(name)
        self.names = set(nodes)
        self.quantizers, self.weights = [], []
        for name, (op, args, rest) in nodes.items():
            users = sorted({u for dq in readers.get(name, []) for u in self.readers(readers, dq)})
            if op == "quantize":
                scale = re.search(r"scales=\[([^\],]*)\]", rest)
                zero = re.search(r"zero_points=\[([^\],]*)\]", rest)
                self.quantizers.append(
                    {"value": args[0], "scale": float(scale[1]), "zero": int(zero[1]) if zero else 0, "users": users}
                )
            elif op == "const" and "<axis" in rest:
                scales = re.search(r"<axis \d+: ([^>]*)>", rest)[1]
                self.weights.append({"users": users, "scales": [float(v) for v in scales.split(",")]})

    def readers(self, readers, dq):
        return readers.get(dq, []) + (["output"] if dq in self.returned else [])


def shortest(value: float) -> float:
    """The shortest decimal of a binary32."""
    return float(str(np.float32(value)))


def statistics(observer: dict, entry: dict) -> None:
    low, high = shortest(observer["min"]), shortest(observer["max"])
    counts = [shortest(v) for v in observer["histogram"]]
    entry["min"], entry["max"] = low, high
    entry["histogram"] |= {"bins": len(counts), "lo": low, "hi": high, "counts": counts}


# ---- names: both sides are reduced to the reference's names before batch norms were folded


class Names:
    def __init__(self, reference: dict):
        self.nodes = {n["name"]: n for n in reference["nodes"]}
        kept = set(reference["kept"])
        self.folded = {
            n["name"] for n in self.nodes.values() if n["op"].startswith("aten.batch_norm") and n["name"] not in kept
        }

    def __call__(self, name: str) -> str:
        if name not in self.nodes:  # an output keeps its name after quantization: the value before it is NAME.dq's
            name = name.removesuffix(".dq")
        while True:
            node = self.nodes.get(name)
            if node and "same_as" in node:
                name = node["same_as"]
            elif node and name in self.folded:
                name = node["args"][0]
            else:
                return name

    def constant(self, name: str) -> bool:
        """Whether a value of the reference's graph depends on no input of the model."""
        queue, seen = [name], set()
        while queue:
            node = self.nodes.get(queue.pop())
            if node and node["op"] == "placeholder":
                return False
            if node and node["name"] not in seen:
                seen.add(node["name"])
                queue += node["args"]
        return name in self.nodes

    def op(self, name: str) -> str:
        return self.nodes[name]["op"].removeprefix("aten.") if name in self.nodes else "?"


RECOGNISED = ("torch.nn.modules.", "torch.nn.functional.relu", "torch.nn.functional.hardtanh")
UNARY = ("relu", "hardtanh", "hardswish", "silu", "gelu", "leaky_relu", "tanh")
CARRIERS = ("avg_pool2d", "adaptive_avg_pool2d", "cat", "flatten")


def why_extra(names: Names, value: str, user: str) -> str:
    """Why xpuq may quantize an edge that the reference leaves in float."""
    seen, queue = set(), [value]
    while queue and len(seen) < 50:
        name = queue.pop()
        node = names.nodes.get(name)
        if not node or name in seen:
            continue
        seen.add(name)
        op = names.op(name)
        if op.startswith(UNARY) and not node["source"].startswith(RECOGNISED):
            return f"the reference does not recognise {node['source'] or 'this form of ' + op} (pt2e-semantics 3.6)"
        if op.startswith((*CARRIERS, "dropout")):
            queue += node["args"]
    return ""


# ---- one family


class Study:
    def __init__(self, name: str, work: Path, tools: Tools, fresh: bool):
        self.name, self.folder, self.tools, self.fresh = name, work / name, tools, fresh
        self.folder.mkdir(parents=True, exist_ok=True)
        self.row = {"name": name, "failures": [], "doors": {}}

    def path(self, suffix: str) -> Path:
        return self.folder / f"{self.name}{suffix}"

    def door(self, key: str) -> Path:
        return self.folder / DOORS[key].format(self.name)

    def attempt(self, what: str, step):
        try:
            return step()
        except Failure as error:
            self.row["failures"].append(f"{what}: {error}")
        except Exception as error:  # a row that says so, never a crash
            traceback.print_exc(limit=-4)
            self.row["failures"].append(f"{what}: {type(error).__name__}: {first_lines(str(error))}")
        return None

    def run(self) -> dict:
        from families import FAMILIES

        self.family = FAMILIES[self.name]
        self.row |= {"title": self.family.title, "source": self.family.source}
        shapes = [list(i.shape) for i in self.family.inputs.values()]
        self.row["inputs"] = shapes
        self.draw_samples()
        for key in DOORS:
            self.attempt(f"export {key}", lambda key=key: self.export(key))
        reference = self.attempt("reference", self.reference)
        for key in DOORS:
            self.attempt(f"{key}", lambda key=key: self.through(key))
        hashes = {d.get("graph_sha256") for d in self.row["doors"].values()}
        self.row["doors_equal"] = len(hashes) == 1 and None not in hashes
        if not self.row["doors_equal"]:
            self.attempt("door difference", self.door_difference)
        if reference:
            self.attempt("comparison", lambda: self.compare(reference))
        return self.row

    # -- material

    def draw_samples(self):
        from families import samples

        self.samples = {"calibration": samples(self.name, CALIBRATION, 1), "test": samples(self.name, TESTS, 2)}
        for which, arrays in self.samples.items():
            for key, value in arrays.items():
                np.save(self.folder / f"{which}.{key}.npy", value)

    def operands(self, which: str) -> list:
        return [f"{key}={self.folder / f'{which}.{key}.npy'}" for key in self.family.inputs]

    def export(self, key: str):
        from exporting import save_onnx, save_pt2
        from families import example, make

        target, stamp = self.door(key), self.path(f".{key}.stamp")
        sources = "".join(digest(Path(__file__).with_name(f"{name}.py")) for name in SOURCES)
        if target.exists() and not self.fresh and stamp.exists() and stamp.read_text() == sources:
            return
        target.unlink(missing_ok=True)
        stamp.unlink(missing_ok=True)
        model = make(self.name)
        if key == "pt2":
            save_pt2(model, example(self.name), str(target), slim=False)
        else:
            names = {"inputs": tuple(self.family.inputs), "outputs": tuple(self.family.outputs)}
            save_onnx(model, example(self.name), str(target), dynamo=key == "dynamo", **names)
        stamp.write_text(sources)

    def reference(self):
        from reference_flow import VERSION, reference

        archive, kept, arrays = self.door("pt2"), self.path(".reference.json"), self.path(".reference.npz")
        if not archive.exists():
            raise Failure("no archive")
        stamp = f"{digest(archive)} {VERSION} {CALIBRATION} {TESTS}"
        if kept.exists() and arrays.exists() and not self.fresh:
            found = load_json(kept)
            if found["stamp"] == stamp:
                return found
        found, answers = reference(str(archive), *(list(s.values()) for s in self.samples.values()))
        found["stamp"] = stamp
        np.savez(arrays, **answers)
        kept.write_text(json.dumps(found))
        return found

    # -- xpuq on the three doors

    def through(self, key: str):
        door = self.row["doors"].setdefault(key, {})
        model, profile = self.door(key), self.path(f".{key}.xcal")
        try:
            if not model.exists():
                raise Failure("not exported")
            pictures = any(i.kind == "picture" for i in self.family.inputs.values())
            options = ["--preset", "none"] if pictures else []
            self.tools(
                "xpuq-calibrate", model, *self.operands("calibration"), *options, "-n", "all", "--batch", 1, "-q",
                "--force", "-o", profile,
            )  # fmt: skip
            door["graph_sha256"] = load_json(profile)["model"]["graph_sha256"]
            compiled = self.compile(key, profile, f".{key}.xpuq")
            coverage = compiled["coverage"]
            door |= {k: coverage[k] for k in ("macs_int8", "macs_total", "layers_int8", "layers_total")}
            door["fallbacks"] = [f"{f['layer']} ({f['op']}): {f['reason']}" for f in compiled["fallbacks"]]
            answers = self.answers(f".{key}.xpuq", "calibration")
            door["outputs"] = [list(a.shape) for a in answers]
        except Failure as error:
            door["failed"] = str(error)
            raise

    def compile(self, key, profile, artifact, *options):
        out = self.tools(
            "xpuq-compile", self.door(key), "-p", profile, "-o", self.path(artifact), "-q", "--json", *options
        )
        return json.loads(out)["result"]

    def answers(self, artifact: str, which: str) -> list:
        target = self.path(f"{artifact}.npz")
        self.tools("xpuq-run", self.path(artifact), *self.operands(which), "-q", "-o", target)
        with np.load(target) as found:
            return [found[key] for key in found.files]

    def door_difference(self):
        counts = {}
        for key in DOORS:
            if "failed" in self.row["doors"].get(key, {"failed": ""}):
                continue
            text = self.tools("xpuq-opt", self.door(key), "--stop-after", "normalize", "-q")
            ops = re.findall(r"^\s+%[^=]+ = ([\w.]+)\(", text, re.M)
            counts[key] = {op: ops.count(op) for op in set(ops) - {"dropout"}}
        base = counts.get("pt2", {})
        for key, found in counts.items():
            ops = sorted(set(base) | set(found))
            moved = [
                f"{found.get(op, 0) - base.get(op, 0):+d} {op}" for op in ops if found.get(op, 0) != base.get(op, 0)
            ]
            equal = self.row["doors"][key].get("graph_sha256") == self.row["doors"]["pt2"].get("graph_sha256")
            self.row["doors"][key]["against_pt2"] = (
                "equal" if equal else ", ".join(moved) or "other attributes or order"
            )

    # -- the comparison

    def compare(self, reference: dict):
        self.row["reference_macs"] = {k: reference[k] for k in ("macs_int8", "macs_total", "float_ops")}
        if "failed" in self.row["doors"]["pt2"]:
            raise Failure("no artifact from the .pt2")
        self.row["folded"] = reference.get("folded", False)
        names = Names(reference)
        profile = load_json(self.path(".pt2.xcal"))
        own = self.graph(self.path(".pt2.xcal"), ".own")
        self.positions(names, reference, profile, own)
        self.row["own"] = self.scales(names, reference, own, exact=False)
        self.attempt("float", self.float_answers)
        injected = self.path(".injected.xcal")
        injected.write_text(json.dumps(self.inject(names, reference, profile)))
        graph = self.graph(injected, ".injected")
        self.row["injected"] = self.scales(names, reference, graph, exact=True)
        self.row["weights"] = self.weight_scales(names, reference, graph)
        self.attempt("answers", lambda: self.int8_answers())

    def graph(self, profile: Path, tag: str) -> Graph:
        text = self.path(f"{tag}.txt")
        self.compile("pt2", profile, f"{tag}.xpuq", "--dump-graph", text, "--dump-after", "convert-quantize")
        return Graph(text.read_text())

    def positions(self, names, reference, profile, graph):
        def edges(rows):
            return {(names(r["value"]), names(u)) for r in rows for u in r["users"]}

        theirs, ours = edges(reference["quantizers"]), edges(graph.quantizers)
        weights = lambda rows: {names(u) for r in rows for u in r["users"]}  # noqa: E731
        their_weights, our_weights = weights(reference["weights"]), weights(graph.weights)
        groups = lambda rows: {  # noqa: E731
            g for g in (frozenset(map(names, r)) for r in rows) if len(g) > 1
        }
        their_groups = groups(o["values"] for o in reference["observers"])
        our_groups = groups(g["members"] for g in profile.get("groups", []))
        differences = []
        constant = "the value depends on no input: xpuq evaluates it once, in f32"
        for value, user in sorted(theirs - ours):
            why = constant if names.constant(value) else ""
            differences.append({"value": value, "user": user, "who": "reference only", "why": why})
        for value, user in sorted(ours - theirs):
            differences.append({"value": value, "user": user, "who": "xpuq only", "why": why_extra(names, value, user)})
        for user in sorted(their_weights ^ our_weights):
            who = "reference only" if user in their_weights else "xpuq only"
            why = constant if names.constant(user) else ""
            differences.append({"value": "weight", "user": user, "who": who, "why": why})
        # A profile also holds the groups of the x86 recipe: only the reference's have to be there.
        for group in sorted(map(sorted, their_groups - our_groups)):
            text = f"shared scale of {len(group)} values from {group[0]} to {group[-1]}"
            differences.append({"value": text, "user": "", "who": "reference only", "why": ""})
        for row in differences:
            row["op"] = f"{names.op(row['value'])} -> {names.op(row['user'])}"
        values = lambda rows: {names(r["value"]) for r in rows}  # noqa: E731
        their_values, our_values = values(reference["quantizers"]), values(graph.quantizers)
        self.row["positions"] = {
            "values_both": len(their_values & our_values),
            "values_reference": len(their_values),
            "values_xpuq": len(our_values),
            "edges_both": len(theirs & ours),
            "edges_reference": len(theirs),
            "edges_xpuq": len(ours),
            "weights_both": len(their_weights & our_weights),
            "weights_reference": len(their_weights),
            "groups_both": len(their_groups & our_groups),
            "groups_reference": len(their_groups),
            "differences": differences,
        }

    def scales(self, names, reference, graph, exact: bool) -> dict:
        theirs = {names(r["value"]): r for r in reference["quantizers"]}
        ours = {names(r["value"]): r for r in graph.quantizers}
        common = [v for v in theirs if v in ours]
        off = []
        for value in common:
            a, b = theirs[value], ours[value]
            gap = b["scale"] / a["scale"] - 1
            same = a["scale"] == b["scale"] and a["zero"] == b["zero"]
            near = abs(gap) <= SCALE_TOLERANCE and abs(a["zero"] - b["zero"]) <= 1
            if not (same if exact else near):
                row = {"value": value, "op": names.op(value), "scale": [a["scale"], b["scale"]]}
                off.append(row | {"gap": gap, "zero": [a["zero"], b["zero"]]})
        return {"total": len(common), "agree": len(common) - len(off), "off": off}

    def weight_scales(self, names, reference, graph) -> dict:
        ours = {names(u): w for w in graph.weights for u in w["users"]}
        total = agree = 0
        off = []
        for row in reference["weights"]:
            for user in row["users"]:
                found = ours.get(names(user))
                if found:
                    total += 1
                    equal = np.array_equal(np.float32(row["scales"]), np.float32(found["scales"]))
                    agree += equal
                    off += [] if equal else [user]
        return {"total": total, "agree": agree, "off": off}

    def inject(self, names, reference, profile) -> dict:
        """The profile with the statistics of the reference's observers."""
        single = {names(v["name"]): v for v in profile["values"]}
        shared = {frozenset(map(names, g["members"])): g for g in profile.get("groups", [])}
        missed = 0
        for observer in reference["observers"]:
            members = frozenset(map(names, observer["values"]))
            if members in shared:
                statistics(observer, shared[members])
            elif len(members) == 1 and next(iter(members)) in single:
                statistics(observer, single[next(iter(members))])
            else:
                missed += 1
        self.row["not_injected"] = missed
        return profile

    def reference_answers(self, kind: str) -> list:
        with np.load(self.path(".reference.npz")) as found:
            return [found[f"{kind}_{k}"] for k in range(len(self.family.outputs))]

    def float_answers(self):
        self.tools(
            "xpuq-compile", self.door("pt2"), "-o", self.path(".f32.xpuq"), "-q", "--precision", "f32"
        )  # fmt: skip
        self.row["float_db"] = self.decibels(self.reference_answers("float"), self.answers(".f32.xpuq", "test"))

    def int8_answers(self):
        theirs, ours = self.reference_answers("int8"), self.answers(".injected.xpuq", "test")
        self.row["int8_db"] = self.decibels(theirs, ours)
        self.row["int8_exact_db"] = self.decibels(self.reference_answers("exact"), ours)
        self.row["exact_db"] = self.decibels(theirs, self.reference_answers("exact"))
        self.row["reference_db"] = self.decibels(self.reference_answers("float"), theirs)
        self.row["top1"] = self.agreement(theirs, ours)
        self.row["exact_top1"] = self.agreement(theirs, self.reference_answers("exact"))
        self.row["reference_top1"] = self.agreement(self.reference_answers("float"), theirs)
        if self.row["folded"]:
            folded = self.reference_answers("folded")
            self.row["folded_db"] = self.decibels(folded, ours)
            self.row["folded_top1"] = self.agreement(folded, ours)
        self.row["own_db"] = self.decibels(theirs, self.answers(".own.xpuq", "test"))

    def decibels(self, wanted: list, found: list) -> list:
        if [w.shape for w in wanted] != [f.shape for f in found]:
            raise Failure(f"outputs of shapes {[f.shape for f in found]}, not {[w.shape for w in wanted]}")
        rows = []
        for w, f in zip(wanted, found):
            noise = float(np.sum((w.astype(np.float64) - f) ** 2))
            rows.append(999.0 if noise == 0 else 10 * float(np.log10(np.sum(w.astype(np.float64) ** 2) / noise)))
        return rows

    def agreement(self, wanted: list, found: list) -> float:
        same = total = 0
        for axis, w, f in zip(self.family.outputs.values(), wanted, found):
            if axis is not None:
                equal = w.argmax(axis) == f.argmax(axis)
                same, total = same + int(equal.sum()), total + equal.size
        return 100.0 * same / total


# ---- the document


def least(values) -> str:
    return "-" if not values else f"{min(values):.1f}" if min(values) < 999 else "equal"


def share(part) -> str:
    return f"{part['agree']}/{part['total']}" if part else "-"


def percent(macs) -> str:
    return f"{100 * macs['macs_int8'] / macs['macs_total']:.1f}" if macs and "macs_int8" in macs else "-"


def tops(row) -> str:
    return f"{row['top1']:.1f} / {row['exact_top1']:.1f}" if "top1" in row else "-"


def table_row(row: dict) -> list:
    doors = row.get("doors", {})
    p = row.get("positions")
    found = [row.get("title", row["name"])]
    found.append(f"{p['edges_both']}/{p['edges_reference']}" + extra(p) if p else "failed")
    found += [share(row.get("injected")), share(row.get("own")), share(row.get("weights"))]
    found += [least(row.get("int8_db")), least(row.get("exact_db")), tops(row)]
    found += [least(row.get("reference_db")), least(row.get("float_db"))]
    found.append(f"{percent(row.get('reference_macs'))} / {percent(doors.get('pt2'))}")
    found.append("equal" if row.get("doors_equal") else door_summary(doors))
    return found


def extra(p) -> str:
    more = p["edges_xpuq"] - p["edges_both"]
    return f" (+{more})" if more else ""


def door_summary(doors) -> str:
    base = doors.get("pt2", {}).get("graph_sha256")
    words = []
    for key, door in doors.items():
        if "failed" in door:
            words.append(f"{key} failed")
        elif door.get("graph_sha256") != base:
            words.append(f"{key} differs")
    return ", ".join(words) or "failed"


HEADER = [
    "model", "Q/DQ positions", "scales, same statistics", "scales, own calibration", "weight scales", "int8 dB",
    "spread dB", "top-1 %", "reference int8 dB", "f32 dB", "int8 MACs %, reference / xpuq", "doors",
]  # fmt: skip

INTRODUCTION = """# xpuq against the PyTorch reference

Written by `tools/oracle/fidelity.py`; do not edit. It compares xpuq with PyTorch's own int8 flow
(`prepare_pt2e`, `convert_pt2e` with `XPUInductorQuantizer` in its default configuration: "the reference")
over {count} model families. The networks have their family's full depth, few channels, a low resolution and
seeded random weights with settled batch norms; those of `transformers` are that package's, the others are
re-stated in `tools/oracle/classic_nets.py`. {versions}

    python tools/oracle/fidelity.py --bin BIN --work FOLDER [NAME...]

Every network is exported three times: by `torch.export` (strict), by the ONNX exporter on top of it (dynamo)
and by the older one (TorchScript). The reference reads the `.pt2`, is calibrated on {calibration} samples
(batches of one) and converted; xpuq calibrates on the same tensors. Answers are compared over {tests} other samples.

| column | what is compared |
| --- | --- |
| Q/DQ positions | edges (value, reader) that pass through a quantize and dequantize pair: in both / in the reference (and those only in xpuq) |
| scales, same statistics | xpuq given the observers' minimum, maximum and histogram: scale and zero point of equal bits |
| scales, own calibration | xpuq's own statistics: scale within 0.1 % and zero point within 1 |
| weight scales | weights whose scales of all channels are of equal bits (batch norms folded) |
| int8 dB | signal to noise of xpuq's answers against the reference's converted model, same statistics; the worst output |
| spread dB | the reference's converted model against itself with convolutions and linear layers summed in f64: a deep random network amplifies a single flipped code, so no other arithmetic can be expected to come much closer |
| top-1 % | samples (or positions) where xpuq and the reference name the same class / where the reference does with itself in f64 |
| reference int8 dB | the reference's converted model against its own float model: how much int8 itself costs |
| f32 dB | xpuq in f32 against PyTorch in f32 |
| int8 MACs | share of multiply-adds that run on int8 operands, of those that depend on an input |
| doors | whether the three files give the same graph, by hash |

"""


def document(rows: dict, header: dict) -> str:
    lines = [INTRODUCTION.format(count=len(rows), calibration=CALIBRATION, tests=TESTS, versions=header["versions"])]
    lines.append(f"| {' | '.join(HEADER)} |\n|{' --- |' * len(HEADER)}\n")
    lines += [f"| {' | '.join(table_row(row))} |\n" for row in rows.values()]
    lines.append("\n" + totals(rows))
    lines += section("Failures", rows, failures)
    lines += section("Positions that differ", rows, position_lines)
    lines += section(
        "Scales that differ although the statistics are the same", rows, lambda r: off_lines(r, "injected")
    )
    lines += section("Weights whose scales differ", rows, weight_lines)
    lines += section("Scales that differ after each side's own calibration", rows, lambda r: off_lines(r, "own"))
    lines += section("What the reference and xpuq leave in float", rows, float_lines)
    lines += section("Doors that differ from the .pt2", rows, door_lines)
    return "".join(lines)


def totals(rows) -> str:
    def add(part):
        found = [r[part] for r in rows.values() if r.get(part)]
        agree, total = (sum(f[k] for f in found) for k in ("agree", "total"))
        return f"{agree} of {total} ({100 * agree / max(total, 1):.2f} %)"

    places = [r["positions"] for r in rows.values() if "positions" in r]
    both, theirs = (sum(p[k] for p in places) for k in ("edges_both", "edges_reference"))
    alike = sum(1 for p in places if not p["differences"])
    answers = [(min(r["int8_db"]), min(r["exact_db"]), r["title"]) for r in rows.values() if "int8_db" in r]
    high = sum(1 for ours, _, _ in answers if ours >= GOOD)
    gap, where = max(((spread - ours, title) for ours, spread, title in answers if ours < GOOD), default=(0.0, "-"))
    return (
        f"In all: {both} of {theirs} positions, {alike} of {len(rows)} models without any difference; scales from the "
        f"same statistics {add('injected')}; from own calibration {add('own')}; weights {add('weights')}. Answers: "
        f"{high} of {len(rows)} models at {GOOD} dB or more; of the others the furthest from the reference's own "
        f"spread is {where}, by {gap:.1f} dB.\n"
    )


def section(title, rows, make) -> list:
    lines = [f"\n## {title}\n\n"]
    for row in rows.values():
        found = make(row)
        if found:
            lines.append(f"**{row.get('title', row['name'])}**\n\n" + "".join(f"- {line}\n" for line in found) + "\n")
    return lines if len(lines) > 1 else [lines[0], "None.\n"]


def failures(row):
    return [text.replace("|", "\\|") for text in row["failures"]]


def position_lines(row):
    rows = {}
    for d in row.get("positions", {}).get("differences", []):
        what = f"`{d['value']}` -> `{d['user']}`" if d["user"] else d["value"]
        rows.setdefault((d["who"], d["why"] or "not explained"), []).append(what)
    lines = [f"{who} ({len(what)}): {', '.join(what)}: {why}" for (who, why), what in rows.items()]
    if "folded_db" in row:
        lines.append(
            "against the reference on the same network with what depends on no input folded in f32 first: "
            f"{least(row['folded_db'])} dB, top-1 {row['folded_top1']:.1f} %"
        )
    return lines


def off_lines(row, part):
    found = (row.get(part) or {}).get("off", [])
    return [
        f"`{o['value']}` ({o['op']}): scale {o['scale'][0]:.9g} and {o['scale'][1]:.9g} ({100 * o['gap']:+.3f} %), "
        f"zero point {o['zero'][0]} and {o['zero'][1]}"
        for o in found
    ]


def weight_lines(row):
    off = (row.get("weights") or {}).get("off", [])
    return [", ".join(f"`{o}`" for o in off)] if off else []


def float_lines(row):
    lines = []
    total = row.get("reference_macs")
    if total and total["float_ops"]:
        parts = [
            f"{op.removeprefix('aten.')} {100 * n / total['macs_total']:.1f} %" for op, n in total["float_ops"].items()
        ]
        lines.append(f"reference: {', '.join(parts)}")
    pt2 = row.get("doors", {}).get("pt2", {})
    if total and "macs_int8" in pt2 and pt2["macs_int8"] != total["macs_int8"]:
        lines.append(f"int8 multiply-adds: reference {total['macs_int8']}, xpuq {pt2['macs_int8']}")
    lines += [f"xpuq: {text}" for text in pt2.get("fallbacks", [])]
    return lines


def door_lines(row):
    return [
        f"{key}: {door.get('failed') or door.get('against_pt2')}"
        for key, door in row.get("doors", {}).items()
        if "failed" in door or door.get("against_pt2", "equal") != "equal"
    ]


def versions(tools: Tools) -> dict:
    import onnx
    import torch
    import torchao
    import transformers

    named = {"torch": torch, "torchao": torchao, "onnx": onnx, "transformers": transformers}
    text = ", ".join(f"{key} {module.__version__}" for key, module in named.items())
    return {"versions": f"Made with {text} on CPU and {tools('xpuq-run', '--version').split(' (')[0].strip()}."}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="families (all)")
    parser.add_argument("--bin", type=Path, default=REPO / "build" / "release" / "bin", help="folder of the commands")
    parser.add_argument("--work", type=Path, default=REPO / "build" / "fidelity", help="models and intermediate files")
    parser.add_argument("--json", type=Path, default=REPO / "build" / "fidelity.json", help="raw results")
    parser.add_argument("--document", type=Path, default=REPO / "docs" / "fidelity.md")
    parser.add_argument("--fresh", action="store_true", help="export and run the reference again")
    parser.add_argument("--document-only", action="store_true", help="rewrite the document from the raw results")
    args = parser.parse_args()
    kept = load_json(args.json) if args.json.exists() else {"rows": {}}
    if not args.document_only:
        sys.path.insert(0, str(Path(__file__).resolve().parent))
        from families import FAMILIES

        unknown = sorted(set(args.names) - set(FAMILIES))
        if unknown:
            parser.error(f"unknown family {', '.join(unknown)}; known: {', '.join(FAMILIES)}")
        tools = Tools(args.bin.resolve())
        kept |= versions(tools)
        args.json.parent.mkdir(parents=True, exist_ok=True)
        for name in args.names or FAMILIES:
            row = Study(name, args.work, tools, args.fresh).run()
            kept["rows"][name] = row
            kept["rows"] = {key: kept["rows"][key] for key in FAMILIES if key in kept["rows"]}
            args.json.write_text(json.dumps(kept, indent=1))
            print(" | ".join(table_row(row)), *row["failures"], sep="\n    ", flush=True)
    args.document.write_text(document(kept["rows"], kept))


if __name__ == "__main__":
    main()
