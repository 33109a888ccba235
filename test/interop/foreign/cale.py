"""A client of CALE in Python, with cryptography (38 or later) and asn1crypto, as docs/clients.md says it under "Writing
another client". Nothing here is shared with the library of this repository."""

import json
import re
from base64 import b64decode, b64encode, urlsafe_b64encode
from datetime import datetime, timezone
from hashlib import sha256, sha384, sha512

from asn1crypto import cms
from asn1crypto import x509 as asn1
from asn1crypto.pem import unarmor
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap
from cryptography.hazmat.primitives.padding import PKCS7

ID_KP_WHOAMI = "2.25.48108031935660549309458286867817322800.1.1"
ID_PE_NONCE = "2.25.48108031935660549309458286867817322800.2.1"
ORIGIN_EXTENSIONS = {"2.5.29.14", "2.5.29.15", "2.5.29.19", "2.5.29.35", "2.5.29.37"}
CLIENT_EXTENSIONS = {*ORIGIN_EXTENSIONS, "2.5.29.17", "2.5.29.56", ID_PE_NONCE}


class Unreadable(Exception):
    """One error for every fault. Its text is for tests only."""


class NotSealed(Exception):
    """What came is no sealed answer."""


def base64url(value):
    return urlsafe_b64encode(value).decode().rstrip("=")


def need(condition, what):
    if not condition:
        raise Unreadable(what)


def strict_base64(text):
    try:
        return b64decode(text, validate=True)
    except ValueError as error:
        raise Unreadable("base64") from error


# Opening an answer

ENVELOPED, AUTH_ENVELOPED = "1.2.840.113549.1.7.3", "1.2.840.113549.1.9.16.1.23"
ID_DATA = "1.2.840.113549.1.7.1"
# Name, bytes of the key, bytes of the nonce.
CIPHERS = {
    "2.16.840.1.101.3.4.1.6": ("AES-128-GCM", 16, 12),
    "2.16.840.1.101.3.4.1.46": ("AES-256-GCM", 32, 12),
    "1.2.840.113549.1.9.16.3.18": ("ChaCha20-Poly1305", 32, 12),
    "2.16.840.1.101.3.4.1.2": ("AES-128-CBC", 16, 16),
    "2.16.840.1.101.3.4.1.42": ("AES-256-CBC", 32, 16),
}
SCHEMES = {
    "secp256r1": ("1.3.132.1.11.1", sha256),
    "secp384r1": ("1.3.132.1.11.2", sha384),
    "secp521r1": ("1.3.132.1.11.3", sha512),
}
# Key wrap and ECC-CMS-SharedInfo, by the bytes of the content key.
WRAPS = {
    16: ("2.16.840.1.101.3.4.1.5", bytes.fromhex("3015300b0609608648016503040105a206040400000080")),
    32: ("2.16.840.1.101.3.4.1.45", bytes.fromhex("3015300b060960864801650304012da206040400000100")),
}


def key_identifier(public_key):
    """SHA-1 of the bits of subjectPublicKey."""
    return x509.SubjectKeyIdentifier.from_public_key(public_key).digest


def body_of(content_type, body):
    """The DER of a sealed answer, whose body is bytes."""
    media = content_type.split(";")[0].strip().lower()
    if media == "application/pkcs7-mime":
        return body
    if media != "application/x-pkcs7-mime":
        raise NotSealed(media)
    return strict_base64(re.sub("[ \t\r\n]+", "", body.decode("latin-1")))


def open_message(private_key, der):
    """Returns the content, and whether it is authenticated."""
    try:
        return open_or_fail(private_key, der)
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable(repr(error)) from error


