"""Networks that the transformers package does not have, re-stated with their full depth.

Each follows the usual implementation of its family, including its habits
(functional activations, in-place sums, lists handed to cat), because the
reference tells modules and functions apart. Widths are arguments.
"""

import torch
import torch.nn.functional as F
from nets import Fire, Gated, Squeeze, conv_bn, relu_inplace
from torch import nn


def pooled_classifier(inp, classes, dropout=0.2):
    return nn.Sequential(nn.Dropout(dropout), nn.Linear(inp, classes))


# ---- AlexNet and VGG: fully connected heads


class AlexNet(nn.Module):
    def __init__(self, widths=(8, 24, 48, 32, 32), hidden=64, side=2, classes=10):
        super().__init__()
        a, b, c, d, e = widths
        self.features = nn.Sequential(
            nn.Conv2d(3, a, 11, 4, 2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2),
            nn.Conv2d(a, b, 5, padding=2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2),
            nn.Conv2d(b, c, 3, padding=1), nn.ReLU(inplace=True),
            nn.Conv2d(c, d, 3, padding=1), nn.ReLU(inplace=True),
            nn.Conv2d(d, e, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2),
        )  # fmt: skip
        self.avgpool = nn.AdaptiveAvgPool2d((side, side))
        self.classifier = nn.Sequential(
            nn.Dropout(), nn.Linear(e * side * side, hidden), nn.ReLU(inplace=True),
            nn.Dropout(), nn.Linear(hidden, hidden), nn.ReLU(inplace=True), nn.Linear(hidden, classes),
        )  # fmt: skip

    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


class VGG16(nn.Module):
    def __init__(self, width=8, hidden=64, side=2, classes=10):
        super().__init__()
        layers, inp = [], 3
        for count, factor in ((2, 1), (2, 2), (3, 4), (3, 8), (3, 8)):
            for _ in range(count):
                layers += [nn.Conv2d(inp, width * factor, 3, padding=1), nn.ReLU(inplace=True)]
                inp = width * factor
            layers.append(nn.MaxPool2d(2, 2))
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d((side, side))
        self.classifier = nn.Sequential(
            nn.Linear(inp * side * side, hidden), nn.ReLU(True), nn.Dropout(),
            nn.Linear(hidden, hidden), nn.ReLU(True), nn.Dropout(), nn.Linear(hidden, classes),
        )  # fmt: skip

    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


# ---- GoogLeNet and Inception v3: functional activations and pools


class ConvNormRelu(nn.Module):
    def __init__(self, inp, out, kernel, **options):
        super().__init__()
        self.conv = nn.Conv2d(inp, out, kernel, bias=False, **options)
        self.bn = nn.BatchNorm2d(out, eps=0.001)

    def forward(self, x):
        return F.relu(self.bn(self.conv(x)), inplace=True)


class GoogLeNetBlock(nn.Module):
    def __init__(self, inp, one, three, five, pool):
        super().__init__()
        self.branch1 = ConvNormRelu(inp, one, 1)
        self.branch2 = nn.Sequential(ConvNormRelu(inp, three[0], 1), ConvNormRelu(*three, 3, padding=1))
        self.branch3 = nn.Sequential(ConvNormRelu(inp, five[0], 1), ConvNormRelu(*five, 3, padding=1))
        self.branch4 = nn.Sequential(nn.MaxPool2d(3, 1, 1, ceil_mode=True), ConvNormRelu(inp, pool, 1))

    def forward(self, x):
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], 1)


