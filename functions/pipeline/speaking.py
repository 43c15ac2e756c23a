"""Speaks what mailboxes say to their callers, and keeps it, before anybody calls."""

from functions.pipeline.ports import PipelinePorts
from telephony.errors import ConfigurationError, NotFoundError, UpstreamError, WireError
from telephony.log import logger
from telephony.metrics import Metric
from telephony.numbers import MailboxId
from telephony.phrases import CONTENT_TYPE, Phrase


class Speaker:
    """Makes the sound of phrases. Doing it again, or twice at once, changes nothing."""

    def __init__(self, ports: PipelinePorts) -> None:
        self._ports = ports

    def prepare(self, mailbox_id: MailboxId) -> None:
        """Have all that the mailbox says kept, and then written down as kept.

        What Deepgram refuses for good stays unspoken: Twilio's own voice says it. Raises: UpstreamError when trying
        again may help; what was made until then is written down.
        """
        try:
            mailbox = self._ports.directory.mailbox(mailbox_id)
        except NotFoundError:
            return
        made, failure = set(), None
        for phrase in mailbox.unspoken:
            try:
                self._keep(phrase)
                made.add(phrase.digest)
            except (ConfigurationError, UpstreamError, WireError) as exc:
                self._ports.meter.add(Metric.PHRASE_FAILED)
                logger().warning("phrase-failed", mailbox_id=mailbox_id, digest=phrase.digest, error=str(exc))
                failure = exc if isinstance(exc, UpstreamError) and exc.retryable else failure
        if made:
            self._ports.directory.spoken(mailbox_id, made)
        if failure is not None:
            raise failure

    def _keep(self, phrase: Phrase) -> None:
        if not self._is_kept(phrase):
            self._ports.audio.put(phrase.key, self._ports.speech.speak(phrase), CONTENT_TYPE)

    def _is_kept(self, phrase: Phrase) -> bool:
        """Tell whether the sound is there, of this mailbox or another: it is made once."""
        try:
            self._ports.audio.get(phrase.key)
        # S3 refuses what is not there to whoever may not list the bucket; what else is wrong, storing it will show.
        except (NotFoundError, UpstreamError):
            return False
        return True
