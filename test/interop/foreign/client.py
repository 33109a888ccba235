"""A client that goes through all of docs/clients.md, "Writing another client", against a real edge: registration,
whoami, signed answers, signed writes, sealed requests, the list of credentials, renewal and revocation.

    python3 client.py http://127.0.0.1:8787 alice:wonderland P-256

Prints one object of JSON. What is not as the page says ends it with an error.
"""

import json
import os
import sys
from base64 import b64encode
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import Encoding

import cale
import foreign

CURVES = {"P-256": ec.SECP256R1, "P-384": ec.SECP384R1, "P-521": ec.SECP521R1}
CMS = "application/pkcs7-mime"


def generate(key_type):
    if key_type.startswith("RSA"):
        return rsa.generate_private_key(65537, int(key_type[4:]))
    return ec.generate_private_key(CURVES[key_type]())


def hash_of(key):
    return hashes.SHA256() if isinstance(key, rsa.RSAPrivateKey) else cale.CURVES[key.curve.name][1]


def sign(key, base):
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(base, padding.PKCS1v15(), hashes.SHA256())
    _, digest, size = cale.CURVES[key.curve.name]
    r, s = utils.decode_dss_signature(key.sign(base, ec.ECDSA(digest)))
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def number(value):
    if value < 64:
        return bytes([value])
    return (0x4000 + value).to_bytes(2, "big") if value < 16384 else (0x80000000 + value).to_bytes(4, "big")


def counted(value):
    return number(len(value)) + value


class Client:
    def __init__(self, edge, authorization, key_type):
        self.edge, self.offset = edge, 0
        self.key = generate(key_type)
        self.document = json.loads(self.send("GET", "/.well-known/cale"))
        self.trust = cale.Trust(self.document)
        fields = {"Authorization": authorization}
        self.guid = self.register(self.key, fields)

    @property
    def keyid(self):
        return cale.base64url(cale.key_identifier(self.key.public_key()))

    def send(self, method, path, fields=None, content=None):
        request = Request(self.edge + path, content, {"Accept": CMS, **(fields or {})}, method=method)
        with urlopen(request, timeout=60) as answer:
            date = parsedate_to_datetime(answer.headers["Date"]).timestamp()
            self.offset = date - datetime.now().timestamp()
            body = answer.read()
            return body if path == "/.well-known/cale" else cale.body_of(answer.headers["Content-Type"], body)

    def nonce(self):
        return f"{int(datetime.now().timestamp() + self.offset)}.{cale.base64url(os.urandom(16))}"

    def csr(self, key):
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Python")])
        builder = x509.CertificateSigningRequestBuilder().subject_name(name)
        return builder.sign(key, hash_of(key)).public_bytes(Encoding.PEM)

    def register(self, key, fields, csr=None):
        fields = {**fields, "Content-Type": "application/pkcs10"}
        answer = self.send("POST", "/registration", fields, csr or self.csr(key))
        return cale.guid_of(*cale.open_message(key, answer))

    def signed(self, method, path, nonce, content=b"", content_type=None):
        """The fields of a signed request."""
        fields = [["cale-nonce", nonce]]
        listed = ['"@method"', '"@target-uri"', '"cale-nonce"']
        if content:
            fields.append(["content-digest", cale.content_digest(content)])
            listed.append('"content-digest"')
        if content_type is not None:
            fields.append(["content-type", content_type])
            listed.append('"content-type"')
        alg = "rsa-v1_5-sha256" if isinstance(self.key, rsa.RSAPrivateKey) else cale.CURVES[self.key.curve.name][0]
        named = f';alg="{alg}"' if alg else ""
        parameters = f"({' '.join(listed)});keyid=\"{self.keyid}\"{named};tag=\"cale-request\""
        values = {'"@method"': method, '"@target-uri"': self.edge + path}
        values |= {f'"{name}"': value for name, value in fields}
        lines = [f"{each}: {values[each]}" for each in listed] + [f'"@signature-params": {parameters}']
        signature = b64encode(sign(self.key, "\n".join(lines).encode())).decode()
        return [*fields, ["signature-input", f"cale={parameters}"], ["signature", f"cale=:{signature}:"]]

    def ask(self, method, path, content=b"", content_type=None, sealed=False):
        """The content of an answer that the origin signed for this request."""
        nonce = self.nonce()
        is_write = method not in ("GET", "OPTIONS")
        fields = self.signed(method, path, nonce, content, content_type) if is_write else [["cale-nonce", nonce]]
        outer = {"CALE-GUID": self.guid, "CALE-Accept": "message/bhttp"}
        requests = [{"method": method, "targetUri": self.edge + path, "nonce": nonce, "key": self.keyid}]
        if sealed:
            target = self.document["endpoints"]["sealed"]
            body = self.seal(method, path, [*fields, ["cale-key", self.keyid]], content)
            outer |= {"CALE-Nonce": nonce, "Content-Type": f"{CMS}; smime-type=authEnveloped-data"}
            requests.append({**requests[0], "method": "POST", "targetUri": self.edge + target})
            answer = self.send("POST", target, outer, body)
        else:
            answer = self.send(method, path, outer | dict(fields), content or None)
        message, _ = cale.open_message(self.key, answer)
        response = cale.read_response(message)
        cale.verify_answer(response, requests, self.trust)
        return [response["status"], response["content"].decode()]

    def seal(self, method, path, fields, content):
        certificate = cale.Certificate(self.document["originEncryptionCertificate"])
        cale.need(self.trust.is_origins(certificate, "encryption"), "key of the origin")
        scheme, authority = self.edge.split("://")
        control = b"".join(counted(text.encode()) for text in (method, scheme, authority, path))
        section = b"".join(counted(part.encode("latin-1")) for field in fields for part in field)
        message = b"\0" + control + counted(section) + counted(content) + b"\0"
        padded = message + bytes(-len(message) % 256)
        return foreign.seal(certificate.public_key, certificate.identifier(), "AES-256-GCM", padded)

    def whoami(self):
        nonce = self.nonce()
        answer = self.send("GET", "/whoami", {"CALE-GUID": self.guid, "CALE-Nonce": nonce})
        return cale.whoami_of(*cale.open_message(self.key, answer), self.key, nonce, self.trust)

    def owned(self, method, path):
        """The content of an answer of the authority about credentials."""
        nonce = self.nonce()
        fields = dict(self.signed(method, path, nonce) if method == "DELETE" else [["CALE-Nonce", nonce]])
        answer = self.send(method, path, {"CALE-GUID": self.guid, **fields})
        content, authenticated = cale.open_message(self.key, answer)
        cale.need(authenticated, "AES-CBC")
        return cale.owned_of(content, nonce)

    def renew(self):
        key = generate("P-256")
        csr = self.csr(key)
        signed = self.signed("POST", "/registration", self.nonce(), csr, "application/pkcs10")
        guid = self.register(key, {"CALE-GUID": self.guid, **dict(signed)}, csr)
        self.key, self.guid = key, guid


