"""Opens and seals by cryptography and asn1crypto. Reads one task a line, whose parts are separated by spaces, and
answers each with a line: the result in base64, or an exclamation mark and what went wrong. Bytes are in base64.

    open PKCS8 CMS
    seal SPKI KEY-IDENTIFIER CIPHER CONTENT
"""

import os
import sys
from base64 import b64decode, b64encode
from functools import lru_cache

from asn1crypto import algos, cms, core
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.keywrap import aes_key_wrap
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

import cale


def seal(public_key, identifier, cipher, content):
    oid, key_bytes, nonce_bytes = next(
        (oid, key_bytes, nonce_bytes) for oid, (name, key_bytes, nonce_bytes) in cale.CIPHERS.items() if name == cipher
    )
    key, nonce = os.urandom(key_bytes), os.urandom(nonce_bytes)
    if cipher.endswith("CBC"):
        padder = PKCS7(128).padder()
        encryptor = Cipher(algorithms.AES(key), modes.CBC(nonce)).encryptor()
        ciphertext = encryptor.update(padder.update(content) + padder.finalize()) + encryptor.finalize()
    else:
        both = (AESGCM if cipher.endswith("GCM") else ChaCha20Poly1305)(key).encrypt(nonce, content, None)
        ciphertext, tag = both[:-16], both[-16:]
    if isinstance(public_key, rsa.RSAPublicKey):
        info = transported(public_key, identifier, key)
    else:
        info = agreed(public_key, identifier, key)
    parameters = core.OctetString(nonce)
    if cipher.endswith("GCM"):
        parameters = GcmParameters({"nonce": nonce, "tag_bytes": 16})
    algorithm = Algorithm({"algorithm": oid, "parameters": parameters})
    encrypted = EncryptedContentInfo({"content_type": cale.ID_DATA, "algorithm": algorithm, "content": ciphertext})
    fields = {"version": 2 if cipher.endswith("CBC") else 0, "recipients": Recipients([info]), "encrypted": encrypted}
    if cipher.endswith("CBC"):
        return ContentInfo({"type": cale.ENVELOPED, "content": Enveloped(fields)}).dump()
    return ContentInfo({"type": cale.AUTH_ENVELOPED, "content": Enveloped({**fields, "mac": tag})}).dump()


class GcmParameters(core.Sequence):
    _fields = [("nonce", core.OctetString), ("tag_bytes", core.Integer)]


class Algorithm(core.Sequence):
    _fields = [("algorithm", core.ObjectIdentifier), ("parameters", core.Any, {"optional": True})]


class EncryptedContentInfo(core.Sequence):
    _fields = [
        ("content_type", core.ObjectIdentifier),
        ("algorithm", Algorithm),
        ("content", core.OctetString, {"implicit": 0}),
    ]


class Recipients(core.SetOf):
    _child_spec = cms.RecipientInfo


class Enveloped(core.Sequence):
    _fields = [
        ("version", core.Integer),
        ("recipients", Recipients),
        ("encrypted", EncryptedContentInfo),
        ("mac", core.OctetString, {"optional": True}),
    ]


class ContentInfo(core.Sequence):
    _fields = [("type", core.ObjectIdentifier), ("content", Enveloped, {"explicit": 0})]


def transported(public_key, identifier, key):
    scheme = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    sha256 = {"algorithm": "sha256", "parameters": core.Null()}
    parameters = algos.RSAESOAEPParams(
        {"hash_algorithm": sha256, "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": sha256}}
    )
    info = {
        "version": 2,
        "rid": cms.RecipientIdentifier({"subject_key_identifier": identifier}),
        "key_encryption_algorithm": {"algorithm": "rsaes_oaep", "parameters": parameters},
        "encrypted_key": public_key.encrypt(key, scheme),
    }
    return cms.RecipientInfo({"ktri": info})


def agreed(public_key, identifier, key):
    scheme, digest = cale.SCHEMES[public_key.curve.name]
    wrap, shared_info = cale.WRAPS[len(key)]
    ephemeral = ec.generate_private_key(public_key.curve)
    z = ephemeral.exchange(ec.ECDH(), public_key)
    wrapping_key = digest(z + b"\0\0\0\1" + shared_info).digest()[: len(key)]
    point = ephemeral.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    info = AgreeInfo(
        {
            "version": 3,
            "originator": {"key": {"algorithm": {"algorithm": "1.2.840.10045.2.1"}, "point": point}},
            "algorithm": {"algorithm": scheme, "parameters": Algorithm({"algorithm": wrap})},
            "keys": [{"identifier": {"key_identifier": identifier}, "encrypted": aes_key_wrap(wrapping_key, key)}],
        }
    )
    # Read as the choice that it is.
    return cms.RecipientInfo.load(info.dump())


class OriginatorKey(core.Sequence):
    _fields = [("algorithm", Algorithm), ("point", core.OctetBitString)]


class Originator(core.Sequence):
    _fields = [("key", OriginatorKey, {"implicit": 1})]


class KeyIdentifier(core.Sequence):
    _fields = [("key_identifier", core.OctetString)]


class EncryptedKey(core.Sequence):
    _fields = [("identifier", KeyIdentifier, {"implicit": 0}), ("encrypted", core.OctetString)]


class EncryptedKeys(core.SequenceOf):
    _child_spec = EncryptedKey


class AgreeInfo(core.Sequence):
    class_, tag, method = 2, 1, 1
    _fields = [
        ("version", core.Integer),
        ("originator", Originator, {"implicit": 0}),
        ("algorithm", Algorithm),
        ("keys", EncryptedKeys),
    ]


@lru_cache
def private_key(pkcs8):
    """Kept, because loading an RSA key takes long."""
    return load_der_private_key(b64decode(pkcs8), None)


def run(task, *parts):
    if task == "open":
        return cale.open_message(private_key(parts[0]), b64decode(parts[1]))[0]
    if task == "seal":
        spki, identifier, cipher, content = parts
        return seal(load_der_public_key(b64decode(spki)), b64decode(identifier), cipher, b64decode(content))
    raise ValueError(task)


def main():
    for line in sys.stdin:
        try:
            print(b64encode(run(*line.rstrip("\n").split(" "))).decode())
        except Exception as error:
            print("!" + repr(error).replace("\n", " "))


if __name__ == "__main__":
    main()
