"""The same TimeSformer in PyTorch, to stand beside ours in the benchmark: bench/torch.ts starts it and talks JSON lines.

Written from the description of the model (divided space-time attention, class token apart from the patch tokens), the
way one would write it to be fast in PyTorch: tokens stay [b, t, n, d], attention is scaled_dot_product_attention or
plain products, whichever is faster here, AdamW is the fused one. Before anything is timed, `--role check` compares it
with our logits and gradients. Needs torch and nothing else.

argv: --role check|time --spec JSON. Then, for `time`, one request a line on stdin: {"atLeastMs", "atMost"} → {"ms": [...]}.
"""
import argparse
import json
import math
import resource
import struct
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn


class Attention(nn.Module):
    """Self-attention of [b, t, n, d] along axis 1 (time) or 2 (space)."""

    def __init__(self, d: int, heads: int, along: int):
        super().__init__()
        self.heads, self.along = heads, along
        self.qkv, self.proj = nn.Linear(d, 3 * d), nn.Linear(d, d)

    def forward(self, x):
        b, t, n, d = x.shape
        order, back = ((3, 0, 2, 4, 1, 5), (0, 3, 1, 2, 4)) if self.along == 1 else ((3, 0, 1, 4, 2, 5), (0, 1, 3, 2, 4))
        q, k, v = self.qkv(x).reshape(b, t, n, 3, self.heads, d // self.heads).permute(order).unbind(0)  # [b, ., h, s, e]
        if self.along == 1:  # a few frames: two small products beat the fused kernel
            mixed = torch.softmax(q @ k.transpose(-1, -2) * (d // self.heads) ** -0.5, -1) @ v
        else:
            q, k, v = (part.flatten(0, 1) for part in (q, k, v))
            mixed = F.scaled_dot_product_attention(q, k, v).unflatten(0, (b, t))
        return self.proj(mixed.permute(back).reshape(b, t, n, d))


class Mlp(nn.Module):
    def __init__(self, d: int, ratio: int):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(d, ratio * d), nn.Linear(ratio * d, d)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, s: dict):
        super().__init__()
        d, h, eps = s["hiddenSize"], s["attentionHeads"], s["layerNormEpsilon"]
        self.temporal_norm1, self.norm1, self.norm2 = (nn.LayerNorm(d, eps) for _ in range(3))
        self.temporal_attn, self.attn = Attention(d, h, 1), Attention(d, h, 2)
        self.temporal_fc, self.mlp = nn.Linear(d, d), Mlp(d, s["mlpRatio"])

    def forward(self, cls, x):  # [b, d], [b, t, n, d]
        b, t, _, d = x.shape
        x = x + self.temporal_fc(self.temporal_attn(self.temporal_norm1(x)))
        tokens = torch.cat([cls[:, None, None].expand(b, t, 1, d), x], 2)
        attended = self.attn(self.norm1(tokens))
        cls = cls + attended[:, :, 0].mean(1)
        x = x + attended[:, :, 1:]
        return cls + self.mlp(self.norm2(cls)), x + self.mlp(self.norm2(x))


class TimeSformer(nn.Module):
    def __init__(self, s: dict):
        super().__init__()
        d, p = s["hiddenSize"], s["patchSize"]
        self.patches = (s["imageSize"] // p) ** 2
        self.cls_token = nn.Parameter(torch.empty(1, 1, d))
        self.pos_embed = nn.Parameter(torch.empty(1, 1 + self.patches, d))
        self.time_embed = nn.Parameter(torch.empty(1, s["frames"], d))
        self.patch_embed = nn.ModuleDict({"proj": nn.Conv2d(3, d, p, p)})
        self.blocks = nn.ModuleList(Block(s) for _ in range(s["depth"]))
        self.norm = nn.LayerNorm(d, s["layerNormEpsilon"])
        self.heads = nn.ModuleDict({head["name"]: nn.Linear(d, len(head["classes"])) for head in s["heads"]})

    def forward(self, pixels):  # [b, t, 3, size, size] → logits [b, classes] of the only head
        b, t = pixels.shape[:2]
        x = self.patch_embed["proj"](pixels.flatten(0, 1)).flatten(2).transpose(1, 2)  # [b·t, n, d]
        x = x.unflatten(0, (b, t)) + self.pos_embed[:, None, 1:] + self.time_embed[:, :, None]
        cls = (self.cls_token[:, 0] + self.pos_embed[:, 0]).expand(b, -1)
        for block in self.blocks:
            cls, x = block(cls, x)
        (head,) = self.heads.values()
        return head(self.norm(cls))


DTYPES = {"F32": torch.float32, "I64": torch.int64}


def tensors(path: str):
    """Yields (name, tensor) of a .safetensors file, one in memory at a time, so that reading sets no memory record."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        for name, entry in header.items():
            if name == "__metadata__":
                continue
            begin, end = entry["data_offsets"]
            file.seek(8 + length + begin)
            data = bytearray(end - begin)
            if file.readinto(data) != len(data):
                raise ValueError(f"{path} is cut off")
            yield name, torch.frombuffer(data, dtype=DTYPES[entry["dtype"]]).reshape(entry["shape"])


def load(spec: dict, device: str):
    with torch.device("meta"):
        model = TimeSformer(spec["model"])
    model = model.to_empty(device=device)
    wanted, rest = model.state_dict(), {}
    with torch.no_grad():
        for name, value in tensors(spec["inputs"]):
            if name in wanted:
                wanted.pop(name).copy_(value)
            else:
                rest[name] = value.to(device)
    if wanted:
        raise ValueError(f"no weights for {sorted(wanted)}")
    return model, rest["pixels"], rest["labels"]


def relative(ours, theirs, least=0.0) -> float:
    ours, theirs = ours.double().cpu(), theirs.detach().double().cpu()
    return ((ours - theirs).norm() / max(theirs.norm().item(), least, 1e-30)).item()


def check(spec: dict, device: str) -> dict:
    """Relative differences of our logits, and of every tensor's gradient (the worst one)."""
    model, pixels, labels = load(spec, device)
    logits = model(pixels)
    if spec["mode"] == "inference":
        ours = dict(tensors(spec["ours"]))
        return {"logits": relative(ours["logits"], logits), "gradients": None}
    F.cross_entropy(logits, labels).backward()
    parameters = dict(model.named_parameters())
    # A gradient that is almost nothing beside the whole is rounding noise.
    least = 1e-4 * math.sqrt(sum(p.grad.double().pow(2).sum().item() for p in parameters.values() if p.grad is not None))
    errors, worst = {}, 0.0
    for name, ours in tensors(spec["ours"]):
        if name == "logits":
            errors["logits"] = relative(ours, logits)
        else:
            worst = max(worst, relative(ours, parameters[name].grad, least))
    return {**errors, "gradients": worst}


def trainer(spec: dict, device: str):
    """One step as ours makes it: gradients, their norm clipped, AdamW without decay on biases, norms and embeddings."""
    model, pixels, labels = load(spec, device)
    decays = lambda name, p: p.ndim > 1 and name not in ("cls_token", "pos_embed", "time_embed")
    o = spec["optimizer"]
    groups = [
        {"params": [p for n, p in model.named_parameters() if decays(n, p)], "weight_decay": o["weightDecay"]},
        {"params": [p for n, p in model.named_parameters() if not decays(n, p)], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=o["rate"], betas=tuple(o["betas"]), eps=o["epsilon"], fused=True)
    run = torch.compile(model) if spec["compiled"] else model

    def step():
        loss = F.cross_entropy(run(pixels), labels)
        loss.backward()
        if o["clipNorm"] > 0:
            nn.utils.clip_grad_norm_(model.parameters(), o["clipNorm"])
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return loss.item()

    return step


def classifier(spec: dict, device: str):
    model, pixels, _ = load(spec, device)
    model.eval()
    run = torch.compile(model) if spec["compiled"] else model

    def classify():
        with torch.inference_mode():
            return run(pixels).softmax(-1).cpu()[0, 0].item()

    return classify


def say(message: dict) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--role", choices=["check", "time"], required=True)
    parser.add_argument("--spec", required=True)
    args = parser.parse_args()
    spec = json.loads(args.spec)
    device = spec["device"]
    if device != "cpu" and not torch.cuda.is_available():
        raise SystemExit("this PyTorch sees no GPU")
    torch.set_num_threads(spec["threads"])
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False  # float32 is float32
    name = torch.cuda.get_device_name() if device == "cuda" else "cpu"
    if args.role == "check":
        return say(check(spec, device))
    run = (trainer if spec["mode"] == "training" else classifier)(spec, device)
    say({"ready": True, "version": torch.__version__, "device": name, "threads": torch.get_num_threads()})
    for line in sys.stdin:
        request = json.loads(line)
        if request.get("end"):
            break
        ms, value, began, cpu = [], 0.0, time.perf_counter(), time.process_time()
        while not ms or (len(ms) < request["atMost"] and (time.perf_counter() - began) * 1000 < request["atLeastMs"]):
            start = time.perf_counter()
            value = run()  # reads a number back, so a GPU has finished
            ms.append((time.perf_counter() - start) * 1000)
        say({"ms": ms, "cpuMs": (time.process_time() - cpu) * 1000, "value": value})
    unit = 1 if sys.platform == "darwin" else 1024
    say({"peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit})


if __name__ == "__main__":
    main()
