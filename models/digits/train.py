#!/usr/bin/env python3
"""Trains the digits network and writes everything else in this folder.

    python models/digits/train.py [--epochs N]

The pictures go through the preprocessing of xpuq's preset `unit`: Pillow bilinear
stretch from 8x8 to 32x32, then x/255 in f32.
"""

import argparse
import json
import shutil
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from sklearn.datasets import load_digits
from torch import nn

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tools" / "oracle"))
from exporting import save_onnx, save_pt2  # noqa: E402

SEED = 20240
TRAIN, CALIB = 1000, 100
NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


class Residual(nn.Module):
    """Two 3x3 convolutions and a shortcut; the shortcut is a 1x1 convolution when the shape changes."""

    def __init__(self, inp: int, out: int, stride: int = 1):
        super().__init__()
        self.conv1 = nn.Conv2d(inp, out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.relu2 = nn.ReLU()
        self.down = None
        if stride != 1 or inp != out:
            self.down = nn.Sequential(nn.Conv2d(inp, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x):
        y = self.bn2(self.conv2(self.relu1(self.bn1(self.conv1(x)))))
        return self.relu2(y + (x if self.down is None else self.down(x)))


class Digits(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU())
        self.block1 = Residual(16, 32, 2)
        self.block2 = Residual(32, 32)
        self.depthwise = nn.Sequential(
            nn.Conv2d(32, 32, 3, 2, 1, groups=32, bias=False), nn.BatchNorm2d(32), nn.ReLU6()
        )
        self.point = nn.Sequential(nn.Conv2d(32, 64, 1, bias=False), nn.BatchNorm2d(64), nn.Hardswish())
        self.block3 = Residual(64, 64)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.head = nn.Linear(64, 10)

    def forward(self, x):
        x = self.block2(self.block1(self.stem(x)))
        x = self.block3(self.point(self.depthwise(x)))
        return self.head(self.flatten(self.pool(x)))


def preprocess(picture: Image.Image) -> torch.Tensor:
    big = picture.resize((32, 32), Image.Resampling.BILINEAR)
    return torch.from_numpy(np.asarray(big, np.uint8).astype(np.float32) / np.float32(255))[None]


def load_folder(folder: Path):
    files = sorted(folder.glob("*/*.png"))
    pictures = torch.stack([preprocess(Image.open(f)) for f in files])
    return pictures, torch.tensor([int(f.parent.name) for f in files])


def augment(x: torch.Tensor, gen: torch.Generator) -> torch.Tensor:
    """Random rotation (+-12 degrees), scale (0.88..1.12), shear and shift (up to 3 pixels)."""
    n = x.shape[0]

    def uniform(limit):
        return (torch.rand(n, generator=gen) * 2 - 1) * limit

    angle, scale, shear = uniform(0.21), 1 + uniform(0.12), uniform(0.12)
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0], theta[:, 0, 1] = torch.cos(angle) * scale, shear - torch.sin(angle) * scale
    theta[:, 1, 0], theta[:, 1, 1] = torch.sin(angle) * scale, torch.cos(angle) * scale
    theta[:, 0, 2], theta[:, 1, 2] = uniform(3 / 16), uniform(3 / 16)
    grid = nn.functional.affine_grid(theta, list(x.shape), align_corners=False)
    return nn.functional.grid_sample(x, grid, align_corners=False)


@torch.no_grad()
def accuracy(run, pictures, labels):
    hits = sum(int(run(pictures[i : i + 1]).argmax()) == int(labels[i]) for i in range(len(labels)))
    return hits, len(labels)


def int8_reference(path: Path, calib):
    """The int8 accuracy of the PyTorch reference, for comparison; None without torchao."""
    try:
        from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e
        from torchao.quantization.pt2e.quantizer.xpu_inductor_quantizer import (
            XPUInductorQuantizer,
            get_default_xpu_inductor_quantization_config,
        )
    except ImportError:
        return None
    quantizer = XPUInductorQuantizer().set_global(get_default_xpu_inductor_quantization_config())
    prepared = prepare_pt2e(torch.export.load(str(path)).module(), quantizer)
    with torch.no_grad():
        for i in range(len(calib)):
            prepared(calib[i : i + 1])
    return convert_pt2e(prepared)


def write_pictures():
    digits = load_digits()
    order = np.random.default_rng(SEED).permutation(len(digits.target))
    pixels = np.rint(digits.images * (255.0 / 16.0)).astype(np.uint8)
    train = order[:TRAIN]
    # The calibration set is ten of each class, taken out of the training part.
    calib = [i for c in range(10) for i in train[digits.target[train] == c][: CALIB // 10]]
    for name, chosen in (("calib", calib), ("test", order[TRAIN:])):
        shutil.rmtree(HERE / name, ignore_errors=True)
        for i in sorted(int(i) for i in chosen):
            target = HERE / name / str(digits.target[i]) / f"{i:04d}.png"
            target.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels[i]).save(target, optimize=True)
    (HERE / "labels.txt").write_text("\n".join(NAMES) + "\n")
    x = torch.stack([preprocess(Image.fromarray(pixels[i])) for i in train])
    return x, torch.from_numpy(digits.target[train].copy())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=60)
    args = parser.parse_args()

    torch.manual_seed(SEED)
    gen = torch.Generator().manual_seed(SEED)
    x, y = write_pictures()
    model = Digits()
    optimiser = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=5e-2)
    steps = args.epochs * (len(x) // 50)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=steps)
    loss_of = nn.CrossEntropyLoss(label_smoothing=0.05)
    for epoch in range(args.epochs):
        model.train()
        total = 0.0
        for chosen in torch.randperm(len(x), generator=gen).split(50):
            loss = loss_of(model(augment(x[chosen], gen)), y[chosen])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += float(loss)
        if epoch % 5 == 4:
            print(f"epoch {epoch + 1}: loss {total / (len(x) // 50):.4f}", flush=True)

    model.eval()
    example = torch.zeros(1, 1, 32, 32)
    save_pt2(model, example, str(HERE / "digits.pt2"), slim=False)
    save_onnx(model, example, str(HERE / "digits.onnx"), dynamo=True, slim=False)

    test, labels = load_folder(HERE / "test")
    calib, _ = load_folder(HERE / "calib")
    results = {"f32 (torch)": accuracy(torch.export.load(str(HERE / "digits.pt2")).module(), test, labels)}
    try:
        import onnxruntime

        session = onnxruntime.InferenceSession(str(HERE / "digits.onnx"))
        results["f32 (onnxruntime)"] = accuracy(lambda v: session.run(None, {"input": v.numpy()})[0], test, labels)
    except ImportError:
        pass
    quantised = int8_reference(HERE / "digits.pt2", calib)
    if quantised is not None:
        results["int8 (PyTorch reference)"] = accuracy(quantised, test, labels)
    for name, (hits, count) in results.items():
        print(f"{name}: {hits}/{count} = {100 * hits / count:.2f} %")
    print(json.dumps({"parameters": sum(p.numel() for p in model.parameters())}))


if __name__ == "__main__":
    main()
