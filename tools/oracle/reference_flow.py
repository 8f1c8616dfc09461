"""What the PyTorch reference (prepare_pt2e, convert_pt2e, XPUInductorQuantizer) makes of an archive, as plain data.

reference(archive, calibration, tests) returns a description that JSON can hold
and a dictionary of arrays; fidelity.py compares them with xpuq.
"""

import hashlib
import operator

import exporting  # noqa: F401  (quiets the exporters)
import numpy as np
import torch
from torch._inductor.constant_folding import constant_fold
from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e
from torchao.quantization.pt2e.quantizer.xpu_inductor_quantizer import (
    XPUInductorQuantizer,
    get_default_xpu_inductor_quantization_config,
)

SAME_VALUE = {
    "aten.dropout.default", "aten.dropout_.default", "aten.feature_dropout.default", "aten.contiguous.default",
    "aten.clone.default", "aten.alias.default", "aten.detach.default", "aten.detach_.default",
    "aten.lift_fresh_copy.default", "aten.to.dtype", "aten.to.dtype_layout", "aten._to_copy.default",
}  # fmt: skip
SAME_IF_SHAPE = {
    "aten.view.default", "aten.reshape.default", "aten.expand.default", "aten.flatten.using_ints", "aten.pad.default",
}  # fmt: skip
VERSION = 3  # of what reference() returns

COUNTED = ("aten.conv", "aten.linear", "aten.matmul", "aten.bmm", "aten.addmm", "aten.scaled_dot")


def target(node) -> str:
    if node.op == "call_function":
        return "getitem" if node.target is operator.getitem else str(node.target)
    return node.op


def shape_of(node):
    value = node.meta.get("val")
    return list(value.shape) if isinstance(value, torch.Tensor) else None


def written_as(node) -> str:
    """The module class or function that the quantizer identifies a node by."""
    stack = node.meta.get("source_fn_stack")
    if stack:
        last = stack[-1][1]
        return last if isinstance(last, str) else f"{getattr(last, '__module__', '')}.{getattr(last, '__name__', last)}"
    return ""


def nodes_of(program) -> list:
    inputs = set(program.graph_signature.user_inputs)
    rows = []
    for node in program.graph.nodes:
        if node.op == "call_function" or node.name in inputs:
            args = [a.name for a in node.all_input_nodes]
            row = {"name": node.name, "op": target(node), "args": args, "source": written_as(node)}
            same = row["op"] in SAME_IF_SHAPE and shape_of(node) == shape_of(node.args[0])
            if row["op"] in SAME_VALUE and node.args[0].meta["val"].dtype == node.meta["val"].dtype or same:
                row["same_as"] = node.args[0].name
            rows.append(row)
    return rows


def observers_of(prepared) -> list:
    """One row per shared observer object: all values that update it, and its buffers."""
    rows = {}
    for node in prepared.graph.nodes:
        if node.op != "call_module" or not node.target.startswith("activation_post_process"):
            continue
        observer = prepared.get_submodule(node.target)
        if hasattr(observer, "ch_axis"):  # a weight
            continue
        if id(observer) not in rows:
            rows[id(observer)] = {
                "values": [],
                "min": float(observer.min_val),
                "max": float(observer.max_val),
                "histogram": [float(v) for v in observer.histogram],
            }
        rows[id(observer)]["values"].append(node.args[0].name)
    return list(rows.values())


def is_quantize(node) -> bool:
    return "quantized_decomposed.quantize_per_tensor" in str(node.target)


def is_dequantize(node) -> bool:
    return "quantized_decomposed.dequantize" in str(node.target)


def quantizers_of(converted) -> list:
    rows = []
    for node in converted.graph.nodes:
        if is_quantize(node):
            source, scale, zero = node.args[:3]
            users = sorted({u.name for dq in node.users for u in dq.users})
            rows.append(
                {"value": source.name, "op": target(source), "scale": float(scale), "zero": int(zero), "users": users}
            )
    return rows


def attribute(module, path):
    for part in path.split("."):
        module = getattr(module, part)
    return module


def weights_of(converted) -> list:
    """Users of each s8 constant, its f32 scales, and a digest of the codes."""
    rows = []
    for node in converted.graph.nodes:
        if "dequantize_per_channel" in str(node.target):
            codes, scales = (attribute(converted, node.args[i].target) for i in (0, 1))
            digest = hashlib.sha256(codes.contiguous().numpy().tobytes()).hexdigest()[:12]
            users = sorted(u.name for u in node.users)
            rows.append({"users": users, "scales": [float(v) for v in scales.flatten()], "codes": digest})
    return rows


