import { once } from 'node:events';
import { cpSync, mkdirSync, renameSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { NarrowsError } from '../../errors.ts';
import { readEnvironment, setVariables } from '../../infra/env.ts';
import { resolveHome } from '../../infra/home.ts';
import { readExternalServers } from '../../infra/servers.ts';
import type { ServerSession } from '../../infra/sessions.ts';
import { withServers } from '../../infra/sessions.ts';
import { readStackStatus, stopStack } from '../../infra/stack/stack.ts';
import { availableProcessors } from '../../models/engines/processors.ts';
import { importDataset } from '../../operations/dataset-files.ts';
import { listDatasetVersions } from '../../operations/datasets.ts';
import { readChampionHistory } from '../../operations/retraining/champions.ts';
import { listRunsOf, removeRetraining, startRetraining } from '../../operations/retraining/retrainings.ts';
import { describeStage, type RetrainRunRow } from '../../operations/retraining/runs.ts';
import { signWebhook } from '../../operations/retraining/webhook-body.ts';
import { checkSpec } from '../../operations/sweeps/check.ts';
import type { RetrainOptions } from '../../search/retraining.ts';
import { parseSweepSpec } from '../../search/schemas/spec.ts';
import type { StatedSpec } from '../../search/spec.ts';
import { formatVersion } from '../../text/format.ts';
import { describeOutcome, describeRun } from '../../text/retraining.ts';
import { addCommand, option, parseCount } from '../command.ts';
import { type CliContext, pause } from '../context.ts';
import { EXIT } from '../exit-codes.ts';

const EXAMPLES = new URL('../../examples/', import.meta.url);

/** Used while the demo's servers are up, on this machine only. */
const SECRET = 'demo';

export function register(program: Command): void {
  addCommand<{ epochs: number }>(program, {
    name: 'demo-retrain',
    cleansUp: true,
    options: [option('--epochs <n>', 'epochs of every trial', { parse: parseCount, default: 20 })],
    description: 'Retrain as data arrive: a champion on water, a hotter generation in a watched folder, a challenger, a message.',
    examples: ['narrows demo-retrain'],
    async run(context, { epochs }) {
      const environment = readEnvironment();
      if (readExternalServers(environment)) {
        throw new NarrowsError('demo-needs-stack', 'this demo listens for its own messages, so it needs servers of its own', {
          fix: 'unset NARROWS_DATABASE_URL and TEMPORAL_ADDRESS',
        });
      }
      await using receiver = await startReceiver(context);
      // Workers read where notifications go when they start.
      if (readStackStatus(environment).state !== 'down') await stopStack(environment);
      setVariables({ NARROWS_WEBHOOK_URL: receiver.url, NARROWS_WEBHOOK_SECRET: SECRET });
      try {
        return await withServers(context, (session) => runDemo(context, session, receiver, epochs));
      } finally {
        await stopStack(environment);
      }
    },
  });
}

interface Receiver extends AsyncDisposable {
  readonly url: string;
  /** Kinds of the events received. */
  readonly received: string[];
}

/** Starts the other side of the webhook, which checks signatures and prints messages. */
async function startReceiver(context: CliContext): Promise<Receiver> {
  const received: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const [, timestamp, signature] = /^t=(\d+),v1=(\w+)$/.exec(String(request.headers['narrows-signature'])) ?? [];
      const isGenuine = signature === signWebhook(SECRET, Number(timestamp), body);
      response.writeHead(isGenuine ? 204 : 401).end();
      if (!isGenuine) return;
      const { kind, text } = JSON.parse(body) as { kind: string; text: string };
      const title = { text: 'message received', paint: context.colors.cyan };
      context.note(['\n', title, ` (${kind}):\n${text.replace(/^/gm, '  ')}\n`]);
      received.push(kind);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    received,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function runDemo(context: CliContext, session: ServerSession, { received }: Receiver, epochs: number): Promise<number> {
  const { db } = session;
  const { home } = readEnvironment();
  // Each demo begins with the first generation alone.
  const earlier = (await listDatasetVersions(db.sql)).filter(
    ({ name, parent }) => /^demo-water-\d+$/.test(name) && parent === null,
  );
  const number = earlier.length + 1;
  const name = `demo-retrain-${number}`;
  const dataset = `demo-water-${number}`;
  const incoming = join(home, name);
  mkdirSync(incoming, { recursive: true });

  const folder = fileURLToPath(new URL('water', EXAMPLES));
  const scratch = resolveHome(home).cache;
  const imported = await importDataset(folder, { name: dataset, scratch, signal: context.signal }, (work) => work(session));
  context.note(`${formatVersion(dataset, imported.version)}: ${imported.rows} water molecules at 2000 K`);

  const options: RetrainOptions = {
    ...{ watchDir: incoming, url: null, settle: 2, margin: 0.003, alpha: 0.05, scope: 'champion', onlyOnDrift: false },
    schedule: { every: 10, cron: null, overlap: 'skip', catchUp: 60, jitter: 0 },
  };
  const checked = await checkSpec(session, demoSpec(name, dataset, epochs), availableProcessors());
  await startRetraining(session, { name, checked, options, adopt: null });
  context.note(`retraining "${name}": runs every 10 s and watches ${incoming}`);
  try {
    const first = await waitForRun(context, session, name, new Set());
    if (first.outcome !== 'first') return await printEnd(context, first);
    context.note(`a second generation arrives in ${incoming}: 1000 molecules at 3500 K`);
    const shard = join(incoming, 'water-hot');
    cpSync(fileURLToPath(new URL('water-hot', EXAMPLES)), `${shard}.part`, { recursive: true });
    renameSync(`${shard}.part`, shard);
    const run = await waitForRun(context, session, name, new Set([first.id]));
    while (!received.includes(run.outcome) && run.outcome !== 'failed') await pause(200, context.signal);
    return await printEnd(context, run, session);
  } finally {
    await removeRetraining(session, name);
  }
}

/** EDNN and NNCA with two numbers: seconds of training. */
function demoSpec(name: string, dataset: string, epochs: number): StatedSpec {
  const [spec] = parseSweepSpec({
    ...{ name, dataset, target: 'xes', methods: ['ednn', 'nnca'] },
    space: { k: [2], hidden: [32, 32, 32] },
    seeds: 2,
    training: { epochs, batch: 64 },
  });
  return spec as StatedSpec;
}

/** Returns the next run that finds something, once it has ended. */
async function waitForRun(
  context: CliContext,
  session: ServerSession,
  name: string,
  known: ReadonlySet<string>,
): Promise<RetrainRunRow> {
  let shown = '';
  for (;;) {
    const run = (await listRunsOf(session, name)).find(({ id, outcome }) => !known.has(id) && outcome !== 'nothing-new');
    if (run && run.outcome !== 'running') return run;
    const stage = run
      ? (await describeStage(session.db, run)).replace(/: \d+ of .*/, '')
      : 'the schedule starts a run, which finds nothing new';
    if (stage !== shown) context.note(`  ${stage}`);
    shown = stage;
    await pause(300, context.signal);
  }
}

async function printEnd(context: CliContext, run: RetrainRunRow, session?: ServerSession): Promise<number> {
  const { name, outcome, drift, challenges, message } = run;
  const champions = session ? await readChampionHistory(session, name) : [];
  context.print({ ...run, champions }, () =>
    [describeOutcome(name, outcome, challenges), describeRun(drift, challenges, message)].join('\n'),
  );
  context.note(`\nThe retraining is removed; its champions stay. Next: narrows champion show ${name}`);
  context.note(`narrows predict --champion ${name} --method ednn --k 2 --input X.npy --out Y.npy uses the one in use`);
  return outcome === 'failed' ? EXIT.failure : EXIT.ok;
}
