"""README's table of models. ``python -m tests.unit.renderer.models_table`` prints it, markers and all."""

from __future__ import annotations

from services.renderer.catalogue import OWN, read_catalogue

BEGIN, END = "<!-- models -->", "<!-- /models -->"


def table() -> str:
    """Every file that a shipped workflow needs: where it goes, and which repository has it."""
    lines = [
        BEGIN,
        "| command | workflow | file, under ComfyUI's `models/` | Hugging Face |",
        "|---|---|---|---|",
    ]
    recipes = [one.recipe for one in read_catalogue([OWN]).values()]
    for recipe in sorted(recipes, key=lambda recipe: recipe.command):
        heads = [f"`/{recipe.command}` | {recipe.title}", *[" | "] * len(recipe.models)]
        lines += [
            f"| {head} | `{model.folder}/{model.name}` | {model.repository} |"
            for head, model in zip(heads, recipe.models, strict=False)
        ]
    return "\n".join([*lines, END])


if __name__ == "__main__":
    print(table())  # noqa: T201 - to be pasted