class Multiplications(torch.fx.Interpreter):
    """Multiply-adds that depend on an input, by operation, and those whose two operands are dequantized."""

    def __init__(self, module):
        super().__init__(module)
        self.total, self.int8, self.float_ops, self.varying = 0, 0, {}, varying_of(module.graph)

    def run_node(self, node):
        result = super().run_node(node)
        name = target(node)
        count = self.count(node, name, result) if node.name in self.varying else 0
        if count:
            int8 = len(node.args) > 1 and all(isinstance(a, torch.fx.Node) and is_dequantize(a) for a in node.args[:2])
            self.total += count
            self.int8 += count if int8 else 0
            if not int8:
                self.float_ops[name] = self.float_ops.get(name, 0) + count
        return result

    def count(self, node, name, result) -> int:
        if not name.startswith(COUNTED):
            return 0
        args = [self.env[a] if isinstance(a, torch.fx.Node) else a for a in node.args]
        if name.startswith("aten.conv_transpose"):
            return args[0].numel() * args[1][0].numel()
        if name.startswith("aten.conv"):
            return result.numel() * args[1][0].numel()
        if name.startswith("aten.linear"):
            return result.numel() * args[1].shape[-1]
        if name.startswith("aten.scaled_dot"):
            query, key, value = args[:3]
            rows = query.shape[:-1].numel()
            return rows * key.shape[-2] * (query.shape[-1] + value.shape[-1])
        return result.numel() * args[1 if "addmm" in name else 0].shape[-1]


class Exact(torch.fx.Interpreter):
    """Sums convolutions and linear layers in f64: how far the reference's answers hang on its f32 kernels."""

    def call_function(self, function, args, kwargs):
        if str(function).startswith(("aten.conv", "aten.linear")):
            wide = [a.double() if isinstance(a, torch.Tensor) else a for a in args]
            return super().call_function(function, tuple(wide), kwargs).float()
        return super().call_function(function, args, kwargs)

    def __call__(self, *args):
        return self.run(*args)


def outputs_of(module, tests) -> list:
    """Outputs stacked over the samples, one array each."""
    count = len(tests[0])
    rows = []
    for i in range(count):
        found = module(*(torch.from_numpy(t[i : i + 1]) for t in tests))
        rows.append(found if isinstance(found, (tuple, list)) else (found,))
    return [np.concatenate([row[k].numpy() for row in rows]) for k in range(len(rows[0]))]


def varying_of(graph) -> set:
    """Names of the nodes that depend on an input."""
    found = set()
    for node in graph.nodes:
        if node.op == "placeholder" or any(a.name in found for a in node.all_input_nodes):
            found.add(node.name)
    return found


def prepared_on(module, calibration: list):
    quantizer = XPUInductorQuantizer().set_global(get_default_xpu_inductor_quantization_config())
    prepared = prepare_pt2e(module, quantizer)
    for i in range(len(calibration[0])):
        prepared(*(torch.from_numpy(c[i : i + 1]) for c in calibration))
    return prepared


def folded_answers(program, calibration: list, tests: list) -> list:
    """The reference quantizes what depends on no input, too. Once more, with that folded in f32 first."""
    module = program.module()
    constant_fold(module)
    try:
        return outputs_of(convert_pt2e(prepared_on(module, calibration)), tests)
    except IndexError:  # the quantizer does not expect a linear layer that was folded away
        return []


@torch.no_grad()
def reference(archive: str, calibration: list, tests: list):
    """calibration, tests: one array of samples per input, in the order of the inputs."""
    program = torch.export.load(archive)
    nodes = nodes_of(program)
    answers = {f"float_{k}": v for k, v in enumerate(outputs_of(program.module(), tests))}
    prepared = prepared_on(program.module(), calibration)
    observers = observers_of(prepared)
    converted = convert_pt2e(prepared)
    answers |= {f"int8_{k}": v for k, v in enumerate(outputs_of(converted, tests))}
    answers |= {f"exact_{k}": v for k, v in enumerate(outputs_of(Exact(converted), tests))}
    varying = varying_of(converted.graph)
    if any(is_quantize(n) and n.name not in varying for n in converted.graph.nodes):
        answers |= {f"folded_{k}": v for k, v in enumerate(folded_answers(program, calibration, tests))}
    counter = Multiplications(converted)
    counter.run(*(torch.from_numpy(t[:1]) for t in tests))
    description = {
        "nodes": nodes,
        "kept": [n.name for n in converted.graph.nodes],
        "observers": observers,
        "quantizers": quantizers_of(converted),
        "weights": weights_of(converted),
        "macs_total": counter.total,
        "macs_int8": counter.int8,
        "float_ops": counter.float_ops,
        "folded": "folded_0" in answers,
    }
    return description, answers
