"""A consultant's comment as HTML: Markdown in, escaped HTML out, under the heading of the report's language."""

from __future__ import annotations

from markupsafe import Markup

from loyalty_lib.i18n import gettext
from loyalty_lib.templates import fill


def comment(text: str) -> Markup:
    """Show a comment.

    Parameters
    ----------
    text
        Markdown: paragraphs, lists, tables, emphasis, links, headings from the third level on.  HTML inside it is
        shown as text, and a link to anything but the web, mail or a place on the page leads nowhere.
    """
    import mistune

    class Below(mistune.HTMLRenderer):
        """Puts headings below the comment's own, which is of the third level, and pictures into words."""

        def heading(self, text: str, level: int, **attributes: object) -> str:
            del attributes
            return f"<h{min(level + 1, 6)}>{text}</h{min(level + 1, 6)}>\n"

        def image(self, text: str, url: str, title: str | None = None) -> str:
            del url, title
            return text

    read = mistune.create_markdown(renderer=Below(escape=True), plugins=["table", "strikethrough"])
    body = Markup(read(text))  # noqa: S704 - the renderer escapes
    return fill("comment", heading=gettext("Comment"), body=body)
