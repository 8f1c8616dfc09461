#!/usr/bin/env python3
"""Writes tests/fixtures/models/<name>/ref.json: what PyTorch's XPU PT2E flow makes of <name>.pt2.

    python tools/oracle/reference_qdq.py [NAME...]

The archive is read back with torch.export.load, so every name below is a node
name of the archive itself. Batches: see "generator" in the files.
"""

import json
import operator
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from exporting import BATCH_FACTORS, batch

import numpy as np
import torch
from PIL import Image
from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e
from torchao.quantization.pt2e.quantizer.xpu_inductor_quantizer import (
    XPUInductorQuantizer,
    get_default_xpu_inductor_quantization_config,
)

REPO = Path(__file__).resolve().parents[2]
ROOT = REPO / "tests" / "fixtures" / "models"
GENERATOR = (
    "batch b=1..4: s=b; per element s=(s*1664525+1013904223) mod 2^32, t=(s>>8)*2^-23-1 (exact f32); "
    "elements fill the input row-major; times f32 factor {} for b=1..4. Calibration observes the four "
    "batches in order; logits and float_logits are the outputs for batch 1."
).format(", ".join(f"{f:g}" for f in BATCH_FACTORS))


def fnv64(data: bytes) -> str:
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def hexf(value) -> str:
    """A float as C's %a would print it, without trailing zeros."""
    text = float(value).hex()
    mantissa, exponent = text.split("p") if "p" in text else (text, None)
    return text if exponent is None else f"{mantissa.rstrip('0').rstrip('.')}p{exponent}"


def target(node) -> str:
    if node.op == "call_function":
        return "getitem" if node.target is operator.getitem else str(node.target)
    return node.op


def bits(tensor: torch.Tensor) -> bytes:
    return tensor.detach().contiguous().numpy().tobytes()


def observers_of(prepared):
    """Activation observers, one row per insertion point; equal groups are one shared object."""
    rows, groups = [], {}
    for node in prepared.graph.nodes:
        if node.op != "call_module" or not node.target.startswith("activation_post_process"):
            continue
        observer = prepared.get_submodule(node.target)
        if hasattr(observer, "ch_axis"):  # a weight: see "weights"
            continue
        scale, zero = observer.calculate_qparams()
        value = node.args[0]
        while value.op == "call_module":  # one observer behind another: where their specs differ
            value = value.args[0]
        rows.append(
            {
                "value": value.name,
                "consumers": [user.name for user in node.users],
                "group": groups.setdefault(id(observer), len(groups)),
                "scale": hexf(scale),
                "zero_point": int(zero),
                "min": hexf(observer.min_val),
                "max": hexf(observer.max_val),
            }
        )
    return rows


def quantizers_of(converted):
    rows = []
    for node in converted.graph.nodes:
        if "quantize_per_tensor" not in str(node.target) or "dequantize" in str(node.target):
            continue
        source, scale, zero = node.args[:3]
        users = [target(u) for dq in node.users for u in dq.users]
        rows.append(
            {"of": source.name, "of_op": target(source), "scale": hexf(scale), "zero_point": int(zero), "users": users}
        )
    return rows


def stored_weights(converted):
    """s8 constants in the order of their dequantize nodes; fnv64 (FNV-1a) over s8 codes and f32 scales."""
    rows = []
    for node in converted.graph.nodes:
        if "dequantize_per_channel" in str(node.target):
            codes = getattr_path(converted, node.args[0].target)
            scales = getattr_path(converted, node.args[1].target)
            rows.append(
                {
                    "consumers": [u.name for u in node.users],
                    "shape": list(codes.shape),
                    "scale0": hexf(scales.flatten()[0]),
                    "codes_fnv": fnv64(bits(codes)),
                    "scales_fnv": fnv64(bits(scales)),
                }
            )
    return rows


def getattr_path(module, path):
    for part in path.split("."):
        module = getattr(module, part)
    return module


def argument_names(node):
    found = []

    def walk(value):
        if isinstance(value, torch.fx.Node):
            found.append(value.name)
        elif isinstance(value, (list, tuple)):
            for item in value:
                walk(item)
        elif isinstance(value, dict):
            for item in value.values():
                walk(item)

    walk(node.args)
    walk(node.kwargs)
    return found


