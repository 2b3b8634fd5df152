"""Which languages there are, and which one a reader prefers (RFC 9110, section 12.5.4)."""

from enum import StrEnum


class Language(StrEnum):
    """The two languages of every page; the value is the first part of a page's path and its ``lang`` attribute."""

    FRENCH = "fr"
    ENGLISH = "en"


def preferred(accept_language: str) -> Language:
    """The first of our languages in the order of the header's weights; French when it names none of them."""
    ranges = [_range(part) for part in accept_language.split(",")]
    for _, tag in sorted((one for one in ranges if one[0] > 0), key=lambda one: -one[0]):
        for language in Language:
            if tag.split("-")[0] == language:
                return language
    return Language.FRENCH


def _range(part: str) -> tuple[float, str]:
    tag, _, parameter = part.partition(";")
    _, _, weight = parameter.partition("=")
    try:
        return float(weight or 1), tag.strip().lower()
    except ValueError:
        return 0.0, tag
