"""Writes the files of perception/weights, and the checksums that are checked when they are read."""

import hashlib
import json

import numpy as np
from safetensors.numpy import save_file as save_arrays
from safetensors.torch import save_file

from perception.encoder import WEIGHTS
from perception.network import Heads, Parts, Tail, fold_norms


def write_tail(tail: Tail, parts: Parts) -> None:
    """The tail (its batch norms are folded, in place) and the parts."""
    fold_norms(tail)
    for module, name in ((tail, "tail"), (parts, "parts")):
        halves = {k: v.detach().half().contiguous() for k, v in module.state_dict().items()}
        save_file(halves, WEIGHTS / f"{name}.safetensors")
    write_sums()


def write_heads(heads: Heads, meta: dict[str, dict], profile: np.ndarray) -> None:
    """`meta`: head → classes, temperature, threshold, in the order of the heads; `profile`: see train.profiles."""
    tensors = {"profile": profile.astype(np.float32)}
    for name, conv in (("deep", heads.deep), ("middle", heads.middle)):
        tensors[f"attend.{name}.weight"] = _half(conv.weight.flatten(1))
        tensors[f"attend.{name}.bias"] = _half(conv.bias)
    for name, out in zip(meta, heads.outs, strict=True):
        tensors[f"{name}.weight"] = _half(out.weight.T)
        tensors[f"{name}.bias"] = _half(out.bias)
    save_arrays(tensors, WEIGHTS / "heads.safetensors", metadata={"heads": json.dumps(meta)})
    write_sums()


def write_sums() -> None:
    """SHA256SUMS for what is there."""
    lines = [
        f"{hashlib.sha256(f.read_bytes()).hexdigest()}  {f.name}"
        for f in sorted(WEIGHTS.glob("*.safetensors"))
    ]
    (WEIGHTS / "SHA256SUMS").write_text("\n".join(lines) + "\n")


def _half(x) -> np.ndarray:  # type: ignore[no-untyped-def]
    return np.ascontiguousarray(x.detach().numpy().astype(np.float16))
