"""A finished report by mail: a few key figures as text and HTML, report.pdf attached, and nothing else.

Recipients and sender come from the client's ``client.yml``; the server comes from the environment:

``LOYALTY_SMTP_HOST``, ``LOYALTY_SMTP_USER``, ``LOYALTY_SMTP_PASSWORD``
    Where to, and who signs in.  An empty user means the server asks for no sign-in.
``LOYALTY_SMTP_SECURITY``
    ``starttls`` (the default), ``tls``, or ``none``: then no password leaves this machine.
``LOYALTY_SMTP_PORT``, ``LOYALTY_SMTP_CA``
    If the port is not the usual one; a file of certificates to trust besides the system's.

The PDF holds aggregates only.  No address is printed or logged, but one a server refuses.
"""

from __future__ import annotations

import datetime as dt
import html
import ipaddress
import json
import os
import smtplib
import ssl
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid
from functools import partial
from pathlib import Path
from typing import Final, Literal

from loyalty_lib import i18n, paths
from loyalty_lib.config import ClientConfig, Mail, load_config
from loyalty_lib.deliver import finished_report
from loyalty_lib.errors import LoyaltyError, UsageError

Security = Literal["starttls", "tls", "none"]
PORTS: Final[Mapping[Security, int]] = {"starttls": 587, "tls": 465, "none": 25}
HIGHEST_PORT: Final = 65535
PATIENCE: Final = 30.0  # seconds for the server to answer


@dataclass(frozen=True, kw_only=True)
class Server:
    """A mail server and how to speak to it.

    Attributes
    ----------
    host, port
        Where it is.
    user, password
        Who signs in; empty for no sign-in.
    security
        How the connection is protected.
    certificates
        A file of further certificates to trust.
    """

    host: str
    port: int
    user: str
    password: str
    security: Security
    certificates: str | None = None


def send_report(client: str, period: str | None = None, *, dry_run: bool = False) -> str:
    """Send a client's finished report to the recipients in its settings.

    Parameters
    ----------
    client, period
        As for ``deliver.make_report``; the report must be there already.
    dry_run
        Write the mail to ``reports/<client>/<period>.eml`` instead.

    Returns
    -------
    str
        One sentence: what was done.

    Raises
    ------
    UsageError
        If there is no report, no recipient, or no complete setting for the server; the latter all at once.
    LoyaltyError
        If the server refuses; the message says what and what to do.
    """
    config = load_config(client)
    settings = _mail_settings(config)
    label = config.period(period).label
    folder = finished_report(client, label)
    message = compose(config, folder)
    if dry_run:
        file = paths.report_folder(client, f"{label}.eml")
        _write_private(file, message.as_bytes())
        return f"Written, not sent: {file}"
    server = server_settings(os.environ)
    refused = _deliver(server, settings, message)
    if refused:
        said = "; ".join(f"{address} ({reason})" for address, reason in refused.items())
        text = f"The server refused {len(refused)} of {len(settings.to)} recipients: {said}. The others have the mail."
        raise LoyaltyError(text)
    count = len(settings.to)
    return f"Sent report {label} of {client} to {count} {'recipient' if count == 1 else 'recipients'}."


def compose(config: ClientConfig, folder: Path) -> EmailMessage:
    """Return the covering mail of a finished report, its PDF attached.

    Parameters
    ----------
    config
        The client's settings, with a ``mail`` section.
    folder
        The report's folder.

    Returns
    -------
    EmailMessage
        In the client's language.
    """
    from loyalty_lib import narrative

    settings = _mail_settings(config)
    pdf = folder / "report.pdf"
    if not pdf.is_file():
        message = f"{folder} holds no report.pdf to send. Make the report again; its run says what the PDF needs."
        raise LoyaltyError(message)
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    i18n.activate(config.language, config.currency)
    subject, lines = narrative.mail(metrics)
    mail = EmailMessage(policy=SMTP)
    # A header is one line: a line break in a name or subject could otherwise begin another header.
    mail["Subject"] = " ".join((settings.subject or subject).split())
    mail["From"] = _address(settings.sender, "mail.sender", config)
    mail["To"] = [_address(address, "mail.to", config) for address in settings.to]
    mail["Date"] = dt.datetime.now(dt.UTC)
    mail["Message-ID"] = make_msgid(domain=_domain(settings))
    mail["Content-Language"] = config.language
    mail.set_content("\n\n".join(lines) + "\n")
    mail.add_alternative(_page(config.language, subject, lines), subtype="html")
    mail.add_attachment(
        pdf.read_bytes(), maintype="application", subtype="pdf", filename=f"{config.client}-{folder.name}.pdf"
    )
    return mail


