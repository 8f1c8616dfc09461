#!/usr/bin/env python3
"""Trains three small networks on the digits of models/digits and exports them as .pt2.

    python tools/bench/small_nets.py FOLDER [NAME...] [--epochs N]

The classes where int8 loses most: MobileNetV3 (hardswish, squeeze and excite),
EfficientNet (SiLU, squeeze and excite) and SqueezeNet (no batch norm). Gray
1x1x32x32, ten classes, preset `unit`. Also writes FOLDER/validate: 400 of the
training pictures (none of calib/ or test/), for `xpuq-compile --validate`.
"""

import argparse
import shutil
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from sklearn.datasets import load_digits
from torch import nn

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tools" / "oracle"), str(ROOT / "models" / "digits")]
from exporting import save_pt2  # noqa: E402
from train import CALIB, SEED, TRAIN, augment, preprocess  # noqa: E402

VALIDATE = 400


class Excite(nn.Module):
    def __init__(self, channels, act, gate):
        super().__init__()
        self.pool, self.act, self.gate = nn.AdaptiveAvgPool2d(1), act, gate
        self.down, self.up = nn.Conv2d(channels, channels // 4, 1), nn.Conv2d(channels // 4, channels, 1)

    def forward(self, x):
        return x * self.gate(self.up(self.act(self.down(self.pool(x)))))


class Inverted(nn.Module):
    """Expand, depthwise, excite, project; a shortcut where the shape stays."""

    def __init__(self, inp, mid, out, kernel, stride, act, excite):
        super().__init__()
        norm = nn.BatchNorm2d
        self.body = nn.Sequential(
            nn.Conv2d(inp, mid, 1, bias=False), norm(mid), act(),
            nn.Conv2d(mid, mid, kernel, stride, kernel // 2, groups=mid, bias=False), norm(mid), act(),
            excite(mid), nn.Conv2d(mid, out, 1, bias=False), norm(out),
        )  # fmt: skip
        self.short = stride == 1 and inp == out

    def forward(self, x):
        return x + self.body(x) if self.short else self.body(x)


def inverted_net(rows, act, excite, head):
    layers, inp = [nn.Conv2d(1, 16, 3, 2, 1, bias=False), nn.BatchNorm2d(16), act()], 16
    for mid, out, kernel, stride in rows:
        layers.append(Inverted(inp, mid, out, kernel, stride, act, excite))
        inp = out
    layers += [nn.Conv2d(inp, head, 1, bias=False), nn.BatchNorm2d(head), act(), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return nn.Sequential(*layers, nn.Linear(head, 10))


def mobilenet_v3():
    rows = ((32, 16, 3, 1), (64, 24, 3, 2), (88, 24, 3, 1), (96, 40, 5, 2), (160, 40, 5, 1), (160, 48, 5, 1))
    return inverted_net(rows, nn.Hardswish, lambda c: Excite(c, nn.ReLU(), nn.Hardsigmoid()), 192)


def efficientnet():
    rows = ((32, 16, 3, 1), (96, 24, 3, 2), (144, 24, 3, 1), (144, 40, 5, 2), (240, 40, 5, 1), (240, 64, 3, 1))
    return inverted_net(rows, nn.SiLU, lambda c: Excite(c, nn.SiLU(), nn.Sigmoid()), 256)


class Fire(nn.Module):
    def __init__(self, inp, squeeze, expand):
        super().__init__()
        self.squeeze, self.act = nn.Conv2d(inp, squeeze, 1), nn.ReLU()
        self.one, self.three = nn.Conv2d(squeeze, expand, 1), nn.Conv2d(squeeze, expand, 3, padding=1)

    def forward(self, x):
        x = self.act(self.squeeze(x))
        return torch.cat([self.act(self.one(x)), self.act(self.three(x))], 1)


def squeezenet():
    net = nn.Sequential(
        nn.Conv2d(1, 32, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(2), Fire(32, 16, 32), Fire(64, 16, 32), nn.MaxPool2d(2),
        Fire(64, 32, 64), Fire(128, 32, 64), nn.MaxPool2d(2), Fire(128, 48, 96), Fire(192, 48, 96),
        nn.Conv2d(192, 10, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
    )  # fmt: skip
    for m in net.modules():
        if isinstance(m, nn.Conv2d):
            nn.init.kaiming_normal_(m.weight, nonlinearity="relu")
            nn.init.zeros_(m.bias)
    return net


NETWORKS = {"mobilenet_v3": (mobilenet_v3, 4e-3), "efficientnet": (efficientnet, 4e-3), "squeezenet": (squeezenet, 1e-3)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NETWORKS))
    parser.add_argument("--epochs", type=int, default=30)
    args = parser.parse_args()

    digits = load_digits()
    train = np.random.default_rng(SEED).permutation(len(digits.target))[:TRAIN]  # as models/digits/train.py splits
    pixels = np.rint(digits.images * (255.0 / 16.0)).astype(np.uint8)
    calib = {i for c in range(10) for i in train[digits.target[train] == c][: CALIB // 10]}
    shutil.rmtree(args.folder / "validate", ignore_errors=True)
    for i in [i for i in train if i not in calib][:VALIDATE]:
        target = args.folder / "validate" / str(digits.target[i]) / f"{i:04d}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels[i]).save(target)
    x = torch.stack([preprocess(Image.fromarray(pixels[i])) for i in train])
    y = torch.from_numpy(digits.target[train].copy())

    for name in args.names or NETWORKS:
        build, rate = NETWORKS[name]
        torch.manual_seed(SEED)
        gen = torch.Generator().manual_seed(SEED)
        model = build()
        optimiser = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=1e-2)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=args.epochs * (len(x) // 50))
        for _ in range(args.epochs):
            model.train()
            for chosen in torch.randperm(len(x), generator=gen).split(50):
                loss = nn.functional.cross_entropy(model(augment(x[chosen], gen)), y[chosen])
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                schedule.step()
        model.eval()
        with torch.no_grad():
            right = int((model(x).argmax(1) == y).sum())
        save_pt2(model, torch.zeros(1, 1, 32, 32), str(args.folder / f"{name}.pt2"), slim=False)
        print(f"{name}: {sum(p.numel() for p in model.parameters())} parameters, {right} of {len(x)} training pictures", flush=True)


if __name__ == "__main__":
    main()
