/** Two queues are each other's dead-letter queue, and a receive waits at each: the message moves between them. */
import { Account } from '../../lab/account/account';

async function main(): Promise<void> {
  const account = new Account();
  const root = account.call(account.sts.rootCredentials().caller);
  const { CreateQueue, SetQueueAttributes, SendMessage, ReceiveMessage } = account.sqs.operations;
  const urls: string[] = [];
  for (const QueueName of ['a', 'b']) urls.push(String((await account.perform(CreateQueue, { QueueName }, root)).QueueUrl));
  for (const [index, QueueUrl] of urls.entries()) {
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: account.arn('sqs', index === 0 ? 'b' : 'a'), maxReceiveCount: 1 });
    await account.perform(SetQueueAttributes, { QueueUrl, Attributes: { RedrivePolicy } }, root);
  }
  const [QueueUrl] = urls;
  await account.perform(SendMessage, { QueueUrl, MessageBody: 'x' }, root);
  await account.perform(ReceiveMessage, { QueueUrl, VisibilityTimeout: 0 }, root);
  for (const queue of urls) account.faults.own('a receive', account.perform(ReceiveMessage, { QueueUrl: queue, WaitTimeSeconds: 20 }, root));
  setTimeout(() => {
    process.stdout.write('the account lives on\n');
    process.exit();
  }, 100);
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
