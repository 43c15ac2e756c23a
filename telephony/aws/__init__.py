"""The ports of the domain on DynamoDB, S3, SNS, SQS and Secrets Manager; the only place that touches boto3."""
