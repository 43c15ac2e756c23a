"""A stand-in for Deepgram's speech-to-text on one machine: its wire format, a real recogniser or a scripted one.

It shares no code with the parts that talk to it, so that one mistake cannot hide another.
"""
