"""Torch modules as an ONNX graph, run by ONNX Runtime: on a CPU about twice as fast as torch runs them one by one."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from safetensors.torch import load_file
from torch import Tensor, nn

from perception.encoder import SIDE, Features, own_weights
from perception.network import FINE_AT, MIDDLE_AT, STEM_BLOCKS, Parts, Stem, Tail, fold_norms, pretrained

_OPSET, _IR = 17, 8


class Graph:
    """Nodes and constants in the making. Methods take and give names of tensors. Batch norms must be folded."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self._six = self.constant(np.float32(6))
        self._zero = self.constant(np.float32(0))

    def constant(self, value: Any) -> str:
        """A constant tensor."""
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """One node with one output."""
        name = f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def relu6(self, x: str) -> str:
        """0..6."""
        return self.add("Clip", x, self._zero, self._six)

    def conv(self, x: str, conv: nn.Conv2d) -> str:
        """A convolution with its own (perhaps uneven) padding."""
        weight = _array(conv.weight)
        bias = np.zeros(len(weight), np.float32) if conv.bias is None else _array(conv.bias)
        static = getattr(conv, "static_padding", None)
        left, right, top, bottom = (
            getattr(static, "padding", None) or (conv.padding[1],) * 2 + (conv.padding[0],) * 2
        )
        return self.add(
            "Conv", x, self.constant(weight), self.constant(bias), group=conv.groups, strides=list(conv.stride),
            pads=[int(top), int(left), int(bottom), int(right)], kernel_shape=list(weight.shape[2:]),
        )  # fmt: skip

    def block(self, x: str, block: Any) -> str:
        """An inverted residual block (Sandler et al. 2018)."""
        start, arguments = x, block._block_args
        if arguments.expand_ratio != 1:
            x = self.relu6(self.conv(x, block._expand_conv))
        x = self.conv(self.relu6(self.conv(x, block._depthwise_conv)), block._project_conv)
        stride = arguments.stride[0] if isinstance(arguments.stride, list) else arguments.stride
        skips = arguments.id_skip and stride == 1 and arguments.input_filters == arguments.output_filters
        return self.add("Add", x, start) if skips else x

    def stem(self, pixels: str, stem: Stem) -> tuple[str, str]:
        """(n, 260, 260, 3) uint8 → the fine map and the stem's output."""
        x = self.add("Transpose", self.add("Cast", pixels, to=TensorProto.FLOAT), perm=[0, 3, 1, 2])
        x = self.add(
            "Mul", self.add("Sub", x, self.constant(np.float32(127))), self.constant(np.float32(1 / 128))
        )
        x = fine = self.relu6(self.conv(x, stem.conv))
        for i, block in enumerate(stem.blocks):
            x = self.block(x, block)
            fine = x if i == FINE_AT else fine
        return fine, x

    def tail(self, x: str, tail: Tail) -> tuple[str, str]:
        """The stem's output → the middle map and the deep map."""
        middle = x
        for i, block in enumerate(tail.blocks, STEM_BLOCKS):
            x = self.block(x, block)
            middle = x if i == MIDDLE_AT else middle
        return middle, self.relu6(self.conv(x, tail.conv))

    def parts(self, maps: tuple[str, str, str], parts: Parts) -> str:
        """Fine, middle and deep map → scores per cell."""
        fine, middle, deep = maps
        x = self.relu6(
            self.add("Add", self.larger(self.conv(deep, parts.deep), 17), self.conv(middle, parts.middle))
        )
        x = self.relu6(self.conv(self.relu6(self.conv(x, parts.mix)), parts.narrow))
        x = self.relu6(self.add("Add", self.larger(x, 33), self.conv(fine, parts.fine)))
        x = self.relu6(self.conv(self.relu6(self.conv(x, parts.spread)), parts.join))
        return self.conv(x, parts.out)

    def larger(self, x: str, side: int) -> str:
        """Bilinear, to side x side."""
        kept = self.add(
            "Slice", self.add("Shape", x), *(self.constant(np.array([k], np.int64)) for k in (0, 2))
        )
        sizes = self.add("Concat", kept, self.constant(np.array([side, side], np.int64)), axis=0)
        return self.add(
            "Resize", x, "", "", sizes, mode="linear", coordinate_transformation_mode="half_pixel"
        )

    def linear(self, x: str, layer: nn.Linear) -> str:
        """(n, a) → (n, b)."""
        return self.add(
            "Gemm", x, self.constant(_array(layer.weight)), self.constant(_array(layer.bias)), transB=1
        )

    def mean(self, x: str) -> str:
        """(n, c, h, w) → (n, c)."""
        return self.add("ReduceMean", x, axes=[2, 3], keepdims=0)

    def model(self, outputs: Sequence[str]) -> Any:
        """The finished graph: `pixels` in, `outputs` out, in that order."""
        pixels = helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["n", SIDE, SIDE, 3])
        outs = [helper.make_tensor_value_info(o, TensorProto.FLOAT, None) for o in outputs]
        graph = helper.make_graph(self.nodes, "eyes", [pixels], outs, self.constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR)


def stem_graph(stem: Stem) -> Any:
    """The stem alone."""
    graph = Graph()
    return graph.model(graph.stem("pixels", stem))


def load_network(threads: int) -> Callable[[np.ndarray], Features]:
    """The network with the weights of perception/weights: from (260, 260, 3) uint8 pixels to features. Safe to call
    from several threads. Raises WeightsChanged."""
    net = pretrained()
    stem, general = Stem(net), Tail(net)
    tail, states = Tail(pretrained()), load_file(own_weights("parts.safetensors"))
    parts = Parts(len(states["out.bias"]))
    for part in (stem, general, tail):
        fold_norms(part)  # the file of the tail holds folded weights
    tail.load_state_dict({k: v.float() for k, v in load_file(own_weights("tail.safetensors")).items()})
    parts.load_state_dict({k: v.float() for k, v in states.items()})
    graph = Graph()
    fine, x = graph.stem("pixels", stem)
    middle, deep = graph.tail(x, tail)
    scores = graph.linear(graph.mean(graph.tail(x, general)[1]), net._fc)
    ready = session(graph.model([middle, deep, graph.parts((fine, middle, deep), parts), scores]), threads)

    def run(pixels: np.ndarray) -> Features:
        middle, deep, cells, general = (out[0] for out in ready.run(None, {"pixels": pixels[None]}))
        return Features(middle.reshape(len(middle), -1), deep.reshape(len(deep), -1), cells, general)

    return run


def session(model: Any, threads: int) -> onnxruntime.InferenceSession:
    """Ready to run on the CPU. Threads that wait do not spin: they would starve whatever shares the machine."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def _array(x: Tensor) -> np.ndarray:
    return np.asarray(x.detach().float().numpy())
