#!/usr/bin/env python3
"""Runs what `xpuq-compile --export-qdq` wrote in ONNX Runtime and OpenVINO and compares with xpuq.

    python tools/oracle/qdq_export.py MODEL.xpuq MODEL.onnx PICTURES [--preset unit|imagenet|signed] [--bin FOLDER]
    python tools/oracle/qdq_export.py --halve MODEL.onnx HALVED.onnx

PICTURES is a folder, read recursively; MODEL has one picture as input. Prints per
engine the share of pictures with the same first class and the SQNR of all outputs;
exit 1 when the checker refuses the model or agreement is below 99.5 % without the
engine's own fusions. Those saturate at 16 bits on CPUs without VNNI: --halve writes
the model with weights of 7 bits, where nothing saturates (compile it for xpuq, too).
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
from PIL import Image

MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)


def tensor(path, preset, shape):
    _, channels, height, width = shape
    picture = Image.open(path).convert("L" if channels == 1 else "RGB")
    if preset == "imagenet":
        short = min(picture.size)
        size = tuple(256 if s == short else int(256 * s / short) for s in picture.size)
        picture = picture.resize(size, Image.BILINEAR)
        left, top = round((size[0] - width) / 2), round((size[1] - height) / 2)
        picture = picture.crop((left, top, left + width, top + height))
    else:
        picture = picture.resize((width, height), Image.BILINEAR)
    x = np.asarray(picture, np.float32).reshape(height, width, channels) / np.float32(255)
    if preset == "imagenet":
        x = (x - MEAN) / STD
    if preset == "signed":
        x = (x - np.float32(0.5)) / np.float32(0.5)
    return x.transpose(2, 0, 1)[None]


def engines(path):
    import onnxruntime
    import openvino

    variants = (("", "ORT_ENABLE_ALL", "0"), (" with x64quantprecision", "ORT_ENABLE_ALL", "1"), (" without optimization", "ORT_DISABLE_ALL", "0"))
    for how, level, precise in variants:
        options = onnxruntime.SessionOptions()
        options.add_session_config_entry("session.x64quantprecision", precise)
        options.graph_optimization_level = getattr(onnxruntime.GraphOptimizationLevel, level)
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        name = session.get_inputs()[0].name
        yield "ONNX Runtime " + onnxruntime.__version__ + how, lambda x: session.run(None, {name: x})[0]
    compiled = openvino.Core().compile_model(path, "CPU")
    yield "OpenVINO " + openvino.__version__.split("-")[0], lambda x: compiled([x])[0]


def halve(source, target):
    """Weights are the int8 constants that a DequantizeLinear reads; scales double."""
    model = onnx.load(source)
    constants = {i.name: i for i in model.graph.initializer}
    for node in model.graph.node:
        codes = constants.get(node.input[0])
        if node.op_type == "DequantizeLinear" and codes is not None and codes.data_type == onnx.TensorProto.INT8:
            halved = np.round(onnx.numpy_helper.to_array(codes) / 2).astype(np.int8)
            codes.CopyFrom(onnx.numpy_helper.from_array(halved, codes.name))
            scale = constants[node.input[1]]
            scale.CopyFrom(onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(scale) * np.float32(2), scale.name))
    onnx.save(model, target)


def main():
    if sys.argv[1:2] == ["--halve"] and len(sys.argv) == 4:
        return halve(*sys.argv[2:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("artifact", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--preset", default="unit", choices=["unit", "imagenet", "signed"])
    parser.add_argument("--most", type=int, default=500)
    parser.add_argument("--bin", type=Path, default=Path(__file__).resolve().parents[2] / "build/release/bin")
    args = parser.parse_args()
    model = onnx.load(args.model)
    onnx.checker.check_model(model, full_check=True)
    shape = [d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim]
    files = sorted(p for p in args.pictures.rglob("*") if p.suffix.lower() in (".png", ".jpg", ".jpeg", ".bmp"))
    files = files[:: max(1, len(files) // args.most)]
    xs = np.concatenate([tensor(f, args.preset, shape) for f in files]).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        np.save(f"{folder}/x.npy", xs)
        subprocess.run([args.bin / "xpuq-run", args.artifact, f"{folder}/x.npy", "-o", f"{folder}/y.npz", "-q"], check=True, stdout=subprocess.DEVNULL)
        outputs = np.load(f"{folder}/y.npz")
        own = outputs[outputs.files[0]].reshape(len(files), -1)
    bad = False
    for name, run in engines(str(args.model)):
        other = np.concatenate([run(x[None]).reshape(1, -1) for x in xs])
        agreement = 100 * np.mean(own.argmax(1) == other.argmax(1))
        noise = np.sum((own.astype(np.float64) - other) ** 2)
        sqnr = 10 * np.log10(np.sum(own.astype(np.float64) ** 2) / noise) if noise else np.inf
        bad = bad or ("without" in name and agreement < 99.5)
        print(f"{args.model.stem}: {name}: {len(files)} pictures, first class equal {agreement:.2f} %, SQNR {sqnr:.1f} dB")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
