"""What a cold start pays for."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
IMPORT = """
import sys
import functions.webhooks.handler
print(*sorted({"aiohttp", "requests", "twilio.rest"} & set(sys.modules)))
"""


def test_no_cold_start_pays_for_twilios_rest_client() -> None:
    environment = {
        "AWS_DEFAULT_REGION": "eu-west-1",
        "MEDIA_URL": "wss://calls.example.test/media",
        "PUBLIC_ORIGIN": "https://calls.example.test",
        "PYTHONPATH": str(ROOT),
        "TABLE_NAME": "t",
        "TWILIO_SECRET_ARN": "arn",
        "RECORDINGS_BUCKET": "b",
    }
    done = subprocess.run(
        [sys.executable, "-c", IMPORT],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert done.stdout.strip() == ""
