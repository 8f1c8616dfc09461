"""Model families for docs/fidelity.md: full depth, narrow, at low resolution, seeded.

FAMILIES maps a name to a Family; make(name) builds the network with lively
weights, settled batch norms and centred logits; samples(name, ...) draws inputs.
"""

import zlib
from dataclasses import dataclass
from typing import Callable

import torch
import torch.nn.functional as F
import transformers as hf
from classic_nets import (
    LARGE,
    SMALL,
    VGG16,
    AlexNet,
    DenseNet,
    EfficientNetV2,
    GoogLeNet,
    InceptionV3,
    MNASNet,
    MobileNetV3,
    ShuffleNetV2,
    SqueezeNet11,
    UNet,
    Yolo,
)
from exporting import settle_batch_norm
from nets import Bottleneck, ResNet
from torch import nn

CLASSES = 10


@dataclass(frozen=True)
class Input:
    shape: tuple
    kind: str = "picture"  # picture: smooth f32; token: s64 below `vocabulary`; mask: s64 ones, then zeros
    vocabulary: int = 0


@dataclass(frozen=True)
class Family:
    title: str
    source: str  # transformers, or own
    build: Callable[[], nn.Module]
    inputs: dict
    outputs: dict  # name -> axis of the classes; None: no class to agree on
    residual: bool = True  # an unactivated batch norm ends a residual branch


class Wrapped(nn.Module):
    """A transformers model that takes and returns plain tensors."""

    def __init__(self, model, *fields):
        super().__init__()
        self.model, self.fields = model, fields

    def forward(self, x):
        found = self.model(x)
        answers = tuple(getattr(found, field) for field in self.fields)
        return answers if len(answers) > 1 else answers[0]


class WrappedText(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, ids, mask):
        return self.model(input_ids=ids, attention_mask=mask).logits


class NeXtBlock(Bottleneck):
    widening, groups = 2, 8


class WideBlock(Bottleneck):
    widening = 2


def classifier(model, config, **options):
    options.setdefault("num_labels", CLASSES)
    return Wrapped(getattr(hf, model)(getattr(hf, config)(**options)), "logits")


def hf_resnet(layer, depths, widths):
    return classifier(
        "ResNetForImageClassification", "ResNetConfig", layer_type=layer, depths=depths, hidden_sizes=widths,
        embedding_size=16,
    )  # fmt: skip


def regnet(layer):
    return classifier(
        "RegNetForImageClassification", "RegNetConfig", layer_type=layer, embedding_size=16,
        hidden_sizes=[16, 24, 48, 96], depths=[2, 6, 12, 2], groups_width=8,
    )  # fmt: skip