def main(edge, user_and_password, key_type):
    client = Client(edge, f"Basic {b64encode(user_and_password.encode()).decode()}", key_type)
    said = {
        "whoami": client.whoami(),
        "read": client.ask("GET", "/resource?a=1"),
        "missing": client.ask("GET", "/nothing/here")[0],
        "write": client.ask("POST", "/echo", b"hello", "text/plain"),
        "sealed": client.ask("GET", "/resource", sealed=True),
        "sealedWrite": client.ask("POST", "/echo", b"sealed", "text/plain", sealed=True),
    }
    path = client.document["endpoints"]["credentials"]
    said["listed"] = [each["keyType"] for each in client.owned("GET", path)["credentials"] if each["current"]]
    before = client.key, client.guid
    client.renew()
    said["renewed"] = client.whoami()["owner"]
    said["current"] = [each["id"] for each in client.owned("GET", path)["credentials"] if each["current"]]
    said["revoked"] = client.owned("DELETE", f"{path}/{said.pop('current')[0]}")["revoked"]
    ended = []
    for key, guid in (before, (client.key, client.guid)):
        client.key, client.guid = key, guid
        try:
            client.ask("GET", "/resource")
        except cale.Unreadable:
            ended.append("unreadable")
    said["ended"] = ended
    # Of a signature that is not good the edge tells in the clear.
    try:
        client.owned("DELETE", f"{path}/AAAAAAAAAAAAAAAA")
    except HTTPError as error:
        said["refused"] = json.loads(error.read())["type"]
    print(json.dumps(said))


if __name__ == "__main__":
    main(*sys.argv[1:])
