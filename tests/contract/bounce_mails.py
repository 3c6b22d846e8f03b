"""
Mails that come back, as the mail systems of this world write them. All are made up; no address in them exists.

Each takes the address that the mail came from (where the report goes), and what it says.
"""

from __future__ import annotations

CUSTOMER = "ada.customer@example.org"
#: What our mail had as its header when it left; a server may return it so.
SENT = (
    "From: Shop <orders@shop.example>\n"
    f"To: Ada <{CUSTOMER}>\n"
    "Subject: Your order is on its way\n"
    "Date: Mon, 05 Jan 2026 09:00:00 +0000\n"
    "Message-ID: <0123456789abcdef0123456789abcdef@shop.example>\n"
    "MIME-Version: 1.0\n"
    "Content-Type: text/plain; charset=utf-8\n"
)


def crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


def postfix(
    to: str,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    diagnostic: str = f"smtp; 550 5.1.1 <{CUSTOMER}>: Recipient address rejected: User unknown",
    envelope_id: str = "",
    returned: str = SENT,
) -> bytes:
    """Postfix: fields folded with four blanks, an ENVID only if the client gave one, delayed reports too."""
    subject = "Delayed Mail (still being retried)" if action == "delayed" else "Undelivered Mail Returned to Sender"
    named = f"Original-Envelope-Id: {envelope_id}\n" if envelope_id else ""
    return crlf(
        "Return-Path: <>\n"
        f"Delivered-To: {to}\n"
        "Received: by mx.relay.example (Postfix)\n"
        "\tid 4F1C23; Mon,  5 Jan 2026 09:05:12 +0000 (UTC)\n"
        "Date: Mon,  5 Jan 2026 09:05:12 +0000 (UTC)\n"
        "From: MAILER-DAEMON@relay.example (Mail Delivery System)\n"
        f"Subject: {subject}\n"
        f"To: {to}\n"
        "Auto-Submitted: auto-replied\n"
        "MIME-Version: 1.0\n"
        "Content-Type: multipart/report; report-type=delivery-status;\n"
        '\tboundary="0A1B2C3D.1767603912/mx.relay.example"\n'
        "Content-Transfer-Encoding: 8bit\n"
        "Message-Id: <20260105090512.4F1C23@mx.relay.example>\n"
        "\n"
        "This is a MIME-encapsulated message.\n"
        "\n"
        "--0A1B2C3D.1767603912/mx.relay.example\n"
        "Content-Description: Notification\n"
        "Content-Type: text/plain; charset=utf-8\n"
        "\n"
        "This is the mail system at host mx.relay.example.\n"
        "\n"
        f"<{CUSTOMER}>: host mail.example.org[192.0.2.25] said something\n"
        "\n"
        "--0A1B2C3D.1767603912/mx.relay.example\n"
        "Content-Description: Delivery report\n"
        "Content-Type: message/delivery-status\n"
        "\n"
        "Reporting-MTA: dns; mx.relay.example\n"
        f"{named}"
        "X-Postfix-Queue-ID: 3A5B7C\n"
        f"X-Postfix-Sender: rfc822; {to}\n"
        "Arrival-Date: Mon,  5 Jan 2026 09:00:02 +0000 (UTC)\n"
        "\n"
        f"Final-Recipient: rfc822; {CUSTOMER}\n"
        f"Original-Recipient: rfc822;{CUSTOMER}\n"
        f"Action: {action}\n"
        f"Status: {status}\n"
        "Remote-MTA: dns; mail.example.org\n"
        f"Diagnostic-Code: {diagnostic}\n"
        "\n"
        "--0A1B2C3D.1767603912/mx.relay.example\n"
        "Content-Description: Undelivered Message Headers\n"
        "Content-Type: text/rfc822-headers\n"
        "\n"
        f"Return-Path: <{to}>\n"
        f"{returned}"
        "\n"
        "--0A1B2C3D.1767603912/mx.relay.example--\n"
    )


