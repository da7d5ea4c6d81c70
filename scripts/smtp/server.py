"""A mail server for the tests: STARTTLS, sign-in, and one file for each mail it takes.

server.py FOLDER PORT CERTIFICATE KEY USER PASSWORD

Port 0 picks a free one. Prints the port once it listens. It refuses mail to rejected@… for good and to
busy@… for now.
"""

import asyncio
import itertools
import os
import pathlib
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

folder, port, certificate, key, user, password = sys.argv[1:]
folder = pathlib.Path(folder)
numbers = itertools.count(1)


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split("@")[0]
        if name == "rejected":
            return "550 5.1.1 no such mailbox"
        if name == "busy":
            return "451 4.7.1 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        name = f"{os.getpid()}-{next(numbers):06}"
        draft = folder / f".{name}"
        draft.write_bytes(envelope.content)
        draft.rename(folder / f"{name}.eml")
        return "250 Message accepted"


def sign_in(server, session, envelope, mechanism, data):
    right = (data.login, data.password) == (user.encode(), password.encode())
    # Not handled here: the library answers a refusal.
    return AuthResult(success=right, handled=False)


async def main():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    loop = asyncio.get_running_loop()

    def smtp():
        return SMTP(
            Handler(),
            hostname="localhost",
            loop=loop,
            tls_context=context,
            require_starttls=True,
            authenticator=sign_in,
            auth_required=True,
        )

    server = await loop.create_server(smtp, "127.0.0.1", int(port))
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
