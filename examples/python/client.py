"""A client of a CALE edge, in Python 3 with cryptography (38 or later) and asn1crypto.

    CALE_BASIC=alice:wonderland python3 client.py http://127.0.0.1:8787 /resource
    python3 client.py http://127.0.0.1:8787 /echo hello

The first run registers, and keeps private key and GUID in cale.json for later runs in the same folder.
"""

import json
import os
import re
import sys
import time
from base64 import b64decode, b64encode, urlsafe_b64encode
from datetime import datetime, timezone
from hashlib import sha256
from typing import NamedTuple
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from asn1crypto import cms, core, pem
from asn1crypto.x509 import Certificate
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
    load_pem_private_key,
)

ACCOUNT = "cale.json"
ID_KP_WHOAMI = "2.25.48108031935660549309458286867817322800.1.1"
ID_PE_NONCE = "2.25.48108031935660549309458286867817322800.2.1"
UNREADABLE = "The answer cannot be opened: the credential was revoked or is not known, or the answer was altered."
NOT_SIGNED = "The answer is not signed by an origin of the authority, for this request and this key."
NOT_CERTIFIED = "The certificate of whoami is not one of the authority, for this key and this request."


class CaleError(Exception):
    """A sentence for the user."""


class Answer(NamedTuple):
    """What the API answered. Fields are pairs of bytes, with names in lower case."""

    status: int
    fields: list
    content: bytes


def register(edge, user_and_password):
    """Makes a P-256 key and registers it. Returns the account, with the private key, for a Client."""
    document = json.loads(send(f"{edge}/.well-known/cale"))
    key = ec.generate_private_key(ec.SECP256R1())
    device = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Python")])
    csr = x509.CertificateSigningRequestBuilder().subject_name(device).sign(key, SHA256())
    basic = b64encode(user_and_password.encode()).decode()
    fields = {"Authorization": f"Basic {basic}", "Content-Type": "application/pkcs10"}
    answer = send(f"{edge}/registration", fields, csr.public_bytes(Encoding.PEM))
    return {
        "edge": edge,
        "guid": open_answer(key, answer).decode(),
        "key": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        "authorities": document["authorityCertificates"],
        "origins": document["originCertificates"],
    }


class Client:
    def __init__(self, account):
        self.edge, self.guid = account["edge"], account["guid"]
        self.authorities, self.origins = account["authorities"], account["origins"]
        self.key = load_pem_private_key(account["key"].encode(), None)
        self.key_id = base64url(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()).digest)

    def ask(self, path, fields=None, content=None):
        """Returns the Answer, which an origin of the authority signed for this request. With content it is a POST."""
        fields = {"CALE-Nonce": new_nonce(), **(fields or {}), "CALE-Accept": "message/bhttp"}
        answer = parse_binary_http(self.open(path, fields, content))
        request = {
            b"@method": b"GET" if content is None else b"POST",
            b"@target-uri": f"{self.edge}{path}".encode(),
            b"cale-nonce": fields["CALE-Nonce"].encode(),
            b"cale-key": self.key_id.encode(),
        }
        try:
            verify_answer(answer, request, self.authorities, self.origins)
        except Exception as error:
            raise CaleError(NOT_SIGNED) from error
        return answer

    def open(self, path, fields, content=None):
        """Returns the content of a sealed answer. It is not known who made it."""
        return open_answer(self.key, send(self.edge + path, {"CALE-GUID": self.guid, **fields}, content))

    def write(self, path, content, content_type):
        """POSTs bytes, signed by the registered key (RFC 9421). Returns the Answer."""
        nonce = new_nonce()
        digest = f"sha-256=:{b64encode(sha256(content).digest()).decode()}:"
        covered = '("@method" "@target-uri" "cale-nonce" "content-digest" "content-type")'
        parameters = f'{covered};keyid="{self.key_id}";tag="cale-request"'
        lines = [
            '"@method": POST',
            f'"@target-uri": {self.edge}{path}',
            f'"cale-nonce": {nonce}',
            f'"content-digest": {digest}',
            f'"content-type": {content_type}',
            f'"@signature-params": {parameters}',
        ]
        r, s = utils.decode_dss_signature(self.key.sign("\n".join(lines).encode(), ec.ECDSA(SHA256())))
        signature = b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode()
        fields = {
            "CALE-Nonce": nonce,
            "Content-Digest": digest,
            "Content-Type": content_type,
            "Signature-Input": f"cale={parameters}",
            "Signature": f"cale=:{signature}:",
        }
        return self.ask(path, fields, content)

    def whoami(self):
        """Returns organisation, scopes and owner, which an authority certifies for this key and this request."""
        nonce = new_nonce()
        content = self.open("/whoami", {"CALE-Nonce": nonce})
        try:
            certificate = parse_certificate(content.decode())
            extensions = certificate["tbs_certificate"]["extensions"]
            nonces = [each["extn_value"].parsed.native for each in extensions if each["extn_id"].native == ID_PE_NONCE]
            public_key = self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            if not (
                any(is_issuer(parse_certificate(authority), certificate) for authority in self.authorities)
                and certificate.extended_key_usage_value.native == [ID_KP_WHOAMI]
                and certificate.public_key.dump() == public_key
                and nonces == [nonce]
            ):
                raise ValueError("another certificate")
            return dict(certificate.subject_alt_name_value[0].native)
        except Exception as error:
            raise CaleError(NOT_CERTIFIED) from error


