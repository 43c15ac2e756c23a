"""Numbers are pointed at us, and given back to whom they asked before."""

from dataclasses import replace

import pytest

from telephony.errors import ConfigurationError, NotFoundError, TelephonyError, UpstreamError
from telephony.number_addresses import MAX_OURS, NumberAddresses, Remembered
from telephony.numbers import E164
from telephony.pointing import Aim, GivenBack, Pointer, our_addresses, why
from tests.fakes.numbers import MemoryNumberMemory, MemoryNumbers

NUMBER = E164("+15005550006")
ORIGIN, MOVED = "https://d1.example.com", "https://d2.example.com"
BEFORE = NumberAddresses("https://old.example.com/voice?a=1", "GET", "https://old.example.com/fallback", "POST")
TEXTED = replace(BEFORE, sms_url="https://shop.example.com/sms?b=2", sms_method="GET")
OURS = our_addresses(ORIGIN)


class Account:
    """An account with one number, and pointers for two public origins."""

    def __init__(
        self, addresses: NumberAddresses = BEFORE, overruled_by: str = "", *, has_sms_application: bool = False
    ) -> None:
        self.numbers, self.memory = MemoryNumbers(), MemoryNumberMemory()
        self.numbers.own(NUMBER, addresses, overruled_by, has_sms_application=has_sms_application)

    def pointer(self, origin: str = ORIGIN, *, takes_sms: bool = False) -> Pointer:
        return Pointer(self.numbers, self.memory, origin, takes_sms)

    @property
    def addresses(self) -> NumberAddresses:
        return self.numbers.owned[NUMBER].addresses


def test_a_number_asks_us_for_calls_failures_and_ends_each_with_repeats() -> None:
    account = Account()
    standing = account.pointer().point(NUMBER)
    assert (standing.aim, standing.warning) == (Aim.US, "")
    now = account.addresses
    assert now.voice_url.startswith(f"{ORIGIN}/twilio/voice#")
    assert now.voice_fallback_url.startswith(f"{ORIGIN}/twilio/fallback#")
    assert now.status_callback.startswith(f"{ORIGIN}/twilio/status#")
    assert "rc=3" in now.voice_url
    assert account.pointer().standing(NUMBER).aim is Aim.US


def test_a_number_that_is_given_back_asks_exactly_whom_it_asked_before() -> None:
    account = Account()
    account.pointer().point(NUMBER)
    assert account.pointer().give_back(NUMBER) is GivenBack.RESTORED
    assert account.addresses == BEFORE


def test_pointing_again_and_again_changes_nothing_and_forgets_nothing() -> None:
    account = Account()
    for _ in range(3):
        account.pointer().point(NUMBER)
    assert account.numbers.changes == 1
    account.pointer().give_back(NUMBER)
    assert account.addresses == BEFORE


def test_giving_back_again_changes_nothing() -> None:
    account = Account()
    account.pointer().point(NUMBER)
    account.pointer().give_back(NUMBER)
    assert account.pointer().give_back(NUMBER) is GivenBack.NOT_OURS
    assert account.addresses == BEFORE


def test_a_number_that_somebody_pointed_elsewhere_meanwhile_is_left_to_them() -> None:
    account = Account()
    account.pointer().point(NUMBER)
    elsewhere = NumberAddresses("https://new.example.com/voice")
    account.numbers.own(NUMBER, elsewhere)
    assert account.pointer().give_back(NUMBER) is GivenBack.NOT_OURS
    assert account.addresses == elsewhere


def test_a_number_taken_back_from_elsewhere_is_given_back_to_there() -> None:
    account = Account()
    account.pointer().point(NUMBER)
    elsewhere = NumberAddresses("https://new.example.com/voice")
    account.numbers.own(NUMBER, elsewhere)
    account.pointer().point(NUMBER)
    account.pointer().give_back(NUMBER)
    assert account.addresses == elsewhere


