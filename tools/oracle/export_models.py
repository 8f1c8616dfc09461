#!/usr/bin/env python3
"""Remakes tests/fixtures/models/<name>/<name>.{pt2,dynamo.onnx,torchscript.onnx}.

    python tools/oracle/export_models.py [NAME...]

Weights are random but seeded; batch norms hold the statistics of one pass.
"""

import sys
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import torch
from exporting import save_onnx, save_pt2, settle_batch_norm
from nets import VGG, Basic, EfficientNet, Inception, MobileNetV2, MobileNetV3, ResNet, SqueezeNet, ViT

ROOT = Path(__file__).resolve().parents[2] / "tests" / "fixtures" / "models"
SHAPE = (1, 3, 32, 32)

FAMILIES = {
    "resnet": lambda: ResNet(Basic, (1, 1, 1), (6, 8, 12), 10, stem_kernel=3),
    "mobilenetv2": lambda: MobileNetV2(8, ((1, 8, 1, 1), (2, 12, 2, 2), (2, 16, 1, 2)), 24, 10),
    "mobilenetv3": MobileNetV3,
    "squeezenet": SqueezeNet,
    "vgg": VGG,
    "efficientnet": EfficientNet,
    "inception": Inception,
    "vit": ViT,
}


def build(name: str) -> torch.nn.Module:
    seed = zlib.crc32(name.encode()) & 0xFFFF
    torch.manual_seed(seed)
    model = FAMILIES[name]()
    for module in model.modules():
        # Keeps the signal up through the depth, so that no activation range sinks below 255 * 2^-12.
        if isinstance(module, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        elif isinstance(module, torch.nn.Linear):
            torch.nn.init.normal_(module.weight, std=1.5 * module.in_features**-0.5)
    settle_batch_norm(model, SHAPE, seed)
    return model.eval()


def main():
    for name in sys.argv[1:] or FAMILIES:
        folder = ROOT / name
        folder.mkdir(parents=True, exist_ok=True)
        example = torch.zeros(SHAPE)
        save_pt2(build(name), example, str(folder / f"{name}.pt2"))
        save_onnx(build(name), example, str(folder / f"{name}.dynamo.onnx"), dynamo=True)
        save_onnx(build(name), example, str(folder / f"{name}.torchscript.onnx"), dynamo=False)
        sizes = ", ".join(f"{f.name} {f.stat().st_size}" for f in sorted(folder.glob(f"{name}.*")))
        print(sizes, flush=True)


if __name__ == "__main__":
    main()
