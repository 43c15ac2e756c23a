"""Certificate: what the counterpart shows as Deepgram would, made anew for each run, so that nobody else is trusted."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True)
class Certificate:
    """Of 127.0.0.1 and localhost, vouched for by itself alone.

    Attributes:
        path: of the certificate as PEM, for who is to trust it.
        key_path: of its private key, for who shows it.
    """

    path: Path
    key_path: Path

    @classmethod
    def make(cls, folder: Path) -> "Certificate":
        """Write a new one into *folder*; it is good for a day."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "the bench's stand-in for Deepgram")])
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1")), x509.DNSName("localhost")])
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(names, critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        made_here = cls(folder / "certificate.pem", folder / "key.pem")
        pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
        made_here.path.write_bytes(made.public_bytes(pem))
        made_here.key_path.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
        return made_here