def spell_padding(model):
    """Numbers for Conv2d(padding="same") and "valid": the reference stops with an error at the words."""
    for module in model.modules():
        if isinstance(module, nn.Conv2d) and isinstance(module.padding, str):
            same = module.padding == "same"
            module.padding = tuple(k // 2 if same else 0 for k in module.kernel_size)
    return model


def efficientnet_b0():
    model = classifier(
        "EfficientNetForImageClassification", "EfficientNetConfig", width_coefficient=0.5, depth_coefficient=1.0,
        hidden_dim=640, image_size=64, dropout_rate=0.2,
    )  # fmt: skip
    return spell_padding(model)


def vit(model, config, attention, side=64):
    return classifier(
        model, config, hidden_size=48, num_attention_heads=3, intermediate_size=96, image_size=side, patch_size=8,
        attn_implementation=attention,
    )  # fmt: skip


def swin(model, config, side=128):
    return classifier(model, config, image_size=side, embed_dim=24, num_heads=[2, 4, 8, 16], window_size=4)


def convnext():
    return classifier("ConvNextForImageClassification", "ConvNextConfig", hidden_sizes=[12, 24, 48, 96], image_size=64)


def bert():
    config = hf.BertConfig(
        vocab_size=200, hidden_size=48, num_hidden_layers=6, num_attention_heads=4, intermediate_size=96,
        max_position_embeddings=32, num_labels=CLASSES,
    )  # fmt: skip
    return WrappedText(hf.BertForSequenceClassification(config))


def segformer():
    return classifier(
        "SegformerForSemanticSegmentation", "SegformerConfig", hidden_sizes=[8, 16, 40, 64], decoder_hidden_size=32,
        num_labels=5,
    )  # fmt: skip


def detr():
    backbone = hf.ResNetConfig(
        layer_type="basic", depths=[2, 2, 2, 2], hidden_sizes=[16, 24, 32, 48], embedding_size=16,
        out_features=["stage4"],
    )  # fmt: skip
    config = hf.DetrConfig(
        use_timm_backbone=False, backbone=None, backbone_config=backbone, use_pretrained_backbone=False, num_queries=12,
        d_model=48, encoder_layers=3, decoder_layers=3, encoder_attention_heads=4, decoder_attention_heads=4,
        encoder_ffn_dim=96, decoder_ffn_dim=96, num_labels=CLASSES, auxiliary_loss=False,
    )  # fmt: skip
    model = hf.DetrForObjectDetection(config)
    for module in model.modules():
        if type(module).__name__ == "DetrFrozenBatchNorm2d":  # batch norm written out, with statistics of its own
            nn.init.uniform_(module.weight, 0.8, 1.2)
            nn.init.normal_(module.bias, std=0.1)
            nn.init.normal_(module.running_mean, std=0.1)
            nn.init.uniform_(module.running_var, 0.8, 1.2)
    return Wrapped(model, "logits", "pred_boxes")


def picture(title, source, build, side, outputs=None, residual=True):
    return Family(title, source, build, {"x": Input((1, 3, side, side))}, outputs or {"logits": 1}, residual)


OWN, HF = "own", "transformers"
WIDTHS = (8, 16, 24, 32)
FAMILIES = {
    "resnet18": picture("ResNet-18", HF, lambda: hf_resnet("basic", [2, 2, 2, 2], [16, 24, 48, 96]), 64),
    "resnet50": picture("ResNet-50", HF, lambda: hf_resnet("bottleneck", [3, 4, 6, 3], [64, 96, 128, 192]), 64),
    "resnext50": picture("ResNeXt-50", OWN, lambda: ResNet(NeXtBlock, (3, 4, 6, 3), WIDTHS, CLASSES), 64),
    "wide_resnet50": picture("Wide ResNet-50-2", OWN, lambda: ResNet(WideBlock, (3, 4, 6, 3), WIDTHS, CLASSES), 64),
    "vgg16": picture("VGG-16", OWN, VGG16, 64),
    "alexnet": picture("AlexNet", OWN, AlexNet, 96),
    "googlenet": picture("GoogLeNet", OWN, GoogLeNet, 64, residual=False),
    "inception_v3": picture("Inception v3", OWN, InceptionV3, 128, residual=False),
    "squeezenet": picture("SqueezeNet 1.1", OWN, SqueezeNet11, 64),
    "densenet121": picture("DenseNet-121", OWN, DenseNet, 64, residual=False),
    "mobilenet_v1": picture(
        "MobileNet v1", HF,
        lambda: classifier("MobileNetV1ForImageClassification", "MobileNetV1Config", depth_multiplier=0.25), 64,
    ),
    "mobilenet_v2": picture(
        "MobileNet v2", HF,
        lambda: classifier(
            "MobileNetV2ForImageClassification", "MobileNetV2Config", depth_multiplier=0.35, tf_padding=False
        ), 64,
    ),
    "mobilenet_v3_large": picture("MobileNet v3 large", OWN, lambda: MobileNetV3(LARGE), 64),
    "mobilenet_v3_small": picture("MobileNet v3 small", OWN, lambda: MobileNetV3(SMALL), 64),
    "shufflenet_v2": picture("ShuffleNet v2", OWN, ShuffleNetV2, 64),
    "mnasnet": picture("MNASNet 1.0", OWN, MNASNet, 64),
    "efficientnet_b0": picture("EfficientNet B0", HF, efficientnet_b0, 64),
    "efficientnet_v2_s": picture("EfficientNet V2-S", OWN, EfficientNetV2, 64),
    "regnet_x": picture("RegNet X", HF, lambda: regnet("x"), 64),
    "regnet_y": picture("RegNet Y", HF, lambda: regnet("y"), 64),
    "convnext_tiny": picture("ConvNeXt tiny", HF, convnext, 64),
    "vit": picture("ViT (sdpa)", HF, lambda: vit("ViTForImageClassification", "ViTConfig", "sdpa"), 64),
    "deit": picture("DeiT (attention written out)", HF,
                    lambda: vit("DeiTForImageClassification", "DeiTConfig", "eager"), 64),
    "swin_tiny": picture("Swin tiny", HF, lambda: swin("SwinForImageClassification", "SwinConfig"), 128),
    "swin_v2_tiny": picture("Swin v2 tiny", HF, lambda: swin("Swinv2ForImageClassification", "Swinv2Config"), 128),
    "bert": Family(
        "BERT encoder", HF, bert,
        {"ids": Input((1, 24), "token", 200), "mask": Input((1, 24), "mask")}, {"logits": 1},
    ),
    "segformer": picture("SegFormer B0", HF, segformer, 64),
    "unet": picture("U-Net", OWN, UNet, 64),
    "yolo": picture("YOLO-like detector", OWN, Yolo, 96, {"p3": 1, "p4": 1, "p5": 1}),
    "detr": picture("DETR", HF, detr, 96, {"logits": 2, "boxes": None}),
}  # fmt: skip


def seed_of(name: str) -> int:
    return zlib.crc32(name.encode()) & 0xFFFF


def octaves(count: int, shape: tuple, first: int, last: int, generator: torch.Generator) -> torch.Tensor:
    """Sums of random grids of first, 2 first, ... last cells a side, each 0.6 as strong as the one before."""
    total, cells, strength = torch.zeros(count, *shape), first, 1.0
    while cells <= last:
        grid = torch.randn(count, shape[0], cells, cells, generator=generator)
        total += strength * F.interpolate(grid, shape[1:], mode="bilinear", align_corners=False)
        cells, strength = 2 * cells, 0.6 * strength
    return total


def draw(item: Input, labels: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """One sample per label along the first axis; what a label looks like does not depend on the generator."""
    count, fixed = len(labels), torch.Generator().manual_seed(5)
    if item.kind == "token":  # a label prefers a tenth of the vocabulary
        plain = torch.randint(1, item.vocabulary, (count, *item.shape[1:]), generator=generator)
        tenth = item.vocabulary // CLASSES
        liked = labels[:, None] * tenth + plain % tenth
        return torch.where(torch.rand(plain.shape, generator=generator) < 0.4, liked, plain).clamp(min=1)
    if item.kind == "mask":
        length = torch.randint(item.shape[1] // 2, item.shape[1] + 1, (count, 1), generator=generator)
        return (torch.arange(item.shape[1])[None] < length).to(torch.int64)
    shape = item.shape[1:]
    pattern = octaves(CLASSES, shape, 1, 4, fixed)[labels]
    contrast = 0.8 + 0.4 * torch.rand(count, 1, 1, 1, generator=generator)
    return (0.8 * contrast * pattern + 0.15 * octaves(count, shape, 2, 64, generator)).clamp(-2.2, 2.7)


def labelled(name: str, count: int, seed: int):
    generator = torch.Generator().manual_seed(seed_of(name) * 1000 + seed)
    labels = torch.randint(0, CLASSES, (count,), generator=generator)
    return {key: draw(item, labels, generator) for key, item in FAMILIES[name].inputs.items()}, labels


def samples(name: str, count: int, seed: int) -> dict:
    """name of input -> array of `count` samples."""
    return {key: value.numpy() for key, value in labelled(name, count, seed)[0].items()}


def example(name: str) -> tuple:
    return tuple(torch.from_numpy(v) for v in samples(name, 1, 0).values())


def enliven(model: nn.Module) -> None:
    """Weights that keep the signal up through the depth, so that no range sinks below 255 * 2^-12.

    The initialisers of transformers (standard deviation 0.02, layer scale 1e-6)
    would leave the reference with ranges at its floor.
    """
    for module in model.modules():
        if getattr(module, "bias", None) is not None:
            nn.init.normal_(module.bias, std=0.1)
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            side = module.weight[0, 0].numel() ** 0.5
            if side > 1:
                # Smooth filters, as trained ones are: pictures are smooth, and batch norm blows up what little is left.
                level = module.weight.mean((2, 3), keepdim=True) * side
                module.weight.mul_(0.5).add_(level).div_(side + 0.5)
        elif isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=1.5 * module.in_features**-0.5)
        elif isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight)
        elif isinstance(module, nn.LayerNorm):
            nn.init.uniform_(module.weight, 0.8, 1.2)
        else:
            for key, value in module.named_parameters(recurse=False):
                if "layer_scale" in key:
                    nn.init.uniform_(value, 0.2, 0.4)
                elif "token" in key or "position" in key:
                    nn.init.normal_(value, std=0.5)


ACTIVATIONS = (nn.ReLU, nn.ReLU6, nn.Hardtanh, nn.Hardswish, nn.SiLU, nn.GELU)


def linear_norms(model: nn.Module, inputs: tuple) -> set:
    """Batch norms that no activation module follows: ends of residual branches, for the most part."""
    made, read, hooks = {}, set(), []  # made keeps the tensors alive, so that their ids stay theirs

    def norm_hook(module, _, out):
        made[id(out)] = (module, out)

    def activation_hook(_, args):
        if id(args[0]) in made:
            read.add(made[id(args[0])][0])

    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            hooks.append(module.register_forward_hook(norm_hook))
        elif isinstance(module, ACTIVATIONS):
            hooks.append(module.register_forward_pre_hook(activation_hook))
    model(*inputs)
    for hook in hooks:
        hook.remove()
    return {norm for norm, _ in made.values()} - read


def fit_head(model: nn.Module, inputs: tuple, labels: torch.Tensor) -> None:
    """Solves the classifier by ridge regression, so that answers have the margins of a trained network.

    Without a linear layer of CLASSES answers at the end, takes the mean out of the last biased layer instead.
    """
    heads = [m for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d)) and m.bias is not None]
    seen = {}
    hooks = [m.register_forward_hook(lambda mod, args, out: seen.__setitem__(mod, (args[0], out))) for m in heads]
    answer = model(*inputs)
    for hook in hooks:
        hook.remove()
    last = list(seen)[-1]
    features, out = seen[last]
    if isinstance(last, nn.Linear) and isinstance(answer, torch.Tensor) and answer.shape == (len(labels), CLASSES):
        features = features.reshape(len(labels), -1).double()
        wanted = 5 * F.one_hot(labels, CLASSES).double()
        mean, goal = features.mean(0), wanted.mean(0)
        features, wanted = features - mean, wanted - goal
        square = features.T @ features
        ridge = 0.3 * square.trace() / len(square) * torch.eye(len(square), dtype=torch.float64)
        weight = torch.linalg.solve(square + ridge, features.T @ wanted).T
        last.weight.copy_(weight)
        last.bias.copy_(goal - weight @ mean)
    else:
        last.bias -= out.mean(
            [i for i in range(out.dim()) if i != (1 if isinstance(last, nn.Conv2d) else out.dim() - 1)]
        )


@torch.no_grad()
def make(name: str) -> nn.Module:
    torch.manual_seed(seed_of(name))
    model = FAMILIES[name].build().eval()
    enliven(model)
    drawn, labels = labelled(name, 256, 99)
    inputs = tuple(drawn.values())
    few = tuple(v[:32] for v in inputs)
    ends = linear_norms(model, few) if FAMILIES[name].residual else set()
    settle_batch_norm(model, None, seed_of(name), inputs=few, ends=ends)
    fit_head(model, inputs, labels)
    for value in model.parameters():
        value.requires_grad_(False)
    return model.eval()
