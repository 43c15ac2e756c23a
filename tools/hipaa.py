"""Which of the HIPAA rule pack's rules the stack does not fulfil: `python -m tools.hipaa [--write]`.

With `--write` the table also stands in `docs/hipaa.md`, between the two marks, afterwards. Needs node on the path, as
every synthesis does.
"""

import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Final

import cdk_nag
from aws_cdk import IPolicyValidationPlugin, Validations

from infra.app import build

ROOT: Final = Path(__file__).parent.parent
DOCUMENT: Final = ROOT / "docs" / "hipaa.md"
BEGIN: Final = "<!-- written by `python -m tools.hipaa --write` -->"
END: Final = "<!-- end of what is written -->"
PREFIX: Final = "HIPAA.Security-"

_INSIDE: Final = "inside the VPC, behind CloudFront, whose own certificate is what the world sees"
_LOGS: Final = "who came when, and public pages, under S3's own key, can be lost; what callers said is elsewhere"

ANSWERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ALBHttpToHttpsRedirection": _INSIDE,
        "DynamoDBInBackupPlan": "the table can be put back to any second of 35 days; a plan of yours can add copies",
        "ELBDeletionProtectionEnabled": "nothing is kept in it, and the stack would make another",
        "ELBLoggingEnabled": "it would hold paths and queries; CloudFront's log and the streamer's have the requests",
        "ELBv2ACMCertificateRequired": _INSIDE,
        "IAMNoInlinePolicy": "each role's policy is its own and goes with it; none could be shared",
        "LambdaConcurrency": "the HTTP API bounds webhooks, the event sources the pipeline; a limit turns calls away",
        "LambdaDLQ": "who calls them waits for the answer, or has a queue for what failed",
        "LambdaInsideVPC": "they speak with AWS, Twilio and Deepgram over TLS alone, and would need a NAT gateway",
        "S3BucketReplicationEnabled": "where copies may lie is for the owner to say",
        "S3BucketVersioningEnabled": _LOGS,
        "S3DefaultEncryptionKMS": _LOGS,
        "SecretsManagerRotationEnabled": "the vendors make them; a new one is accepted beside the old one",
        "VPCDefaultSecurityGroupClosed": "nothing is in it; to close it takes a function with rights over groups",
        "VPCNoUnrestrictedRouteToIGW": "how tasks reach Deepgram without a NAT gateway; nothing is let in by it",
    }
)
"""Why we live with it, by rule."""


def findings(outdir: Path) -> Mapping[str, Sequence[str]]:
    """Synthesise into *outdir* and return the constructs that do not fulfil a rule, by rule."""
    app, _ = build(outdir=str(outdir))
    packs: list[IPolicyValidationPlugin] = [cdk_nag.HIPAASecurityChecks(app)]
    Validations.of(app).add_plugins(*packs)
    # Findings end the synthesis, after the report was written.
    with suppress(RuntimeError):
        app.synth()
    report = json.loads((outdir / "validation-report.json").read_text(encoding="utf-8"))
    (pack,) = [each for each in report["pluginReports"] if each["pluginName"].startswith("HIPAA")]
    found: dict[str, list[str]] = {}
    for violation in pack["violations"]:
        rule = violation["ruleName"].removeprefix(PREFIX).partition("[")[0]
        paths = [_short(each["constructPath"]) for each in violation["violatingConstructs"]]
        found.setdefault(rule, []).extend(paths)
    return {rule: sorted(set(paths)) for rule, paths in sorted(found.items())}


def _short(path: str) -> str:
    return path.removeprefix("Ringscribe/").removesuffix("/Resource")


def markdown(found: Mapping[str, Sequence[str]]) -> str:
    """Return the table."""
    lines = ["| rule | where | why we live with it |", "| --- | --- | --- |"]
    lines += [f"| {rule} | {', '.join(paths)} | {ANSWERS.get(rule, '')} |" for rule, paths in found.items()]
    return "\n".join(lines)


def written(document: str, found: Mapping[str, Sequence[str]]) -> str:
    """Return *document* with the table between its two marks. Raises: ValueError if they are not there."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"there are no two marks in {DOCUMENT.name}")
    return f"{before}{BEGIN}\n\n{markdown(found)}\n\n{END}{after}"


def main() -> int:
    """Print the table, and put it into the document if asked to."""
    with tempfile.TemporaryDirectory() as folder:
        found = findings(Path(folder))
    print(markdown(found))
    if sys.argv[1:] == ["--write"]:
        DOCUMENT.write_text(written(DOCUMENT.read_text(encoding="utf-8"), found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
