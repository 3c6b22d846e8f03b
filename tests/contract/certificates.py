"""An authority that signs certificates for servers on loopback, made with the openssl command."""

from __future__ import annotations

import ipaddress
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Authority:
    """Signs a certificate for any name."""

    folder: Path
    name: str = "Authority of these tests"

    def __post_init__(self) -> None:
        self._openssl(
            f"req -x509 -newkey rsa:2048 -nodes -days 3 -keyout {self._own}.key -out {self._own}.pem",
            "-subj",
            f"/CN={self.name}",
        )

    @property
    def _own(self) -> Path:
        return self.folder / "authority"

    def serving(self, host: str) -> ssl.SSLContext:
        """The context of a server that shows a certificate for ``host``, a name or an address."""
        path = self.folder / host
        if not path.with_name(f"{host}.pem").exists():
            kind = "IP" if _is_address(host) else "DNS"
            (self.folder / f"{host}.ext").write_text(f"subjectAltName={kind}:{host}\n")
            self._openssl(
                f"req -newkey rsa:2048 -nodes -subj /CN={host} -keyout {path}.key -out {path}.csr",
            )
            self._openssl(
                f"x509 -req -days 2 -in {path}.csr -CA {self._own}.pem -CAkey {self._own}.key -CAcreateserial "
                f"-extfile {path}.ext -out {path}.pem",
            )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{path}.pem", f"{path}.key")
        return context

    def trusting(self) -> ssl.SSLContext:
        """The context of a client that believes this authority and no other."""
        return ssl.create_default_context(cafile=f"{self._own}.pem")

    def _openssl(self, words: str, *more: str) -> None:
        subprocess.run(["openssl", *words.split(), *more], check=True, capture_output=True)


def _is_address(host: str) -> bool:
    try:
        return bool(ipaddress.ip_address(host))
    except ValueError:
        return False