def test_a_changed_origin_moves_the_number_and_keeps_what_was_there_before_us() -> None:
    account = Account()
    account.pointer(ORIGIN).point(NUMBER)
    account.pointer(MOVED).point(NUMBER)
    assert account.addresses == our_addresses(MOVED)
    account.pointer(MOVED).give_back(NUMBER)
    assert account.addresses == BEFORE


def test_a_move_that_broke_off_before_twilio_was_told_is_undone_all_the_same() -> None:
    account = Account()
    account.pointer(ORIGIN).point(NUMBER)
    account.numbers.change_refusals.append(UpstreamError("twilio", "20429", retryable=True))
    with pytest.raises(UpstreamError):
        account.pointer(MOVED).point(NUMBER)
    account.pointer(ORIGIN).point(NUMBER)
    assert account.addresses == our_addresses(ORIGIN)
    account.pointer(ORIGIN).give_back(NUMBER)
    assert account.addresses == BEFORE


def test_a_number_whose_past_nobody_knows_is_left_as_it_is() -> None:
    account = Account(our_addresses(ORIGIN))
    assert account.pointer().give_back(NUMBER) is GivenBack.FORGOTTEN
    assert account.addresses == our_addresses(ORIGIN)
    assert Account().pointer().give_back(NUMBER) is GivenBack.NOT_OURS


def test_a_number_that_was_pointed_at_us_by_hand_asks_nobody_once_it_is_given_back() -> None:
    account = Account(our_addresses(ORIGIN))
    account.pointer().point(NUMBER)
    assert account.numbers.changes == 0
    assert account.pointer().give_back(NUMBER) is GivenBack.RESTORED
    assert account.addresses == NumberAddresses()


@pytest.mark.parametrize(
    ("addresses", "aim"),
    [
        (BEFORE, Aim.ELSEWHERE),
        (NumberAddresses(), Aim.NOBODY),
        (NumberAddresses(f"{ORIGIN}/twilio/voice"), Aim.US_IN_PART),
        (replace(OURS, sms_url=""), Aim.US_IN_PART),
        (replace(OURS, sms_url="https://shop.example.com/sms"), Aim.US),
        (our_addresses(ORIGIN), Aim.US),
        (our_addresses(MOVED), Aim.ELSEWHERE),
    ],
)
def test_whom_a_number_asks_can_be_told(addresses: NumberAddresses, aim: Aim) -> None:
    standing = Account(addresses).pointer().standing(NUMBER)
    assert (standing.aim, standing.voice_url) == (aim, addresses.voice_url)


@pytest.mark.parametrize("nobody", ["", "https://demo.twilio.com/welcome/sms/reply/"])
def test_texts_that_went_to_nobody_come_to_us_and_go_to_nobody_again(nobody: str) -> None:
    before = replace(BEFORE, sms_url=nobody)
    account = Account(before)
    standing = account.pointer().point(NUMBER)
    assert account.addresses.sms_url.startswith(f"{ORIGIN}/twilio/sms#")
    assert (standing.aim, standing.note) == (Aim.US, "")
    account.pointer().give_back(NUMBER)
    assert account.addresses == before


def test_texts_that_went_to_somebody_still_do_and_it_is_said() -> None:
    account = Account(TEXTED)
    standing = account.pointer().point(NUMBER)
    assert account.addresses == OURS.with_sms_of(TEXTED)
    assert (standing.aim, standing.warning) == (Aim.US, "")
    assert "https://shop.example.com/sms?b=2" in standing.note
    assert account.pointer().standing(NUMBER) == standing
    account.pointer().give_back(NUMBER)
    assert account.addresses == TEXTED


def test_texts_are_taken_from_somebody_when_that_is_wanted_and_given_back() -> None:
    account = Account(TEXTED)
    assert account.pointer(takes_sms=True).point(NUMBER).note == ""
    assert account.addresses == OURS
    account.pointer(takes_sms=True).give_back(NUMBER)
    assert account.addresses == TEXTED


