"""What flows between simulated nodes. A latent carries no numbers, only what its picture must show."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PIL.Image import Image

Frames = Sequence[Image]  # ComfyUI's IMAGE: a batch of RGB pictures of one size


class Model(Struct, frozen=True, kw_only=True):
    """MODEL: a diffusion model file, and the device it was put on if a MultiGPU loader said so."""

    file: str
    device: str | None = None


class Clip(Struct, frozen=True, kw_only=True):
    """CLIP: text encoder files."""

    files: tuple[str, ...]


class Vae(Struct, frozen=True, kw_only=True):
    """VAE: one file."""

    file: str


class Conditioning(Struct, frozen=True, kw_only=True):
    """CONDITIONING: a text, and the pictures it talks about."""

    text: str
    pictures: tuple[Image, ...] = ()


class Recipe(Struct, frozen=True, kw_only=True):
    """What a sampler was asked for, and so what the painted placeholder says."""

    prompt: str
    negative: str
    seed: int
    steps: int
    model: str
    device: str | None = None
    pictures: tuple[Image, ...] = ()


class Latent(Struct, frozen=True, kw_only=True):
    """LATENT: size in pixels, number of pictures or of video frames, and what was drawn into it."""

    width: int
    height: int
    batch: int = 1
    frames: int | None = None
    recipe: Recipe | None = None
    pixels: tuple[Image, ...] = ()


class Sound(Struct, frozen=True, kw_only=True):
    """AUDIO: 32-bit float samples, those of the channels next to each other, at a rate in Hz."""

    samples: bytes
    rate: int
    channels: int

    @property
    def layout(self) -> str:
        """What audio libraries call it."""
        return "mono" if self.channels == 1 else "stereo"

    @property
    def length(self) -> int:
        """Samples of one channel."""
        return len(self.samples) // (4 * self.channels)


class Video(Struct, frozen=True, kw_only=True):
    """VIDEO: frames, their rate, and what is heard."""

    frames: Frames
    fps: float
    sound: Sound | None = None
