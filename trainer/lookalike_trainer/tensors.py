"""Safetensors files: u64 length, JSON header, then the values, little endian and without gaps."""

from __future__ import annotations

import json
import os
import struct
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

_TYPES = {"F32": torch.float32, "F64": torch.float64, "I64": torch.int64, "I32": torch.int32, "U8": torch.uint8}
_NAMES = {dtype: name for name, dtype in _TYPES.items()}


class TensorFileError(Exception):
    """A file that is not what it should be. The message is for the user."""


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """All tensors of a file, and its metadata. Raises TensorFileError where it is damaged."""
    data = bytearray(path.read_bytes())
    try:
        (length,) = struct.unpack_from("<Q", data)
        header: dict[str, Any] = json.loads(data[8 : 8 + length].decode("utf-8"))
        metadata: dict[str, str] = header.pop("__metadata__", {})
        tensors = {name: _tensor(data, 8 + length, entry) for name, entry in header.items()}
    except (struct.error, ValueError, KeyError, TypeError, RuntimeError) as cause:
        raise TensorFileError(f"{path} is damaged ({cause}). Copy it again.") from cause
    return tensors, metadata


def _tensor(data: bytearray, start: int, entry: dict[str, Any]) -> Tensor:
    dtype = _TYPES[entry["dtype"]]
    begin, end = entry["data_offsets"]
    if start + end > len(data):
        raise ValueError("it ends early")
    if begin == end:
        return torch.empty(entry["shape"], dtype=dtype)
    # A copy: the values need not begin at an even address.
    return torch.frombuffer(data[start + begin : start + end], dtype=dtype).reshape(entry["shape"])


def write_tensors(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None) -> None:
    """Writes tensors whole or not at all: aside, synced and renamed. Raises OSError where it cannot."""
    header: dict[str, Any] = {"__metadata__": dict(metadata)} if metadata else {}
    end = 0
    for name, tensor in tensors.items():
        size = tensor.numel() * tensor.element_size()
        header[name] = {"dtype": _NAMES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [end, end + size]}
        end += size
    text = json.dumps(header).encode("utf-8")
    text += b" " * (-len(text) % 8)
    handle, aside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(struct.pack("<Q", len(text)))
            file.write(text)
            for tensor in tensors.values():
                if tensor.numel() > 0:
                    file.write(memoryview(tensor.detach().cpu().contiguous().view(-1).numpy()).cast("B"))
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
