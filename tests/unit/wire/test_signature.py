"""Signatures: the vectors were made with the twilio library and this token; the first is Twilio's own example."""

import base64
import hashlib
import hmac

import pytest

from telephony.wire.form import Form
from telephony.wire.signature import SignatureVerifier

TOKEN = "12345"
VERIFIER = SignatureVerifier([TOKEN])

TWILIOS_EXAMPLE = (
    "https://example.com/myapp.php?foo=1&bar=2",
    b"CallSid=CA1234567890ABCDE&Caller=%2B14158675310&Digits=1234&From=%2B14158675310&To=%2B18005551212",
    "L/OH5YylLD5NRKLltdqwSvS0BnU=",
)
VOICE = "https://sim.example.test/prod/twilio/voice"
BLANKS_AND_UTF8 = (
    b"CallSid=CA00000000000000000000000000000001&AccountSid=AC00000000000000000000000000000001&From=%2B15005550001"
    b"&To=%2B15005550006&Caller=%2B15005550001&Called=%2B15005550006&CallStatus=ringing&ApiVersion=2010-04-01"
    b"&Direction=inbound&FromCity=&CallerCity=&FromCountry=US&CallerName=Zo%C3%AB+O%27Neil+%26+S%C3%B6hne"
    b"&StirVerstat=TN-Validation-Passed-A"
)
SHA256_OF_JSON = "27ebfe91a318dc07829eec267640f3751e9a3cdc12079c47803ad76b3404b82e"
MEDIA = "wss://bridge.example.test/twilio/media"


def signed(text: str) -> str:
    """Sign *text* as Twilio's documentation says, without its library."""
    return base64.b64encode(hmac.new(TOKEN.encode(), text.encode(), hashlib.sha1).digest()).decode()


@pytest.mark.parametrize(
    ("url", "body", "signature"),
    [
        TWILIOS_EXAMPLE,
        (VOICE, BLANKS_AND_UTF8, "Z5LJYOqrDV0GfLI48lWSxhMkjMo="),
        (VOICE, BLANKS_AND_UTF8, "K8Jhk0Az2LNOLd4j6L6k2Mc+tAw="),  # signed with ":443" in the address
        (
            f"https://sim.example.test/hook?a=1&bodySHA256={SHA256_OF_JSON}",
            b"",
            "fbCg3cs/m6GVeoOddkHQIe3TwTc=",
        ),
        (
            "https://sim.example.test/twilio/voice?CallSid=CA1&From=%2B15005550001&To=%2B15005550006",
            b"",
            "ZZufjJGN2P4HenOOcMqDD3kzgRs=",
        ),
    ],
)
def test_a_signature_of_twilios_is_valid(url: str, body: bytes, signature: str) -> None:
    assert VERIFIER.verify_form(url, Form.parse(body), signature)


def test_the_blank_fields_are_part_of_what_is_signed() -> None:
    without_blanks = Form.parse(BLANKS_AND_UTF8.replace(b"FromCity=&CallerCity=&", b""))
    assert not VERIFIER.verify_form(VOICE, without_blanks, "Z5LJYOqrDV0GfLI48lWSxhMkjMo=")


def test_percent_encoding_is_part_of_what_is_signed() -> None:
    url = "https://sim.example.test/twilio/voice?CallSid=CA1&From=+15005550001&To=+15005550006"
    assert not VERIFIER.verify_form(url, Form(), "ZZufjJGN2P4HenOOcMqDD3kzgRs=")


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/myapp.php?foo=1&bar=2",
        "https://example.com/myapp.php?bar=2&foo=1",
        "https://example.com/myapp.php",
        "https://elsewhere.example/myapp.php?foo=1&bar=2",
    ],
)
def test_a_signature_for_another_address_is_not_valid(url: str) -> None:
    _, body, signature = TWILIOS_EXAMPLE
    assert not VERIFIER.verify_form(url, Form.parse(body), signature)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com:8443/myapp.php?foo=1&bar=2",  # the port at which Twilio reaches us is not signed
        "https://user:secret@example.com/myapp.php?foo=1&bar=2",
        "https://user:secret@example.com:8443/myapp.php?foo=1&bar=2",
        "https://example.com/myapp.php?foo=1&bar=2#rc=2&rp=5xx",
    ],
)
def test_port_user_and_fragment_do_not_matter(url: str) -> None:
    _, body, signature = TWILIOS_EXAMPLE
    assert VERIFIER.verify_form(url, Form.parse(body), signature)


def test_a_server_with_an_address_instead_of_a_name_can_be_signed_for() -> None:
    url = "http://[::1]:8080/twilio/voice"
    assert VERIFIER.verify_form(url, Form(), signed(url))


def test_during_a_rotation_both_tokens_are_valid() -> None:
    url, body, signature = TWILIOS_EXAMPLE
    assert SignatureVerifier(["new", TOKEN]).verify_form(url, Form.parse(body), signature)
    assert not SignatureVerifier(["new", "newer"]).verify_form(url, Form.parse(body), signature)
    assert not SignatureVerifier([]).verify_form(url, Form.parse(body), signature)


@pytest.mark.parametrize("signature", [None, "", " ", "é", "\ud800", "L/OH5YylLD5NRKLltdqwSvS0BnU", "=" * 10_000])
def test_what_is_no_signature_is_not_valid(signature: str | None) -> None:
    url, body, _ = TWILIOS_EXAMPLE
    assert not VERIFIER.verify_form(url, Form.parse(body), signature)
    assert not VERIFIER.verify_upgrade(MEDIA, signature)


@pytest.mark.parametrize("url", ["", "no address", "https://[", "https://h:port/", "https://h/\ud800", "ftp://h/"])
def test_what_is_no_address_has_no_valid_signature(url: str) -> None:
    assert not VERIFIER.verify_form(url, Form(), "AAAA")
    assert not VERIFIER.verify_upgrade(url, "AAAA")


def test_a_form_that_is_no_unicode_has_no_valid_signature() -> None:
    url, _, signature = TWILIOS_EXAMPLE
    assert not VERIFIER.verify_form(url, {"CallSid": "\ud800"}, signature)


def test_every_distinct_value_of_a_repeated_field_is_signed_in_order() -> None:
    form = Form.parse(b"Digit=2&Digit=1&Digit=2")
    assert VERIFIER.verify_form("https://h.example/", form, signed("https://h.example/Digit1Digit2"))


@pytest.mark.parametrize("configured", [MEDIA, f"{MEDIA}/"])
@pytest.mark.parametrize("signature", ["AejN7SwoWWKVE8oJX6nJ5CxQVeE=", "e9InUjwzClP2BBfDDkq6P7uLj9U="])
def test_an_upgrade_is_valid_with_and_without_a_slash_at_the_end(configured: str, signature: str) -> None:
    assert VERIFIER.verify_upgrade(configured, signature)


def test_an_upgrade_signed_for_the_https_address_is_not_valid() -> None:
    assert not VERIFIER.verify_upgrade(MEDIA, "Cs+C1Law09FhoOhLyMe2qZtH3Do=")


def test_the_port_of_a_secure_socket_is_443() -> None:
    assert VERIFIER.verify_upgrade(MEDIA, signed("wss://bridge.example.test:443/twilio/media"))
    assert not VERIFIER.verify_upgrade(MEDIA, signed("wss://bridge.example.test:80/twilio/media"))