def test_texts_are_given_back_alone_when_they_are_wanted_no_more() -> None:
    account = Account(TEXTED)
    account.pointer(takes_sms=True).point(NUMBER)
    account.pointer(MOVED).point(NUMBER)
    assert account.addresses == our_addresses(MOVED).with_sms_of(TEXTED)
    account.pointer(MOVED).give_back(NUMBER)
    assert account.addresses == TEXTED


def test_a_number_that_was_pointed_before_we_took_texts_has_its_own_given_back() -> None:
    account = Account(OURS.with_sms_of(TEXTED))
    account.memory.remember(NUMBER, Remembered(BEFORE, (f"{ORIGIN}/twilio/voice",)))
    account.pointer().point(NUMBER)
    assert account.addresses == OURS.with_sms_of(TEXTED)
    account.pointer(takes_sms=True).point(NUMBER)
    assert account.addresses == OURS
    account.pointer(takes_sms=True).give_back(NUMBER)
    assert account.addresses == TEXTED


def test_texts_that_somebody_points_elsewhere_meanwhile_stay_there() -> None:
    account = Account()
    account.pointer().point(NUMBER)
    account.numbers.own(NUMBER, OURS.with_sms_of(TEXTED))
    account.pointer().point(NUMBER)
    assert account.addresses == OURS.with_sms_of(TEXTED)
    assert account.pointer().give_back(NUMBER) is GivenBack.RESTORED
    assert account.addresses == TEXTED


def test_calls_that_somebody_points_elsewhere_meanwhile_stay_there_and_texts_are_given_back() -> None:
    account = Account(TEXTED)
    account.pointer(takes_sms=True).point(NUMBER)
    elsewhere = NumberAddresses("https://new.example.com/voice")
    account.numbers.own(NUMBER, elsewhere.with_sms_of(OURS))
    assert account.pointer().give_back(NUMBER) is GivenBack.NOT_OURS
    assert account.addresses == elsewhere.with_sms_of(TEXTED)


@pytest.mark.parametrize("takes_sms", [True, False])
def test_an_application_that_gets_the_texts_is_left_alone(takes_sms: bool) -> None:
    account = Account(TEXTED, has_sms_application=True)
    standing = account.pointer(takes_sms=takes_sms).point(NUMBER)
    assert account.addresses == OURS.with_sms_of(TEXTED)
    assert (standing.aim, "an application" in standing.note) == (Aim.US, True)


@pytest.mark.parametrize(("overruled_by", "words"), [("application", "TwiML application"), ("trunk", "SIP trunk")])
def test_a_number_whose_addresses_twilio_ignores_is_pointed_with_a_warning(overruled_by: str, words: str) -> None:
    account = Account(overruled_by=overruled_by)
    standing = account.pointer().point(NUMBER)
    assert words in standing.warning
    assert account.addresses == our_addresses(ORIGIN)


def test_only_the_latest_addresses_that_were_ours_are_kept() -> None:
    remembered = Remembered(BEFORE, ())
    for number in range(MAX_OURS + 5):
        remembered = remembered.adding(f"https://d{number}.example.com/twilio/voice#rc=3")
    assert len(remembered.ours) == MAX_OURS
    assert remembered.knows(f"https://d{MAX_OURS + 4}.example.com/twilio/voice#another")
    assert not remembered.knows("https://d0.example.com/twilio/voice")


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (NotFoundError("number"), "is not a number of this Twilio account"),
        (UpstreamError("twilio", "20003", retryable=False), "make configure"),
        (UpstreamError("twilio", "20429", retryable=True), "try again"),
        (UpstreamError("twilio", "21450", retryable=False), "21450"),
        (ConfigurationError("the Twilio secret lacks auth_token"), "lacks auth_token"),
    ],
)
def test_each_trouble_is_said_in_plain_words(trouble: TelephonyError, words: str) -> None:
    assert words in why(NUMBER, trouble)
