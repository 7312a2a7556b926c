import { cpSync, mkdirSync, renameSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { signatureOf } from '../../activities/retrain/messengers/webhook.ts';
import { withScratch } from '../../datasets/files/scratch.ts';
import { checkDatasetFolder, storeDataset } from '../../datasets/import/import.ts';
import { listDatasetVersions, saveDatasetVersion } from '../../db/queries/datasets/datasets.ts';
import { listChampionHistory } from '../../db/queries/retraining/champions.ts';
import { listRuns, type RetrainRunRow } from '../../db/queries/retraining/retrainings.ts';
import { NarrowsError } from '../../errors.ts';
import { stopStack } from '../../infra/connect.ts';
import { readEnvironment, setVariables } from '../../infra/env.ts';
import { resolveHome } from '../../infra/home.ts';
import { readExternalServers } from '../../infra/servers.ts';
import { readStackStatus } from '../../infra/stack/stack.ts';
import { describeStage, removeRetraining, startRetraining } from '../../operations/retraining.ts';
import { checkSpec } from '../../operations/sweeps.ts';
import type { RetrainOptions } from '../../search/retraining.ts';
import type { SweepSpec } from '../../search/spec.ts';
import { parseSweepSpec } from '../../search/spec-schema.ts';
import { describeOutcome, describeRun } from '../../text/retraining.ts';
import { action, example, wholeNumber } from '../command.ts';
import { type CliContext, pause } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { type CommandServers, withServers } from '../servers.ts';

const EXAMPLES = new URL('../../examples/', import.meta.url);

export function registerDemoRetrain(program: Command): void {
  example(
    program
      .command('demo-retrain')
      .option('--epochs <n>', 'epochs of every trial', wholeNumber, 20)
      .description(
        'Retrain as data arrive: a champion on water, a hotter generation in a watched folder, a challenger, a message.',
      )
      .action(
        action<{ epochs: number }>(async (context, { epochs }) => {
          const environment = readEnvironment();
          if (readExternalServers(environment)) {
            throw new NarrowsError('demo-needs-stack', 'this demo listens for its own messages, so it needs servers of its own', {
              fix: 'unset NARROWS_DATABASE_URL and TEMPORAL_ADDRESS',
            });
          }
          await using receiver = await listen(context);
          // Workers learn where messages go when they start.
          if (readStackStatus(environment).state !== 'down') await stopStack(environment);
          setVariables({ NARROWS_WEBHOOK_URL: receiver.url, NARROWS_WEBHOOK_SECRET: SECRET });
          try {
            return await withServers(context, (servers) => demo(context, servers, receiver, epochs));
          } finally {
            await stopStack(environment);
          }
        }),
      ),
    'narrows demo-retrain',
  );
}

/** Good for as long as the demo's servers are up, on this machine only. */
const SECRET = 'demo';

interface Receiver extends AsyncDisposable {
  readonly url: string;
  /** Kinds of the events that were told. */
  readonly told: string[];
}

/** The other side of the webhook: checks the signature, and prints. */
async function listen(context: CliContext): Promise<Receiver> {
  const told: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const [, timestamp, signature] = /^t=(\d+),v1=(\w+)$/.exec(String(request.headers['narrows-signature'])) ?? [];
      const genuine = signature === signatureOf(SECRET, Number(timestamp), body);
      response.writeHead(genuine ? 204 : 401).end();
      if (!genuine) return;
      const { kind, text } = JSON.parse(body) as { kind: string; text: string };
      context.note(`\n${context.colors.cyan('message received')} (${kind}):\n${text.replace(/^/gm, '  ')}\n`);
      told.push(kind);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    told,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function demo(context: CliContext, servers: CommandServers, { told }: Receiver, epochs: number): Promise<number> {
  const { db, blobs } = servers;
  const { home } = readEnvironment();
  // Each demo begins with the first generation alone.
  const before = (await listDatasetVersions(db.sql)).filter(
    ({ name, parent }) => /^demo-water-\d+$/.test(name) && parent === null,
  );
  const number = before.length + 1;
  const name = `demo-retrain-${number}`;
  const dataset = `demo-water-${number}`;
  const incoming = join(home, name);
  mkdirSync(incoming, { recursive: true });

  const stored = await withScratch(
    resolveHome(home).cache,
    async (scratch) => {
      const checked = await checkDatasetFolder(fileURLToPath(new URL('water', EXAMPLES)), scratch, { name: dataset });
      return storeDataset(checked, blobs, (row) => saveDatasetVersion(db.sql, row));
    },
    context.signal,
  );
  context.note(`${dataset}@${stored.version.slice(0, 12)}: ${stored.rows} water molecules at 2000 K`);

  const options: RetrainOptions = {
    ...{ watchDir: incoming, url: null, settle: 2, margin: 0.003, alpha: 0.05, scope: 'champion', onlyOnDrift: false },
    schedule: { every: 10, cron: null, overlap: 'skip', catchUp: 60, jitter: 0 },
  };
  const checked = await checkSpec(db, specOf(name, dataset, epochs), availableParallelism());
  await startRetraining(servers, { name, checked, options, adopt: null });
  context.note(`retraining "${name}": fires every 10 s and watches ${incoming}`);
  try {
    const first = await nextRun(context, servers, name, new Set());
    if (first.outcome !== 'first') return ended(context, first);
    context.note(`a second generation arrives in ${incoming}: 1000 molecules at 3500 K`);
    const folder = join(incoming, 'water-hot');
    cpSync(fileURLToPath(new URL('water-hot', EXAMPLES)), `${folder}.part`, { recursive: true });
    renameSync(`${folder}.part`, folder);
    const run = await nextRun(context, servers, name, new Set([first.id]));
    while (!told.includes(run.outcome) && run.outcome !== 'failed') await pause(200, context.signal);
    return await ended(context, run, servers);
  } finally {
    await removeRetraining(servers, name);
  }
}

/** EDNN and NNCA with two numbers: seconds of training. */
function specOf(name: string, dataset: string, epochs: number): SweepSpec {
  const [spec] = parseSweepSpec({
    ...{ name, dataset, target: 'xes', methods: ['ednn', 'nnca'] },
    space: { k: [2], hidden: [32, 32, 32] },
    seeds: 2,
    training: { epochs, batch: 64 },
  });
  return spec as SweepSpec;
}

/** The next run that finds something, once it has ended. */
async function nextRun(
  context: CliContext,
  { db }: CommandServers,
  name: string,
  known: ReadonlySet<string>,
): Promise<RetrainRunRow> {
  let said = '';
  for (;;) {
    const run = (await listRuns(db.sql, name, 1000)).find(({ id, outcome }) => !known.has(id) && outcome !== 'nothing-new');
    if (run && run.outcome !== 'running') return run;
    const stage = run ? (await describeStage(db, run)).replace(/: \d+ of .*/, '') : 'the schedule fires, and finds nothing new';
    if (stage !== said) context.note(`  ${stage}`);
    said = stage;
    await pause(300, context.signal);
  }
}

async function ended(context: CliContext, run: RetrainRunRow, servers?: CommandServers): Promise<number> {
  const { name, outcome, drift, challenges, message } = run;
  context.print({ ...run, champions: servers ? await listChampionHistory(servers.db.sql, name) : [] }, () =>
    [describeOutcome(name, outcome, challenges), describeRun(drift, challenges, message)].join('\n'),
  );
  context.note(`\nIt is not retrained any more; its champions stay. Look on with: narrows champion show ${name}`);
  context.note(`narrows predict --champion ${name} --method ednn --k 2 --input X.npy --out Y.npy uses the one in use`);
  return outcome === 'failed' ? EXIT.failure : EXIT.ok;
}
