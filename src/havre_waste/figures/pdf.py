"""The yearly report as PDF, in French: each indicator with its values, formula and sources.

Text is text, in fonts that are embedded and have all the letters of French; the document says its language and title
and has an outline. It is not a tagged PDF (ReportLab writes none), so for who needs a structure the same content
stands in the open data (``documents``), which the first page says.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from html import escape
from pathlib import Path

import reportlab
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    KeepTogether,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from havre_waste.figures.documents import WHOLE, source
from havre_waste.figures.financial import due_by
from havre_waste.figures.indicators import Part, Result, Value

PLAIN, BOLD = "HavreSans", "HavreSans-Bold"
FONTS = Path(reportlab.__file__).parent / "fonts"
"""Bitstream Vera, which ReportLab brings with it under a free licence."""
NARROW, WIDE = "\u202f", "\u00a0"
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
PARTS = {
    Part.COLLECTION: "Indicateurs techniques\u00a0: la collecte",
    Part.PREVENTION: "Indicateurs techniques\u00a0: la prévention",
    Part.TREATMENT: "Indicateurs techniques\u00a0: le traitement",
    Part.MONEY: "Indicateurs financiers",
    Part.OWN: "Autres indicateurs (hors annexe XIII)",
}
WORDS = {
    "residual": "ordures ménagères résiduelles", "packaging": "emballages et papiers", "glass": "verre",
    "food": "biodéchets", "litter": "corbeilles de rue", "ship": "déchets des navires", "door": "porte à porte",
    "bring": "apport volontaire", "material": "valorisation matière", "organic": "valorisation organique",
    "energy": "valorisation énergétique", "incineration": "incinération sans valorisation", "landfill": "enfouissement",
    "pre_collection": "pré-collecte", "collection": "collecte", "transport": "transport", "treatment": "traitement",
    "other": "autre",
}  # fmt: skip
SEA, INK, SOFT = colors.HexColor("#0d3540"), colors.HexColor("#10262d"), colors.HexColor("#48595f")


def _style(name: str, size: float, leading: float, **rest: object) -> ParagraphStyle:
    rest = {"fontName": PLAIN, "textColor": INK, **rest}
    return ParagraphStyle(name, fontSize=size, leading=leading, **rest)


BODY = _style("body", 9.5, 13)
SMALL = _style("small", 8, 11, textColor=SOFT)
CELL = _style("cell", 9, 12)
RIGHT = _style("right", 9, 12, alignment=2)
TITLE = _style("title", 20, 25, fontName=BOLD, textColor=SEA, spaceAfter=4 * mm)
HEADING = _style("heading", 14, 18, fontName=BOLD, textColor=SEA, spaceBefore=6 * mm, spaceAfter=2 * mm)
NAME = _style("name", 10.5, 14, fontName=BOLD, spaceBefore=4 * mm, spaceAfter=1 * mm)


def report(results: Sequence[Result], year: int, publisher: str, made_at: datetime) -> bytes:
    """The PDF. Its bytes are the same for the same arguments."""
    _fonts()
    out = io.BytesIO()
    title = f"Rapport {year} sur le prix et la qualité du service public de prévention et de gestion des déchets"
    document = _Document(out, title, publisher)
    document.build([*_opening(title, year, publisher, made_at, results), *_parts(results)])
    return out.getvalue()


def _fonts() -> None:
    for name, file in ((PLAIN, "Vera.ttf"), (BOLD, "VeraBd.ttf")):
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, str(FONTS / file)))
    pdfmetrics.registerFontFamily(PLAIN, normal=PLAIN, bold=BOLD, italic=PLAIN, boldItalic=BOLD)


class _Document(BaseDocTemplate):  # type: ignore[misc]
    def __init__(self, out: io.BytesIO, title: str, publisher: str) -> None:
        super().__init__(
            out, pagesize=A4, title=title, author=publisher, subject="Annexe XIII du CGCT", lang="fr-FR", invariant=1,
            leftMargin=18 * mm, rightMargin=18 * mm, topMargin=18 * mm, bottomMargin=20 * mm,
        )  # fmt: skip
        box = Frame(
            self.leftMargin, self.bottomMargin, self.width, self.height, id="box", leftPadding=0, rightPadding=0
        )
        self.addPageTemplates(PageTemplate("page", [box], onPage=_foot))

    def afterFlowable(self, flowable: Flowable) -> None:
        """Headings stand in the outline."""
        if isinstance(flowable, Paragraph) and flowable.style.name in ("heading", "name"):
            key = flowable.getPlainText()
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(flowable.getPlainText(), key, 0 if flowable.style.name == "heading" else 1)


def _foot(canvas: Canvas, document: BaseDocTemplate) -> None:
    canvas.setFont(PLAIN, 8)
    canvas.setFillColor(SOFT)
    canvas.drawRightString(A4[0] - 18 * mm, 10 * mm, f"Page {document.page}")


def _opening(title: str, year: int, publisher: str, made_at: datetime, results: Sequence[Result]) -> Iterator[Flowable]:
    due, missing = due_by(year), [one for one in results if one.missing]
    yield _text(title, TITLE)
    yield _text(f"{publisher}. Établi le {_day(made_at)}\u00a0; à présenter au plus tard le {_day(due)}.", BODY)
    yield Spacer(0, 3 * mm)
    yield _text(
        "Les indicateurs suivent l’annexe XIII du code général des collectivités territoriales (articles D. 2224-1 à "
        "D. 2224-3, décret n° 2015-1827)\u00a0; leur rédaction, leurs numéros et leurs formules sont les nôtres. "
        "Les mêmes valeurs sont publiées en données ouvertes (indicators.csv et datapackage.json), lisibles par tous "
        "les outils.",
        BODY,
    )
    if missing:
        names = ", ".join(one.indicator.id for one in missing)
        yield Spacer(0, 3 * mm)
        yield _text(
            f"Indicateurs sans valeur, faute de données\u00a0: {names}. Une valeur manquante n’est pas un zéro.", BODY
        )


def _parts(results: Iterable[Result]) -> Iterator[Flowable]:
    for part, heading in PARTS.items():
        ours = [one for one in results if one.indicator.part is part]
        if ours:
            yield _text(heading, HEADING)
            for one in ours:
                yield from _indicator(one)


def _indicator(one: Result) -> Iterator[Flowable]:
    asked = one.indicator
    unit = f" ({asked.unit})" if asked.unit else ""
    named = _text(f"{asked.id} – {asked.title}{unit}", NAME)
    rows = [
        [_text(_words(value.of) or WHOLE, CELL), _text(shown(value), RIGHT), _text(value.note, SMALL)]
        for value in one.values
    ]
    head = [_text(name, SMALL) for name in ("De quoi", "Valeur", "Remarque")]
    table = Table([head, *rows], [62 * mm, 42 * mm, 70 * mm], repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, colors.HexColor("#dad4c7")),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ]
        )
    )
    sources = "\u00a0; ".join(source(each) for each in one.provenance) or "aucune"
    yield KeepTogether([named, table]) if len(rows) < 12 else named
    if len(rows) >= 12:
        yield table
    yield _text(f"Formule\u00a0: {asked.formula}. Sources\u00a0: {sources}.", SMALL)


def shown(value: Value) -> str:
    """A number as French writes it; what is missing in words."""
    match value.value:
        case None:
            return "manquant"
        case int(whole):
            return f"{whole:,}".replace(",", WIDE)
        case float(number):
            return f"{number:,.{0 if abs(number) >= 1000 else 2}f}".replace(",", WIDE).replace(".", ",")
        case text:
            return text


def _words(of: str) -> str:
    """Our identifiers in French; names stay as they are."""
    return ", ".join(WORDS.get(part, part) for part in of.split(", "))


def _day(at: date) -> str:
    first = "1er" if at.day == 1 else str(at.day)
    return f"{first} {MONTHS[at.month - 1]} {at.year}"


def _text(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(text.replace(NARROW, WIDE), quote=False), style)
