"""Helpers shared by the scripts that write models: the LCG, and the three export forms.

Source paths that the exporters put in as stack traces are dropped, so the files
do not tell where they were made.
"""

import contextlib
import io
import logging
import os
import warnings
import zipfile

os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")

import numpy as np
import onnx
import torch

torch.set_num_threads(1)
warnings.filterwarnings("ignore")
logging.getLogger("torch.onnx").setLevel(logging.ERROR)

OPSET = 20


def lcg(seed: int, count: int) -> np.ndarray:
    """s=(s*1664525+1013904223) mod 2^32; t=2*((s>>8)*2^-24)-1, exact in f32."""
    state, out = seed & 0xFFFFFFFF, np.empty(count, np.int64)
    for i in range(count):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        out[i] = state >> 8
    return (out.astype(np.float64) * 2.0**-23 - 1.0).astype(np.float32)


# Batch b (1..4) is lcg(seed=b) laid out row-major, times BATCH_FACTORS[b-1] in f32.
BATCH_FACTORS = (1.0, 1.5, 0.75, 1.25)


def batch(index: int, shape) -> torch.Tensor:
    values = lcg(index, int(np.prod(shape))) * np.float32(BATCH_FACTORS[index - 1])
    return torch.from_numpy(values.reshape(tuple(shape)))


def settle_batch_norm(model: torch.nn.Module, shape, seed: int, samples: int = 16, inputs=None, ends=None) -> None:
    """Perturb gamma and beta, take the statistics of one training-mode pass, then eval.

    With inputs only the batch norms train: no dropout disturbs the statistics. With
    ends (norms that no activation follows) the network is tamed: a deep random one
    is chaotic, and a flipped 8-bit code in front changes its answer; trained ones
    are not. The ends get 0.3 of the gain, the others a beta near 1.
    """
    gen = torch.Generator().manual_seed(seed)
    norms = [m for m in model.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)]
    with torch.no_grad():
        for norm in norms:
            norm.weight.copy_(0.8 + 0.4 * torch.rand(norm.weight.shape, generator=gen))
            norm.bias.copy_(0.1 * torch.randn(norm.bias.shape, generator=gen))
            if ends is not None and norm in ends:
                norm.weight.mul_(0.3)
            elif ends is not None:
                norm.bias.add_(1.0)
            norm.momentum = 1.0
        if inputs is None:
            model.train()
            model(torch.rand((samples, *shape[1:]), generator=gen) * 2 - 1)
        elif norms:
            model.eval()
            for norm in norms:
                norm.train()
            model(*inputs)
    for norm in norms:
        norm.momentum = 0.1
        norm.num_batches_tracked.fill_(1)
    model.eval()


def _arguments(example) -> tuple:
    return example if isinstance(example, tuple) else (example,)


def export_program(model: torch.nn.Module, example, drop=("stack_trace",)):
    program = torch.export.export(model.eval(), _arguments(example), strict=True)
    for module in program.graph_module.modules():
        if isinstance(module, torch.fx.GraphModule):
            for node in module.graph.nodes:
                for key in drop:
                    node.meta.pop(key, None)
    return program


def _deflate(path: str) -> None:
    """Rewrites an archive with deflated entries; torch.export.load reads both kinds."""
    with zipfile.ZipFile(path) as old:
        entries = [(info.filename, old.read(info)) for info in old.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new:
        for name, data in entries:
            new.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED, 9)


def save_pt2(model: torch.nn.Module, example, path: str, slim: bool = True, limit: int = 60000) -> None:
    """example: a tensor or a tuple of them. slim drops it and the provenance; beyond the limit entries are deflated."""
    program = export_program(model, example, ("stack_trace", "from_node") if slim else ("stack_trace",))
    if slim:
        program.example_inputs = None
    torch.export.save(program, path)
    if slim and os.path.getsize(path) > limit:
        _deflate(path)


def _strip_traces(path: str, slim: bool) -> None:
    proto = onnx.load(path)
    dropped = ["stack_trace"] + (["fx_node", "class_hierarchy", "name_scopes", "InputSpec"] if slim else [])

    def clean(item):
        kept = [p for p in item.metadata_props if not any(d in p.key for d in dropped)]
        del item.metadata_props[:]
        item.metadata_props.extend(kept)
        item.doc_string = ""

    clean(proto)
    for graph in [proto.graph, *proto.functions]:
        clean(graph)
        for node in graph.node:
            clean(node)
    for value in [*proto.graph.value_info, *proto.graph.input, *proto.graph.output, *proto.graph.initializer]:
        clean(value)
    onnx.checker.check_model(proto, full_check=True)
    onnx.save(proto, path)


def save_onnx(
    model: torch.nn.Module, example, path: str, dynamo: bool, slim: bool = True, inputs=("input",), outputs=("logits",)
) -> None:
    extra = {"external_data": False} if dynamo else {}
    with contextlib.redirect_stdout(io.StringIO()):
        torch.onnx.export(
            model.eval(),
            _arguments(example),
            path,
            dynamo=dynamo,
            opset_version=OPSET,
            input_names=list(inputs),
            output_names=list(outputs),
            **extra,
        )
    _strip_traces(path, slim)
