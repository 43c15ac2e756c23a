"""What AWS does around our Lambda functions: API Gateway in front, the table's stream and the queue behind."""