def open_or_fail(private_key, der):
    info = cms.ContentInfo.load(der, strict=True)
    authenticated = {AUTH_ENVELOPED: True, ENVELOPED: False}.get(info["content_type"].dotted)
    need(authenticated is not None, "content type")
    message = info["content"]
    # What is DER is the same when it is written once more.
    need(info.dump(force=True) == der, "not DER")
    names = [name for name in message if message[name].native is not None]
    last = "mac" if authenticated else "encrypted_content_info"
    need(names[-1] == last and len(names) == (4 if authenticated else 3), "attributes")
    need(int(message["version"]) in ((0,) if authenticated else (0, 2)), "version")

    encrypted = message["auth_encrypted_content_info" if authenticated else "encrypted_content_info"]
    need(encrypted["content_type"].dotted == ID_DATA, "not data")
    algorithm = encrypted["content_encryption_algorithm"]
    need(algorithm["algorithm"].dotted in CIPHERS, "content encryption")
    name, key_bytes, nonce_bytes = CIPHERS[algorithm["algorithm"].dotted]
    need(name.endswith("CBC") != authenticated, "content encryption of the other type")
    parameters = algorithm["parameters"].native
    if name.endswith("GCM"):
        parameters = list(parameters.values()) if isinstance(parameters, dict) else parameters
        need(len(parameters) == 2 and parameters[1] == 16, "length of the tag")
        nonce = parameters[0]
    else:
        nonce = parameters
    need(isinstance(nonce, bytes) and len(nonce) == nonce_bytes, "nonce")

    need(1 <= len(message["recipient_infos"]) <= 64, "recipients")
    content_key = find_content_key(private_key, message["recipient_infos"], key_bytes)
    ciphertext = encrypted["encrypted_content"].native
    tag = message["mac"].native if authenticated else b""
    return decrypt(name, content_key, nonce, ciphertext, tag), authenticated


def decrypt(name, key, nonce, ciphertext, tag):
    if name.endswith("CBC"):
        decryptor = Cipher(algorithms.AES(key), modes.CBC(nonce)).decryptor()
        unpadder = PKCS7(128).unpadder()
        return unpadder.update(decryptor.update(ciphertext) + decryptor.finalize()) + unpadder.finalize()
    need(len(tag) == 16, "tag")
    return (AESGCM if name.endswith("GCM") else ChaCha20Poly1305)(key).decrypt(nonce, ciphertext + tag, None)


def find_content_key(private_key, infos, key_bytes):
    identifier = key_identifier(private_key.public_key())
    is_rsa = isinstance(private_key, rsa.RSAPrivateKey)
    for info in infos:
        if is_rsa and info.name == "ktri" and info.chosen["rid"].name == "subject_key_identifier":
            if info.chosen["rid"].native == identifier:
                return transported_key(private_key, info.chosen, key_bytes)
        if not is_rsa and info.name == "kari":
            keys = info.chosen["recipient_encrypted_keys"]
            need(len(keys) == 1, "recipients of one agreement")
            rid = keys[0]["rid"]
            if rid.name == "r_key_id" and rid.chosen["subject_key_identifier"].native == identifier:
                return agreed_key(private_key, info.chosen, keys[0]["encrypted_key"].native, key_bytes)
    raise Unreadable("not among the recipients")


def transported_key(private_key, info, key_bytes):
    need(int(info["version"]) == 2, "version")
    algorithm = info["key_encryption_algorithm"]
    need(algorithm["algorithm"].dotted == "1.2.840.113549.1.1.7", "key transport")
    oaep = algorithm["parameters"]
    mgf = oaep["mask_gen_algorithm"]
    need(oaep["hash_algorithm"]["algorithm"].native == "sha256", "hash of OAEP")
    need(mgf["algorithm"].native == "mgf1" and mgf["parameters"]["algorithm"].native == "sha256", "MGF of OAEP")
    scheme = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    content_key = private_key.decrypt(info["encrypted_key"].native, scheme)
    need(len(content_key) == key_bytes, "content key")
    return content_key


