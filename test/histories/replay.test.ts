/** Replays recorded histories with the current workflows: running sweeps must survive upgrades. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { DefaultLogger, Runtime, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { bundleWorkflows } from '../workflows/harness.ts';

const FOLDER = new URL('./', import.meta.url);
const recorded = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));

interface Event {
  readonly eventType: string;
  readonly workflowExecutionStartedEventAttributes?: { readonly workflowId: string };
}

let workflowBundle: WorkflowBundleOption;
before(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  workflowBundle = await bundleWorkflows();
});

const historyOf = (name: string) => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as { events: Event[] };
const replay = (history: { events: Event[] }) => {
  const workflowId = history.events[0]?.workflowExecutionStartedEventAttributes?.workflowId;
  return Worker.runReplayHistory({ workflowBundle }, history, workflowId);
};

for (const name of recorded) test(`${name} replays`, () => replay(historyOf(name)));

test('replaying a history with another activity fails', async () => {
  const history = historyOf('halving-paused.json');
  const at = history.events.findIndex(({ eventType }) => /ACTIVITY_TASK_SCHEDULED/.test(eventType));
  const changed = JSON.parse(JSON.stringify(history.events[at]).replace(/"name":"\w+"/, '"name":"somethingElse"')) as Event;
  await assert.rejects(replay({ events: history.events.with(at, changed) }), { name: 'DeterminismViolationError' });
});
