"""What people and programs read: calls, transcripts and sound, each only to those who may."""
