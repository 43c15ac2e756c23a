"""The cloud half: one stack that only wires small constructs, each with its policy baked in."""
