"""The model files a simulated server has, by folder, as `/models` and the loaders list them."""

from __future__ import annotations

from collections.abc import Collection

FOLDERS = (
    "checkpoints",
    "configs",
    "loras",
    "vae",
    "text_encoders",
    "diffusion_models",
    "clip_vision",
    "style_models",
    "embeddings",
    "diffusers",
    "vae_approx",
    "controlnet",
    "gligen",
    "upscale_models",
    "latent_upscale_models",
    "custom_nodes",
    "hypernetworks",
    "photomaker",
    "classifiers",
    "model_patches",
    "audio_encoders",
)

FILES = {
    "checkpoints": ("sd3.5_large_fp8_scaled.safetensors",),
    "diffusion_models": (
        "flux1-dev.safetensors",
        "flux1-schnell.safetensors",
        "qwen_image_edit_2509_fp8_e4m3fn.safetensors",
        "wan2.2_t2v_high_noise_14B_fp8_scaled.safetensors",
        "wan2.2_t2v_low_noise_14B_fp8_scaled.safetensors",
    ),
    "text_encoders": (
        "clip_l.safetensors",
        "qwen_2.5_vl_7b_fp8_scaled.safetensors",
        "t5xxl_fp16.safetensors",
        "umt5_xxl_fp8_e4m3fn_scaled.safetensors",
    ),
    "vae": ("ae.safetensors", "qwen_image_vae.safetensors", "wan_2.1_vae.safetensors"),
    "loras": (
        "Qwen-Image-Edit-2509-Lightning-4steps-V1.0-bf16.safetensors",
        "wan2.2_t2v_lightx2v_4steps_lora_v1.1_high_noise.safetensors",
        "wan2.2_t2v_lightx2v_4steps_lora_v1.1_low_noise.safetensors",
    ),
}


class ModelShelf:
    """The files of FILES, less the ones this server is to lack."""

    def __init__(self, without: Collection[str] = ()) -> None:
        unknown = set(without) - {name for names in FILES.values() for name in names}
        if unknown:
            raise ValueError(f"no such model file to leave out: {', '.join(sorted(unknown))}")
        self._files = {
            folder: [name for name in FILES.get(folder, ()) if name not in without] for folder in FOLDERS
        }

    def folders(self) -> list[str]:
        """Names `/models` lists."""
        return list(self._files)

    def files(self, folder: str) -> list[str] | None:
        """Files in *folder*, sorted; None when ComfyUI has no such folder."""
        names = self._files.get(folder)
        return None if names is None else sorted(names)
