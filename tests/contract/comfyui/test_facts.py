"""What the server says of itself, and whom it lets in."""

from __future__ import annotations

import pytest

from tests.contract.comfyui.client import Comfy
from tests.contract.comfyui.graphs import plain

PATHS = (
    "/prompt",
    "/queue",
    "/history",
    "/object_info",
    "/models",
    "/embeddings",
    "/features",
    "/system_stats",
)


@pytest.mark.parametrize("path", PATHS)
async def test_every_route_twice(comfy: Comfy, path: str) -> None:
    """Each route is there with and without /api, and answers HEAD too."""
    assert type(await comfy.json(path)) is type(await comfy.json(f"/api{path}"))
    assert 200 == await comfy.status("HEAD", path)


async def test_prompt_under_api(comfy: Comfy) -> None:
    """Submitting works under /api as well."""
    async with comfy.session.post("/api/prompt", json={"prompt": plain(), "client_id": "c"}) as reply:
        assert 200 == reply.status


async def test_statistics(comfy: Comfy) -> None:
    """/system_stats tells version, memory and devices, and gives away the command line."""
    stats = await comfy.json("/system_stats")
    assert {"comfyui_version", "argv", "os", "python_version", "ram_free", "ram_total"} <= set(
        stats["system"]
    )
    assert {"name", "type", "index", "vram_total", "vram_free"} <= set(stats["devices"][0])


async def test_features(comfy: Comfy) -> None:
    """/features tells the largest upload and whether previews can have metadata."""
    features = await comfy.json("/features")
    assert features["supports_preview_metadata"] is True
    assert isinstance(features["max_upload_size"], int)


async def test_models(comfy: Comfy) -> None:
    """/models names folders, /models/{folder} the files in one."""
    folders = await comfy.json("/models")
    assert {"checkpoints", "diffusion_models", "loras", "text_encoders", "vae"} <= set(folders)
    assert "unet" not in folders
    assert isinstance(await comfy.json("/models/diffusion_models"), list)


async def test_object_info_of_one(comfy: Comfy) -> None:
    """/object_info/{node} has the same as /object_info."""
    everything = await comfy.json("/object_info")
    assert {"SaveImage": everything["SaveImage"]} == await comfy.json("/object_info/SaveImage")


async def test_description_of_a_node(comfy: Comfy) -> None:
    """A node tells typed inputs with bounds, in order, and whether it is an output."""
    info = (await comfy.json("/object_info/KSampler"))["KSampler"]
    kind, extra = info["input"]["required"]["steps"]
    assert ("INT", 1, 10000, 20) == (kind, extra["min"], extra["max"], extra["default"])
    assert list(info["input"]["required"]) == info["input_order"]["required"]
    assert (["LATENT"], False) == (info["output"], info["output_node"])
    assert (await comfy.json("/object_info/SaveImage"))["SaveImage"]["output_node"] is True


async def test_two_forms_of_choices(comfy: Comfy) -> None:
    """Older nodes have a list where the type would be; newer ones say COMBO, with the options beside it."""
    old = (await comfy.json("/object_info/KSampler"))["KSampler"]["input"]["required"]["scheduler"]
    new = (await comfy.json("/object_info/SaveVideo"))["SaveVideo"]["input"]["required"]["codec"]
    assert "simple" in old[0]
    assert ("COMBO", ["auto", "h264"]) == (new[0], new[1]["options"])


async def test_loaders_list_the_files(comfy: Comfy) -> None:
    """What a loader offers is what its folder has; the VAE loader adds one that is no file."""
    unet = (await comfy.json("/object_info/UNETLoader"))["UNETLoader"]["input"]["required"]["unet_name"]
    vae = (await comfy.json("/object_info/VAELoader"))["VAELoader"]["input"]["required"]["vae_name"]
    assert await comfy.json("/models/diffusion_models") == unet[0]
    assert [*await comfy.json("/models/vae"), "pixel_space"] == vae[0]


NODES_OF_THE_SHIPPED_WORKFLOWS = (
    "CFGNorm",
    "CLIPLoader",
    "CLIPTextEncode",
    "CLIPTextEncodeFlux",
    "CheckpointLoaderSimple",
    "ConditioningZeroOut",
    "CreateVideo",
    "DualCLIPLoader",
    "EmptyHunyuanLatentVideo",
    "EmptySD3LatentImage",
    "FluxKontextImageScale",
    "KSampler",
    "KSamplerAdvanced",
    "LoadImage",
    "LoraLoaderModelOnly",
    "ModelSamplingAuraFlow",
    "ModelSamplingSD3",
    "PrimitiveStringMultiline",
    "SaveImage",
    "SaveVideo",
    "TextEncodeQwenImageEditPlus",
    "UNETLoader",
    "VAEDecode",
    "VAEEncode",
    "VAELoader",
)


async def test_nodes_of_the_shipped_workflows(comfy: Comfy) -> None:
    """The server has every node that the five workflows use."""
    assert set(NODES_OF_THE_SHIPPED_WORKFLOWS) <= set(await comfy.json("/object_info"))


@pytest.mark.parametrize(
    ("host", "origin", "expected"),
    [
        ("127.0.0.1:8188", "http://evil.example", 403),
        ("localhost:8188", "http://127.0.0.1:8188", 403),
        ("127.0.0.1:8188", "http://127.0.0.1:9999", 403),
        ("127.0.0.1:8188", "http://127.0.0.1:8188", 200),
        ("127.0.0.1:8188", "https://127.0.0.1", 200),
        ("127.0.0.1:8188", "null", 200),
        ("127.0.0.1:8188", None, 200),
        ("pictures.example", "http://evil.example", 200),
    ],
)
async def test_origin(comfy: Comfy, host: str, origin: str | None, expected: int) -> None:
    """A foreign Origin is refused when Host is loopback, on HTTP and on the WebSocket, and only then."""
    headers = {"Host": host} | ({} if origin is None else {"Origin": origin})
    assert expected == await comfy.status("GET", "/prompt", headers=headers)
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    }
    async with comfy.session.get("/ws", headers=headers | upgrade) as reply:
        assert (101 if expected == 200 else 403) == reply.status
