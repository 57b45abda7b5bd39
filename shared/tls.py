"""TLS as a client: whom the machine trusts, as its operator set it up; not a list that a package brings.

So the Russian national CA, which signs for ESIA, is added once (Debian: update-ca-certificates), or named in
SSL_CERT_FILE (OpenSSL's own variable).
"""

import os
import ssl
from functools import cache


def machine_trust() -> ssl.SSLContext:
    """The trust store of the machine, with the names of servers checked; read once by each process."""
    return _read(os.environ.get("SSL_CERT_FILE"))


@cache
def _read(_file: str | None) -> ssl.SSLContext:
    """Reading some 150 certificates takes longer than most requests."""
    return ssl.create_default_context()
