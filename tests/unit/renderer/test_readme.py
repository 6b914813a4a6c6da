"""What the README says of the models is what the catalogue says."""

from __future__ import annotations

from pathlib import Path

from services.renderer.catalogue import OWN, read_catalogue
from tests.unit.renderer.models_table import BEGIN, END, table

README = Path(__file__).parents[3] / "README.md"


def test_the_table_of_models_is_the_catalogues() -> None:
    """Line by line: print a new one with ``python -m tests.unit.renderer.models_table``."""
    text = README.read_text()

    assert BEGIN in text
    assert table() == text[text.index(BEGIN) : text.index(END) + len(END)]


def test_every_shipped_file_says_where_it_is_from() -> None:
    """Otherwise its row would send people looking."""
    assert all(model.repository for one in read_catalogue([OWN]).values() for model in one.recipe.models)
