"""The same product on one machine: stand-ins for Twilio, Deepgram and AWS, and the demo that uses them."""
