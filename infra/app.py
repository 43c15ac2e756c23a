"""Entry of the CDK application; cdk.json runs it as `python -m infra.app`.

Started by itself it needs no network, no AWS account and no CDK command line: it writes the template and leaves the
Lambda code unpacked. The CDK command line decides by itself what to bundle (`cdk deploy` does); without it, ask with
`CDK_CONTEXT_JSON='{"aws:cdk:bundling-stacks":["**"]}'`.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from infra.stack import RingscribeStack

ROOT = Path(__file__).resolve().parent.parent

NO_BUNDLING: Mapping[str, Any] = {"aws:cdk:bundling-stacks": []}


def context(root: Path = ROOT) -> dict[str, Any]:
    """Return the context of cdk.json, which plain Python would not read, with bundling off.

    What the CDK command line or CDK_CONTEXT_JSON says wins over each of these.
    """
    config = json.loads((root / "cdk.json").read_text(encoding="utf-8"))
    return {**config["context"], **NO_BUNDLING}


def build(extra: Mapping[str, Any] | None = None, outdir: str | None = None) -> tuple[cdk.App, RingscribeStack]:
    """Return the application and its stack, with *extra* context; nothing is written before `synth()`.

    Raises: ContextError.
    """
    # Usage analytics would put an item of metadata, different with each library version, into the template.
    app = cdk.App(context={**context(), **(extra or {})}, outdir=outdir, analytics_reporting=False)
    stack = RingscribeStack(app, "Ringscribe", description="Every call to your Twilio number in writing")
    cdk.Tags.of(app).add("application", "ringscribe")
    return app, stack


if __name__ == "__main__":
    build()[0].synth()