def open_answer(key, der):
    """Opens AuthEnvelopedData (RFC 5083) that is sealed to a P-256 key (RFC 5753) with AES-GCM (RFC 5084)."""
    try:
        message = cms.ContentInfo.load(der, strict=True)["content"]
        recipient = message["recipient_infos"][0].chosen
        encrypted = message["auth_encrypted_content_info"]
        algorithm = encrypted["content_encryption_algorithm"]
        size = {"aes128_gcm": 16, "aes256_gcm": 32}[algorithm["algorithm"].native]

        point = recipient["originator"].chosen["public_key"].native
        secret = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(key.curve, point))
        wrap = recipient["key_encryption_algorithm"]["parameters"]
        shared_info = SharedInfo({"key_info": wrap, "supp_pub_info": (8 * size).to_bytes(4, "big")}).dump()
        wrapping_key = X963KDF(SHA256(), size, shared_info).derive(secret)
        content_key = aes_key_unwrap(wrapping_key, recipient["recipient_encrypted_keys"][0]["encrypted_key"].native)

        nonce, ciphertext = algorithm["parameters"].native["0"], encrypted["encrypted_content"].native
        return AESGCM(content_key).decrypt(nonce, ciphertext + message["mac"].native, None)
    except Exception as error:
        # One error for all: a forger must not learn how far a message came.
        raise CaleError(UNREADABLE) from error


def parse_binary_http(message):
    """Reads a known-length response (RFC 9292 3.2 and 3.5). Zeros follow it."""
    at = 0

    def number():
        nonlocal at
        size = 1 << (message[at] >> 6)
        value = int.from_bytes(message[at : at + size], "big") & ((1 << (8 * size - 2)) - 1)
        at += size
        return value

    def part():
        nonlocal at
        size = number()
        at += size
        if at > len(message):
            raise CaleError(UNREADABLE)
        return message[at - size : at]

    def fields():
        nonlocal at
        end = number() + at
        pairs = []
        while at < end:
            pairs.append((part(), part()))
        return pairs

    if number() != 1:
        raise CaleError(UNREADABLE)
    status = number()
    while status < 200:
        fields()
        status = number()
    return Answer(status, fields(), part())


SIGNATURE_INPUT = re.compile(rb'cale=(\(([^()]*)\);keyid="([\w-]+)";alg="([\w-]+)";tag="cale-answer")')
ALGORITHMS = {b"ecdsa-p256-sha256": SHA256(), b"ecdsa-p384-sha384": SHA384(), b"rsa-v1_5-sha256": SHA256()}


