"""What `make doctor` looks at: each check is a function from the instruments to its findings."""
