"""The channels through which people speak with Darkroom."""

from __future__ import annotations

from typing import Literal

Channel = Literal["telegram", "web"]
