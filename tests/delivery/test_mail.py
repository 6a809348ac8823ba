"""The mail that carries a report, sent to a real server on this machine: by STARTTLS, TLS and in the open."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import ipaddress
import json
import socket
import ssl
import stat
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from loyalty_lib import mail
from loyalty_lib.config import load_config
from loyalty_lib.errors import LoyaltyError, UsageError

# The test's server takes passwords in the open on purpose: it listens on the loopback only.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")
USER, PASSWORD = "consultant", "correct horse"
PDF = b"%PDF-1.7\nthe report\n"
LINES = [
    "Net sales rose 12 % to € 1.2 million.",
    "Active customers: 1 204 (▲ 3 % from <Q3> & 2023)",
    "The report is attached.",
]


@pytest.fixture
def report(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a finished report whose covering words are known."""
    folder = home / "reports" / "shop" / "2024-Q4"
    folder.mkdir(parents=True)
    (folder / "report.pdf").write_bytes(PDF)
    (folder / "metrics.json").write_text(json.dumps({"net_sales": 1.2e6}), encoding="utf-8")
    (folder / "run.json").write_text("{}", encoding="utf-8")
    (folder / "tables").mkdir()
    (folder / "tables" / "customers.csv").write_text("c1,10.00\n", encoding="utf-8")
    # Sentences have tests of their own; here only what becomes of them is looked at.
    monkeypatch.setattr("loyalty_lib.narrative.mail", lambda metrics: (f"Loyalty {metrics['net_sales']:.0f}", LINES))
    for name in ("HOST", "PORT", "USER", "PASSWORD", "SECURITY", "CA"):
        monkeypatch.delenv(f"LOYALTY_SMTP_{name}", raising=False)
    return folder


@dataclass
class Mailbox:
    """Takes what the server is given, but for recipients it does not know."""

    unknown: frozenset[str] = frozenset()
    envelopes: list[Envelope] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.unknown:
            return "550 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's name
        self.envelopes.append(envelope)
        return "250 taken"

    def received(self) -> EmailMessage:
        (envelope,) = self.envelopes
        return email.message_from_bytes(cast("bytes", envelope.content), policy=email.policy.default)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a certificate for this machine with its key, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return file


@pytest.fixture
def serve(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Callable[..., int]]:
    """Return a function that starts a server and points the environment at it."""
    running: list[Controller] = []

    def start(security: str, mailbox: Mailbox) -> int:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)

        def knows(
            _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, login: LoginPassword
        ) -> AuthResult:
            return AuthResult(success=login == LoginPassword(USER.encode(), PASSWORD.encode()), handled=False)

        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port: int = free.getsockname()[1]
        controller = Controller(
            mailbox,
            hostname="127.0.0.1",
            port=port,
            ssl_context=context if security == "tls" else None,
            tls_context=context if security == "starttls" else None,
            require_starttls=security == "starttls",
            authenticator=knows,
            auth_required=True,
            auth_require_tls=security == "starttls",
        )
        controller.start()
        running.append(controller)
        for name, value in {
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "USER": USER,
            "PASSWORD": PASSWORD,
            "SECURITY": security,
            "CA": str(certificate),
        }.items():
            monkeypatch.setenv(f"LOYALTY_SMTP_{name}", value)
        return port

    yield start
    for controller in running:
        controller.stop()


