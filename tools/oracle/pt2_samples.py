#!/usr/bin/env python3
"""Writes tests/fixtures/pt2: tiny torch.export archives, and what PyTorch computes with them.

Per sample NAME: NAME.pt2 as exported, NAME.dec.pt2 after run_decompositions(), NAME.json with the input shapes and the
outputs. Inputs come from the generator of tests/fixtures/models (seed = 1 + position of the input). Stack traces and
example inputs are removed to keep the files small; otherwise they are as torch.export.save writes them. `old.pt2` has
the layout of torch 2.2 to 2.7, made by hand from the same serializer.

Usage: pt2_samples.py [OUTPUT_FOLDER]   (torch 2.13, CPU)
"""
import io
import json
import pathlib
import sys
import warnings
import zipfile

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.ao.quantization.fx._decomposed  # noqa: F401, defines quantized_decomposed

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
OUT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2] / "tests/fixtures/pt2")


class Convs(nn.Module):
    def __init__(self):
        super().__init__()
        self.same = nn.Conv2d(3, 4, 4, padding="same", groups=1)
        self.bn = nn.BatchNorm2d(4)
        self.depthwise = nn.Conv2d(4, 4, 3, padding=1, stride=2, groups=4, bias=False)
        self.up = nn.ConvTranspose2d(4, 2, 3, stride=2, padding=1, output_padding=1)
        self.line = nn.Conv1d(2, 3, 3, dilation=2)
        self.head = nn.Linear(6, 2)

    def forward(self, x):
        x = F.relu6(self.bn(self.same(x)))
        x = F.max_pool2d(x, 3, stride=2, padding=1, ceil_mode=True)
        x = F.hardswish(self.depthwise(x))
        x = F.leaky_relu(self.up(x), 0.1)
        x = F.avg_pool2d(x, 2, stride=1, padding=1, count_include_pad=False)
        y = self.line(x.flatten(2))
        x = F.adaptive_avg_pool2d(x, (3, 1)).flatten(1)
        return self.head(x), F.silu(y), F.adaptive_avg_pool2d(x.view(1, 2, 3, 1), 1)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(8)
        self.qkv = nn.Linear(8, 24)
        self.proj = nn.Linear(8, 8, bias=False)
        self.register_buffer("mask", torch.tensor([[True, False, True, True]]), persistent=False)

    def forward(self, x):
        q, k, v = self.qkv(self.norm(x)).view(1, 4, 3, 2, 4).permute(2, 0, 3, 1, 4).unbind(0)
        a = F.scaled_dot_product_attention(q, k, v, attn_mask=self.mask)
        b = F.scaled_dot_product_attention(q, k, v, is_causal=True, scale=0.3)
        c = torch.softmax(q @ k.transpose(-2, -1) * 0.5, dim=-1) @ v
        y = (a + b + c).transpose(1, 2).reshape(1, 4, 8)
        return x + F.gelu(self.proj(y), approximate="tanh")


class Places(nn.Module):
    """Writes through views, of constants and of what runs; picks, places, sums and orders by index."""

    def forward(self, x):
        mask = torch.zeros(1, 4, 6, 1)
        for count, (rows, columns) in enumerate([(slice(0, 2), slice(0, 3)), (slice(0, 2), slice(3, 6)), (slice(2, 4), slice(1, 5))]):
            mask[:, rows, columns, :] = count + 1
        y = x * 2
        y[:, 1:3, ::2] = x[:, 1:3, ::2] - 1
        y[:, 0].mul_(3)
        y.transpose(1, 2)[:, 4].add_(0.5)
        order = torch.argsort(x[0, 0])
        values, places = x.topk(2, dim=-1)
        low, _ = x.sort(dim=1)
        picked = torch.gather(x, 2, order[:3].expand(1, 4, 3))
        placed = torch.zeros_like(x).scatter(2, places, values)
        return y + mask.squeeze(-1), picked, placed, low, values, places.float(), x.cumsum(1) + torch.ones(4, 6).cumsum(1)