def agreed_key(private_key, info, wrapped, key_bytes):
    scheme_oid, digest = SCHEMES[private_key.curve.name]
    wrap_oid, shared_info = WRAPS[key_bytes]
    need(int(info["version"]) == 3 and info["ukm"].native is None, "version")
    algorithm = info["key_encryption_algorithm"]
    need(algorithm["algorithm"].dotted == scheme_oid, "scheme")
    wrap = algorithm["parameters"]
    # A SEQUENCE with the OBJECT IDENTIFIER only.
    need(wrap.dump() == b"\x30\x0b" + cms.ObjectIdentifier(wrap_oid).dump(), "key wrap")
    originator = info["originator"].chosen
    need(info["originator"].name == "originator_key", "originator")
    need(originator["algorithm"]["algorithm"].dotted == "1.2.840.10045.2.1", "originator's key")
    point = originator["public_key"].native
    need(point[0] == 4, "form of the point")
    ephemeral = ec.EllipticCurvePublicKey.from_encoded_point(private_key.curve, point)
    z = private_key.exchange(ec.ECDH(), ephemeral)
    wrapping_key = digest(z + b"\0\0\0\1" + shared_info).digest()[:key_bytes]
    content_key = aes_key_unwrap(wrapping_key, wrapped)
    need(len(content_key) == key_bytes, "content key")
    return content_key


