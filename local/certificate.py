"""Certificate: what a server on loopback shows when it speaks TLS, made anew each time: nobody else is trusted."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_SIGNS_ITSELF = x509.KeyUsage(
    digital_signature=True,
    key_cert_sign=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


@dataclass(frozen=True, slots=True)
class Certificate:
    """Vouched for by itself alone, as strictly as Python looks.

    Attributes:
        path: of the certificate as PEM, for who is to trust it.
        key_path: of its private key, for who shows it.
    """

    path: Path
    key_path: Path

    @classmethod
    def make(cls, folder: Path, *names: str, ends_in: timedelta = timedelta(days=1)) -> "Certificate":
        """Write one of these hosts, by name or IP address, into *folder*; it has been good for a day."""
        key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
        who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        made = (
            x509.CertificateBuilder()
            .subject_name(who)
            .issuer_name(who)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + ends_in)
            .add_extension(x509.SubjectAlternativeName([_host(name) for name in names]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(_SIGNS_ITSELF, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        written = cls(folder / "certificate.pem", folder / "key.pem")
        pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
        written.path.write_bytes(made.public_bytes(pem))
        written.key_path.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
        return written


def _host(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