def server_settings(environment: Mapping[str, str]) -> Server:
    """Read the mail server from environment variables.

    Raises
    ------
    UsageError
        If any is missing or wrong; all of them at once.
    """
    problems: list[str] = []
    chosen = environment.get("LOYALTY_SMTP_SECURITY", "starttls")
    security: Security = next((known for known in PORTS if known == chosen), "starttls")
    if chosen != security:
        problems.append(f"LOYALTY_SMTP_SECURITY is {chosen!r}; expected starttls, tls or none.")
    user = environment.get("LOYALTY_SMTP_USER")
    needed = ["LOYALTY_SMTP_HOST"]
    if security != "none" and user != "":  # set, but empty: no sign-in is wanted
        needed += ["LOYALTY_SMTP_USER", "LOYALTY_SMTP_PASSWORD"]
    hints = {"LOYALTY_SMTP_USER": " Set it to nothing if the server asks for no sign-in."}
    missing = [name for name in needed if not environment.get(name)]
    problems.extend(f"{name} is not set.{hints.get(name, '')}" for name in missing)
    port = environment.get("LOYALTY_SMTP_PORT") or str(PORTS[security])
    if not (port.isascii() and port.isdigit() and 0 < int(port) <= HIGHEST_PORT):
        problems.append(f"LOYALTY_SMTP_PORT is {port!r}; expected a number such as {PORTS[security]}.")
    certificates = environment.get("LOYALTY_SMTP_CA") or None
    if certificates and not Path(certificates).is_file():
        problems.append(f"LOYALTY_SMTP_CA names {certificates}, which is no file; expected certificates in PEM form.")
    host, password = environment.get("LOYALTY_SMTP_HOST", ""), environment.get("LOYALTY_SMTP_PASSWORD", "")
    if security == "none" and host and user and not _is_loopback(host):
        problems.append(
            f"LOYALTY_SMTP_SECURITY is none: the password would travel to {host} readable by anyone. "
            "Use starttls or tls, or unset LOYALTY_SMTP_USER."
        )
    if problems:
        raise UsageError("\n".join(["The mail server is not set up; nothing was sent.", *(f"  {p}" for p in problems)]))
    return Server(
        host=host, port=int(port), user=user or "", password=password, security=security, certificates=certificates
    )


def _mail_settings(config: ClientConfig) -> Mail:
    if config.mail is None:
        file = config.folder / "client.yml"
        message = f"{file} has no recipients. Add a section mail: with the keys to: [someone@example.com] and sender:."
        raise UsageError(message)
    return config.mail


def _address(text: str, key: str, config: ClientConfig) -> Address:
    try:
        return Address(addr_spec=text)
    except (ValueError, IndexError) as error:  # IndexError: what the standard library's parser says of "a@."
        message = f"{config.folder / 'client.yml'}: {key} holds {text!r}; expected a mail address."
        raise UsageError(message) from error


def _domain(settings: Mail) -> str:
    return settings.sender.rpartition("@")[2]