@pytest.mark.parametrize("security", ["starttls", "tls", "none"])
def test_mail_arrives_signed_in_with_the_pdf_and_nothing_else(
    security: str, report: Path, serve: Callable[..., int]
) -> None:
    mailbox = Mailbox()
    serve(security, mailbox)
    assert mail.send_report("shop") == "Sent report 2024-Q4 of shop to 2 recipients."
    assert mailbox.envelopes[0].mail_from == "reports@consultant.example"
    assert mailbox.envelopes[0].rcpt_tos == ["kari@shop.example", "ola@shop.example"]
    got = mailbox.received()
    assert got["Subject"] == "Loyalty 1200000"
    assert got["To"] == "kari@shop.example, ola@shop.example"
    assert got["From"] == "reports@consultant.example"
    assert got["Date"].datetime.tzinfo is not None
    assert got["Message-ID"].endswith("@consultant.example>")
    assert socket.gethostname() not in str(got)
    text, page = got.get_body(("plain",)), got.get_body(("html",))
    assert text is not None
    assert page is not None
    assert text.get_content().splitlines() == [LINES[0], "", LINES[1], "", LINES[2]]
    assert '<html lang="en">' in page.get_content()
    assert "from &lt;Q3&gt; &amp; 2023" in page.get_content()
    (attached,) = got.iter_attachments()
    assert (attached.get_content_type(), attached.get_filename()) == ("application/pdf", "shop-2024-Q4.pdf")
    assert attached.get_content() == PDF


def test_dry_run_writes_the_mail_for_its_owner_only_and_sends_nothing(report: Path, home: Path) -> None:
    said = mail.send_report("shop", "2024-Q4", dry_run=True)
    file = home / "reports" / "shop" / "2024-Q4.eml"
    assert said == f"Written, not sent: {file}"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    got = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert got["Subject"] == "Loyalty 1200000"
    assert [part.get_content() for part in got.iter_attachments()] == [PDF]


def test_subject_of_two_lines_begins_no_header(report: Path, home: Path) -> None:
    settings = home / "clients" / "shop" / "client.yml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(f'{text}  subject: "Hello\\r\\nBcc: everyone@shop.example"\n', encoding="utf-8")
    made = mail.compose(load_config("shop"), report)
    assert made["Subject"] == "Hello Bcc: everyone@shop.example"
    assert email.message_from_bytes(made.as_bytes(), policy=email.policy.default)["Bcc"] is None


def test_every_missing_variable_is_named_at_once(report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOYALTY_SMTP_PORT", "many")
    with pytest.raises(UsageError) as caught:
        mail.send_report("shop")
    assert str(caught.value).splitlines() == [
        "The mail server is not set up; nothing was sent.",
        "  LOYALTY_SMTP_HOST is not set.",
        "  LOYALTY_SMTP_USER is not set. Set it to nothing if the server asks for no sign-in.",
        "  LOYALTY_SMTP_PASSWORD is not set.",
        "  LOYALTY_SMTP_PORT is 'many'; expected a number such as 587.",
    ]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"LOYALTY_SMTP_SECURITY": "ssl"}, "LOYALTY_SMTP_SECURITY is 'ssl'; expected starttls, tls or none."),
        ({"LOYALTY_SMTP_CA": "/nowhere.pem"}, "LOYALTY_SMTP_CA names /nowhere.pem, which is no file"),
        ({"LOYALTY_SMTP_PORT": "65536"}, "LOYALTY_SMTP_PORT is '65536'"),
        ({"LOYALTY_SMTP_SECURITY": "none"}, "the password would travel to mail.example readable by anyone"),
    ],
)
def test_wrong_setting_of_the_server_is_named(settings: dict[str, str], said: str) -> None:
    complete = {"LOYALTY_SMTP_HOST": "mail.example", "LOYALTY_SMTP_USER": "u", "LOYALTY_SMTP_PASSWORD": "p"}
    with pytest.raises(UsageError, match=said):
        mail.server_settings(complete | settings)


@pytest.mark.parametrize(
    ("settings", "port"),
    [({}, 587), ({"LOYALTY_SMTP_SECURITY": "tls"}, 465), ({"LOYALTY_SMTP_SECURITY": "none"}, 25)],
)
def test_usual_port_and_no_sign_in(settings: dict[str, str], port: int) -> None:
    server = mail.server_settings({"LOYALTY_SMTP_HOST": "relay.example", "LOYALTY_SMTP_USER": ""} | settings)
    assert (server.port, server.user, server.password) == (port, "", "")