def guid_of(content, authenticated):
    need(authenticated, "AES-CBC")
    text = content.decode("ascii")
    need(re.fullmatch("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text), "no GUID")
    return text.lower()


# Binary HTTP

class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        need(count <= len(self.data) - self.at, "cut off")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self):
        first = self.take(1)[0]
        rest = self.take((1 << (first >> 6)) - 1)
        return int.from_bytes(bytes([first & 63]) + rest, "big")

    def ended(self):
        return self.at == len(self.data)

    def number_or_end(self):
        return 0 if self.ended() else self.number()

    def text(self):
        return self.take(self.number())


def read_fields(reader, known):
    lines = []
    if known:
        section = Reader(reader.take(reader.number_or_end()))
        while not section.ended():
            name = section.text()
            lines.append((name, section.text()))
    else:
        while (size := reader.number_or_end()) > 0:
            name = reader.take(size)
            lines.append((name, reader.text()))
    for name, value in lines:
        need(re.fullmatch(rb"[!#$%&'*+.^_`|~0-9a-z-]+", name), "name of a field")
        need(not re.search(rb"[\0\r\n]", value), "value of a field")
    return [[name.decode("latin-1"), value.decode("latin-1")] for name, value in lines]


def read_content(reader, known):
    if known:
        return reader.take(reader.number_or_end())
    chunks = []
    while (size := reader.number_or_end()) > 0:
        chunks.append(reader.take(size))
    return b"".join(chunks)


def read_response(message):
    reader = Reader(message)
    framing = reader.number()
    need(framing in (1, 3), "framing")
    status = reader.number()
    while 100 <= status < 200:
        read_fields(reader, framing == 1)
        status = reader.number()
    need(200 <= status <= 599, "status")
    fields = read_fields(reader, framing == 1)
    content = read_content(reader, framing == 1)
    read_fields(reader, framing == 1)
    need(not any(reader.data[reader.at :]), "padding")
    return {"status": status, "fields": fields, "content": content}


def read_request(message):
    reader = Reader(message)
    framing = reader.number()
    need(framing in (0, 2), "framing")
    method, scheme, authority, path = (reader.text().decode("latin-1") for _ in range(4))
    need("/" not in authority, "authority")
    fields = read_fields(reader, framing == 0)
    content = read_content(reader, framing == 0)
    read_fields(reader, framing == 0)
    need(not any(reader.data[reader.at :]), "padding")
    return {"method": method, "targetUri": f"{scheme}://{authority}{path}", "fields": fields, "content": content}


# Signatures

STRING = r'"(?:[^"\\\x00-\x1f\x7f-\xff]|\\["\\])*"'
ITEM = rf"(?:{STRING}|:[A-Za-z0-9+/=]*:|\?[01]|-?[0-9.]+|[A-Za-z*][^\s\",;=()]*)"
PARAMETERS = rf"(?:;[a-z*][a-z0-9_.*-]*(?:={ITEM})?)*"
INNER_LIST = rf"\((?:{ITEM}{PARAMETERS}(?: {ITEM}{PARAMETERS})*)?\){PARAMETERS}"
MEMBER = rf"([a-z*][a-z0-9_.*-]*)(?:=({INNER_LIST}|{ITEM}{PARAMETERS}))?"


def member_of(field):
    """The text of the member cale of a dictionary (RFC 8941)."""
    found, at = [], 0
    while True:
        match = re.compile(MEMBER).match(field, at)
        need(match, "malformed field of a signature")
        if match.group(1) == "cale":
            found.append(match.group(2))
        at = match.end()
        comma = re.compile("[ \t]*,[ \t]*").match(field, at)
        if comma is None:
            break
        at = comma.end()
    need(at == len(field) and len(found) == 1 and found[0], "not one signature under the label")
    return found[0]


def combined(fields, name, encode=lambda value: value):
    lines = [encode(value.strip(" \t")) for each, value in fields if each == name]
    return ", ".join(lines) if lines else None


def as_bytes(value):
    return f":{b64encode(value.encode('latin-1')).decode()}:"


class Signature:
    def __init__(self, fields):
        self.input = member_of(combined(fields, "signature-input") or "")
        value = member_of(combined(fields, "signature") or "")
        need(value.startswith(":") and value.endswith(":"), "no bytes")
        self.value = strict_base64(value[1:-1])
        need(self.input.startswith("("), "no list")
        listed = re.match(rf"\(((?:{STRING}|[^\")])*)\)(.*)$", self.input)
        self.components = listed.group(1).split(" ") if listed.group(1) else []
        need(len(set(self.components)) == len(self.components), "component twice")
        for component in self.components:
            need(re.fullmatch(r'"[^"A-Z]+"(;bs)?(;req)?', component), "component of another kind")
        self.parameters = dict(re.findall(rf";([a-z*][a-z0-9_.*-]*)=({ITEM})", listed.group(2)))

    def text(self, name):
        value = self.parameters.get(name)
        need(value is None or value.startswith('"'), "parameter of another type")
        return value and value[1:-1]

    def base(self, fields, derived, request=None):
        """derived: values of components by their identifiers. request: fields of the request of an answer."""
        lines = []
        for component in self.components:
            name = component.split('"')[1]
            of = request if component.endswith(";req") else fields
            value = derived.get(component)
            if value is None and not name.startswith("@"):
                value = combined(of or [], name, as_bytes if ";bs" in component else lambda each: each)
            need(value is not None and re.fullmatch(r"[\x20-\x7e\t]*", value), f"no {component}")
            lines.append(f"{component}: {value}")
        return "\n".join([*lines, f'"@signature-params": {self.input}'])


CURVES = {
    "secp256r1": ("ecdsa-p256-sha256", hashes.SHA256(), 32),
    "secp384r1": ("ecdsa-p384-sha384", hashes.SHA384(), 48),
    "secp521r1": (None, hashes.SHA512(), 66),
}


def verify_signature(public_key, alg, value, base):
    try:
        if isinstance(public_key, rsa.RSAPublicKey):
            need(alg in (None, "rsa-v1_5-sha256", "rsa-pss-sha512"), "alg")
            if alg == "rsa-pss-sha512":
                public_key.verify(value, base, padding.PSS(padding.MGF1(hashes.SHA512()), 64), hashes.SHA512())
            else:
                public_key.verify(value, base, padding.PKCS1v15(), hashes.SHA256())
            return
        name, digest, size = CURVES[public_key.curve.name]
        need(alg is None or alg == name, "alg")
        need(len(value) == 2 * size, "length of the signature")
        r, s = int.from_bytes(value[:size], "big"), int.from_bytes(value[size:], "big")
        public_key.verify(utils.encode_dss_signature(r, s), base, ec.ECDSA(digest))
    except InvalidSignature as error:
        raise Unreadable("signature") from error


def content_digest(content):
    return f"sha-256=:{b64encode(sha256(content).digest()).decode()}:"


def verify_answer(answer, requests, trust):
    """requests: those that the answer may be to. Returns the signature base."""
    fields = answer["fields"]
    signature = Signature(fields)
    need(signature.text("tag") == "cale-answer", "tag")
    needed = {'"@status"', '"content-digest"'}
    needed |= {f'"{name}";req' for name in ("@method", "@target-uri", "cale-nonce", "cale-key")}
    for name, _ in fields:
        if name in ("signature", "signature-input"):
            continue
        values = [value for each, value in fields if each == name]
        is_bytes = name == "set-cookie" or any(re.search(r"[^\x20-\x7e\t]", value) for value in values)
        needed.add(f'"{name}";bs' if is_bytes else f'"{name}"')
    need(needed <= set(signature.components), "not covered")
    need(combined(fields, "content-digest") == content_digest(answer["content"]), "digest")
    public_key = trust.origin_key("signing", signature.text("keyid"))
    for request in requests:
        derived = {
            '"@status"': str(answer["status"]),
            '"@method";req': request["method"],
            '"@target-uri";req': request["targetUri"],
        }
        of_request = [["cale-nonce", request["nonce"]], ["cale-key", request["key"]]]
        try:
            base = signature.base(fields, derived, of_request)
            verify_signature(public_key, signature.text("alg"), signature.value, base.encode("ascii"))
            return base
        except Unreadable:
            continue
    raise Unreadable("signature")


def problem_of(answer):
    """The name of the problem that an answer without a signature is allowed to be, or None."""
    try:
        said = json.loads(answer["content"]).get("type") if answer["status"] >= 500 else None
    except (ValueError, AttributeError):
        return None
    allowed = {f"urn:cale:problem:{name}": name for name in ("unavailable", "origin-failed")}
    return allowed.get(said) if isinstance(said, str) else None


def verify_request(request, public_key, nonce, now):
    """As an origin does it. Returns the signature base."""
    fields, content = request["fields"], request["content"]
    need(combined(fields, "cale-nonce") == nonce, "nonce")
    signature = Signature(fields)
    needed = {'"@method"', '"@target-uri"', '"cale-nonce"'}
    if content:
        needed.add('"content-digest"')
        if combined(fields, "content-type") is not None:
            needed.add('"content-type"')
    need(signature.text("tag") == "cale-request" and needed <= set(signature.components), "not covered")
    need(int(signature.parameters.get("created", now)) <= now + 60, "created")
    need(int(signature.parameters.get("expires", now)) >= now - 60, "expires")
    digest = combined(fields, "content-digest")
    need(digest is None or digest == content_digest(content), "digest")
    base = signature.base(fields, {'"@method"': request["method"], '"@target-uri"': request["targetUri"]})
    verify_signature(public_key, signature.text("alg"), signature.value, base.encode("ascii"))
    need(signature.text("keyid") == base64url(key_identifier(public_key)), "keyid")
    return base


# Trust: certificates are read by asn1crypto, since cryptography 38 does not read the identifiers of whoami


class Certificate:
    def __init__(self, pem):
        label, _, der = unarmor(pem.encode())
        need(label == "CERTIFICATE" and pem.count("-----BEGIN") == 1, "not one certificate")
        self.parsed = asn1.Certificate.load(der, strict=True)
        self.tbs = self.parsed["tbs_certificate"]
        self.extensions = {each["extn_id"].dotted: each for each in self.tbs["extensions"]}
        need(len(self.extensions) == len(self.tbs["extensions"]), "extension twice")
        self.issuer, self.subject = self.tbs["issuer"].dump(), self.tbs["subject"].dump()
        self.public_key = serialization.load_der_public_key(self.tbs["subject_public_key_info"].dump())

    def value(self, oid):
        """The value of an extension, read; None where it is not there."""
        extension = self.extensions.get(oid)
        return extension and extension["extn_value"].parsed

    def identifier(self):
        value = self.value("2.5.29.14")
        return value and value.native

    def is_signed_by(self, key):
        name = self.parsed["signature_algorithm"].hash_algo
        digest = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}[name]
        scheme = [padding.PKCS1v15(), digest] if isinstance(key, rsa.RSAPublicKey) else [ec.ECDSA(digest)]
        try:
            key.verify(self.parsed["signature_value"].native, self.tbs.dump(), *scheme)
            return True
        except InvalidSignature:
            return False

    def is_issued_by(self, authority):
        """By issuer's name, authorityKeyIdentifier, signature, and the dates of the authority."""
        named = self.value("2.5.29.35")
        return (
            self.issuer == authority.subject
            and named is not None
            and named["key_identifier"].native == authority.identifier()
            and self.is_signed_by(authority.public_key)
            and authority.is_in_time()
        )

    def is_in_time(self):
        validity = self.tbs["validity"]
        return validity["not_before"].native <= datetime.now(timezone.utc) <= validity["not_after"].native

    def usages(self):
        value = self.value("2.5.29.15")
        return value and value.native

    def is_ca(self):
        constraints = self.value("2.5.29.19")
        return constraints is not None and constraints["ca"].native

    def has_profile(self, usage, purpose, known):
        """CA:FALSE, one use, one purpose, and no critical extension beside the known ones."""
        purposes = self.value("2.5.29.37")
        return (
            self.value("2.5.29.19") is not None
            and not self.is_ca()
            and self.usages() == {usage}
            and purposes is not None
            and [each.dotted for each in purposes] == [purpose]
            and all(oid in known for oid, each in self.extensions.items() if each["critical"].native)
        )


