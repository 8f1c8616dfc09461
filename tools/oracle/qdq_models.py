#!/usr/bin/env python3
"""Writes tests/fixtures/qdq: models that came quantized, and what ONNX Runtime or PyTorch computes with them.

    python tools/oracle/qdq_models.py [NAME...]

    ort_s8s8     ONNX Runtime quantize_static, QDQ, s8 activations, s8 weights per channel
    ort_u8s8     the same with u8 activations and weights per tensor
    ort_qlinear  the same in the QOperator format (QLinearConv, QLinearAdd, QGemm, ...), weights of 7 bits: without VNNI
                 ONNX Runtime's own u8 x s8 kernels saturate sums of two products at 16 bits
    pt2e_xpu     convert_pt2e of the XPU quantizer, exported with torch.export (s8)
    pt2e_x86     the same of the X86 quantizer (u8 activations)
    nncf         nncf.quantize of the float ONNX model (needs `pip install nncf`)
    pt2e_onnx    torch.onnx.export(dynamo=True) of pt2e_xpu

NAME.json: input shape, and for each batch of tools/oracle/exporting.py (1..4) the outputs; "macs_int8" and "macs_total"
are the multiply-adds of the layers whose operands are both dequantized, and of all layers.
"""

import json
import logging
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import numpy as np
import onnx
import onnxruntime
import torch
from exporting import BATCH_FACTORS, _deflate, _strip_traces, batch, save_onnx, settle_batch_norm
from nets import Basic, ResNet
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e

logging.disable(logging.WARNING)
ROOT = Path(__file__).resolve().parents[2] / "tests" / "fixtures" / "qdq"
SHAPE = (1, 3, 24, 24)


