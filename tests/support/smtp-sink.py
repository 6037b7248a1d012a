"""A mail server for tests: takes every message and tells what it was.

The first line on stdout is the port. Then each message is one line of JSON, on stdout or at the end of --file:
{"from", "to", "subject", "headers", "text", "html", "tls", "user"}. It ends when its standard input does, with --until-eof.

    smtp-sink.py [--port 0] [--file FILE] [--user U --password P] [--tls starttls|implicit --certificate C --key K]
                 [--refuse 550]
"""

import argparse
import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


def body(message, kind):
    part = message.get_body((kind,))
    return None if part is None else part.get_content().replace("\r\n", "\n")


class Sink:
    def __init__(self, options):
        self.options = options

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if self.options.refuse:
            # As real servers do, with words that quote the address.
            return f"{self.options.refuse} 5.1.1 <{address}>: not here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        line = json.dumps(
            {
                "from": envelope.mail_from,
                "to": envelope.rcpt_tos,
                "subject": message["subject"],
                "headers": {name.lower(): value for name, value in message.items()},
                "text": body(message, "plain"),
                "html": body(message, "html"),
                "tls": session.ssl is not None or self.options.tls == "implicit",
                "user": session.auth_data.decode() if session.auth_data else None,
            }
        )
        if self.options.file:
            with open(self.options.file, "a", encoding="utf-8") as file:
                file.write(line + "\n")
        else:
            print(line, flush=True)
        return "250 OK"

    def authenticate(self, server, session, envelope, mechanism, given):
        right = (given.login.decode(), given.password.decode()) == (self.options.user, self.options.password)
        return AuthResult(success=right, auth_data=given.login if right else None, handled=False)


async def serve(options):
    context = None
    if options.tls:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(options.certificate, options.key)
    sink = Sink(options)

    def protocol():
        return SMTP(
            sink,
            hostname="sink.test",
            enable_SMTPUTF8=True,
            tls_context=context if options.tls == "starttls" else None,
            require_starttls=options.tls == "starttls",
            authenticator=sink.authenticate,
            auth_required=options.user is not None,
            # Without a password to ask for there is none on offer either.
            auth_require_tls=options.tls == "starttls" or options.user is None,
        )

    implicit = context if options.tls == "implicit" else None
    loop = asyncio.get_running_loop()
    server = await loop.create_server(protocol, "127.0.0.1", options.port, ssl=implicit)
    print(server.sockets[0].getsockname()[1], flush=True)
    if options.until_eof:
        await loop.run_in_executor(None, sys.stdin.read)
    else:
        await server.serve_forever()


def main():
    parser = argparse.ArgumentParser(description="A mail server for tests.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--file", help="append the messages here")
    parser.add_argument("--user")
    parser.add_argument("--password")
    parser.add_argument("--tls", choices=["starttls", "implicit"])
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--refuse", type=int, metavar="STATUS", help="answer every recipient with it")
    parser.add_argument("--until-eof", action="store_true", help="end with the standard input")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