def exchange(to: str, *, status: str = "5.1.10") -> bytes:
    """Exchange Online: an HTML explanation, long names, a diagnosis of its own, the whole mail back."""
    return crlf(
        "From: <postmaster@tenant.example>\n"
        f"To: <{to}>\n"
        "Date: Mon, 5 Jan 2026 09:00:07 +0000\n"
        "Content-Type: multipart/report; report-type=delivery-status;\n"
        '\tboundary="b7d2f3aa-0000-4000-8000-5a5a5a5a5a5a"\n'
        "X-MS-Exchange-Message-Is-Ndr:\n"
        "Content-Language: en-US\n"
        "Message-ID: <f00d@AB1PR01MB0001.prod.tenant.example>\n"
        "In-Reply-To: <0123456789abcdef0123456789abcdef@shop.example>\n"
        "Subject: Undeliverable: Your order is on its way\n"
        "Auto-Submitted: auto-replied\n"
        "MIME-Version: 1.0\n"
        "\n"
        "--b7d2f3aa-0000-4000-8000-5a5a5a5a5a5a\n"
        "Content-Type: multipart/alternative; differences=Content-Type;\n"
        '\tboundary="c9d8e7f6-0000-4000-8000-6b6b6b6b6b6b"\n'
        "\n"
        "--c9d8e7f6-0000-4000-8000-6b6b6b6b6b6b\n"
        'Content-Type: text/plain; charset="us-ascii"\n'
        "Content-Transfer-Encoding: quoted-printable\n"
        "\n"
        f"Your message to {CUSTOMER} couldn't be delivered.=\n"
        "\n"
        "--c9d8e7f6-0000-4000-8000-6b6b6b6b6b6b\n"
        'Content-Type: text/html; charset="us-ascii"\n'
        "\n"
        "<html><body>couldn't be delivered</body></html>\n"
        "\n"
        "--c9d8e7f6-0000-4000-8000-6b6b6b6b6b6b--\n"
        "\n"
        "--b7d2f3aa-0000-4000-8000-5a5a5a5a5a5a\n"
        "Content-Type: message/delivery-status\n"
        "\n"
        "Reporting-MTA: dns;AB1PR01MB0001.prod.tenant.example\n"
        "Received-From-MTA: dns;mx.relay.example\n"
        "Arrival-Date: Mon, 5 Jan 2026 09:00:05 +0000\n"
        "\n"
        f"Original-Recipient: rfc822;{CUSTOMER}\n"
        f"Final-Recipient: rfc822;{CUSTOMER}\n"
        "Action: failed\n"
        f"Status: {status}\n"
        f"Diagnostic-Code: smtp;550 {status} RESOLVER.ADR.RecipientNotFound; Recipient\n"
        " not found by SMTP address lookup\n"
        "\n"
        "\n"
        "--b7d2f3aa-0000-4000-8000-5a5a5a5a5a5a\n"
        "Content-Type: message/rfc822\n"
        "\n"
        "Received: from mx.relay.example (192.0.2.9) by AM1PR01.tenant.example\n"
        " (203.0.113.7) with Microsoft SMTP Server\n"
        f"Return-Path: {to}\n"
        f"{SENT}"
        "\n"
        "Hello Ada\n"
        "\n"
        "--b7d2f3aa-0000-4000-8000-5a5a5a5a5a5a--\n"
    )


def exim(to: str, *, diagnostic: str = "smtp; 550 5.1.1 no such user here") -> bytes:
    """Exim of today: a report whose status is always 5.0.0, so that only the diagnosis says why."""
    return crlf(
        "Return-path: <>\n"
        f"Envelope-to: {to}\n"
        "Delivery-date: Mon, 05 Jan 2026 09:01:00 +0000\n"
        f"X-Failed-Recipients: {CUSTOMER}\n"
        "Auto-Submitted: auto-replied\n"
        "From: Mail Delivery System <Mailer-Daemon@host.example>\n"
        f"To: {to}\n"
        "References: <0123456789abcdef0123456789abcdef@shop.example>\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=1767603660-eximdsn-1804289383\n"
        "MIME-Version: 1.0\n"
        "Subject: Mail delivery failed: returning message to sender\n"
        "Message-Id: <E1vcAbC-0004Xy-2B@host.example>\n"
        "\n"
        "--1767603660-eximdsn-1804289383\n"
        "Content-type: text/plain; charset=us-ascii\n"
        "\n"
        "This message was created automatically by mail delivery software.\n"
        "\n"
        "--1767603660-eximdsn-1804289383\n"
        "Content-type: message/delivery-status\n"
        "\n"
        "Reporting-MTA: dns; host.example\n"
        "\n"
        "Action: failed\n"
        f"Final-Recipient: rfc822;{CUSTOMER}\n"
        "Status: 5.0.0\n"
        "Remote-MTA: dns; mail.example.org\n"
        f"Diagnostic-Code: {diagnostic}\n"
        "\n"
        "--1767603660-eximdsn-1804289383\n"
        "Content-type: text/rfc822-headers\n"
        "\n"
        f"Return-path: <{to}>\n"
        f"{SENT}"
        "\n"
        "--1767603660-eximdsn-1804289383--\n"
    )


