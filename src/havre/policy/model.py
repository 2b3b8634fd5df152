"""A policy as a value (ODRL Information Model 2.2; pure).

Constraints are trees: ``Constraint`` leaves under ``And``, ``Or`` and ``Xone``. Operands, operators and actions are
the short terms of the ODRL vocabulary, ``use`` or ``dateTime``, whatever form they had on the wire.
"""

from dataclasses import dataclass

Value = str | int | float


@dataclass(frozen=True)
class Constraint:
    """``left operator right``, as in ``purpose isAnyOf ("research",)``; ``right`` always as a tuple."""

    left: str
    operator: str
    right: tuple[Value, ...]

    def __str__(self) -> str:
        listed = ", ".join(str(value) for value in self.right)
        return f"{self.left} {self.operator} {listed}"


@dataclass(frozen=True)
class And:
    operands: tuple["Expression", ...]


@dataclass(frozen=True)
class Or:
    operands: tuple["Expression", ...]


@dataclass(frozen=True)
class Xone:
    operands: tuple["Expression", ...]


Expression = Constraint | And | Or | Xone


@dataclass(frozen=True)
class Rule:
    """A permission, prohibition or duty, by its place: an action, and when all ``constraints`` hold.

    ``duties`` are what a permission asks in return: they are kept and compared; who agrees promises them.
    """

    action: str
    constraints: tuple[Expression, ...] = ()
    duties: tuple["Rule", ...] = ()


@dataclass(frozen=True)
class Policy:
    """An offer's or agreement's rules."""

    permissions: tuple[Rule, ...] = ()
    prohibitions: tuple[Rule, ...] = ()
    obligations: tuple[Rule, ...] = ()
