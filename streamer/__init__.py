"""The container that listens: Twilio Media Streams in, Deepgram out, words to the table, captions to viewers."""