def exim_of_old(to: str) -> bytes:
    """Exim before it wrote reports: plain text, and a header that no other mail has."""
    return crlf(
        "Return-path: <>\n"
        f"Envelope-to: {to}\n"
        f"X-Failed-Recipients: {CUSTOMER}\n"
        "Auto-Submitted: auto-replied\n"
        "From: Mail Delivery System <Mailer-Daemon@old.example>\n"
        f"To: {to}\n"
        "Subject: Mail delivery failed: returning message to sender\n"
        "\n"
        "This message was created automatically by mail delivery software.\n"
        "\n"
        "A message that you sent could not be delivered to one or more of its\n"
        "recipients. This is a permanent error. The following address(es) failed:\n"
        "\n"
        f"  {CUSTOMER}\n"
        "    550 5.1.1 unknown user\n"
        "\n"
        "------ This is a copy of the message, including all the headers. ------\n"
        "\n"
        f"Return-path: <{to}>\n"
        f"{SENT}"
    )


def exim_warning_of_old(to: str) -> bytes:
    """Exim before it wrote reports, while it still tries: the same text, without that header."""
    return crlf(
        "Return-path: <>\n"
        f"Envelope-to: {to}\n"
        "Auto-Submitted: auto-replied\n"
        "From: Mail Delivery System <Mailer-Daemon@old.example>\n"
        f"To: {to}\n"
        "Subject: Warning: message 1vcAbC-0004Xy-2B delayed 24 hours\n"
        "\n"
        "A message that you sent has not yet been delivered to one or more of its\n"
        "recipients after more than 24 hours on the queue on old.example.\n"
        "\n"
        f"  {CUSTOMER}\n"
        "    Delay reason: 451 4.7.1 try again later\n"
    )


def gmail(to: str, *, action: str = "failed", status: str = "5.2.1", reply: str = "550-5.2.1") -> bytes:
    """Gmail: three parts before the report's own, a diagnosis over several lines, the failed address in the header."""
    return crlf(
        f"Delivered-To: {to}\n"
        "Return-Path: <>\n"
        "Received: by 2002:a05:6e02:1c2c:b0:3a7:0:1 with SMTP id abc; Mon, 05 Jan 2026 01:02:03 -0800 (PST)\n"
        "Content-Type: multipart/report; boundary=000000000000aa11bb062f0e0001; report-type=delivery-status\n"
        f"To: {to}\n"
        "Auto-Submitted: auto-replied\n"
        "Subject: Delivery Status Notification (Failure)\n"
        f"X-Failed-Recipients: {CUSTOMER}\n"
        "From: Mail Delivery Subsystem <mailer-daemon@googlemail.example>\n"
        "\n"
        "--000000000000aa11bb062f0e0001\n"
        "Content-Type: multipart/related; boundary=000000000000cc22dd062f0e0002\n"
        "\n"
        "--000000000000cc22dd062f0e0002\n"
        'Content-Type: text/html; charset="UTF-8"\n'
        "\n"
        "<html>** Address not found **</html>\n"
        "\n"
        "--000000000000cc22dd062f0e0002\n"
        'Content-Type: image/png; name="icon.png"\n'
        'Content-Disposition: attachment; filename="icon.png"\n'
        "Content-Transfer-Encoding: base64\n"
        "\n"
        "iVBORw0KGgoAAAANSUhEUg==\n"
        "--000000000000cc22dd062f0e0002--\n"
        "--000000000000aa11bb062f0e0001\n"
        "Content-Type: message/delivery-status\n"
        "\n"
        "Reporting-MTA: dns; googlemail.example\n"
        f"Received-From-MTA: dns; {to}\n"
        "Arrival-Date: Mon, 05 Jan 2026 01:02:02 -0800 (PST)\n"
        "X-Original-Message-ID: <0123456789abcdef0123456789abcdef@shop.example>\n"
        "\n"
        f"Final-Recipient: rfc822; {CUSTOMER}\n"
        f"Action: {action}\n"
        f"Status: {status}\n"
        "Remote-MTA: dns; gmail-smtp-in.example. (2001:db8:4003:c0f::1a, the server\n"
        " for the domain example.org.)\n"
        f"Diagnostic-Code: smtp; {reply} The email account that you tried to reach is inactive. For\n"
        f" more information, go to {reply}  https://support.example/mail/?p=DisabledUser -\n"
        " gsmtp\n"
        "Last-Attempt-Date: Mon, 05 Jan 2026 01:02:03 -0800 (PST)\n"
        "\n"
        "--000000000000aa11bb062f0e0001\n"
        "Content-Type: message/rfc822\n"
        "\n"
        f"Return-Path: <{to}>\n"
        f"{SENT}"
        "\n"
        "Hello Ada\n"
        "\n"
        "--000000000000aa11bb062f0e0001--\n"
    )


