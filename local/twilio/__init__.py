"""A simulated Twilio that rings the real product: signed webhooks, TwiML, media streams, recordings, REST API."""
