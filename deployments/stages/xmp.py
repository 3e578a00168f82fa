"""The XMP that every file carries: the IPTC mark of what a machine made or changed, the tool, and the recipe."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from xml.sax.saxutils import escape, quoteattr

from deployments.messages import Recipe

MACHINE_MADE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
MACHINE_CHANGED = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
RECIPE = "{urn:atelier:recipe:1#}recipe"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description"
_NO_XML = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


def to_text(words: str) -> str:
    """Words as XML text; the few characters that XML has no way to write become U+FFFD."""
    return escape(_NO_XML.sub("\ufffd", words))


def to_rdf(recipe: Recipe, recipe_json: str, extension: str = "") -> str:
    """The `rdf:RDF` element: in SVG it stands in `<metadata>` as it is. An `extension` has the recipe in its place."""
    more = f' xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmpNote:HasExtendedXMP={quoteattr(extension)}'
    return (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about=""'
        ' xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
        ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
        ' xmlns:atelier="urn:atelier:recipe:1#"'
        f" xmp:CreatorTool={quoteattr(f'Atelier {recipe.atelier}')}"
        f" xmp:CreateDate={quoteattr(recipe.created_at)}"
        f' Iptc4xmpExt:DigitalSourceType="{MACHINE_CHANGED if recipe.changed else MACHINE_MADE}"'
        f" Iptc4xmpExt:AISystemUsed={quoteattr(f'Atelier, model {recipe.model}')}"
        + (f"{more}>" if extension else f"><atelier:recipe>{escape(recipe_json)}</atelier:recipe>")
        + "</rdf:Description></rdf:RDF>"
    )


def to_packet(recipe: Recipe, recipe_json: str, extension: str = "") -> str:
    """The whole packet, as all but SVG carry it; the MD5 of an `extension` says that the recipe stands there."""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/">{to_rdf(recipe, recipe_json, extension)}</x:xmpmeta>'
        '<?xpacket end="r"?>'
    )


def to_mark(packet: str) -> str:
    """Of what is made from a file with this packet: the IPTC mark alone, as the file has it; empty if it has none."""
    kind = next((one for one in (MACHINE_MADE, MACHINE_CHANGED) if one in packet), None)
    return "" if kind is None else write_mark(kind)


def write_mark(kind: str) -> str:
    """A packet with the IPTC mark alone: `MACHINE_MADE`, or `MACHINE_CHANGED` where the rest is no machine's."""
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
        f' Iptc4xmpExt:DigitalSourceType="{kind}"/></rdf:RDF></x:xmpmeta>'
    )


def to_extension(recipe_json: str) -> str:
    """What a packet that must be short leaves out: the recipe."""
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:atelier="urn:atelier:recipe:1#">'
        f"<atelier:recipe>{escape(recipe_json)}</atelier:recipe></rdf:Description></rdf:RDF></x:xmpmeta>"
    )


def find_packet(file: bytes) -> bytes:
    """The last packet of a file that has them in the open, as PDF does; empty where there is none."""
    end = file.rfind(b"<?xpacket end")
    start = file.rfind(b"<?xpacket begin", 0, max(end, 0))
    return file[start:end] if 0 <= start < end else b""


def find_recipe(xml: str) -> str | None:
    """The recipe's JSON in a packet or an SVG file, None if there is none. Raises ParseError for what is not XML."""
    if "<!DOCTYPE" in xml or "<!ENTITY" in xml:
        return None  # we never write one, and entities are how a small file becomes a large one
    start = xml.find("<")
    if start < 0:
        return None
    search = _Search()
    parser = ElementTree.XMLParser(target=search)  # and no tree, which has twenty times the text's size
    parser.feed(xml[start:])
    parser.close()
    return search.found


class _Search:
    """Hears the elements of a document, and keeps the first recipe alone: an element's text, or else an attribute.
    Tools that rewrite XMP may turn a simple element into an attribute, which means the same."""

    def __init__(self) -> None:
        self._element: list[str] | None = None
        self._attribute: str | None = None
        self._is_inside = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._is_inside = tag == RECIPE and self._element is None
        if self._is_inside:
            self._element = []
        if tag == _RDF and self._attribute is None:
            self._attribute = attributes.get(RECIPE)

    def end(self, tag: str) -> None:  # noqa: ARG002 - any: what stands behind a child is no longer it
        self._is_inside = False

    def data(self, text: str) -> None:
        if self._is_inside and self._element is not None:
            self._element.append(text)

    @property
    def found(self) -> str | None:
        return self._attribute if self._element is None else "".join(self._element) or None
