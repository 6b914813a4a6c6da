"""Settings of the host role."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from services.common.errors import ConfigError
from services.tunnel.backends import Backend, parse_backends
from services.tunnel.host.folders import Folders
from services.tunnel.host.guard import Limits

COMFYUI = "comfyui"

_MIB = 1024 * 1024
_Port = Annotated[
    int, Meta(ge=0, le=65535, description="Use a free port, 1 to 65535; 0 lets the system pick.")
]
_Url = Annotated[str, Meta(description="Write it as http://127.0.0.1:8188; it must be on this machine.")]
_Seconds = Annotated[float, Meta(gt=0, le=30 * 86400, description="Give seconds, up to 30 days.")]
_Count = Annotated[int, Meta(ge=1, le=100_000, description="Give a number from 1 to 100000.")]


class Settings(Struct, frozen=True, kw_only=True, rename="upper"):
    """Read once, passed down."""

    darkroom_home: Path = Path("~/.darkroom").expanduser()
    anon_binary: str = ""
    anon_config: Path | None = None
    anon_agree_to_terms: str = ""
    tunnel_comfyui_url: _Url = ""
    tunnel_comfyui_dir: Path | None = None
    tunnel_comfyui_input_dir: Path | None = None
    tunnel_comfyui_output_dir: Path | None = None
    tunnel_comfyui_temp_dir: Path | None = None
    tunnel_clients: Annotated[
        str,
        Meta(description="Name those who may come in, separated by commas, each up to 32 of a-z, 0-9, -."),
    ] = "renderer"
    tunnel_web_url: _Url = ""
    tunnel_upload_max_mib: Annotated[
        int, Meta(ge=1, le=16 * 1024, description="Give the MiB that one request may hold, 1 to 16384.")
    ] = 100
    tunnel_requests_per_s: Annotated[
        float, Meta(gt=0, le=100_000, description="Give requests in a second, more than 0.")
    ] = 50.0
    tunnel_requests_burst: _Count = 200
    tunnel_requests_open: _Count = 64
    tunnel_websockets_open: _Count = 16
    tunnel_idle_timeout_s: Annotated[
        float, Meta(gt=0, le=3600, description="Give the seconds an exchange may stand still, up to 3600.")
    ] = 60.0
    tunnel_retention_s: _Seconds = 6 * 3600.0
    tunnel_sweep_every_s: _Seconds = 60.0
    tunnel_input_grace_s: _Seconds = 120.0
    health_host: str = "127.0.0.1"
    health_port: _Port = 9086

    def comfyui(self) -> Backend | None:
        """The ComfyUI to publish, if one was named."""
        return _service(self.tunnel_comfyui_url, COMFYUI, "TUNNEL_COMFYUI_URL")

    def web(self) -> Backend | None:
        """The web chat to publish, if one was named."""
        return _service(self.tunnel_web_url, "web", "TUNNEL_WEB_URL")

    def clients(self) -> tuple[str, ...]:
        """Those who may reach the ComfyUI."""
        return tuple(name for part in self.tunnel_clients.split(",") if (name := part.strip()))

    def folders(self) -> Folders | None:
        """
        Where ComfyUI keeps its files; nothing when nobody said.

        Raises:
            ConfigError: Only some of them are known, or one can't be used.
        """
        base = self.tunnel_comfyui_dir
        places = {
            "input": self.tunnel_comfyui_input_dir or (base and base / "input"),
            "output": self.tunnel_comfyui_output_dir or (base and base / "output"),
            "temp": self.tunnel_comfyui_temp_dir or (base and base / "temp"),
        }
        known = {name: place for name, place in places.items() if place is not None}
        if not known:
            return None
        if len(known) < len(places):
            lacking = ", ".join(f"TUNNEL_COMFYUI_{name.upper()}_DIR" for name in places if name not in known)
            raise ConfigError(
                f"Name all three folders of ComfyUI, or TUNNEL_COMFYUI_DIR; missing: {lacking}."
            )
        return Folders.checked(**known)

    def limits(self) -> Limits:
        """How much clients may ask for."""
        return Limits(
            body_max_bytes=self.tunnel_upload_max_mib * _MIB,
            per_s=self.tunnel_requests_per_s,
            burst=self.tunnel_requests_burst,
            open=self.tunnel_requests_open,
            websockets=self.tunnel_websockets_open,
        )


def _service(url: str, name: str, variable: str) -> Backend | None:
    return parse_backends(f"{name}={url}", variable)[name] if url else None
