"""AWS on one machine: moto's server with our resources, and what Lambda and SNS do between them."""
