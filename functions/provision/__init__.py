"""Points the Twilio numbers at the deployment when it stands, and gives them back before it goes."""
