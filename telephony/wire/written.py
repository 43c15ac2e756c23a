"""How a text is written, said in the OpenAPI document as the validator beside it checks it."""

import re

from pydantic import Field
from pydantic.fields import FieldInfo


def written(pattern: re.Pattern[str], max_length: int = 63) -> FieldInfo:
    """Describe how a text is written, for the OpenAPI document; the validator beside it says it in words."""
    how: FieldInfo = Field(max_length=max_length, json_schema_extra={"pattern": f"^({pattern.pattern})$"})
    return how
