"""DynamoDB and KMS for one account, answered at once by a thread: what is left is our own cost and the SDK's."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from jingkuai.aws.tables import Item, to_wire


class Aws:
    """What the few calls of an authorizer and a sign-in are answered with."""

    def __init__(self, key: EllipticCurvePrivateKey, items: dict[str, list[Item]]) -> None:
        self._key = key
        self._items = {(table, item["pk"], item["sk"]): to_wire(item) for table, some in items.items() for item in some}

    def answer(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        if operation == "BatchGetItem":
            return {
                "Responses": {table: self._found(table, one["Keys"]) for table, one in asked["RequestItems"].items()}
            }
        if operation == "UpdateItem":  # a try counted: the account as it stands, with a first failure
            (found,) = self._found(asked["TableName"], [asked["Key"]])
            names, until = asked["ExpressionAttributeNames"], asked["ExpressionAttributeValues"][":until"]
            return {"Attributes": {**found, names["#count"]: {"N": "1"}, names["#until"]: until}}
        if operation == "GetPublicKey":
            der = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            return {"PublicKey": base64.b64encode(der).decode()}
        if operation == "Sign":
            signed = self._key.sign(base64.b64decode(asked["Message"]), ECDSA(SHA256()))
            return {"Signature": base64.b64encode(signed).decode()}
        if operation == "GetSecretValue":
            return {"SecretString": "0123456789abcdef" * 4}
        return {}

    def _found(self, table: str, keys: list[dict[str, Any]]) -> list[dict[str, Any]]:
        places = [(table, key["pk"]["S"], key["sk"]["S"]) for key in keys]
        return [self._items[place] for place in places if place in self._items]


@contextmanager
def serving(aws: Aws) -> Iterator[str]:
    """The address at which these answers are given."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet, or the kernel waits for an acknowledgement between them

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body = json.dumps(aws.answer(self.headers["X-Amz-Target"].rpartition(".")[2], asked)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
