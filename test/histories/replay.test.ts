/** Replays recorded histories with the current workflows: running sweeps must survive upgrades. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { DefaultLogger, Runtime, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import * as messages from '../../workflows/messages.ts';
import { bundleWorkflows } from '../workflows/harness.ts';

const FOLDER = new URL('./', import.meta.url);
const WORKFLOWS = new URL('../../workflows/', import.meta.url);
const recorded = ['sweeps', 'retrainings'].flatMap((folder) =>
  readdirSync(new URL(folder, FOLDER)).map((name) => `${folder}/${name}`),
);

interface Event {
  readonly eventType: string;
  readonly markerRecordedEventAttributes?: {
    readonly details: Readonly<Record<string, { readonly payloads: { data: string }[] }>>;
  };
  readonly workflowExecutionSignaledEventAttributes?: { readonly signalName: string };
  readonly workflowExecutionStartedEventAttributes?: {
    readonly workflowId: string;
    readonly taskQueue: { readonly name: string };
    readonly workflowType: { readonly name: string };
  };
}

let workflowBundle: WorkflowBundleOption;
before(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  workflowBundle = await bundleWorkflows();
});

const historyOf = (name: string) => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as { events: Event[] };
const replay = (history: { events: Event[] }) => {
  const { workflowId, taskQueue } = history.events[0]?.workflowExecutionStartedEventAttributes ?? {};
  // Names of children follow from that of the queue, which replay takes although its type lacks it.
  return Worker.runReplayHistory({ workflowBundle, ...{ taskQueue: taskQueue?.name } }, history, workflowId);
};

for (const name of recorded) test(`${name} replays`, () => replay(historyOf(name)));

test('every workflow, message and patch occurs in a recorded history', async () => {
  const events = recorded.flatMap((name) => historyOf(name).events);
  const patchOf = ({ markerRecordedEventAttributes: marker }: Event) => {
    const data = marker?.details['patch-data']?.payloads[0]?.data;
    return data === undefined ? undefined : (JSON.parse(Buffer.from(data, 'base64').toString()) as { id: string }).id;
  };
  const occurring = new Set([
    ...events.map((event) => `workflow ${event.workflowExecutionStartedEventAttributes?.workflowType.name}`),
    ...events.map((event) => `signal ${event.workflowExecutionSignaledEventAttributes?.signalName}`),
    ...events.map((event) => `patch ${patchOf(event)}`),
  ]);
  const sources = readdirSync(WORKFLOWS).map((name) => readFileSync(new URL(name, WORKFLOWS), 'utf8'));
  const patches = sources.flatMap((source) => [...source.matchAll(/patched\('([^']+)'\)/g)].map(([, id]) => `patch ${id}`));
  const workflows = Object.keys(await import('../../workflows/index.ts')).map((name) => `workflow ${name}`);
  const signals = Object.values(messages).flatMap(({ type, name }) => (type === 'signal' ? [`signal ${name}`] : []));
  assert.deepEqual(
    [...workflows, ...signals, ...patches].filter((name) => !occurring.has(name)),
    [],
    'add a scenario to test/histories/record.ts, and run "npm run record:histories"',
  );
  assert.ok(workflows.length > 2 && signals.length > 3 && patches.length > 2, 'the sources are read');
});

test('replaying a history with another activity fails', async () => {
  const history = historyOf('sweeps/halving-paused.json');
  const at = history.events.findIndex(({ eventType }) => /ACTIVITY_TASK_SCHEDULED/.test(eventType));
  const changed = JSON.parse(JSON.stringify(history.events[at]).replace(/"name":"\w+"/, '"name":"somethingElse"')) as Event;
  await assert.rejects(replay({ events: history.events.with(at, changed) }), { name: 'DeterminismViolationError' });
});