def amazon(to: str, *, status: str = "5.1.1", reply: str = "550 5.1.1") -> bytes:
    """Amazon SES, where feedback is forwarded by mail: LF only in what it quotes, no Original-Recipient."""
    return crlf(
        "From: MAILER-DAEMON@amazonses.example\n"
        f"To: {to}\n"
        "Subject: Delivery Status Notification (Failure)\n"
        "MIME-Version: 1.0\n"
        "Content-Type: multipart/report; \n"
        '\tboundary="----=_Part_1186432_883719.1767603612"; \n'
        "\treport-type=delivery-status\n"
        "X-SES-Outgoing: 2026.01.05-198.51.100.20\n"
        "Feedback-ID: ::1.eu-west-1.xyz:AmazonSES\n"
        "\n"
        "------=_Part_1186432_883719.1767603612\n"
        "Content-Type: text/plain; charset=us-ascii\n"
        "Content-Transfer-Encoding: 7bit\n"
        "Content-Description: Notification\n"
        "\n"
        f"An error occurred while trying to deliver the mail to the following recipients:\n{CUSTOMER}\n"
        "------=_Part_1186432_883719.1767603612\n"
        "Content-Type: message/delivery-status\n"
        "Content-Transfer-Encoding: 7bit\n"
        "Content-Description: Delivery report\n"
        "\n"
        "Reporting-MTA: dns; a8-20.smtp-out.amazonses.example\n"
        "\n"
        "Action: failed\n"
        f"Final-Recipient: rfc822; {CUSTOMER}\n"
        f"Diagnostic-Code: smtp; {reply} <{CUSTOMER}>: Recipient address rejected: User unknown in table\n"
        f"Status: {status}\n"
        "\n"
        "\n"
        "------=_Part_1186432_883719.1767603612\n"
        "Content-Type: message/rfc822\n"
        "Content-Description: Undelivered Message\n"
        "\n"
        f"{SENT}"
        "\n"
        "------=_Part_1186432_883719.1767603612--\n"
    )


def complaint(
    to: str, *, kind: str = "abuse", return_path: str = "", mail_from: str = "", envelope_id: str = ""
) -> bytes:
    """Yahoo's and AOL's way (RFC 5965): addressed to where complaints go, the customer's address taken out."""
    fields = f"Original-Mail-From: <{mail_from}>\n" if mail_from else ""
    fields += f"Original-Envelope-Id: {envelope_id}\n" if envelope_id else ""
    came_from = f"Return-Path: <{return_path}>\n" if return_path else ""
    return crlf(
        "From: feedback@arf.mail.example\n"
        f"To: {to}\n"
        "Subject: Email Feedback Report for IP 192.0.2.10\n"
        "Date: Mon, 05 Jan 2026 12:00:00 +0000\n"
        "MIME-Version: 1.0\n"
        'Content-Type: multipart/report; boundary="boundary-1138-29572-2659438-2049"; report-type=feedback-report\n'
        "\n"
        "--boundary-1138-29572-2659438-2049\n"
        'Content-Type: text/plain; charset="US-ASCII"\n'
        "\n"
        "This is an email abuse report for an email message.\n"
        "\n"
        "--boundary-1138-29572-2659438-2049\n"
        "Content-Type: message/feedback-report\n"
        "\n"
        f"Feedback-Type: {kind}\n"
        "User-Agent: Mail-Feedback/2.0\n"
        "Version: 1\n"
        f"{fields}"
        "Arrival-Date: Mon, 05 Jan 2026 11:59:00 +0000\n"
        "Source-IP: 192.0.2.10\n"
        "\n"
        "--boundary-1138-29572-2659438-2049\n"
        "Content-Type: message/rfc822\n"
        "Content-Disposition: inline\n"
        "\n"
        f"{came_from}"
        f"{SENT.replace(CUSTOMER, 'redacted@example.org')}"
        "\n"
        "Hello\n"
        "\n"
        "--boundary-1138-29572-2659438-2049--\n"
    )


