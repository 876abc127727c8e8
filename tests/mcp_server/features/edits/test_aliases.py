"""Types written out in generated sources, for files that have them so."""

from mcp_server.features.edits.aliases import aliases, written_out

SOURCE = '''"""Größen."""

Name = Annotated[str, Field(pattern="ä")]
Price = Annotated[Decimal, Field(ge=0), scaled(12, 2)]


class NewThing(Schema):
    """A Name and a Price."""

    name: Name
    price: Price | None = None
    Other: Name
'''


def test_the_names_of_types() -> None:
    assert aliases(SOURCE) == {
        "Name": 'Annotated[str, Field(pattern="ä")]',
        "Price": "Annotated[Decimal, Field(ge=0), scaled(12, 2)]",
    }


def test_only_what_is_asked_for_is_written_out() -> None:
    found = written_out(SOURCE, {"Price", "Weight"})
    assert found == SOURCE.replace("Price = Annotated[Decimal, Field(ge=0), scaled(12, 2)]", "").replace(
        "price: Price", "price: Annotated[Decimal, Field(ge=0), scaled(12, 2)]"
    )


def test_all_of_them() -> None:
    found = written_out(SOURCE, {"Name", "Price"})
    assert aliases(found) == {}
    assert 'name: Annotated[str, Field(pattern="ä")]\n' in found
    assert '    """A Name and a Price."""\n' in found
