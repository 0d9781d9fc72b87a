"""Which JSON values may stand in a field: made of the field's annotation."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints


@dataclass(frozen=True, slots=True)
class Shape:
    """The JSON values that fit an annotation."""

    types: frozenset[type]
    words: str  # that a message calls them by
    among: tuple[str, ...] = ()  # the texts that fit; () for all
    each: "Shape | None" = None  # what a list may hold; None for anything

    def fits(self, value: object) -> bool:
        """Return whether *value* is one of them."""
        if type(value) not in self.types or (self.among and value not in self.among):
            return False
        return self.each is None or all(map(self.each.fits, value))  # type: ignore[call-overload]  # a list


_PLAIN: Mapping[Any, Shape] = {
    str: Shape(frozenset({str}), "a text"),
    int: Shape(frozenset({int}), "a whole number"),
    float: Shape(frozenset({float, int, bool}), "a number"),  # a checker may give a score of True
    bool: Shape(frozenset({bool}), "true or false"),
    NoneType: Shape(frozenset({NoneType}), "null"),
}
_LONGEST = 60  # letters of a value that a message shows


def shapes_of(kind: type) -> dict[str, Shape]:
    """Return the shape of each field of a dataclass or a typed dictionary."""
    return {name: _shape(annotation) for name, annotation in get_type_hints(kind).items()}


def misfit(shapes: Mapping[str, Shape], values: Mapping[str, Any], needed: Iterable[str] = ()) -> str:
    """Return what *values* lack, or what the first of them is that does not fit its shape; "" if all do.

    >>> misfit({"seed": Shape(frozenset({int}), "a whole number")}, {"seed": "x", "later": None})
    'seed is "x", not a whole number'
    """
    if lacking := [name for name in needed if name not in values]:
        return f"lacks {', '.join(lacking)}"
    for name, shape in shapes.items():
        if name in values and not shape.fits(values[name]):
            return f"{name} is {json.dumps(values[name])[:_LONGEST]}, not {shape.words}"
    return ""


def _shape(annotation: Any) -> Shape:
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return Shape(frozenset({str}), f"one of {', '.join(arguments)}", among=arguments)
    if origin is UnionType:
        parts = list(map(_shape, arguments))
        types = frozenset().union(*(part.types for part in parts))
        return Shape(types, " or ".join(part.words for part in parts))
    if origin is Mapping:
        return Shape(frozenset({dict}), "an object")
    if origin in (list, tuple):
        each = _shape(arguments[0])
        return Shape(frozenset({list, tuple}), f"a list, each of it {each.words}", each=each)
    raise TypeError(f"no JSON value stands for {annotation}")