def _page(language: str, subject: str, lines: Sequence[str]) -> str:
    first, *rest = (html.escape(line) for line in lines)
    paragraphs = "\n".join(f"<p>{line}</p>" for line in rest)
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head><meta charset="utf-8"><title>{html.escape(subject)}</title>'
        '</head>\n<body style="font-family: sans-serif; line-height: 1.5; color: #222; max-width: 38em">\n'
        f'<p style="font-size: 1.2em"><strong>{first}</strong></p>\n{paragraphs}\n</body>\n</html>\n'
    )


def _write_private(file: Path, data: bytes) -> None:
    """Write a mail so that only its owner can read it: it names people."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        file.touch(mode=0o600)
        file.write_bytes(data)
    except OSError as error:
        message = f"{file} could not be written: {error.strerror}. Free some space or mend the folder's permissions."
        raise LoyaltyError(message) from error


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _deliver(server: Server, settings: Mail, message: EmailMessage) -> dict[str, str]:
    """Hand the mail to the server; return the recipients it refused, each with its reason."""
    with _plain_words(server), _connection(server, _domain(settings)) as connection:
        if server.user:
            connection.login(server.user, server.password)
        refused = connection.send_message(message, settings.sender, list(settings.to))
    return {address: _reason(*answer) for address, answer in refused.items()}


@contextmanager
def _connection(server: Server, domain: str) -> Generator[smtplib.SMTP]:
    # The greeting names the sender's domain: the machine's own name is nobody's business.
    connect = partial(smtplib.SMTP, server.host, server.port, domain, PATIENCE)
    if server.security == "none":
        with connect() as connection:
            yield connection
        return
    context = ssl.create_default_context()
    if server.certificates:
        context.load_verify_locations(server.certificates)
    if server.security == "tls":
        with smtplib.SMTP_SSL(server.host, server.port, domain, timeout=PATIENCE, context=context) as connection:
            yield connection
        return
    with connect() as connection:
        connection.starttls(context=context)
        yield connection


@contextmanager
def _plain_words(server: Server) -> Generator[None]:
    """Say what a mail server's refusals mean."""
    place = f"{server.host}:{server.port}"
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        text = (
            f"The certificate of {place} cannot be trusted ({error.verify_message}). "
            "Check LOYALTY_SMTP_HOST; if the server has a certificate of your own, name its file in LOYALTY_SMTP_CA."
        )
    except ssl.SSLError:
        text = f"{place} does not speak TLS at once. Set LOYALTY_SMTP_SECURITY=starttls, or another LOYALTY_SMTP_PORT."
    except smtplib.SMTPAuthenticationError as error:
        text = (
            f"{place} refused the sign-in ({_reason(error.smtp_code, error.smtp_error)}). "
            "Check LOYALTY_SMTP_USER and LOYALTY_SMTP_PASSWORD; many servers want a password made for programs."
        )
    except smtplib.SMTPRecipientsRefused as error:
        said = "; ".join(f"{address} ({_reason(*answer)})" for address, answer in error.recipients.items())
        text = f"{place} refused every recipient: {said}. Check mail.to in client.yml."
    except smtplib.SMTPSenderRefused as error:
        text = (
            f"{place} refused the sender {error.sender} ({_reason(error.smtp_code, error.smtp_error)}). "
            "Check mail.sender in client.yml, and LOYALTY_SMTP_USER."
        )
    except smtplib.SMTPNotSupportedError as error:
        text = f"{place} cannot do what is needed: {error} Set LOYALTY_SMTP_SECURITY=tls, or ask the server's owner."
    except smtplib.SMTPResponseException as error:
        text = f"{place} refused the mail ({_reason(error.smtp_code, error.smtp_error)}). Try again later."
    except (smtplib.SMTPServerDisconnected, smtplib.SMTPException, OSError) as error:
        why = getattr(error, "strerror", None) or str(error)
        text = f"No mail server answers at {place} ({why}). Check LOYALTY_SMTP_HOST and LOYALTY_SMTP_PORT."
    else:
        return
    text = f"{text} Nothing was sent."
    raise LoyaltyError(text)


def _reason(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"{code} {' '.join(text.split())}"
