"""A client of a CALE edge, in Python 3 with cryptography (38 or later) and asn1crypto.

    CALE_BASIC=alice:wonderland python3 client.py http://127.0.0.1:8787 /resource
    python3 client.py http://127.0.0.1:8787 /echo hello

The first run registers, and keeps private key and GUID in cale.json for later runs in the same folder.
"""

import json
import os
import sys
import time
from base64 import b64encode, urlsafe_b64encode
from hashlib import sha256
from urllib.error import HTTPError
from urllib.request import Request, urlopen

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
NOT_CERTIFIED = "The certificate of whoami is not one of the authority, for this key and this request."


class CaleError(Exception):
    """A sentence for the user."""


def register(edge, user_and_password):
    """Makes a P-256 key and registers it. Returns the account, with the private key, for a Client."""
    authorities = json.loads(send(f"{edge}/.well-known/cale"))["authorityCertificates"]
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
        "authorities": authorities,
    }


class Client:
    def __init__(self, account):
        self.edge, self.guid, self.authorities = account["edge"], account["guid"], account["authorities"]
        self.key = load_pem_private_key(account["key"].encode(), None)

    def ask(self, path, fields=None, content=None):
        """Returns the body of the answer as bytes. With content it is a POST."""
        return open_answer(self.key, send(self.edge + path, {"CALE-GUID": self.guid, **(fields or {})}, content))

    def write(self, path, content, content_type):
        """POSTs bytes, signed by the registered key (RFC 9421). Returns the body of the answer."""
        nonce = new_nonce()
        digest = f"sha-256=:{b64encode(sha256(content).digest()).decode()}:"
        key_id = base64url(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()).digest)
        covered = '("@method" "@target-uri" "cale-nonce" "content-digest" "content-type")'
        parameters = f'{covered};keyid="{key_id}";tag="cale-request"'
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
        content = self.ask("/whoami", {"CALE-Nonce": nonce})
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


def send(url, fields=None, content=None):
    """Returns the body of the edge's answer."""
    try:
        request = Request(url, content, {"Accept": "application/pkcs7-mime", **(fields or {})})
        with urlopen(request, timeout=30) as answer:
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
    sys.stdout.buffer.write(answer + b"\n")


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except CaleError as error:
        sys.exit(str(error))