USAGES = {"signing": "digital_signature", "encryption": "key_agreement"}


class Trust:
    def __init__(self, document):
        published = [Certificate(each) for each in document["authorityCertificates"]]
        pinned = [each for each in published if each.issuer == each.subject and each.is_signed_by(each.public_key)]
        # One step is enough here: an authority that a pinned one certified.
        self.authorities = pinned + [
            each
            for each in published
            if each not in pinned
            and each.is_ca()
            and "key_cert_sign" in each.usages()
            and any(each.is_issued_by(root) for root in pinned)
        ]
        self.origin = [Certificate(each) for each in document["originCertificates"]]

    def has_issued(self, certificate):
        return any(certificate.is_issued_by(each) for each in self.authorities)

    def is_origins(self, certificate, use):
        return (
            self.has_issued(certificate)
            and certificate.is_in_time()
            and certificate.has_profile(USAGES[use], "1.3.6.1.5.5.7.3.1", ORIGIN_EXTENSIONS)
        )

    def origin_key(self, use, keyid):
        for each in self.origin:
            if base64url(each.identifier() or b"") == keyid and self.is_origins(each, use):
                return each.public_key
        raise Unreadable("keyid")


def owned_of(content, nonce):
    """What the authority says about credentials."""
    try:
        said = json.loads(content)
    except ValueError as error:
        raise Unreadable("no JSON") from error
    need(said["nonce"] == nonce, "nonce")
    return said


