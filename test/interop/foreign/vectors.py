"""Judges the vectors of a folder, which is the argument. Prints one object of JSON: by file and id, what it makes of
each test. A test that it refuses is {"valid": false, "why": …}."""

import json
import sys
from base64 import b64decode, b64encode
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

import cale

NOW = 1795614336
SEALED_PATH = "/.well-known/cale/sealed"


def text(value):
    return b64encode(value).decode()


class Judge:
    def __init__(self, files):
        tests = files["keys"]["tests"]
        self.keys = {test["id"]: load_pem_private_key(test["privateKey"].encode(), None) for test in tests}
        self.trust = cale.Trust(files["edge"]["document"])
        self.origin_key = load_pem_private_key(files["edge"]["parties"]["origin-encryption"]["key"].encode(), None)

    def opened(self, key, answer):
        body = b64decode(answer["body"]) if answer["binary"] else answer["body"].encode()
        return cale.open_message(self.keys[key], cale.body_of(answer["contentType"], body))

    def keys_(self, test):
        csr = x509.load_pem_x509_csr(test["csr"].encode())
        private_key = self.keys[test["id"]]
        identifier = cale.key_identifier(csr.public_key())
        cale.need(csr.is_signature_valid, "signature")
        cale.need(identifier == cale.key_identifier(private_key.public_key()), "another key")
        return {
            "subjectKeyIdentifier": identifier.hex(),
            "keyid": cale.base64url(identifier),
            "subject": csr.subject.rfc4514_string(),
        }

    def edge(self, test):
        certificate = cale.Certificate(test["certificate"])
        cale.need(self.trust.is_origins(certificate, test["use"]), "not the origin's")
        return {"valid": True}

    def sealed_answers(self, test):
        content, authenticated = self.opened(test["key"], test)
        return {"valid": True, "content": text(content), "authenticated": authenticated}

    def registration(self, test):
        return {"valid": True, "guid": cale.guid_of(*self.opened(test["key"], test["answer"]))}

    def binary_http(self, test):
        read = {"response": cale.read_response, "request": cale.read_request}[test["kind"]]
        message = read(b64decode(test["message"]))
        return {"valid": True, **message, "content": text(message["content"])}

    def signed_answers(self, test):
        message, authenticated = b64decode(test["message"]), False
        if "sealed" in test:
            message, authenticated = self.opened(test["key"], test["sealed"])
        answer = cale.read_response(message)
        try:
            base = cale.verify_answer(answer, test["requests"], self.trust)
        except cale.Unreadable as error:
            problem = cale.problem_of(answer) if authenticated else None
            if problem is None:
                raise
            return {"valid": False, "why": str(error), "problem": problem}
        said = {**answer, "content": text(answer["content"])}
        return {"valid": True, "message": text(message), "signatureBase": base, **said}

    def signed_requests(self, test):
        request = {**test, "content": b64decode(test["content"])}
        base = cale.verify_request(request, self.keys[test["key"]].public_key(), test["nonce"], NOW)
        return {"valid": True, "signatureBase": base}

    def sealed_requests(self, test):
        message, authenticated = cale.open_message(self.origin_key, b64decode(test["body"]))
        cale.need(authenticated, "AES-CBC")
        request = cale.read_request(message)
        public_key = self.keys[test["key"]].public_key()
        cale.need(cale.combined(request["fields"], "cale-nonce") == test["nonce"], "nonce")
        keyid = cale.base64url(cale.key_identifier(public_key))
        cale.need(cale.combined(request["fields"], "cale-key") == keyid, "key")
        target, outer = urlsplit(request["targetUri"]), urlsplit(test["url"])
        cale.need(target[:2] == outer[:2] and target.path != SEALED_PATH, "target")
        cale.need("/../" not in target.path and "/./" not in target.path, "normal form")
        if request["method"] not in ("GET", "HEAD", "OPTIONS"):
            cale.verify_request(request, public_key, test["nonce"], NOW)
        return {"valid": True, "message": text(message), **request, "content": text(request["content"])}

    def whoami(self, test):
        content, authenticated = self.opened(test["key"], test["answer"])
        key = self.keys[test["key"]]
        said = cale.whoami_of(content, authenticated, key, test["nonce"], self.trust)
        return {"valid": True, "content": content.decode(), **said}

    def credentials(self, test):
        content, authenticated = self.opened(test["key"], test["answer"])
        cale.need(authenticated, "AES-CBC")
        said = cale.owned_of(content, test["nonce"])
        cale.need("credentials" in said if test["method"] == "GET" else "revoked" in said, "members")
        return {"valid": True, "content": content.decode().rstrip(" ")}

    def verdict(self, name, test):
        judge = getattr(self, {"keys": "keys_"}.get(name, name.replace("-", "_")))
        try:
            return judge(test)
        except (cale.Unreadable, cale.NotSealed) as error:
            return {"valid": False, "why": str(error)}


def main(folder):
    files = {path.stem: json.loads(path.read_text()) for path in Path(folder).glob("*.json")}
    judge = Judge(files)
    verdicts = {
        name: {test["id"]: judge.verdict(name, test) for test in file["tests"]} for name, file in files.items()
    }
    json.dump(verdicts, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
