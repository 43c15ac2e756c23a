"""Twilio calls us: a signed form in, TwiML out."""
