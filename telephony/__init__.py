"""The domain that every deployable shares: what a call is, what was said, who must be told.

Nothing in here knows a web framework, a socket or the machine it runs on. `aws/` is the only place that touches AWS.
"""
