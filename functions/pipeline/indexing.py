"""Has calls found by what was said in them."""

from functions.pipeline.ports import PipelinePorts
from telephony.errors import ConflictError
from telephony.index_entries import IndexEntry
from telephony.log import logger
from telephony.ports.search import INDEXING_LEASE
from telephony.postings import document_of


class Indexer:
    """Puts calls into the index."""

    def __init__(self, ports: PipelinePorts) -> None:
        self._ports = ports

    def index(self, entry: IndexEntry) -> None:
        """Have a call found by *entry*, or look again once whoever else is at it has finished or has died.

        Raises: UpstreamError if the index could not be written; what is half written is written over the next time.
        """
        document = document_of(entry)
        try:
            self._ports.search.index(document, self._ports.clock.now())
        except ConflictError:
            self._ports.follow_ups.schedule(entry.call_sid, INDEXING_LEASE)
            return
        logger().info("call-indexed", call_sid=entry.call_sid, stems=len(document.postings))
