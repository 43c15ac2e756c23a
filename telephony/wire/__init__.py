"""The wire formats of Twilio and Deepgram, to and from our values: total, typed, one error out. No I/O."""
