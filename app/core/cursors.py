"""Where a list goes on, as text that says nothing: encrypted, so that the integer key inside stays in the process.

A position is the last row's sort value and key. Kept whole in the cursor, it outlives its row: whoever deletes what he
has read can still ask for the rest. AES-SIV (RFC 5297) is encryption and proof of origin in one and needs no nonce, so
that one position has one cursor.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from app.core.errors import Invalid


class Cursors:
    """Seals and opens positions under one secret."""

    def __init__(self, secret: str) -> None:
        # A key of its own: what is signed elsewhere with the secret can never pass for a cursor.
        self._cipher = AESSIV(hmac.digest(secret.encode(), b"cursors of lists", "sha512"))

    def seal(self, position: bytes, *context: str) -> str:
        """A cursor that opens to `position` in the same context only, such as the list and its order."""
        sealed = self._cipher.encrypt(position, [part.encode() for part in context])
        return urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def open(self, cursor: str, *context: str) -> bytes:
        """The position inside; Invalid for anything that was not sealed here in this context."""
        try:
            sealed = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            return self._cipher.decrypt(sealed, [part.encode() for part in context])
        except (InvalidTag, ValueError) as error:
            raise Invalid("not a cursor of this list in this order", "query", "cursor") from error
