import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { Tracer } from '@aws-lambda-powertools/tracer';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { consumer } from './consume';

const tableName = process.env.TABLE_NAME;
if (!tableName) throw new Error('The environment variable TABLE_NAME is not set');

const client = new Tracer().captureAWSv3Client(new DynamoDBClient({}));

/** The entry point of the Lambda function. */
export const handler = consumer({
  client: DynamoDBDocumentClient.from(client),
  tableName,
  logger: new Logger(),
  metrics: new Metrics(),
});