class GoogLeNet(nn.Module):
    """Rows: 1x1; 3x3 with its reduction; 5x5 (3x3 in the usual code) with its reduction; pool projection."""

    BLOCKS = (
        ((64, (96, 128), (16, 32), 32), (128, (128, 192), (32, 96), 64)),
        (
            (192, (96, 208), (16, 48), 64), (160, (112, 224), (24, 64), 64), (128, (128, 256), (24, 64), 64),
            (112, (144, 288), (32, 64), 64), (256, (160, 320), (32, 128), 128),
        ),
        ((256, (160, 320), (32, 128), 128), (384, (192, 384), (48, 128), 128)),
    )  # fmt: skip

    def __init__(self, divisor=8, classes=10):
        super().__init__()
        cut = lambda v: tuple(map(cut, v)) if isinstance(v, tuple) else max(2, v // divisor)  # noqa: E731
        stem, inp = cut(64), cut(192)
        self.conv1 = ConvNormRelu(3, stem, 7, stride=2, padding=3)
        self.maxpool1 = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.conv2 = ConvNormRelu(stem, stem, 1)
        self.conv3 = ConvNormRelu(stem, inp, 3, padding=1)
        self.maxpool2 = nn.MaxPool2d(3, 2, ceil_mode=True)
        layers = []
        for stage, rows in enumerate(self.BLOCKS):
            if stage:
                layers.append(nn.MaxPool2d(3 if stage == 1 else 2, 2, ceil_mode=True))
            for one, three, five, pool in (cut(row) for row in rows):
                layers.append(GoogLeNetBlock(inp, one, three, five, pool))
                inp = one + three[1] + five[1] + pool
        self.blocks = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(inp, classes)

    def forward(self, x):
        x = self.maxpool1(self.conv1(x))
        x = self.maxpool2(self.conv3(self.conv2(x)))
        x = torch.flatten(self.avgpool(self.blocks(x)), 1)
        return self.fc(self.dropout(x))


def chain(inp, *rows):
    """Rows of (out, kernel, options)."""
    layers = []
    for out, kernel, options in rows:
        layers.append(ConvNormRelu(inp, out, kernel, **options))
        inp = out
    return nn.Sequential(*layers)


ROW, COLUMN, SAME = {"padding": (0, 3)}, {"padding": (3, 0)}, {"padding": 1}
HALF = {"stride": 2}


class InceptionA(nn.Module):
    def __init__(self, inp, w, pool):
        super().__init__()
        self.branch1x1 = ConvNormRelu(inp, w(64), 1)
        self.branch5x5 = chain(inp, (w(48), 1, {}), (w(64), 5, {"padding": 2}))
        self.branch3x3dbl = chain(inp, (w(64), 1, {}), (w(96), 3, SAME), (w(96), 3, SAME))
        self.branch_pool = ConvNormRelu(inp, w(pool), 1)

    def forward(self, x):
        pooled = self.branch_pool(F.avg_pool2d(x, kernel_size=3, stride=1, padding=1))
        return torch.cat([self.branch1x1(x), self.branch5x5(x), self.branch3x3dbl(x), pooled], 1)


class InceptionB(nn.Module):
    def __init__(self, inp, w):
        super().__init__()
        self.branch3x3 = ConvNormRelu(inp, w(384), 3, stride=2)
        self.branch3x3dbl = chain(inp, (w(64), 1, {}), (w(96), 3, SAME), (w(96), 3, HALF))

    def forward(self, x):
        return torch.cat([self.branch3x3(x), self.branch3x3dbl(x), F.max_pool2d(x, kernel_size=3, stride=2)], 1)


class InceptionC(nn.Module):
    def __init__(self, inp, w, mid):
        super().__init__()
        m, out = w(mid), w(192)
        self.branch1x1 = ConvNormRelu(inp, out, 1)
        self.branch7x7 = chain(inp, (m, 1, {}), (m, (1, 7), ROW), (out, (7, 1), COLUMN))
        self.branch7x7dbl = chain(
            inp, (m, 1, {}), (m, (7, 1), COLUMN), (m, (1, 7), ROW), (m, (7, 1), COLUMN), (out, (1, 7), ROW)
        )
        self.branch_pool = ConvNormRelu(inp, out, 1)

    def forward(self, x):
        pooled = self.branch_pool(F.avg_pool2d(x, kernel_size=3, stride=1, padding=1))
        return torch.cat([self.branch1x1(x), self.branch7x7(x), self.branch7x7dbl(x), pooled], 1)


class InceptionD(nn.Module):
    def __init__(self, inp, w):
        super().__init__()
        m = w(192)
        self.branch3x3 = chain(inp, (m, 1, {}), (w(320), 3, HALF))
        self.branch7x7x3 = chain(inp, (m, 1, {}), (m, (1, 7), ROW), (m, (7, 1), COLUMN), (m, 3, HALF))

    def forward(self, x):
        return torch.cat([self.branch3x3(x), self.branch7x7x3(x), F.max_pool2d(x, kernel_size=3, stride=2)], 1)


class Fork(nn.Module):
    """1x3 and 3x1 side by side."""

    def __init__(self, inp, out):
        super().__init__()
        self.row = ConvNormRelu(inp, out, (1, 3), padding=(0, 1))
        self.column = ConvNormRelu(inp, out, (3, 1), padding=(1, 0))

    def forward(self, x):
        return torch.cat([self.row(x), self.column(x)], 1)


class InceptionE(nn.Module):
    def __init__(self, inp, w):
        super().__init__()
        self.branch1x1 = ConvNormRelu(inp, w(320), 1)
        self.branch3x3 = nn.Sequential(ConvNormRelu(inp, w(384), 1), Fork(w(384), w(384)))
        self.branch3x3dbl = nn.Sequential(chain(inp, (w(448), 1, {}), (w(384), 3, SAME)), Fork(w(384), w(384)))
        self.branch_pool = ConvNormRelu(inp, w(192), 1)

    def forward(self, x):
        pooled = self.branch_pool(F.avg_pool2d(x, kernel_size=3, stride=1, padding=1))
        return torch.cat([self.branch1x1(x), self.branch3x3(x), self.branch3x3dbl(x), pooled], 1)


class InceptionV3(nn.Module):
    def __init__(self, divisor=8, classes=10):
        super().__init__()
        w = lambda v: v // divisor  # noqa: E731
        self.stem = chain(3, (w(32), 3, HALF), (w(32), 3, {}), (w(64), 3, SAME))
        self.maxpool1 = nn.MaxPool2d(3, 2)
        self.middle = chain(w(64), (w(80), 1, {}), (w(192), 3, {}))
        self.maxpool2 = nn.MaxPool2d(3, 2)
        a = lambda pool: w(64) * 2 + w(96) + w(pool)  # noqa: E731
        b = w(384) + w(96) + a(64)
        c = 4 * w(192)
        d = w(320) + w(192) + c
        e = w(320) + 4 * w(384) + w(192)
        self.mixed = nn.Sequential(
            InceptionA(w(192), w, 32), InceptionA(a(32), w, 64), InceptionA(a(64), w, 64), InceptionB(a(64), w),
            InceptionC(b, w, 128), InceptionC(c, w, 160), InceptionC(c, w, 160), InceptionC(c, w, 192),
            InceptionD(c, w), InceptionE(d, w), InceptionE(e, w),
        )  # fmt: skip
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.dropout = nn.Dropout(0.5)
        self.fc = nn.Linear(e, classes)

    def forward(self, x):
        x = self.maxpool2(self.middle(self.maxpool1(self.stem(x))))
        return self.fc(torch.flatten(self.dropout(self.avgpool(self.mixed(x))), 1))


# ---- DenseNet


class DenseLayer(nn.Module):
    def __init__(self, inp, growth, widening=4):
        super().__init__()
        mid = widening * growth
        self.norm1, self.relu1 = nn.BatchNorm2d(inp), nn.ReLU(inplace=True)
        self.conv1 = nn.Conv2d(inp, mid, 1, bias=False)
        self.norm2, self.relu2 = nn.BatchNorm2d(mid), nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(mid, growth, 3, padding=1, bias=False)

    def forward(self, features):
        x = self.conv1(self.relu1(self.norm1(torch.cat(features, 1))))
        return self.conv2(self.relu2(self.norm2(x)))


class DenseBlock(nn.Module):
    def __init__(self, count, inp, growth):
        super().__init__()
        self.layers = nn.ModuleList(DenseLayer(inp + i * growth, growth) for i in range(count))

    def forward(self, x):
        features = [x]
        for layer in self.layers:
            features.append(layer(features))
        return torch.cat(features, 1)


class DenseNet(nn.Module):
    def __init__(self, counts=(6, 12, 24, 16), stem=16, growth=8, classes=10):
        super().__init__()
        layers = [nn.Conv2d(3, stem, 7, 2, 3, bias=False), nn.BatchNorm2d(stem), nn.ReLU(inplace=True)]
        layers.append(nn.MaxPool2d(3, 2, 1))
        inp = stem
        for i, count in enumerate(counts):
            layers.append(DenseBlock(count, inp, growth))
            inp += count * growth
            if i + 1 < len(counts):
                layers += [nn.BatchNorm2d(inp), nn.ReLU(inplace=True), nn.Conv2d(inp, inp // 2, 1, bias=False)]
                layers.append(nn.AvgPool2d(2, 2))
                inp //= 2
        self.features = nn.Sequential(*layers, nn.BatchNorm2d(inp))
        self.classifier = nn.Linear(inp, classes)

    def forward(self, x):
        x = F.adaptive_avg_pool2d(F.relu(self.features(x), inplace=True), (1, 1))
        return self.classifier(torch.flatten(x, 1))


# ---- SqueezeNet 1.1


class SqueezeNet11(nn.Module):
    def __init__(self, divisor=4, classes=10):
        super().__init__()
        w = lambda v: v // divisor  # noqa: E731
        pool = lambda: nn.MaxPool2d(3, 2, ceil_mode=True)  # noqa: E731
        fire = lambda inp, squeeze, out: Fire(w(inp), w(squeeze), w(out) // 2)  # noqa: E731
        self.features = nn.Sequential(
            nn.Conv2d(3, w(64), 3, 2), nn.ReLU(inplace=True), pool(),
            fire(64, 16, 128), fire(128, 16, 128), pool(),
            fire(128, 32, 256), fire(256, 32, 256), pool(),
            fire(256, 48, 384), fire(384, 48, 384), fire(384, 64, 512), fire(512, 64, 512),
        )  # fmt: skip
        self.classifier = nn.Sequential(
            nn.Dropout(0.5), nn.Conv2d(w(512), classes, 1), nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d((1, 1))
        )

    def forward(self, x):
        return torch.flatten(self.classifier(self.features(x)), 1)


# ---- MobileNetV3: rows of (kernel, expanded, out, squeeze, hardswish, stride), as published


LARGE = (
    (3, 16, 16, 0, 0, 1), (3, 64, 24, 0, 0, 2), (3, 72, 24, 0, 0, 1), (5, 72, 40, 1, 0, 2), (5, 120, 40, 1, 0, 1),
    (5, 120, 40, 1, 0, 1), (3, 240, 80, 0, 1, 2), (3, 200, 80, 0, 1, 1), (3, 184, 80, 0, 1, 1), (3, 184, 80, 0, 1, 1),
    (3, 480, 112, 1, 1, 1), (3, 672, 112, 1, 1, 1), (5, 672, 160, 1, 1, 2), (5, 960, 160, 1, 1, 1),
    (5, 960, 160, 1, 1, 1),
)  # fmt: skip
SMALL = (
    (3, 16, 16, 1, 0, 2), (3, 72, 24, 0, 0, 2), (3, 88, 24, 0, 0, 1), (5, 96, 40, 1, 1, 2), (5, 240, 40, 1, 1, 1),
    (5, 240, 40, 1, 1, 1), (5, 120, 48, 1, 1, 1), (5, 144, 48, 1, 1, 1), (5, 288, 96, 1, 1, 2), (5, 576, 96, 1, 1, 1),
    (5, 576, 96, 1, 1, 1),
)  # fmt: skip


def hardswish_inplace():
    return nn.Hardswish(inplace=True)


class MobileNetV3(nn.Module):
    def __init__(self, rows, divisor=4, classes=10):
        super().__init__()
        cut = lambda v: max(4, v // divisor)  # noqa: E731
        squeeze = lambda c: Squeeze(c, max(4, c // 4), nn.ReLU, nn.Hardsigmoid)  # noqa: E731
        inp = cut(16)
        layers = [conv_bn(3, inp, 3, 2, act=hardswish_inplace)]
        for kernel, mid, out, squeezed, swish, stride in rows:
            act = hardswish_inplace if swish else relu_inplace
            layers.append(Gated(inp, cut(mid), cut(out), kernel, stride, act, squeeze if squeezed else None))
            inp = cut(out)
        layers.append(conv_bn(inp, 6 * inp, 1, act=hardswish_inplace))
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(
            nn.Linear(6 * inp, 64), hardswish_inplace(), nn.Dropout(0.2, inplace=True), nn.Linear(64, classes)
        )

    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


# ---- EfficientNet V2-S: rows of (fused, expansion, stride, out, count)

V2_S = ((1, 1, 1, 24, 2), (1, 4, 2, 48, 4), (1, 4, 2, 64, 4), (0, 4, 2, 128, 6), (0, 6, 1, 160, 9), (0, 6, 2, 256, 15))


def silu_inplace():
    return nn.SiLU(inplace=True)


class FusedGated(nn.Module):
    """A full 3x3 in place of expansion and depthwise."""

    def __init__(self, inp, mid, out, stride):
        super().__init__()
        layers = [conv_bn(inp, mid, 3, stride, act=silu_inplace)]
        layers += [conv_bn(mid, out, 1)] if mid != out or inp != out else []
        self.body = nn.Sequential(*layers)
        self.residual = stride == 1 and inp == out

    def forward(self, x):
        y = self.body(x)
        if self.residual:
            y += x
        return y


class EfficientNetV2(nn.Module):
    def __init__(self, rows=V2_S, divisor=4, classes=10):
        super().__init__()
        inp = 24 // divisor
        layers = [conv_bn(3, inp, 3, 2, act=silu_inplace)]
        for fused, ratio, stride, out, count in rows:
            out //= divisor
            for i in range(count):
                step = stride if i == 0 else 1
                if fused:
                    layers.append(FusedGated(inp, inp * ratio, out, step))
                else:
                    squeeze = lambda c, s=max(2, inp // 4): Squeeze(c, s, silu_inplace, nn.Sigmoid)  # noqa: E731
                    layers.append(Gated(inp, inp * ratio, out, 3, step, silu_inplace, squeeze))
                inp = out
        layers.append(conv_bn(inp, 4 * inp, 1, act=silu_inplace))
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = pooled_classifier(4 * inp, classes)

    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


# ---- ShuffleNet V2


def shuffle(x, groups=2):
    batch, channels, height, width = x.size()
    x = x.view(batch, groups, channels // groups, height, width)
    return torch.transpose(x, 1, 2).contiguous().view(batch, channels, height, width)


class ShuffleUnit(nn.Module):
    def __init__(self, inp, out, stride):
        super().__init__()
        half, self.stride = out // 2, stride
        enter = inp if stride > 1 else half
        self.branch1 = nn.Sequential(
            *([conv_bn(inp, inp, 3, stride, groups=inp), conv_bn(inp, half, 1, act=relu_inplace)] if stride > 1 else [])
        )
        self.branch2 = nn.Sequential(
            conv_bn(enter, half, 1, act=relu_inplace),
            conv_bn(half, half, 3, stride, groups=half),
            conv_bn(half, half, 1, act=relu_inplace),
        )

    def forward(self, x):
        if self.stride == 1:
            kept, x = x.chunk(2, dim=1)
            out = torch.cat((kept, self.branch2(x)), dim=1)
        else:
            out = torch.cat((self.branch1(x), self.branch2(x)), dim=1)
        return shuffle(out)


class ShuffleNetV2(nn.Module):
    def __init__(self, counts=(4, 8, 4), widths=(8, 24, 48, 96, 128), classes=10):
        super().__init__()
        self.conv1 = conv_bn(3, widths[0], 3, 2, act=relu_inplace)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        layers, inp = [], widths[0]
        for count, out in zip(counts, widths[1:]):
            for i in range(count):
                layers.append(ShuffleUnit(inp, out, 1 if i else 2))
                inp = out
        self.stages = nn.Sequential(*layers)
        self.conv5 = conv_bn(inp, widths[-1], 1, act=relu_inplace)
        self.fc = nn.Linear(widths[-1], classes)

    def forward(self, x):
        x = self.conv5(self.stages(self.maxpool(self.conv1(x))))
        return self.fc(x.mean([2, 3]))


# ---- MNASNet: rows of (kernel, stride, expansion, out, count)

MNAS = ((3, 2, 3, 24, 3), (5, 2, 3, 40, 3), (5, 2, 6, 80, 3), (3, 1, 6, 96, 2), (5, 2, 6, 192, 4), (3, 1, 6, 320, 1))


class MnasBlock(nn.Module):
    def __init__(self, inp, out, kernel, stride, ratio):
        super().__init__()
        mid = inp * ratio
        self.residual = inp == out and stride == 1
        self.layers = nn.Sequential(
            conv_bn(inp, mid, 1, act=relu_inplace),
            conv_bn(mid, mid, kernel, stride, groups=mid, act=relu_inplace),
            conv_bn(mid, out, 1),
        )

    def forward(self, x):
        return self.layers(x) + x if self.residual else self.layers(x)


class MNASNet(nn.Module):
    def __init__(self, rows=MNAS, divisor=4, classes=10):
        super().__init__()
        stem, inp = 32 // divisor, 16 // divisor
        layers = [conv_bn(3, stem, 3, 2, act=relu_inplace), conv_bn(stem, stem, 3, groups=stem, act=relu_inplace)]
        layers.append(conv_bn(stem, inp, 1))
        for kernel, stride, ratio, out, count in rows:
            for i in range(count):
                layers.append(MnasBlock(inp, out // divisor, kernel, 1 if i else stride, ratio))
                inp = out // divisor
        layers.append(conv_bn(inp, 4 * inp, 1, act=relu_inplace))
        self.layers = nn.Sequential(*layers)
        self.classifier = nn.Sequential(nn.Dropout(0.2, inplace=True), nn.Linear(4 * inp, classes))

    def forward(self, x):
        return self.classifier(self.layers(x).mean([2, 3]))


# ---- U-Net with transposed convolutions


def double_conv(inp, out):
    return nn.Sequential(conv_bn(inp, out, 3, act=relu_inplace), conv_bn(out, out, 3, act=relu_inplace))


class UNet(nn.Module):
    def __init__(self, widths=(8, 16, 32, 64), classes=4):
        super().__init__()
        self.down, self.up, self.merge, inp = nn.ModuleList(), nn.ModuleList(), nn.ModuleList(), 3
        for width in widths[:-1]:
            self.down.append(double_conv(inp, width))
            inp = width
        self.pool = nn.MaxPool2d(2)
        self.bottom = double_conv(inp, widths[-1])
        inp = widths[-1]
        for width in reversed(widths[:-1]):
            self.up.append(nn.ConvTranspose2d(inp, width, 2, 2))
            self.merge.append(double_conv(2 * width, width))
            inp = width
        self.head = nn.Conv2d(inp, classes, 1)

    def forward(self, x):
        kept = []
        for block in self.down:
            x = block(x)
            kept.append(x)
            x = self.pool(x)
        x = self.bottom(x)
        for up, merge, other in zip(self.up, self.merge, reversed(kept)):
            x = merge(torch.cat([other, up(x)], dim=1))
        return self.head(x)


# ---- A YOLO-like detector: split stages, pyramid pooling, nearest resize and concat, three scales


def conv_silu(inp, out, kernel=1, stride=1):
    return conv_bn(inp, out, kernel, stride, act=silu_inplace)


class SplitStage(nn.Module):
    def __init__(self, inp, out, count=1, residual=True):
        super().__init__()
        half, self.residual = out // 2, residual
        self.enter = conv_silu(inp, out)
        self.blocks = nn.ModuleList(
            nn.Sequential(conv_silu(half, half, 3), conv_silu(half, half, 3)) for _ in range(count)
        )
        self.leave = conv_silu((2 + count) * half, out)

    def forward(self, x):
        parts = list(self.enter(x).chunk(2, 1))
        for block in self.blocks:
            y = block(parts[-1])
            parts.append(parts[-1] + y if self.residual else y)
        return self.leave(torch.cat(parts, 1))


class PyramidPooling(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.enter, self.leave = conv_silu(width, width // 2), conv_silu(2 * width, width)
        self.pool = nn.MaxPool2d(5, 1, 2)

    def forward(self, x):
        parts = [self.enter(x)]
        for _ in range(3):
            parts.append(self.pool(parts[-1]))
        return self.leave(torch.cat(parts, 1))


class YoloHead(nn.Module):
    """Boxes and classes of one scale."""

    def __init__(self, inp, classes, reach):
        super().__init__()
        self.box = nn.Sequential(conv_silu(inp, 16, 3), conv_silu(16, 16, 3), nn.Conv2d(16, 4 * reach, 1))
        self.classes = nn.Sequential(conv_silu(inp, inp, 3), conv_silu(inp, inp, 3), nn.Conv2d(inp, classes, 1))

    def forward(self, x):
        return torch.cat((self.classes(x), self.box(x)), 1)


class Yolo(nn.Module):
    def __init__(self, widths=(8, 16, 32, 64, 96), classes=8, reach=4):
        super().__init__()
        a, b, c, d, e = widths
        self.stem = nn.Sequential(conv_silu(3, a, 3, 2), conv_silu(a, b, 3, 2), SplitStage(b, b))
        self.stage3 = nn.Sequential(conv_silu(b, c, 3, 2), SplitStage(c, c, 2))
        self.stage4 = nn.Sequential(conv_silu(c, d, 3, 2), SplitStage(d, d, 2))
        self.stage5 = nn.Sequential(conv_silu(d, e, 3, 2), SplitStage(e, e), PyramidPooling(e))
        self.resize = nn.Upsample(scale_factor=2, mode="nearest")
        self.top4, self.top3 = SplitStage(e + d, d, residual=False), SplitStage(d + c, c, residual=False)
        self.down3, self.out4 = conv_silu(c, c, 3, 2), SplitStage(c + d, d, residual=False)
        self.down4, self.out5 = conv_silu(d, d, 3, 2), SplitStage(d + e, e, residual=False)
        self.heads = nn.ModuleList(YoloHead(w, classes, reach) for w in (c, d, e))

    def forward(self, x):
        p3 = self.stage3(self.stem(x))
        p4 = self.stage4(p3)
        p5 = self.stage5(p4)
        t4 = self.top4(torch.cat([self.resize(p5), p4], 1))
        n3 = self.top3(torch.cat([self.resize(t4), p3], 1))
        n4 = self.out4(torch.cat([self.down3(n3), t4], 1))
        n5 = self.out5(torch.cat([self.down4(n4), p5], 1))
        return tuple(head(n) for head, n in zip(self.heads, (n3, n4, n5)))
