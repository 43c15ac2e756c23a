"""Stores: all stores of one table."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from telephony.aws.calls import DynamoCalls
from telephony.aws.consents import DynamoConsents
from telephony.aws.deliveries import DynamoDeliveries
from telephony.aws.digests import DynamoDigests
from telephony.aws.directory import DynamoDirectory
from telephony.aws.dynamodb import Table
from telephony.aws.erasure import DynamoErasure
from telephony.aws.expiry import DynamoExpiry
from telephony.aws.hook_secrets import DynamoHookSecrets
from telephony.aws.idempotency import DynamoIdempotency
from telephony.aws.jobs import DynamoJobs
from telephony.aws.links import DynamoLinks
from telephony.aws.opt_outs import DynamoOptOuts
from telephony.aws.outgoing import DynamoOutgoing
from telephony.aws.pauses import DynamoPauses
from telephony.aws.recordings import DynamoRecordings
from telephony.aws.repairs import DynamoRepairs
from telephony.aws.scan import DynamoScan
from telephony.aws.search import DynamoSearch
from telephony.aws.tickets import DynamoTickets
from telephony.aws.transcripts import DynamoTranscripts
from telephony.aws.usage import DynamoUsage

if TYPE_CHECKING:  # the stubs are not shipped
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class Stores:
    """One table's stores: what one writes, the others see."""

    directory: DynamoDirectory
    calls: DynamoCalls
    recordings: DynamoRecordings
    transcripts: DynamoTranscripts
    repairs: DynamoRepairs
    tickets: DynamoTickets
    deliveries: DynamoDeliveries
    links: DynamoLinks
    usage: DynamoUsage
    idempotency: DynamoIdempotency
    search: DynamoSearch
    jobs: DynamoJobs
    erasure: DynamoErasure
    expiry: DynamoExpiry
    scan: DynamoScan
    digests: DynamoDigests
    opt_outs: DynamoOptOuts
    hook_secrets: DynamoHookSecrets
    consents: DynamoConsents
    pauses: DynamoPauses
    outgoing: DynamoOutgoing

    @classmethod
    def of(cls, client: "DynamoDBClient", table_name: str) -> "Stores":
        """Return the stores of a table. Make *client* with `telephony.aws.clients.CONFIG`."""
        table = Table(client, table_name)
        return cls(
            directory=DynamoDirectory(table),
            calls=DynamoCalls(table),
            recordings=DynamoRecordings(table),
            transcripts=DynamoTranscripts(table),
            repairs=DynamoRepairs(table),
            tickets=DynamoTickets(table),
            deliveries=DynamoDeliveries(table),
            links=DynamoLinks(table),
            usage=DynamoUsage(table),
            idempotency=DynamoIdempotency(table),
            search=DynamoSearch(table),
            jobs=DynamoJobs(table),
            erasure=DynamoErasure(table),
            expiry=DynamoExpiry(table),
            scan=DynamoScan(table),
            digests=DynamoDigests(table),
            opt_outs=DynamoOptOuts(table),
            hook_secrets=DynamoHookSecrets(table),
            consents=DynamoConsents(table),
            pauses=DynamoPauses(table),
            outgoing=DynamoOutgoing(table),
        )
