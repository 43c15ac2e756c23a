"""For the owner's machine: set the deployment up, look after it, take it down. Nothing of it ships."""
