"""Why a prompt failed on the backend, told from ``execution_error``."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from services.renderer.catalogue import OWN, read_workflow
from services.renderer.comfyui.answers import Ended, read
from services.renderer.comfyui.failure import failure

FLUX = read_workflow(OWN / "flux-schnell")
QWEN = read_workflow(OWN / "qwen-edit-2509")
TIPS = (
    "\n\nThis error means you ran out of memory on your GPU.\n\nTIPS: If the workflow worked before "
    "you might have accidentally set the batch_size to a large number."
)


def errored(**data: Any) -> Ended:
    """A failed prompt, as it comes over the wire."""
    messages = [["execution_start", {}], ["execution_error", data]]
    return read(msgspec.json.encode({"status": {"status_str": "error", "messages": messages}}), Ended)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("torch.OutOfMemoryError", "Allocation on device "),
        ("torch.cuda.OutOfMemoryError", ""),
        ("RuntimeError", "CUDA out of memory. Tried to allocate 20.00 MiB (GPU 0; 23.6 GiB total)"),
        ("torch.AcceleratorError", "CUDA error: out of memory\nCUDA kernel errors might be asynchronous"),
        ("RuntimeError", "HIP out of memory. Tried to allocate 2.00 GiB"),
        ("RuntimeError", "HIP error: hipErrorOutOfMemory"),
        ("RuntimeError", "MPS backend out of memory (MPS allocated: 8 GB, other allocations: 1 GB)"),
        ("RuntimeError", "XPU out of memory. Tried to allocate 1 GiB"),
        ("torch.cuda.OutOfMemoryError", "Allocation on device 0 would exceed allowed memory."),
        ("RuntimeError", "CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        ("RuntimeError", "[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory"),
        ("RuntimeError", "DefaultCPUAllocator: not enough memory: you tried to allocate 68 bytes."),
        ("RuntimeError", "Could not allocate tensor. There is not enough GPU video memory available!"),
        ("MemoryError", ""),
        ("numpy._core._exceptions._ArrayMemoryError", "Unable to allocate 1.2 GiB for an array"),
        ("custom_nodes.wrapper.SomeOutOfMemoryError", "no room"),
    ],
)
def test_out_of_memory(kind: str, message: str) -> None:
    """Of the card or of the machine, by its type or by anybody's words for it."""
    found = failure(errored(node_id="sampler", exception_type=kind, exception_message=message), FLUX)

    assert ("out-of-memory", True, {}) == (found.code, found.retryable, found.details)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("torch.AcceleratorError", "CUDA error: device-side assert triggered"),
        ("RuntimeError", "CUDA error: an illegal memory access was encountered"),
        ("RuntimeError", "CUDA error: unspecified launch failure"),
        ("RuntimeError", "HIP error: invalid device function"),
        ("RuntimeError", "cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"),
        ("RuntimeError", "No CUDA GPUs are available"),
    ],
)
def test_a_broken_card(kind: str, message: str) -> None:
    """It is the machine's failure, not the picture's: until ComfyUI is restarted everything fails there."""
    found = failure(errored(node_id="sampler", exception_type=kind, exception_message=message), FLUX)

    assert ("gpu-failed", True) == (found.code, found.retryable)


def test_tips_are_not_believed() -> None:
    """Where torch can't tell, ComfyUI adds its tips about memory to whatever failed."""
    found = failure(
        errored(node_id="decode", exception_type="ValueError", exception_message=f"bad shape{TIPS}"), FLUX
    )

    assert "node-failed" == found.code


def test_a_node_that_fails_is_called_by_our_title() -> None:
    """Nothing of the message, which has paths in it, is passed on; nor what the server calls the node."""
    found = failure(
        errored(node_id="decode", node_type="Evil", exception_message="/root/x", traceback=["/root/y"]), FLUX
    )

    assert "node-failed" == found.code
    assert {"node": "Decode", "class": "VAEDecode"} == found.details


def test_a_node_within_a_node() -> None:
    """What a node expands into has no title of ours."""
    found = failure(errored(node_id="433:3.0.1", exception_type="ValueError"), FLUX)

    assert ("node-failed", {}) == (found.code, found.details)


def test_a_picture_that_can_not_be_read() -> None:
    """When the loader of a picture fails, the picture is to blame."""
    found = failure(errored(node_id="picture-2", exception_type="PIL.UnidentifiedImageError"), QWEN)

    assert ("bad-input-image", False) == (found.code, found.retryable)


@pytest.mark.parametrize("kind", ["FileNotFoundError", "av.error.FileNotFoundError"])
def test_a_picture_that_is_gone(kind: str) -> None:
    """Someone cleared the input folder: the person's picture is not to blame."""
    found = failure(errored(node_id="picture-1", exception_type=kind), QWEN)

    assert ("input-gone", True) == (found.code, found.retryable)


def test_a_model_that_is_gone() -> None:
    """Its file went after the prompt was taken: it is named, from the workflow's own list."""
    found = failure(errored(node_id="vae", exception_type="FileNotFoundError"), FLUX)

    assert "missing-model" == found.code
    assert {"model": "ae.safetensors", "folder": "vae"} == found.details


def test_a_node_that_reports_an_interrupt_as_its_own_failure() -> None:
    """It is one all the same."""
    kind = "comfy.model_management.InterruptProcessingException"

    assert "interrupted-elsewhere" == failure(errored(node_id="sampler", exception_type=kind), FLUX).code


def test_the_operator_is_told_where_and_what() -> None:
    """Node, class and type of the exception; never its message."""
    found = failure(
        errored(
            node_id="sampler",
            node_type="KSampler (Efficient)",
            exception_type="RuntimeError",
            exception_message="an astronaut",
        ),
        FLUX,
    )

    assert {
        "node_id": "sampler",
        "node_type": "KSampler (Efficient)",
        "exception_type": "RuntimeError",
    } == found.trace


@pytest.mark.parametrize("said", ["an astronaut, in a field", "a\nb", "x" * 500, "", "'; DROP"])
def test_what_is_no_name_is_not_logged(said: str) -> None:
    """A server could put anything there."""
    assert {} == failure(errored(node_id="", exception_type=said), FLUX).trace


@pytest.mark.parametrize("data", [{}, {"node_id": 7}, {"exception_type": None, "exception_message": []}])
def test_errors_of_another_shape(data: dict[str, Any]) -> None:
    """They are failures like any other."""
    assert "node-failed" == failure(errored(**data), FLUX).code