def verify_answer(answer, request, authorities, origins):
    """Verifies that an origin signed all of the answer, for this request (RFC 9421 with ;req). Raises when not."""
    values = {}
    for name, value in answer.fields:
        values.setdefault(name, []).append(value.strip(b" \t"))
    [signature_input], [signature] = values.pop(b"signature-input"), values.pop(b"signature")
    parameters, covered, key_id, algorithm = SIGNATURE_INPUT.fullmatch(signature_input).groups()
    lines, names = [], set()
    for component in covered.split(b" "):
        name, *flags = component.split(b";")
        name = name.strip(b'"')
        if b"req" in flags:
            value = request[name]
        elif b"bs" in flags:
            value = b", ".join(b":" + b64encode(each) + b":" for each in values[name])
        else:
            value = str(answer.status).encode() if name == b"@status" else b", ".join(values[name])
        lines.append(component + b": " + value)
        names.add((name, b"req" in flags))
    needed = {(name, True) for name in request} | {(name, False) for name in [b"@status", b"content-digest", *values]}
    digest = b"sha-256=:" + b64encode(sha256(answer.content).digest()) + b":"
    if not (needed <= names and values[b"content-digest"] == [digest]):
        raise ValueError("another answer, or not all of it")
    lines.append(b'"@signature-params": ' + parameters)

    origin = next(each for each in map(parse_certificate, origins) if base64url(each.key_identifier).encode() == key_id)
    if not any(is_issuer(parse_certificate(authority), origin) for authority in authorities):
        raise ValueError("an origin of another authority")
    if origin.ca or origin.extended_key_usage_value.native != ["server_auth"]:
        raise ValueError("a certificate for another purpose")
    if not origin.not_valid_before <= datetime.now(timezone.utc) <= origin.not_valid_after:
        raise ValueError("a certificate that has ended")
    key = load_der_public_key(origin.public_key.dump())
    value, base = b64decode(signature.removeprefix(b"cale=:").removesuffix(b":")), b"\n".join(lines)
    if isinstance(key, ec.EllipticCurvePublicKey):
        r, s = value[: len(value) // 2], value[len(value) // 2 :]
        encoded = utils.encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
        key.verify(encoded, base, ec.ECDSA(ALGORITHMS[algorithm]))
    else:
        key.verify(value, base, padding.PKCS1v15(), ALGORITHMS[algorithm])


class SharedInfo(core.Sequence):
    """ECC-CMS-SharedInfo (RFC 5753 7.2)."""

    _fields = [("key_info", core.Any), ("supp_pub_info", core.OctetString, {"explicit": 2})]


def parse_certificate(text):
    return Certificate.load(pem.unarmor(text.encode())[2], strict=True)


def is_issuer(authority, certificate):
    key = load_der_public_key(authority.public_key.dump())
    digest = {"sha256": SHA256(), "sha384": SHA384(), "sha512": SHA512()}[certificate.hash_algo]
    scheme = [ec.ECDSA(digest)] if isinstance(key, ec.EllipticCurvePublicKey) else [padding.PKCS1v15(), digest]
    try:
        key.verify(certificate["signature_value"].native, certificate["tbs_certificate"].dump(), *scheme)
    except InvalidSignature:
        return False
    return certificate.issuer == authority.subject


class NoRedirects(HTTPRedirectHandler):
    """A redirect would send the GUID elsewhere."""

    def redirect_request(self, *_):
        return None


OPENER = build_opener(NoRedirects)


def send(url, fields=None, content=None):
    """Returns the body of the edge's answer."""
    try:
        request = Request(url, content, {"Accept": "application/pkcs7-mime", **(fields or {})})
        with OPENER.open(request, timeout=30) as answer:
            return answer.read()
    except HTTPError as error:
        raise CaleError(f"{url} answered {error.code}: {error.read().decode()}") from error
    except OSError as error:
        raise CaleError(f"{url} cannot be reached: {error}") from error


def new_nonce():
    return f"{int(time.time())}.{base64url(os.urandom(16))}"


def base64url(value):
    return urlsafe_b64encode(value).decode().rstrip("=")


def load_or_register(edge):
    """Returns the account of cale.json, which the first run writes."""
    if os.path.exists(ACCOUNT):
        with open(ACCOUNT) as file:
            account = json.load(file)
        if account["edge"] != edge:
            raise CaleError(f"{ACCOUNT} is of {account['edge']}: remove it, or work in another folder.")
        return account
    if "CALE_BASIC" not in os.environ:
        raise CaleError("There is no cale.json: set CALE_BASIC=user:password to register.")
    account = register(edge, os.environ["CALE_BASIC"])
    print("Registered:", Client(account).whoami(), file=sys.stderr)
    with open(ACCOUNT, "x", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        json.dump(account, file)
    return account


def main(edge, path, content=None):
    client = Client(load_or_register(edge.rstrip("/")))
    answer = client.ask(path) if content is None else client.write(path, content.encode(), "text/plain")
    sys.stdout.buffer.write(answer.content + b"\n")
    if answer.status >= 400:
        raise CaleError(f"The API answered {answer.status}.")


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except CaleError as error:
        sys.exit(str(error))