def net():
    torch.manual_seed(77)
    model = ResNet(Basic, (1, 1), (8, 12), 10, stem_kernel=3)
    for module in model.modules():
        if isinstance(module, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        elif isinstance(module, torch.nn.Linear):
            torch.nn.init.normal_(module.weight, std=1.5 * module.in_features**-0.5)
    settle_batch_norm(model, SHAPE, 77)
    return model.eval()


BATCHES = range(1, 1 + len(BATCH_FACTORS))


class Reader(CalibrationDataReader):
    def __init__(self):
        self.rows = iter([{"input": batch(b, SHAPE).numpy()} for b in BATCHES])

    def get_next(self):
        return next(self.rows, None)


def run_onnx(path):
    """As the file says: without optimization, which would turn QDQ into kernels that may saturate (see above)."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return [session.run(None, {session.get_inputs()[0].name: batch(b, SHAPE).numpy()})[0] for b in BATCHES]


def onnx_macs(path):
    """Multiply-adds of all layers and of those that compute on codes."""
    model = onnx.shape_inference.infer_shapes(onnx.load(str(path)))
    graph = model.graph
    shapes = {v.name: [d.dim_value for d in v.type.tensor_type.shape.dim] for v in [*graph.value_info, *graph.output]}
    made = {o: n for n in graph.node for o in n.output}
    weights = {i.name: list(i.dims) for i in graph.initializer}

    def source(name):
        node = made.get(name)
        while node is not None and node.op_type in ("QuantizeLinear", "DequantizeLinear", "Identity", "Transpose"):
            name = node.input[0]
            node = made.get(name)
        return weights.get(name)

    def quantized(name):
        node = made.get(name)
        while node is not None and node.op_type in ("Transpose", "Identity", "Reshape", "Flatten", "MaxPool"):  # moves codes
            node = made.get(node.input[0])
        return node is not None and node.op_type == "DequantizeLinear"

    int8 = total = 0
    for node in graph.node:
        if node.op_type in ("Conv", "Gemm", "MatMul"):
            wei, codes = source(node.input[1]), quantized(node.input[0]) and quantized(node.input[1])
        else:
            continue
        if "Conv" in node.op_type:
            macs = int(np.prod(shapes[node.output[0]])) * int(np.prod(wei[1:]))
        else:
            macs = int(np.prod(wei))
        total += macs
        int8 += macs if codes else 0
    return int8, total


def record(name, outputs, macs):
    rows = [[float(v) for v in o.reshape(-1)] for o in outputs]
    text = {"shape": list(SHAPE), "macs_int8": macs[0], "macs_total": macs[1], "outputs": rows}
    (ROOT / f"{name}.json").write_text(json.dumps(text).replace("], [", "],\n  [") + "\n")


def ort(name, activations, per_channel, form):
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder) / "float.onnx"
        save_onnx(net(), torch.zeros(SHAPE), str(base), dynamo=False)
        out = ROOT / f"{name}.onnx"
        quantize_static(
            str(base),
            str(out),
            Reader(),
            quant_format=form,
            per_channel=per_channel,
            activation_type=activations,
            weight_type=QuantType.QInt8,
            reduce_range=form == QuantFormat.QOperator,
        )
        total = onnx_macs(base)[1]
    # In the QOperator format every layer is an operator on codes.
    record(name, run_onnx(out), onnx_macs(out) if form == QuantFormat.QDQ else (total, total))


def nncf_quantized(name):
    import nncf

    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder) / "float.onnx"
        save_onnx(net(), torch.zeros(SHAPE), str(base), dynamo=False)
        data = nncf.Dataset([{"input": batch(b, SHAPE).numpy()} for b in BATCHES])
        model = nncf.quantize(onnx.load(str(base)), data, subset_size=len(BATCHES))
    out = ROOT / f"{name}.onnx"
    onnx.save(model, str(out))
    record(name, run_onnx(out), onnx_macs(out))


def converted(which):
    if which == "xpu":
        from torchao.quantization.pt2e.quantizer.xpu_inductor_quantizer import (
            XPUInductorQuantizer as Quantizer,
            get_default_xpu_inductor_quantization_config as config,
        )
    else:
        from torchao.quantization.pt2e.quantizer.x86_inductor_quantizer import (
            X86InductorQuantizer as Quantizer,
            get_default_x86_inductor_quantization_config as config,
        )
    exported = torch.export.export(net(), (batch(1, SHAPE),), strict=True).module()
    quantizer = Quantizer().set_global(config())
    prepared = prepare_pt2e(exported, quantizer)
    with torch.no_grad():
        for b in BATCHES:
            prepared(batch(b, SHAPE))
    return convert_pt2e(prepared)


def pt2e(name, which):
    model = converted(which)
    with torch.no_grad():
        outputs = [model(batch(b, SHAPE)).numpy() for b in BATCHES]
    program = torch.export.export(model, (torch.zeros(SHAPE),))
    for module in program.graph_module.modules():
        if isinstance(module, torch.fx.GraphModule):
            for node in module.graph.nodes:
                for key in ("stack_trace", "from_node"):
                    node.meta.pop(key, None)
    program.example_inputs = None
    path = ROOT / f"{name}.pt2"
    torch.export.save(program, str(path))
    _deflate(str(path))
    total = 0
    for node in program.graph.nodes:
        if node.op != "call_function" or str(node.target) not in ("aten.conv2d.default", "aten.linear.default"):
            continue
        wei = node.args[1].meta["val"].shape
        out = node.meta["val"].shape
        total += int(np.prod(out)) * int(np.prod(wei[1:])) if len(wei) == 4 else int(np.prod(wei))
    record(name, outputs, (total, total))


def pt2e_onnx(name):
    model = converted("xpu")
    path = ROOT / f"{name}.onnx"
    program = torch.export.export(model, (torch.zeros(SHAPE),))
    torch.onnx.export(
        program, (torch.zeros(SHAPE),), str(path), dynamo=True, opset_version=20, external_data=False, verbose=False
    )
    _strip_traces(str(path), True)
    record(name, run_onnx(path), onnx_macs(path))


MODELS = {
    "ort_s8s8": lambda n: ort(n, QuantType.QInt8, True, QuantFormat.QDQ),
    "ort_u8s8": lambda n: ort(n, QuantType.QUInt8, False, QuantFormat.QDQ),
    "ort_qlinear": lambda n: ort(n, QuantType.QUInt8, True, QuantFormat.QOperator),
    "pt2e_xpu": lambda n: pt2e(n, "xpu"),
    "pt2e_x86": lambda n: pt2e(n, "x86"),
    "nncf": nncf_quantized,
    "pt2e_onnx": pt2e_onnx,
}


def main():
    ROOT.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[1:] or MODELS:
        MODELS[name](name)
        print(", ".join(f"{f.name} {f.stat().st_size}" for f in sorted(ROOT.glob(f"{name}.*"))), flush=True)


if __name__ == "__main__":
    main()