def nodes_of(program):
    inputs = set(program.graph_signature.user_inputs)
    rows = []
    for node in program.graph.nodes:
        if node.op == "call_function" or (node.op == "placeholder" and node.name in inputs):
            rows.append({"name": node.name, "op": target(node), "args": argument_names(node)})
    return rows


def dump(path: Path, header, lists):
    parts = [f"{json.dumps(k)}:{json.dumps(v, separators=(',', ':'))}" for k, v in header.items()]
    for key, rows in lists.items():
        body = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
        parts.append(f"{json.dumps(key)}:[\n{body}\n]")
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n")


def prepare(program, batches):
    quantizer = XPUInductorQuantizer().set_global(get_default_xpu_inductor_quantization_config())
    prepared = prepare_pt2e(program.module(), quantizer)
    for values in batches:
        prepared(values)
    return prepared


def pictures(folder: Path):
    """The preset `unit` on gray 32x32: Pillow bilinear stretch, x/255; in the order of the walk."""
    for file in sorted(folder.glob("*/*.png")):
        big = Image.open(file).resize((32, 32), Image.Resampling.BILINEAR)
        yield torch.from_numpy(np.asarray(big).astype(np.float32) / np.float32(255))[None, None]


def run_digits_pictures() -> None:
    """calib.json: the observers after the hundred calibration pictures, one picture a batch."""
    digits = REPO / "models" / "digits"
    program = torch.export.load(str(digits / "digits.pt2"))
    prepared = prepare(program, pictures(digits / "calib"))
    observers = observers_of(prepared)
    converted = convert_pt2e(prepared)
    plain = program.module()
    tests = list(pictures(digits / "test"))
    lists = {
        "observers": observers,
        "float_classes": ["".join(str(int(plain(x).argmax())) for x in tests)],
        "int8_classes": ["".join(str(int(converted(x).argmax())) for x in tests)],
    }
    note = (
        "calibrated on models/digits/calib, preset unit, files sorted, one picture a batch; *_classes: the "
        "digit predicted for each file of models/digits/test in sorted order"
    )
    dump(ROOT / "digits" / "calib.json", {"model": "digits", "generator": note}, lists)


@torch.no_grad()
def run(name: str) -> None:
    archive = REPO / "models" / "digits" / "digits.pt2" if name == "digits" else ROOT / name / f"{name}.pt2"
    program = torch.export.load(str(archive))
    placeholder = next(n for n in program.graph.nodes if n.name in program.graph_signature.user_inputs)
    shape = list(placeholder.meta["val"].shape)
    batches = [batch(b, shape) for b in range(1, 5)]
    plain = program.module()(batches[0])
    prepared = prepare(program, batches)
    activations = observers_of(prepared)
    converted = convert_pt2e(prepared)
    quantised = converted(batches[0])
    folder = ROOT / name
    folder.mkdir(parents=True, exist_ok=True)
    lists = {
        "nodes": nodes_of(program),
        "observers": activations,
        "qdq": quantizers_of(converted),
        "weights": stored_weights(converted),
        "logits": [hexf(v) for v in quantised.flatten()[:64]],
        "float_logits": [hexf(v) for v in plain.flatten()[:64]],
    }
    header = {"model": name, "input": placeholder.name, "shape": shape, "generator": GENERATOR}
    dump(folder / "ref.json", header, lists)
    if name == "digits":
        run_digits_pictures()
    gap = float((quantised - plain).abs().max())
    print(
        f"{name}: {len(lists['nodes'])} nodes, {len(activations)} observers, {len(lists['qdq'])} q, "
        f"|logits|<={float(plain.abs().max()):.3f}, int8 gap {gap:.4f}, {(folder / 'ref.json').stat().st_size} B",
        flush=True,
    )


def main():
    names = sys.argv[1:] or ["digits", *sorted(p.name for p in ROOT.iterdir() if (p / f"{p.name}.pt2").exists())]
    for name in names:
        run(name)


if __name__ == "__main__":
    main()
