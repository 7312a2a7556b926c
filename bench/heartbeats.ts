/**
 * Heartbeats that the embedded Temporal takes in a second: of activities of one workflow, and of
 * as many that have a workflow each, in turns. Its database is SQLite.
 *
 * `npm run bench:heartbeats -- --activities 32 --rounds 5 --seconds 3`
 */
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import type { Client } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { connect } from '../infra/connect.ts';
import { type BenchHarness, measureOnStack } from './harness.ts';
import { digits, median } from './statistics.ts';

const { values } = parseArgs({
  options: {
    activities: { type: 'string', default: '32' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
  },
});
const [activities = 0, rounds = 0, seconds = 0] = [values.activities, values.rounds, values.seconds].map(Number);
if (![activities, rounds, seconds].every((number) => Number.isInteger(number) && number >= 1)) {
  console.error('--activities, --rounds and --seconds must be whole numbers of at least 1');
  process.exit(2);
}

const IDENTITY = 'bench:heartbeats';
const SCHEDULE_ACTIVITY = 1; // COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK
const HOUR = msToTs('1 hour');

/** Starts a workflow without code whose activities are at work; returns their tokens. */
async function openActivities(
  { workflow, workflowService, options: { namespace } }: Client,
  count: number,
): Promise<Uint8Array[]> {
  const name = `heartbeats-${randomUUID()}`;
  const [taskQueue, type, identity] = [{ name }, { name: 'none' }, IDENTITY];
  await workflow.start(type.name, { taskQueue: name, workflowId: name });
  const { taskToken } = await workflowService.pollWorkflowTaskQueue({ namespace, taskQueue, identity });
  const commands = Array.from({ length: count }, (_, i) => ({
    commandType: SCHEDULE_ACTIVITY,
    scheduleActivityTaskCommandAttributes: {
      activityId: String(i),
      activityType: type,
      taskQueue,
      startToCloseTimeout: HOUR,
      scheduleToCloseTimeout: HOUR,
      heartbeatTimeout: HOUR,
    },
  }));
  await workflowService.respondWorkflowTaskCompleted({ namespace, taskToken, identity, commands });
  const poll = () => workflowService.pollActivityTaskQueue({ namespace, taskQueue, identity });
  return (await Promise.all(commands.map(poll))).map((task) => task.taskToken);
}

/** Sends heartbeats of each activity one after another; returns their times in ms. */
async function beat(client: Client, tokens: readonly Uint8Array[], signal: AbortSignal): Promise<number[]> {
  const { namespace } = client.options;
  const times: number[] = [];
  const end = performance.now() + 1000 * seconds;
  await Promise.all(
    tokens.map(async (taskToken) => {
      while (performance.now() < end) {
        signal.throwIfAborted();
        const from = performance.now();
        await client.workflowService.recordActivityTaskHeartbeat({ namespace, taskToken, identity: IDENTITY });
        times.push(performance.now() - from);
      }
    }),
  );
  return times;
}

async function measure({ environment, signal }: BenchHarness): Promise<Record<string, unknown>> {
  const { temporal, close } = await connect(environment);
  try {
    const one = await openActivities(temporal, activities);
    const own: Uint8Array[] = [];
    for (let i = 0; i < activities; i++) own.push(...(await openActivities(temporal, 1)));
    const kinds = [
      { name: 'oneWorkflow', tokens: one, rounds: [] as number[][] },
      { name: 'aWorkflowEach', tokens: own, rounds: [] as number[][] },
    ];
    // The first round is not counted: code is compiled.
    for (let round = 0; round <= rounds; round++)
      for (const kind of kinds) {
        const times = await beat(temporal, kind.tokens, signal);
        if (round > 0) kind.rounds.push(times);
      }
    const measured = kinds.map(({ name, rounds: all }) => [
      name,
      {
        perSecond: digits(median(all.map((times) => times.length / seconds)), 3),
        medianMs: digits(median(all.map((times) => median(times))), 3),
      },
    ]);
    return { bench: 'heartbeats', activities, rounds, seconds, ...Object.fromEntries(measured) };
  } finally {
    await close();
  }
}

await measureOnStack('none', measure);
