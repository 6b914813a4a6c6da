"""Model files that a graph names. ``/object_info`` does not say in which folder one lies; this does."""

from __future__ import annotations

from services.renderer.definition import Model, Slot
from services.renderer.importing.classes import is_file
from services.renderer.importing.pictures import picture_input
from services.renderer.importing.wiring import Wiring

_FOLDERS = {
    "ckpt_name": "checkpoints",
    "unet_name": "diffusion_models",
    "vae_name": "vae",
    "lora_name": "loras",
    "control_net_name": "controlnet",
    "style_model_name": "style_models",
    "gligen_name": "gligen",
    "hypernetwork_name": "hypernetworks",
    "audio_encoder_name": "audio_encoders",
    "photomaker_model_name": "photomaker",
    "clip_name": "text_encoders",
    "clip_name1": "text_encoders",
    "clip_name2": "text_encoders",
    "clip_name3": "text_encoders",
    "clip_name4": "text_encoders",
}
"""By input, as ComfyUI's own loaders and most others call them."""
_FOLDERS_BY_CLASS = {
    ("CLIPVisionLoader", "clip_name"): "clip_vision",
    ("UpscaleModelLoader", "model_name"): "upscale_models",
    ("LatentUpscaleModelLoader", "model_name"): "latent_upscale_models",
    ("ModelPatchLoader", "name"): "model_patches",
    ("LTXAVTextEncoderLoader", "text_encoder"): "text_encoders",
    ("LTXAVTextEncoderLoader", "ckpt_name"): "checkpoints",
}
_MULTI_GPU = ("DisTorch2MultiGPU", "MultiGPU")
_MODELS = (".safetensors", ".sft", ".ckpt", ".pt", ".pth", ".bin", ".gguf", ".onnx", ".pkl")


def found_models(wiring: Wiring) -> tuple[Model, ...]:
    """Every model once; its folder is empty where nobody knows it."""
    named = [slot for node_id in wiring.graph for slot in wiring.slots(node_id) if _is_model(wiring, slot)]
    return tuple(dict.fromkeys(Model(folder=_folder(wiring, one), name=wiring.value(one)) for one in named))


def _is_model(wiring: Wiring, slot: Slot) -> bool:
    value = wiring.value(slot)
    if not (is_file(value) and value.lower().endswith(_MODELS)):
        return False
    return wiring.kind(slot) in ("COMBO", "STRING") and slot.input != picture_input(wiring, slot.node)


def _folder(wiring: Wiring, slot: Slot) -> str:
    class_type = wiring.graph[slot.node].class_type
    for ending in _MULTI_GPU:
        class_type = class_type.removesuffix(ending)
    return _FOLDERS_BY_CLASS.get((class_type, slot.input)) or _FOLDERS.get(slot.input, "")
