"""The ports of the domain on Twilio's REST API."""
