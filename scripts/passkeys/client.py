"""An authenticator and a second relying party, both of the library fido2: what the server accepts and what
that library accepts must be the same.

The library encodes each answer and verifies it by itself, with the options that the server gave out; then
the server decides. An answer that one of the two accepts and the other refuses is a failure.
"""

import http.cookiejar
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from fido2.cose import ES256, RS256, EdDSA
from fido2.server import Fido2Server
from fido2.utils import sha256, websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
    PublicKeyCredentialCreationOptions,
    PublicKeyCredentialRequestOptions,
    PublicKeyCredentialRpEntity,
    UserVerificationRequirement,
)

FLAG = AuthenticatorData.FLAG
VERIFIED = FLAG.UP | FLAG.UV
PASSWORD = "correct horse battery"


class Browser:
    """A browser with cookies of its own."""

    def __init__(self, address):
        self.address = address
        cookies = http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy())
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))

    def post(self, path, body=None):
        """The status of a request, and its body."""
        headers = {} if body is None else {"Content-Type": "application/json"}
        data = b"" if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, headers, method="POST")
        try:
            with self.opener.open(request) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as refused:
            return refused.code, json.loads(refused.read())


class Authenticator:
    """An authenticator with one passkey."""

    def __init__(self, kind):
        self.kind = kind
        self.id = os.urandom(32)
        self.key = {
            "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
            "EdDSA": ed25519.Ed25519PrivateKey.generate,
            "RS256": lambda: rsa.generate_private_key(65537, 2048),
        }[kind]()
        cose = {"ES256": ES256, "EdDSA": EdDSA, "RS256": RS256}[kind]
        self.public = cose.from_cryptography_key(self.key.public_key())
        self.credential = AttestedCredentialData.create(b"\0" * 16, self.id, self.public)
        self.handle = None

    def sign(self, message):
        if self.kind == "ES256":
            return self.key.sign(message, ec.ECDSA(hashes.SHA256()))
        if self.kind == "RS256":
            return self.key.sign(message, padding.PKCS1v15(), hashes.SHA256())
        return self.key.sign(message)

    def create(self, options, origin, flags=VERIFIED, kind="webauthn.create"):
        parsed = PublicKeyCredentialCreationOptions.from_dict(options)
        assert self.public[3] in [each.alg for each in parsed.pub_key_cred_params], self.kind
        self.handle = parsed.user.id
        client = CollectedClientData.create(kind, parsed.challenge, origin)
        data = AuthenticatorData.create(
            sha256(parsed.rp.id.encode()), flags | FLAG.AT, 0, self.credential
        )
        made = AttestationObject.create("none", data, {})
        return self.answer(clientDataJSON=client, attestationObject=made)

    def get(self, options, origin, flags=VERIFIED, kind="webauthn.get"):
        parsed = PublicKeyCredentialRequestOptions.from_dict(options)
        client = CollectedClientData.create(kind, parsed.challenge, origin)
        data = AuthenticatorData.create(sha256(parsed.rp_id.encode()), flags, 0)
        signature = self.sign(data + client.hash)
        return self.answer(
            clientDataJSON=client,
            authenticatorData=data,
            signature=signature,
            userHandle=self.handle,
        )

    def answer(self, **response):
        encoded = {name: websafe_encode(value) for name, value in response.items()}
        identity = websafe_encode(self.id)
        return {
            "id": identity,
            "rawId": identity,
            "type": "public-key",
            "clientExtensionResults": {},
            "response": encoded,
        }


class Peer:
    """The library as a relying party for the same pages."""

    def __init__(self, origin):
        rp = PublicKeyCredentialRpEntity(id="localhost", name="localhost")
        self.server = Fido2Server(rp, verify_origin=lambda found: found == origin)

    @staticmethod
    def state(challenge):
        return {"challenge": challenge, "user_verification": UserVerificationRequirement.REQUIRED}

    def accepts_created(self, options, answer):
        return accepts(self.server.register_complete, self.state(options["challenge"]), answer)

    def accepts_signed(self, options, credential, answer):
        state = self.state(options["challenge"])
        return accepts(self.server.authenticate_complete, state, [credential], answer)


def accepts(verify, *arguments):
    try:
        verify(*arguments)
        return True
    except Exception as refused:  # The library has no error type of its own for all of them.
        print(f"    the library refuses: {refused}")
        return False


def agree(what, ours, theirs, expected):
    print(f"  {what}: {'accepted' if ours else 'refused'}")
    assert ours == theirs == expected, f"{what}: the server {ours}, the library {theirs}"


def run(address):
    origin = address.replace("127.0.0.1", "localhost")
    peer = Peer(origin)
    for kind in ("ES256", "EdDSA", "RS256"):
        print(kind)
        browser = Browser(address)
        account = {"email": f"{kind.lower()}@example.com", "name": kind, "password": PASSWORD}
        assert browser.post("/api/auth/signup", account)[0] == 201
        authenticator = Authenticator(kind)

        def add(what, expected, **change):
            status, begun = browser.post(
                "/api/auth/mfa/passkeys/begin", {"current_password": PASSWORD}
            )
            assert status == 200, begun
            arguments = {"origin": origin, **change}
            answer = authenticator.create(begun["options"], **arguments)
            theirs = peer.accepts_created(begun["options"], answer)
            body = {"name": "Key", "credential": answer}
            status, _ = browser.post("/api/auth/mfa/passkeys/finish", body)
            agree(what, status == 201, theirs, expected)

        add("a passkey of another page", False, origin="https://evil.example")
        add("a passkey of a person who was not verified", False, flags=FLAG.UP)
        add("a passkey of no person", False, flags=FLAG.UV)
        add("a passkey of another ceremony", False, kind="webauthn.get")
        add("a passkey", True)

        def login(what, expected, spoil=lambda answer: None, **change):
            stranger = Browser(address)
            status, begun = stranger.post("/api/auth/login/passkey/begin")
            assert status == 200, begun
            arguments = {"origin": origin, **change}
            answer = authenticator.get(begun["options"], **arguments)
            spoil(answer["response"])
            theirs = peer.accepts_signed(begun["options"], authenticator.credential, answer)
            status, _ = stranger.post("/api/auth/login/passkey/finish", {"credential": answer})
            agree(what, status == 200, theirs, expected)

        def change_signature(response):
            signature = bytearray(websafe_decode(response["signature"]))
            signature[-1] ^= 1
            response["signature"] = websafe_encode(bytes(signature))

        login("a login of another page", False, origin="https://evil.example")
        login("a login of a person who was not verified", False, flags=FLAG.UP)
        login("a login of no person", False, flags=FLAG.UV)
        login("a login of another ceremony", False, kind="webauthn.create")
        login("a login with another signature", False, change_signature)
        login("a login", True)


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "DATABASE_URL": f"sqlite://{folder}/passkeys.db?mode=rwc",
            "TENANTRY__SERVER__PORT": "0",
            "TENANTRY__LIMITS__LOGIN_PER_MINUTE": "0",
            "TENANTRY__LIMITS__LOGIN_PER_HOUR_ACCOUNT": "0",
            "RUST_LOG": "error",
        }
        server = subprocess.Popen(
            [program, "serve"], env=environment, stdout=subprocess.PIPE, text=True, cwd=folder
        )
        try:
            address = next(
                found[0]
                for line in server.stdout
                if (found := re.search(r"http://[\d.]+:\d+", line))
            )
            run(address)
        finally:
            server.terminate()
            server.wait()
    print("the server and the library agree")


main()
