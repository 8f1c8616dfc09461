#!/usr/bin/env python3
"""Writes full-width networks for benchmarks and for the table of GPU targets, as .pt2 and .onnx.

    python tools/bench/export_models.py FOLDER [--batch N] [NAME...]

Input Nx3x224x224, 1000 classes; seeded random weights, batch norms hold the
statistics of one pass. Accuracy is meaningless; time and memory are not.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "oracle"))
import torch
from classic_nets import LARGE, MobileNetV3, ShuffleNetV2, SqueezeNet11
from exporting import save_onnx, save_pt2, settle_batch_norm
from families import classifier, enliven, spell_padding
from nets import Basic, Bottleneck, MobileNetV2, ResNet

SHAPE = (1, 3, 224, 224)
WIDTHS = (64, 128, 256, 512)
MOBILE = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)


def lively(model):
    """The initialisers of these leave signals that die out with depth."""
    with torch.no_grad():
        enliven(model)
    return model


def efficientnet_b0():
    return spell_padding(
        classifier("EfficientNetForImageClassification", "EfficientNetConfig", width_coefficient=1.0,
                   depth_coefficient=1.0, hidden_dim=1280, image_size=224, num_labels=1000)
    )  # fmt: skip


def vit_tiny():
    return classifier("ViTForImageClassification", "ViTConfig", hidden_size=192, num_attention_heads=3,
                      intermediate_size=768, image_size=224, patch_size=16, num_labels=1000)  # fmt: skip


NETWORKS = {
    "resnet18": lambda: ResNet(Basic, (2, 2, 2, 2), WIDTHS, 1000),
    "resnet50": lambda: ResNet(Bottleneck, (3, 4, 6, 3), WIDTHS, 1000),
    "mobilenetv2": lambda: MobileNetV2(32, MOBILE, 1280, 1000),
    "mobilenetv3": lambda: lively(MobileNetV3(LARGE, divisor=1, classes=1000)),
    "efficientnet_b0": lambda: lively(efficientnet_b0()),
    "squeezenet": lambda: lively(SqueezeNet11(divisor=1, classes=1000)),
    "shufflenet": lambda: ShuffleNetV2(widths=(24, 116, 232, 464, 1024), classes=1000),
    "vit_tiny": lambda: lively(vit_tiny()),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NETWORKS))
    parser.add_argument("--batch", type=int, default=1, help="pictures in the input (1); from 2 on the files are NAME.bN.*")
    args = parser.parse_intermixed_args()
    unknown = sorted(set(args.names) - set(NETWORKS))
    if unknown:
        parser.error(f"unknown network {', '.join(unknown)}; known: {', '.join(NETWORKS)}")
    args.folder.mkdir(parents=True, exist_ok=True)
    suffix = f".b{args.batch}" if args.batch > 1 else ""
    for name in args.names or NETWORKS:
        torch.manual_seed(18)
        model = NETWORKS[name]()
        settle_batch_norm(model, SHAPE, seed=18, samples=4)
        example = torch.zeros((args.batch, *SHAPE[1:]))
        save_pt2(model, example, str(args.folder / f"{name}{suffix}.pt2"), slim=False)
        save_onnx(model, example, str(args.folder / f"{name}{suffix}.onnx"), dynamo=True, slim=False)
        count = sum(p.numel() for p in model.parameters())
        sizes = ", ".join(f"{f.name} {f.stat().st_size}" for f in sorted(args.folder.glob(f"{name}{suffix}.*")))
        print(f"{name}: {count} parameters; {sizes}", flush=True)


if __name__ == "__main__":
    main()
