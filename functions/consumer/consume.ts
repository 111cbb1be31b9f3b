import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { readPerson } from './person';
import { Rejection } from './rejection';
import { type Outcome, writePeople } from './write-people';

/** What the consumer works with; made once for each execution environment. */
export interface Tools {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * Makes the handler that writes the people of a batch to the table and answers which messages are to return to the queue.
 * What it stores derives from each message alone, so a message delivered twice changes nothing.
 */
export function consumer(tools: Tools): (event: SQSEvent, context: Context) => Promise<SQSBatchResponse> {
  return async (event, context) => {
    tools.logger.addContext(context);
    const outcomes = await processBatch(event.Records, tools);
    // Without this option a batch in which every message failed would count as a failure of the function.
    return processPartialResponse(event, (record: SQSRecord) => settle(outcomes.get(record)), new BatchProcessor(EventType.SQS), {
      context,
      throwOnFullBatchFailure: false,
    });
  };
}

async function settle(outcome: Outcome): Promise<void> {
  if (outcome) throw outcome;
}

async function processBatch(records: readonly SQSRecord[], tools: Tools): Promise<Map<SQSRecord, Outcome>> {
  const outcomes = new Map<SQSRecord, Outcome>();
  const readable = records.flatMap((record) => {
    try {
      return [{ record, person: readPerson(record) }];
    } catch (error) {
      outcomes.set(record, error as Error);
      return [];
    }
  });
  const people = readable.map(({ person }) => person);
  const written = await writePeople(tools.client, tools.tableName, people);
  for (const [index, { record }] of readable.entries()) outcomes.set(record, written[index]);
  report(outcomes, tools);
  return outcomes;
}

/** Counts and reason codes; never the text of a message, nor an error's text, which may quote it. */
function report(outcomes: ReadonlyMap<SQSRecord, Outcome>, { logger, metrics }: Tools): void {
  let failed = 0;
  for (const [record, outcome] of outcomes) {
    if (!outcome) continue;
    failed += 1;
    logger.warn('Message not processed', {
      messageId: record.messageId,
      reason: outcome instanceof Rejection ? outcome.reason : outcome.name,
      receiveCount: Number(record.attributes.ApproximateReceiveCount),
    });
  }
  metrics.addMetric('PeopleWritten', MetricUnit.Count, outcomes.size - failed);
  metrics.addMetric('MessagesNotProcessed', MetricUnit.Count, failed);
  metrics.publishStoredMetrics();
  logger.info('Batch processed', { messages: outcomes.size, failed });
}
