"""Telegram counts offsets in UTF-16 code units; Python counts code points."""

from __future__ import annotations


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units: two for everything beyond the basic plane, such as an emoji."""
    return len(text.encode("utf-16-le")) // 2


def utf16_slice(text: str, start: int, end: int) -> str | None:
    """The text between two UTF-16 offsets, or None if one of them splits a character."""
    try:
        return text.encode("utf-16-le")[start * 2 : end * 2].decode("utf-16-le")
    except UnicodeDecodeError:
        return None


def byte_offset(text: str, index: int) -> int:
    """Where the character at *index* starts in UTF-8, as the server's messages count."""
    return len(text[:index].encode())