def report(
    to: str,
    *groups: str,
    kind: str = "message/delivery-status",
    about: str = "; report-type=delivery-status",
    encoding: str = "",
    returned: str = "",
) -> bytes:
    """The least of a report: the groups of fields as they are given, and what came back."""
    back = f"--x\nContent-Type: text/rfc822-headers\n\n{returned}\n" if returned else ""
    how = f"Content-Transfer-Encoding: {encoding}\n" if encoding else ""
    fields = "\n\n".join(groups)
    return crlf(
        f"To: {to}\nContent-Type: multipart/report{about}; boundary=x\n\n"
        f"--x\n\nwords\n--x\nContent-Type: {kind}\n{how}\n{fields}\n{back}--x--\n"
    )


def vacation(to: str) -> bytes:
    """A customer who is away: sent to the envelope sender, with an empty one of its own (RFC 3834)."""
    return crlf(
        "Return-Path: <>\n"
        f"Delivered-To: {to}\n"
        f"From: Ada <{CUSTOMER}>\n"
        f"To: {to}\n"
        "Subject: Auto: Your order is on its way\n"
        "Auto-Submitted: auto-replied (vacation)\n"
        "In-Reply-To: <0123456789abcdef0123456789abcdef@shop.example>\n"
        "Precedence: bulk\n"
        "\n"
        "I am away. Undeliverable until Monday, status: 5.1.1\n"
    )


def challenge(to: str) -> bytes:
    """A filter that wants to know whether a person wrote it."""
    return crlf(
        "Return-Path: <>\n"
        f"From: {CUSTOMER}\n"
        f"To: {to}\n"
        "Subject: Confirm that you are a person\n"
        "\n"
        "Delivery of your mail failed until you follow this link: https://filter.example/confirm\n"
    )


def read_receipt(to: str) -> bytes:
    """A note that the mail was read, or deleted unread (RFC 8098)."""
    return crlf(
        f"From: Ada <{CUSTOMER}>\n"
        f"To: {to}\n"
        "Subject: Not read: Your order is on its way\n"
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=mdn\n"
        "\n"
        "--mdn\n"
        "Content-Type: text/plain\n"
        "\n"
        "Your message was deleted without being read.\n"
        "--mdn\n"
        "Content-Type: message/disposition-notification\n"
        "\n"
        f"Final-Recipient: rfc822;{CUSTOMER}\n"
        "Original-Message-ID: <0123456789abcdef0123456789abcdef@shop.example>\n"
        "Disposition: automatic-action/MDN-sent-automatically; deleted\n"
        "Action: failed\n"
        "Status: 5.1.1\n"
        "--mdn--\n"
    )


def answer(to: str) -> bytes:
    """A customer who writes back, with the report that she got from elsewhere as an attachment."""
    attached = postfix(to).decode().replace("\r\n", "\n")
    return crlf(
        f"From: Ada <{CUSTOMER}>\n"
        f"To: {to}\n"
        "Subject: Re: Your order\n"
        "Content-Type: multipart/mixed; boundary=mix\n"
        "\n"
        "--mix\n"
        "Content-Type: text/plain\n"
        "\n"
        "Where is my bag? I also got this:\n"
        "--mix\n"
        "Content-Type: message/rfc822\n"
        "\n"
        f"{attached}\n"
        "--mix--\n"
    )
