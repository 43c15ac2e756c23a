"""What follows a call: woken by the table's stream, it copies recordings and tells people."""