def test_wrong_password_is_said(report: Path, serve: Callable[..., int], monkeypatch: pytest.MonkeyPatch) -> None:
    mailbox = Mailbox()
    serve("starttls", mailbox)
    monkeypatch.setenv("LOYALTY_SMTP_PASSWORD", "wrong")
    with pytest.raises(LoyaltyError, match=r"refused the sign-in \(535 .*Check LOYALTY_SMTP_USER") as caught:
        mail.send_report("shop")
    assert "wrong" not in str(caught.value)
    assert mailbox.envelopes == []


def test_certificate_nobody_vouches_for_is_refused(
    report: Path, serve: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox = Mailbox()
    serve("starttls", mailbox)
    monkeypatch.delenv("LOYALTY_SMTP_CA")
    with pytest.raises(LoyaltyError, match=r"certificate of 127.0.0.1:\d+ cannot be trusted .*LOYALTY_SMTP_CA"):
        mail.send_report("shop")
    assert mailbox.envelopes == []


def test_server_without_starttls_gets_no_password_and_no_mail(
    report: Path, serve: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox = Mailbox()
    serve("none", mailbox)
    monkeypatch.setenv("LOYALTY_SMTP_SECURITY", "starttls")
    with pytest.raises(LoyaltyError, match=r"STARTTLS .*Set LOYALTY_SMTP_SECURITY=tls"):
        mail.send_report("shop")
    assert mailbox.envelopes == []


def test_tls_with_a_server_that_speaks_it_later_is_said(
    report: Path, serve: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    serve("starttls", Mailbox())
    monkeypatch.setenv("LOYALTY_SMTP_SECURITY", "tls")
    with pytest.raises(LoyaltyError, match=r"does not speak TLS at once. Set LOYALTY_SMTP_SECURITY=starttls"):
        mail.send_report("shop")


def test_no_server_is_said(report: Path, serve: Callable[..., int], monkeypatch: pytest.MonkeyPatch) -> None:
    serve("none", Mailbox())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("LOYALTY_SMTP_PORT", str(free.getsockname()[1]))
    with pytest.raises(LoyaltyError, match=r"No mail server answers at 127.0.0.1:\d+ \(Connection refused\)"):
        mail.send_report("shop")


def test_server_that_wants_a_sign_in_says_so(
    report: Path, serve: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    serve("none", Mailbox())
    monkeypatch.setenv("LOYALTY_SMTP_USER", "")
    with pytest.raises(LoyaltyError, match=r"refused the sender .*530 .*LOYALTY_SMTP_USER"):
        mail.send_report("shop")


def test_partial_refusal_says_who_has_it_not(report: Path, serve: Callable[..., int]) -> None:
    mailbox = Mailbox(unknown=frozenset({"ola@shop.example"}))
    serve("starttls", mailbox)
    with pytest.raises(LoyaltyError) as caught:
        mail.send_report("shop")
    assert str(caught.value) == (
        "The server refused 1 of 2 recipients: ola@shop.example (550 no such user here). The others have the mail."
    )
    assert mailbox.envelopes[0].rcpt_tos == ["kari@shop.example"]


def test_refusal_of_every_recipient_is_said(report: Path, serve: Callable[..., int]) -> None:
    serve("starttls", Mailbox(unknown=frozenset({"kari@shop.example", "ola@shop.example"})))
    with pytest.raises(LoyaltyError, match=r"refused every recipient: kari@shop.example \(550 .*Nothing was sent\."):
        mail.send_report("shop")


def test_client_without_recipients_is_told_what_to_add(report: Path, home: Path) -> None:
    settings = home / "clients" / "shop" / "client.yml"
    settings.write_text(settings.read_text(encoding="utf-8").partition("mail:")[0], encoding="utf-8")
    with pytest.raises(UsageError, match=r"client.yml has no recipients\. Add a section mail:"):
        mail.send_report("shop")


def test_report_without_a_pdf_is_not_sent(report: Path) -> None:
    (report / "report.pdf").unlink()
    with pytest.raises(LoyaltyError, match=r"holds no report.pdf to send"):
        mail.send_report("shop", dry_run=True)
