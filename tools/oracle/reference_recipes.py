#!/usr/bin/env python3
"""Writes tests/fixtures/models/recipes.json: where the reference puts observers under other configurations.

    python tools/oracle/reference_recipes.py

Each entry: the model, a recipe file of xpuq, and the observers that the same
settings give in XPUInductorQuantizer, as in ref.json. Calibrated on the four
batches of exporting.py.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from exporting import batch
from reference_qdq import ROOT, observers_of

import torch
from torchao.quantization.pt2e import HistogramObserver
from torchao.quantization.pt2e.quantize_pt2e import prepare_pt2e
from torchao.quantization.pt2e.quantizer import QuantizationSpec
from torchao.quantization.pt2e.quantizer.xpu_inductor_quantizer import (
    XPUInductorQuantizer,
    get_default_xpu_inductor_quantization_config,
)
from torchao.quantization.pt2e.quantizer.x86_inductor_quantizer import QuantizationConfig

FUNCTIONS = {
    "conv2d": torch.nn.functional.conv2d,
    "conv1d": torch.nn.functional.conv1d,
    "linear": torch.nn.functional.linear,
    "matmul": torch.matmul,
    "mul": torch.mul,
    "cat": torch.cat,
    "flatten": torch.flatten,
    "avg_pool2d": torch.nn.functional.avg_pool2d,
    "adaptive_avg_pool2d": torch.nn.functional.adaptive_avg_pool2d,
}

CASES = [
    ("resnet", {"global": "symmetric"}),
    ("resnet", {"modules": [{"name": "layers.0", "config": "float"}]}),
    ("resnet", {"modules": [{"name": "layers.1.conv2", "config": "float"}]}),
    ("resnet", {"modules": [{"name": "layers.1.downsample", "config": "float"}]}),
    ("resnet", {"modules": [{"name": "layers.1", "config": "symmetric"}]}),
    ("resnet", {"global": "float", "modules": [{"name": "layers.1", "config": "asymmetric"}]}),
    ("resnet", {"operators": [{"type": "linear", "config": "float"}]}),
    ("resnet", {"global": "float", "operators": [{"type": "conv2d", "config": "asymmetric"}]}),
    ("resnet", {"operators": [{"type": "adaptive_avg_pool2d", "config": "float"}]}),
    ("resnet", {"operators": [{"type": "flatten", "config": "symmetric"}]}),
    ("squeezenet", {"operators": [{"type": "cat", "config": "float"}]}),
    ("squeezenet", {"modules": [{"name": "features.3", "config": "symmetric"}, {"name": "features", "config": "asymmetric"}]}),
    ("efficientnet", {"operators": [{"type": "mul", "config": "asymmetric"}, {"type": "conv2d", "config": "symmetric"}]}),
    ("inception", {"operators": [{"type": "avg_pool2d", "config": "float"}]}),
    ("vit", {"operators": [{"type": "matmul", "config": "asymmetric"}]}),
    ("vit", {"operators": [{"type": "linear", "config": "symmetric"}]}),
    ("mobilenetv3", {"operators": [{"type": "adaptive_avg_pool2d", "config": "symmetric"}]}),
]


def configuration(word):
    if word == "float":
        return None
    config = get_default_xpu_inductor_quantization_config()
    if word == "asymmetric":
        return config
    activation = QuantizationSpec(
        dtype=torch.int8,
        quant_min=-128,
        quant_max=127,
        qscheme=torch.per_tensor_symmetric,
        is_dynamic=False,
        observer_or_fake_quant_ctr=HistogramObserver.with_args(eps=2**-12),
    )
    return QuantizationConfig(activation, activation, config.weight, config.bias, config.is_qat)


def quantizer_of(recipe):
    quantizer = XPUInductorQuantizer()
    if (config := configuration(recipe.get("global", "asymmetric"))) is not None:
        quantizer.set_global(config)
    for entry in recipe.get("modules", []):
        quantizer.set_module_name_qconfig(entry["name"], configuration(entry["config"]))
    for entry in recipe.get("operators", []):
        quantizer.set_function_type_qconfig(FUNCTIONS[entry["type"]], configuration(entry["config"]))
    return quantizer


@torch.no_grad()
def main():
    rows = []
    for name, recipe in CASES:
        program = torch.export.load(str(ROOT / name / f"{name}.pt2"))
        placeholder = next(n for n in program.graph.nodes if n.name in program.graph_signature.user_inputs)
        shape = list(placeholder.meta["val"].shape)
        prepared = prepare_pt2e(program.module(), quantizer_of(recipe))
        for index in range(1, 5):
            prepared(batch(index, shape))
        row = {"model": name, "recipe": {"schema": "xpuq.recipe/1", **recipe}, "observers": observers_of(prepared)}
        print(name, recipe, len(row["observers"]), flush=True)
        rows.append(row)
    body = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
    (ROOT / "recipes.json").write_text("[\n" + body + "\n]\n")


if __name__ == "__main__":
    main()