def whoami_of(content, authenticated, private_key, nonce, trust):
    need(authenticated, "AES-CBC")
    certificate = Certificate(content.decode("ascii"))
    usage = "key_encipherment" if isinstance(private_key, rsa.RSAPrivateKey) else "key_agreement"
    need(trust.has_issued(certificate), "issuer")
    need(certificate.has_profile(usage, ID_KP_WHOAMI, CLIENT_EXTENSIONS), "profile")
    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    own = private_key.public_key().public_bytes(*form)
    need(certificate.public_key.public_bytes(*form) == own, "another key")
    extension = certificate.extensions.get(ID_PE_NONCE)
    # An IA5String: tag 22, length, characters.
    need(extension is not None, "no nonce")
    need(extension["extn_value"].native == bytes([22, len(nonce)]) + nonce.encode(), "another nonce")
    names = certificate.value("2.5.29.17")
    need(len(names) == 1 and names[0].name == "directory_name", "subjectAltName")
    values = {}
    for rdn in names[0].chosen.chosen:
        need(len(rdn) == 1, "several attributes in one")
        values.setdefault(rdn[0]["type"].dotted, []).append(rdn[0]["value"].native)
    return {
        "owner": values["2.5.4.3"][0],
        "organization": ".".join(reversed(values["0.9.2342.19200300.100.1.25"])),
        "scopes": values.get("2.5.4.11", []),
        "device": device_of(certificate),
    }


def device_of(certificate):
    """The subject; only common names are here."""
    names = [rdn[0]["value"].native for rdn in certificate.tbs["subject"].chosen]
    return ",".join(f"CN={name}" for name in reversed(names))
