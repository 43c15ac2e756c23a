"""Many media streams at once, as Twilio would open them: for load tests of a streamer, ours or a user's own."""