class Dynamic(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 4, 3, padding=1)

    def forward(self, x):
        b, c, h, w = x.shape
        y = self.conv(x).view(b, 2, 2 * h, w // 2, 2).permute(0, 4, 1, 2, 3).reshape(b, -1)
        return y * torch.arange(h).sum() + torch.ones(b, 1), F.interpolate(x, scale_factor=2.0)


class InPlace(nn.Module):
    def __init__(self):
        super().__init__()
        self.bn = nn.BatchNorm1d(3)

    def forward(self, x):
        y = x + 1
        flat = y.view(-1)
        same = y.detach()
        y.sub_(0.5).relu_()
        z = self.bn(y)
        z += flat[:6].view(2, 3)
        z.clamp_(max=2)
        return z, flat.sum() + same.mean()


class Shapes(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("index", torch.tensor([2, 0, -1]))

    def forward(self, x):
        a, b = x.chunk(2, 1)
        c = torch.roll(a, (1, -1), (2, 3)) + b.flip(3)
        d = F.pad(c, (1, -1, 2, 0), value=0.5)[:, :, ::2, 1:-1]
        e = torch.stack([d, d * 2], 1).amax(1).repeat(1, 2, 1, 1)
        f = F.pixel_shuffle(torch.cat([e, e.neg()], 1), 2)
        g = x[:, :, self.index].masked_fill(x[:, :, :3] > 0.5, float("-inf")).clamp(min=-2)
        h = x.transpose(1, 3)[..., 0].unsqueeze(1).expand(-1, 3, -1, -1)
        return f, g, h.split([1, 2], 1)[1].squeeze(0).movedim(0, 2), x.max(2)[0].argmax(1)


class Numbers(nn.Module):
    def __init__(self):
        super().__init__()
        self.group = nn.GroupNorm(2, 4)
        self.instance = nn.InstanceNorm1d(4, affine=True)
        self.rms = nn.RMSNorm(6)
        self.slope = nn.PReLU(4)

    def forward(self, x):
        y = self.rms(self.instance(self.group(x)))
        a = self.slope(y) + F.elu(y, 0.5) + F.softplus(y, beta=2) + F.hardsigmoid(y) + F.mish(y) + F.hardtanh(y, -0.5)
        b = (y.abs() + 1).rsqrt() + (y.abs() + 1).log() ** 2 - torch.exp(-y.abs()) / 3 + torch.sin(y) * 2 - y.round()
        c = torch.where(y > 0, 1.5 - y, y.sign()) + (y.le(0.25) & (y != 0)).float() + torch.minimum(y, y * y)
        d = torch.add(y, a, alpha=0.5).sub(b, alpha=2) + y.var(-1, keepdim=True) + y.norm(dim=1, keepdim=True)
        i = torch.arange(6) // 4 + torch.arange(6) % 4
        return a, b, c, d + i * 0.25, y.log_softmax(1).mean(), y.sum((0, 2))


class Images(nn.Module):
    def forward(self, x):
        return (F.interpolate(x, size=(7, 5), mode="bilinear"), F.interpolate(x, scale_factor=1.5, mode="bicubic"),
                F.interpolate(x, size=(6, 9), mode="bilinear", align_corners=True), F.interpolate(x, size=(3, 11)),
                F.pad(x, (1, 2, 0, 1), mode="reflect"), F.pad(x, (1, 0, 1, 0), mode="replicate"))


class Strides(nn.Module):
    """Tied, transposed, expanded and partial weights."""

    def __init__(self):
        super().__init__()
        base = torch.randn(4, 6)
        self.first = nn.Parameter(base)
        self.tied = self.first
        self.turned = nn.Parameter(torch.randn(6, 3).t())
        self.register_buffer("part", base.clone()[1:3, 2:5])
        self.register_buffer("spread", torch.randn(1, 3).expand(4, 3), persistent=False)
        self.conv = nn.Conv2d(2, 2, 2).to(memory_format=torch.channels_last)

    def forward(self, x, image):
        y = F.linear(x, self.first) @ self.tied
        y = F.linear(y, self.turned) + self.spread
        return y[:2] * self.part + torch.tensor([0.5, -1.0, 2.0]), self.conv(image)


class Quantized(nn.Module):
    """What convert_pt2e leaves: Q/DQ around a convolution with stored s8 weights."""

    def __init__(self):
        super().__init__()
        self.register_buffer("weight", torch.randint(-128, 128, (3, 2, 2, 2), dtype=torch.int8))
        self.register_buffer("scale", torch.tensor([0.01, 0.02, 0.005]))
        self.register_buffer("zero_point", torch.zeros(3, dtype=torch.int64))

    def forward(self, x):
        q = torch.ops.quantized_decomposed
        x = q.quantize_per_tensor(x, 0.0125, 3, -128, 127, torch.int8)
        x = q.dequantize_per_tensor(x, 0.0125, 3, -128, 127, torch.int8)
        w = q.dequantize_per_channel(self.weight, self.scale, self.zero_point, 0, -128, 127, torch.int8)
        return F.conv2d(x, w)


def lcg(shape, seed):
    state, values = seed, []
    for _ in range(torch.Size(shape).numel()):
        state = (state * 1664525 + 1013904223) % 2**32
        values.append((state >> 8) * 2.0**-23 - 1)
    return torch.tensor(values, dtype=torch.float32).reshape(shape)


def strip(document):
    """Removes what only helps debugging; nested dictionaries of nodes keep their order."""
    for node in document["graph_module"]["graph"]["nodes"]:
        node["metadata"] = {k: v for k, v in node["metadata"].items() if k == "nn_module_stack"}
    document["graph_module"]["module_call_graph"] = []
    return document


def save(program, path):
    """As torch.export.save, but smaller: payloads stay aligned to 64 bytes and stored."""
    buffer = io.BytesIO()
    torch.export.save(program, buffer)
    source = zipfile.ZipFile(buffer)
    with open(path, "wb") as out, zipfile.ZipFile(out, "w") as archive:
        for info in source.infolist():
            data = source.read(info)
            if "/sample_inputs/" in info.filename:
                continue
            if info.filename.endswith("models/model.json"):
                data = json.dumps(strip(json.loads(data)), separators=(",", ":")).encode()
            entry = zipfile.ZipInfo(info.filename)
            gap = -(out.tell() + 30 + len(entry.filename) + 4) % 64
            entry.extra = b"FB" + gap.to_bytes(2, "little") + b"Z" * gap
            if info.filename.endswith(".json"):
                entry.compress_type, entry.extra = zipfile.ZIP_DEFLATED, b""
            archive.writestr(entry, data)


def save_old(program, path):
    from torch._export.serde.serialize import serialize
    artifact = serialize(program)
    document = strip(json.loads(artifact.exported_program))
    document["schema_version"] = {"major": 8, "minor": 8}
    for node in document["graph_module"]["graph"]["nodes"]:
        node.pop("name", None)
        node.pop("is_hop_single_tensor_return", None)
        for argument in node["inputs"]:
            argument.pop("kind", None)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("version", "8.8")
        archive.writestr("serialized_exported_program.json", json.dumps(document, separators=(",", ":")), zipfile.ZIP_DEFLATED)
        archive.writestr("serialized_state_dict.pt", artifact.state_dict, zipfile.ZIP_DEFLATED)
        archive.writestr("serialized_constants.pt", artifact.constants)
        archive.writestr("serialized_example_inputs.pt", b"")


def sample(name, model, shapes, dynamic=None, decomposed=True, old=False, train=False):
    torch.manual_seed(0)
    model = (model() if isinstance(model, type) else model).train(train)
    for module in model.modules():  # statistics that do something
        if isinstance(module, nn.BatchNorm2d) or isinstance(module, nn.BatchNorm1d):
            module.running_mean.uniform_(-0.5, 0.5)
            module.running_var.uniform_(0.5, 1.5)
    args = tuple(lcg(shape, i + 1) for i, shape in enumerate(shapes))
    program = torch.export.export(model, args, dynamic_shapes=dynamic)
    model.eval()
    with torch.no_grad():
        outputs = model(*args)
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    save(program, OUT / f"{name}.pt2")
    if decomposed:
        save(program.run_decompositions(), OUT / f"{name}.dec.pt2")
    if old:
        save_old(program, OUT / "old.pt2")
    reference = {"inputs": [list(s) for s in shapes], "outputs": [
        {"shape": list(o.shape), "values": [float(f"{v:.8g}") for v in o.flatten().tolist()]} for o in outputs]}
    (OUT / f"{name}.json").write_text(json.dumps(reference, separators=(",", ":")) + "\n")


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    dim = torch.export.Dim
    sample("convs", Convs, [(1, 3, 9, 8)])
    sample("attention", Attention, [(1, 4, 8)])
    sample("dynamic", Dynamic, [(2, 2, 4, 6)], dynamic=({0: dim("batch", min=1, max=16), 2: 2 * dim("half", min=1, max=8)},))
    sample("in_place", InPlace, [(2, 3)])
    sample("places", Places, [(1, 4, 6)], decomposed=False)
    sample("shapes", Shapes, [(1, 4, 5, 6)])
    sample("numbers", Numbers, [(2, 4, 6)])
    sample("images", Images, [(1, 2, 5, 4)], decomposed=False)
    sample("strides", Strides, [(4, 6), (1, 2, 3, 3)], old=True)
    sample("quantized", Quantized, [(1, 2, 4, 4)], decomposed=False)
    sample("training", nn.Sequential(nn.Conv2d(2, 3, 2), nn.BatchNorm2d(3), nn.ReLU(), nn.Dropout()), [(2, 2, 4, 4)], decomposed=False, train=True)
    for path in sorted(OUT.iterdir()):
        print(f"{path.stat().st_size:7d} {path.name}")


if __name__ == "__main__":
    main()
