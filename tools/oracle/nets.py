"""Network families used as fixtures and benchmarks, width given as an argument."""

import math

import torch
import torch.nn.functional as F
from torch import nn


def conv_bn(inp, out, kernel=3, stride=1, padding=None, groups=1, act=None):
    padding = kernel // 2 if padding is None else padding
    layers = [nn.Conv2d(inp, out, kernel, stride, padding, groups=groups, bias=False), nn.BatchNorm2d(out)]
    return nn.Sequential(*layers, *([act()] if act else []))


# ---- ResNet: in-place activations and in-place sums, as usually written


def relu_inplace():
    return nn.ReLU(inplace=True)


class Basic(nn.Module):
    expansion = 1

    def __init__(self, inp, width, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inp, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu1 = relu_inplace()
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.relu2 = relu_inplace()
        self.downsample = None if stride == 1 and inp == width else conv_bn(inp, width, 1, stride)

    def forward(self, x):
        out = self.bn2(self.conv2(self.relu1(self.bn1(self.conv1(x)))))
        out += x if self.downsample is None else self.downsample(x)
        return self.relu2(out)


class Bottleneck(nn.Module):
    expansion = 4
    widening = 1  # of the 3x3 in the middle: 2 in Wide ResNet and ResNeXt
    groups = 1

    def __init__(self, inp, width, stride):
        super().__init__()
        out, mid = width * self.expansion, width * self.widening
        self.conv1 = conv_bn(inp, mid, 1, act=relu_inplace)
        self.conv2 = conv_bn(mid, mid, 3, stride, groups=self.groups, act=relu_inplace)
        self.conv3 = conv_bn(mid, out, 1)
        self.downsample = None if stride == 1 and inp == out else conv_bn(inp, out, 1, stride)
        self.relu = relu_inplace()

    def forward(self, x):
        out = self.conv3(self.conv2(self.conv1(x)))
        out += x if self.downsample is None else self.downsample(x)
        return self.relu(out)


class ResNet(nn.Module):
    def __init__(self, block, counts, widths, classes, stem_kernel=7):
        super().__init__()
        self.conv1 = nn.Conv2d(3, widths[0], stem_kernel, 2, stem_kernel // 2, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        self.relu = relu_inplace()
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        layers, inp = [], widths[0]
        for stage, (count, width) in enumerate(zip(counts, widths)):
            for i in range(count):
                layers.append(block(inp, width, 2 if stage and not i else 1))
                inp = width * block.expansion
        self.layers = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(inp, classes)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.avgpool(self.layers(x))
        return self.fc(torch.flatten(x, 1))


# ---- MobileNetV2


class Inverted(nn.Module):
    def __init__(self, inp, out, stride, ratio):
        super().__init__()
        mid = inp * ratio
        layers = [] if ratio == 1 else [conv_bn(inp, mid, 1, act=nn.ReLU6)]
        layers += [conv_bn(mid, mid, 3, stride, groups=mid, act=nn.ReLU6), conv_bn(mid, out, 1)]
        self.body = nn.Sequential(*layers)
        self.residual = stride == 1 and inp == out

    def forward(self, x):
        return x + self.body(x) if self.residual else self.body(x)


class MobileNetV2(nn.Module):
    """settings: rows of (expansion ratio, channels, count, stride)."""

    def __init__(self, stem, settings, last, classes):
        super().__init__()
        layers, inp = [conv_bn(3, stem, 3, 2, act=nn.ReLU6)], stem
        for ratio, out, count, stride in settings:
            for i in range(count):
                layers.append(Inverted(inp, out, stride if i == 0 else 1, ratio))
                inp = out
        layers.append(conv_bn(inp, last, 1, act=nn.ReLU6))
        self.features = nn.Sequential(*layers)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(last, classes))

    def forward(self, x):
        return self.classifier(torch.flatten(self.pool(self.features(x)), 1))


# ---- MobileNetV3 and EfficientNet: squeeze and excitation


class Squeeze(nn.Module):
    def __init__(self, channels, mid, act, gate):
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(channels, mid, 1)
        self.act = act()
        self.fc2 = nn.Conv2d(mid, channels, 1)
        self.gate = gate()

    def forward(self, x):
        return self.gate(self.fc2(self.act(self.fc1(self.pool(x))))) * x


class Gated(nn.Module):
    """1x1 expansion, depthwise, squeeze and excitation, linear 1x1."""

    def __init__(self, inp, mid, out, kernel, stride, act, squeeze):
        super().__init__()
        layers = [] if mid == inp else [conv_bn(inp, mid, 1, act=act)]
        layers.append(conv_bn(mid, mid, kernel, stride, groups=mid, act=act))
        layers += [squeeze(mid)] if squeeze else []
        layers.append(conv_bn(mid, out, 1))
        self.body = nn.Sequential(*layers)
        self.residual = stride == 1 and inp == out

    def forward(self, x):
        y = self.body(x)
        if self.residual:
            y += x
        return y


class MobileNetV3(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        swish = lambda: nn.Hardswish(inplace=True)  # noqa: E731
        squeeze = lambda c: Squeeze(c, 8, nn.ReLU, nn.Hardsigmoid)  # noqa: E731
        self.features = nn.Sequential(
            conv_bn(3, 8, 3, 2, act=swish),
            Gated(8, 8, 8, 3, 1, relu_inplace, squeeze),
            Gated(8, 16, 12, 3, 2, relu_inplace, None),
            Gated(12, 24, 12, 5, 1, swish, squeeze),
            conv_bn(12, 24, 1, act=swish),
        )
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(
            nn.Linear(24, 32), nn.Hardswish(inplace=True), nn.Dropout(0.2, inplace=True), nn.Linear(32, classes)
        )

    def forward(self, x):
        return self.classifier(torch.flatten(self.pool(self.features(x)), 1))


class EfficientNet(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        swish = lambda: nn.SiLU(inplace=True)  # noqa: E731
        squeeze = lambda c: Squeeze(c, 4, swish, nn.Sigmoid)  # noqa: E731
        self.features = nn.Sequential(
            conv_bn(3, 8, 3, 2, act=swish),
            Gated(8, 8, 8, 3, 1, swish, squeeze),
            Gated(8, 24, 12, 3, 2, swish, squeeze),
            Gated(12, 24, 12, 5, 1, swish, squeeze),
            conv_bn(12, 32, 1, act=swish),
        )
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(nn.Dropout(0.2, inplace=True), nn.Linear(32, classes))

    def forward(self, x):
        return self.classifier(torch.flatten(self.pool(self.features(x)), 1))


# ---- SqueezeNet


class Fire(nn.Module):
    def __init__(self, inp, squeeze, expand):
        super().__init__()
        self.squeeze, self.relu = nn.Conv2d(inp, squeeze, 1), relu_inplace()
        self.expand1, self.relu1 = nn.Conv2d(squeeze, expand, 1), relu_inplace()
        self.expand3, self.relu3 = nn.Conv2d(squeeze, expand, 3, padding=1), relu_inplace()

    def forward(self, x):
        x = self.relu(self.squeeze(x))
        return torch.cat([self.relu1(self.expand1(x)), self.relu3(self.expand3(x))], 1)


class SqueezeNet(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        # 32 -> 16 -> 8 -> 4: with ceil_mode the last window of each pool hangs over the edge.
        self.features = nn.Sequential(
            nn.Conv2d(3, 16, 3, 2, 1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, 2, ceil_mode=True),
            Fire(16, 8, 12),
            Fire(24, 8, 12),
            nn.MaxPool2d(3, 2, ceil_mode=True),
            Fire(24, 8, 16),
        )
        self.classifier = nn.Sequential(
            nn.Dropout(0.5), nn.Conv2d(32, classes, 1), nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d((1, 1))
        )

    def forward(self, x):
        return torch.flatten(self.classifier(self.features(x)), 1)


# ---- VGG


class VGG(nn.Module):
    def __init__(self, widths=(8, 12, 16), hidden=32, classes=10):
        super().__init__()
        layers, inp = [], 3
        for width in widths:
            layers += [nn.Conv2d(inp, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU(inplace=True)]
            layers += [nn.MaxPool2d(2, 2)]
            inp = width
        layers += [nn.MaxPool2d(2, 2)]
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(
            nn.Linear(inp * 4, hidden), nn.ReLU(True), nn.Dropout(), nn.Linear(hidden, hidden), nn.ReLU(True),
            nn.Dropout(), nn.Linear(hidden, classes),
        )  # fmt: skip

    def forward(self, x):
        return self.classifier(torch.flatten(self.features(x), 1))


# ---- Inception


class Mixed(nn.Module):
    """1x1; 1x1 then 3x3; 1x1 then 1x3 and 3x1; average pool then 1x1."""

    def __init__(self, inp, width):
        super().__init__()
        self.one = conv_bn(inp, width, 1, act=relu_inplace)
        self.three = nn.Sequential(
            conv_bn(inp, width, 1, act=relu_inplace), conv_bn(width, width, 3, act=relu_inplace)
        )
        self.split = nn.Sequential(
            conv_bn(inp, width, 1, act=relu_inplace),
            conv_bn(width, width, (1, 3), padding=(0, 1), act=relu_inplace),
            conv_bn(width, width, (3, 1), padding=(1, 0), act=relu_inplace),
        )
        self.pool = nn.AvgPool2d(3, 1, 1)
        self.proj = conv_bn(inp, width, 1, act=relu_inplace)

    def forward(self, x):
        return torch.cat([self.one(x), self.three(x), self.split(x), self.proj(self.pool(x))], 1)


class Reduce(nn.Module):
    """A strided 3x3 beside a max pool: the pool keeps this cat in float on XPU."""

    def __init__(self, inp, width):
        super().__init__()
        self.conv = conv_bn(inp, width, 3, 2, padding=0, act=relu_inplace)
        self.pool = nn.MaxPool2d(3, 2)

    def forward(self, x):
        return torch.cat([self.conv(x), self.pool(x)], 1)


class Inception(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.stem = conv_bn(3, 8, 3, 2, act=relu_inplace)
        self.mixed1 = Mixed(8, 6)
        self.reduce = Reduce(24, 8)
        self.mixed2 = Mixed(32, 6)
        self.pool = nn.AdaptiveAvgPool2d((1, 1))
        self.dropout = nn.Dropout(0.5)
        self.fc = nn.Linear(24, classes)

    def forward(self, x):
        x = self.mixed2(self.reduce(self.mixed1(self.stem(x))))
        return self.fc(torch.flatten(self.dropout(self.pool(x)), 1))


# ---- ViT


class Attention(nn.Module):
    def __init__(self, width, heads, fused):
        super().__init__()
        self.heads, self.fused = heads, fused
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x):
        b, n, c = x.shape
        q, k, v = self.qkv(x).reshape(b, n, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        if self.fused:
            y = F.scaled_dot_product_attention(q, k, v)
        else:
            y = ((q @ k.transpose(-2, -1)) * (1 / math.sqrt(c // self.heads))).softmax(-1) @ v
        return self.proj(y.transpose(1, 2).reshape(b, n, c))


class Encoder(nn.Module):
    def __init__(self, width, heads, fused):
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm(width, eps=1e-6), Attention(width, heads, fused)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class ViT(nn.Module):
    """First block with fused attention, second one written out; class token and positions."""

    def __init__(self, width=16, heads=2, patch=8, size=32, classes=10):
        super().__init__()
        self.patch = nn.Conv2d(3, width, patch, patch)
        self.token = nn.Parameter(torch.randn(1, 1, width) * 0.5)
        self.position = nn.Parameter(torch.randn(1, (size // patch) ** 2 + 1, width) * 0.5)
        self.blocks = nn.Sequential(Encoder(width, heads, True), Encoder(width, heads, False))
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.head = nn.Linear(width, classes)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.position
        return self.head(self.norm(self.blocks(x))[:, 0])
