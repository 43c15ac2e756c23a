"""What takes long, is done once in a while, and may remove things: the only functions that may."""
