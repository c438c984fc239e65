"""Secrets, taken out of what people and logs see (pure).

A setting that is a secret, or an address with one in it, is marked where it is declared. Its value is left out of
representations and complaints, and whatever text leaves a process is searched for it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from pydantic import BaseModel
from pydantic.fields import FieldInfo

HIDDEN = "***"
LEAST = 3  # characters of a value that is searched for: shorter ones would be found everywhere
_USERINFO = re.compile(r"(?<=://)[^/\s'\"<>]{1,2000}@")


@dataclass(frozen=True, slots=True)
class Secret:
    """Marks a setting. address: the secret is the user part of an address, or of several between commas."""

    address: bool = False

    def shown(self, value: str) -> str:
        """The value as a person may see it."""
        if not self.address:
            return HIDDEN if value else ""
        return ",".join(_without_user(part) for part in value.split(","))

    def hidden(self, value: str) -> set[str]:
        """What nobody may see of the value, in every form that libraries show it in."""
        if not self.address:
            return _forms(value)
        return set().union(*(_forms(password) for part in re.split("[,;]", value) for password in _passwords(part)))


def _without_user(address: str) -> str:
    """As `without_users`, for what should be an address and may not be one."""
    scheme, mark, rest = address.rpartition("://")
    _, at, host = rest.rpartition("@")
    return f"{scheme}{mark}{HIDDEN}@{host}" if at else address


def without_users(text: str) -> str:
    """`text` without the user and password of the addresses in it."""
    return _USERINFO.sub(f"{HIDDEN}@", text)


def redacted(text: str, secrets: Iterable[str]) -> str:
    """`text` without any of `secrets`, and without the user part of any address."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return without_users(text)


def mark_of(field: FieldInfo | None) -> Secret | None:
    """The mark of a model's field, if it has one."""
    return next((mark for mark in field.metadata if isinstance(mark, Secret)), None) if field else None


def secrets_in(model: BaseModel) -> Iterator[str]:
    """Every secret in a model and those inside it."""
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from secrets_in(value)
        elif mark := mark_of(field):
            yield from mark.hidden(value)


def given_at(model: type[BaseModel], place: tuple[int | str, ...], value: object) -> str:
    """ " = value" for a complaint about the value at a place; nothing for a secret, or a table that may hold one."""
    kind: object = model
    field: FieldInfo | None = None
    for part in place:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            field = kind.model_fields.get(str(part))
            kind = field.annotation if field else None
    if mark_of(field) or not isinstance(value, str | int | float):
        return ""
    return f" = {without_users(str(value)[:100])!r}"


def _passwords(address: str) -> list[str]:
    """The password of an address; all that stands before the last "@" if it is no address."""
    try:
        password = urlsplit(address.strip()).password
    except ValueError:
        password = None
    if password is not None:
        return [password]
    user, at, _ = address.rpartition("@")
    return [user.rpartition(":")[2]] if at else []


def _forms(secret: str) -> set[str]:
    forms = {secret, unquote(secret), quote(secret), quote(secret, safe="")}
    return {form for form in forms | {repr(form)[1:-1] for form in forms} if len(form) >= LEAST}
