/**
 * `npm run test:rollout`: installs the chart on servers with TLS, and replaces all of its processes
 * twice in the middle of a sweep of 5,000 trials: by a restart, and by those of a new version. Each
 * process has a network and a folder of its own. See docs/guides/kubernetes.md.
 */
import assert from 'node:assert/strict';
import { mkdtempDisposableSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { type Database, openDatabase } from '../../db/client.ts';
import { findSweep } from '../../db/queries/sweeps/sweeps.ts';
import { readCodeVersion, readPackageVersion } from '../../infra/code-version.ts';
import type { SweepStatus } from '../../operations/sweeps/status.ts';
import { isFinished } from '../../search/states.ts';
import { pauseSignal, resumeSignal } from '../../workflows/messages.ts';
import { sweepWorkflowId } from '../../workflows/sweep-input.ts';
import { readValues } from '../faults/stored-values.ts';
import { ROOT } from '../house/sources.ts';
import { listBuilds } from '../infra/worker/workflow-builds.ts';
import { type Project, project } from '../support/command.ts';
import { withoutOpenssl } from '../support/programs/certificates.ts';
import { withoutPostgresPackage } from '../support/programs/postgres.ts';
import { writeShard } from '../support/shards.ts';
import { until } from '../support/until.ts';
import { copyCheckout } from './checkout.ts';
import { type ControlPlane, startControlPlane, withoutControlPlane } from './control-plane.ts';
import { openHelm } from './helm.ts';
import { withoutNetworks } from './network.ts';
import { type ClusterNode, startNode } from './node.ts';
import { type PodRun, SUCCESS } from './pod.ts';
import { buildHelm } from './programs.ts';
import { startPrometheus, withoutPrometheus } from './prometheus.ts';
import { createNamespace, createSecret, openRelease, type Release } from './release.ts';
import { type SecureServers, startSecureServers, TEMPORAL_NAME, TEMPORAL_NAMESPACE } from './servers.ts';

const note = (text: string) => console.error(text);

/** Versions of narrows, which are the tags of images. */
const [VERSION, NEXT_VERSION] = [readPackageVersion(), '99.0.0'];

/** Processes of each component. */
const REPLICAS = { orchestrator: 2, trainer: 4, api: 1 } as const;
const COMPONENTS = Object.keys(REPLICAS) as (keyof typeof REPLICAS)[];

const TRIALS = 5000;
/** Trials with which the restart begins, and after which the sweep waits for it to end. */
const [FEW, MANY] = [500, 3000];

/** Returns a spec of ten trials for each seed. */
const specOf = (name: string, trials: number): string => `name: ${name}
dataset: little
target: xes
methods: [ednn, eca, nnca]
space: { k: [1, 2], hidden: { choice: [[16, 16], [24, 16]] }, learningRate: 0.01 }
seeds: ${trials / 10}
sampler: { grid: {} }
training: { epochs: 80, batch: 16 }
`;

const skip = withoutControlPlane || withoutNetworks || withoutPostgresPackage || withoutOpenssl;

describe('the chart, on servers with TLS', { skip }, () => {
  const cleanup = new AsyncDisposableStack();
  let cluster: ControlPlane;
  let node: ClusterNode;
  let servers: SecureServers;
  let release: Release;
  let it: Project;
  let db: Database;
  /** The sweep whose processes are replaced. */
  let sweep: string;

  before(async () => {
    const folder = mkdtempDisposableSync(join(tmpdir(), 'narrows-next-'));
    cleanup.defer(() => folder.remove());
    copyCheckout(folder.path, NEXT_VERSION);
    const program = await buildHelm(note);
    cluster = cleanup.use(await startControlPlane(note));
    node = cleanup.use(await startNode(cluster, (tag) => (tag === NEXT_VERSION ? folder.path : ROOT)));
    servers = cleanup.use(await startSecureServers(node.network, note));
    release = openRelease(cluster, openHelm(program, cluster.kubeconfig), node);
    it = cleanup.use(project());
    await createNamespace(cluster);
    const read = (file: string) => readFileSync(file, 'utf8');
    const [authority, { certificate, key }] = [{ 'ca.crt': read(servers.authority) }, servers.certificate];
    const client = { 'tls.crt': read(certificate), 'tls.key': read(key) };
    await createSecret(cluster, 'narrows-database', {
      'owner-url': servers.urlOf('owner'),
      'worker-url': servers.urlOf('worker'),
      'api-url': servers.urlOf('api'),
      'reader-url': servers.urlOf('read'),
    });
    await createSecret(cluster, 'narrows-database-ca', authority);
    await createSecret(cluster, 'narrows-database-client', client);
    await createSecret(cluster, 'narrows-temporal-tls', { ...authority, ...client });
    await createSecret(cluster, 'narrows-admin-token', { token: 'a-token-of-the-rollouts-test-0123456789' });
  });
  after(() => cleanup.disposeAsync());

  /** Installs or upgrades what values-production.yaml describes, with addresses and numbers. */
  const apply = (command: 'install' | 'upgrade', version: string) =>
    release.apply(
      command,
      'values-production.yaml',
      `image.tag=${version}`,
      'database.tls.client.secret=narrows-database-client',
      `temporal.address=${servers.temporalAddress},temporal.namespace=${TEMPORAL_NAMESPACE}`,
      `temporal.tls.serverName=${TEMPORAL_NAME}`,
      `orchestrator.replicas=${REPLICAS.orchestrator},api.replicas=${REPLICAS.api},trainers.cpu.replicas=${REPLICAS.trainer}`,
      'trainerDefaults.autoscaling.enabled=false,trainerDefaults.graceSeconds=15,api.drainSeconds=2',
      // The cluster has no Prometheus operator.
      'metrics.serviceMonitor.enabled=false,metrics.prometheusRule.enabled=false',
    );

  /** Runs a command as the owner of the database, on the machine of a person. */
  async function narrows<T>(...args: readonly string[]): Promise<T> {
    const answer = await it.narrows([...args, '--output', 'json'], { variables: servers.variables });
    assert.equal(answer.code, 0, `${args.join(' ')}: ${answer.stderr}`);
    return JSON.parse(answer.stdout) as T;
  }

  async function start(name: string, trials: number): Promise<string> {
    const file = join(it.directory, `${name}.yaml`);
    writeFileSync(file, specOf(name, trials));
    const { sweepId, counts } = await narrows<SweepStatus>('sweep', 'start', file);
    assert.equal(counts.planned, trials);
    return sweepId;
  }

  const pods = (): PodRun[] => COMPONENTS.flatMap((component) => node.podsOf(component));
  const namesOf = (runs: readonly PodRun[]) => runs.map(({ pod }) => pod.metadata.name);

  async function countTrials(id: string): Promise<number> {
    const [row] = await db.sql<[{ count: number }]>`select count(*)::int as count from trials where sweep_id = ${id}`;
    return row.count;
  }

  /** Waits until the sweep has so many trials; fails where none was added for minutes. */
  async function trained(id: string, trials: number): Promise<void> {
    for (let count = await countTrials(id); count < trials; ) {
      const before = count;
      await until(
        async () => {
          count = await countTrials(id);
          return count > before;
        },
        () => `more than ${before} trials. ${node.logs()}`,
      );
    }
  }

  const ended = async (id: string) => {
    await trained(id, (await findSweep(db.sql, id)).planned);
    await until(
      async () => isFinished((await findSweep(db.sql, id)).state),
      () => `the end of ${id}. ${node.logs()}`,
    );
    const { state, message } = await findSweep(db.sql, id);
    assert.equal(state, 'completed', message ?? '');
  };

  /** Signals the workflow of the sweep; an orchestrator handles it as soon as one runs. */
  const signal = async (kind: typeof pauseSignal) =>
    servers.client.workflow.getHandle(sweepWorkflowId(await findSweep(db.sql, sweep))).signal(kind);

  /**
   * Replaces all processes while the sweep trains. On a fast machine it is paused before its end,
   * and resumed once all are replaced.
   */
  async function replaceAll(replace: () => Promise<unknown>): Promise<void> {
    const before = namesOf(pods());
    let isReplaced = false;
    let isPaused = false;
    const watch = async () => {
      while (!isReplaced && !isPaused) {
        if ((await countTrials(sweep)) >= MANY) {
          isPaused = true;
          await signal(pauseSignal);
        } else await setTimeout(100);
      }
    };
    const watching = watch();
    try {
      await replace();
      await until(() => release.isRolledOut(), 'all processes are replaced');
      await until(
        () => {
          const names = namesOf(pods());
          return names.length === before.length && names.every((name) => !before.includes(name));
        },
        () => `processes of before are ending: ${before.join(', ')}. Running are ${namesOf(pods()).join(', ')}`,
      );
    } finally {
      isReplaced = true;
      await watching;
    }
    assert.ok((await countTrials(sweep)) < TRIALS, 'the sweep is not at its end');
    if (isPaused) await signal(resumeSignal);
  }

  test('it installs, and every process is ready', async () => {
    await apply('install', VERSION);
    for (const component of COMPONENTS) assert.equal(node.podsOf(component).length, REPLICAS[component], component);
    db = await openDatabase(servers.databaseUrl);
    cleanup.defer(() => db.close());
  });

  test('neither server takes a client without encryption, or without a certificate', async () => {
    const { NARROWS_DATABASE_URL, TEMPORAL_TLS_CLIENT_CERT_PATH, TEMPORAL_TLS_CLIENT_KEY_PATH, ...others } = servers.variables;
    const url = servers.urlOf('owner');
    const encrypted = `${url}?sslmode=verify-full&sslrootcert=${servers.authority}`;
    for (const [variables, message] of [
      [{ ...servers.variables, NARROWS_DATABASE_URL: url }, /it wants an encrypted connection/],
      [{ ...servers.variables, NARROWS_DATABASE_URL: encrypted }, /it wants a certificate of the client/],
      [{ ...others, NARROWS_DATABASE_URL: servers.databaseUrl }, /Temporal/],
      [{ ...servers.variables, TEMPORAL_TLS_SERVER_NAME: 'another.example' }, /Temporal/],
    ] as const) {
      const { code, stderr } = await it.narrows(['retrain', 'ls'], { variables: variables as Record<string, string> });
      assert.equal(code, 5, stderr);
      assert.match(stderr, message);
    }
  });

  test('a sweep goes on while every process is restarted', async () => {
    await narrows('data', 'import', writeShard(join(it.directory, 'little'), { rows: 400 }));
    sweep = await start('rollout', TRIALS);
    await trained(sweep, FEW);
    await replaceAll(() => release.restart());
  });

  test('a new version takes over the sweep while the old one ends', async () => {
    await trained(sweep, 1 + (await countTrials(sweep)));
    await replaceAll(() => apply('upgrade', NEXT_VERSION));
    await ended(sweep);
    const builds = await listBuilds(servers.client, sweepWorkflowId(await findSweep(db.sql, sweep)));
    const order = builds.flat().filter((build, i, all) => build !== all[i - 1]);
    assert.deepEqual(
      order.map((build) => build.split('+')[0]),
      [VERSION, NEXT_VERSION],
    );
    assert.equal(order[0], readCodeVersion());
  });

  test('every trial has ended once', async () => {
    const [row] = await db.sql`
      select count(*)::int as trials, count(distinct (configuration_hash, seed, partition))::int as distinct,
             count(*) filter (where outcome = 'completed')::int as completed, count(distinct code_version)::int as versions,
             (select sum(ended)::int from writes where sweep_id = ${sweep}) as written
      from trials where sweep_id = ${sweep}`;
    assert.deepEqual({ ...row }, { trials: TRIALS, distinct: TRIALS, completed: TRIALS, versions: 2, written: TRIALS });
  });

  /** Returns the trials of processes of the new version, by the labels of the counter. */
  async function countRows(): Promise<Record<string, number>> {
    const rows = await db.sql<{ labels: string; count: number }[]>`
      select outcome || ' ' || method || ' ' || engine as labels, count(*)::int as count
      from trials where code_version like ${`${NEXT_VERSION}+%`} group by 1 order by 1`;
    return Object.fromEntries(rows.map(({ labels, count }) => [labels, count]));
  }

  test("a scrape of every process counts the database's trials", async () => {
    const totals: Record<string, number> = {};
    for (const { address, pod } of pods()) {
      const text = await (await fetch(`http://${address}:9464/metrics`)).text();
      assert.ok(text.includes(`version="${NEXT_VERSION}+`), pod.metadata.name);
      const counter = /^narrows_trials_total\{outcome="(.+)",method="(.+)",engine="(.+)"\} (\d+)$/gm;
      for (const [, outcome, method, engine, value] of text.matchAll(counter)) {
        const labels = `${outcome} ${method} ${engine}`;
        totals[labels] = (totals[labels] ?? 0) + Number(value);
      }
    }
    const counted = Object.entries(totals).filter(([, value]) => value > 0);
    assert.deepEqual(Object.fromEntries(counted), await countRows());
  });

  test("Prometheus scrapes every process, and its totals are the database's", { skip: withoutPrometheus }, async () => {
    await using prometheus = await startPrometheus(cluster);
    const names = namesOf(pods()).toSorted();
    await until(
      async () => {
        const targets = await prometheus.targets();
        const scraped = targets.filter(({ health }) => health === 'up').map(({ labels }) => labels.pod ?? '');
        return targets.length === names.length && isDeepStrictEqual(scraped.toSorted(), names);
      },
      `${names.join(', ')} are scraped`,
    );
    const series = await prometheus.query('sum by (outcome, method, engine) (narrows_trials_total) > 0');
    const totals = series.map(([{ outcome, method, engine }, value]) => [`${outcome} ${method} ${engine}`, value] as const);
    assert.deepEqual(Object.fromEntries(totals), await countRows());
    assert.deepEqual(
      await prometheus.query('narrows_sweeps{state="completed"}').then((all) => all.map(([, value]) => value)),
      [1],
    );
  });

  test('an undisturbed sweep of a part of the trials has the same bits', async () => {
    const id = await start('sample', 100);
    await ended(id);
    const valuesOf = async (one: string) =>
      (await readValues(db.sql, one, { models: false })).filter(({ key }) => key.startsWith('trial ')).map(({ value }) => value);
    const all = new Set(await valuesOf(sweep));
    const sample = await valuesOf(id);
    assert.equal(sample.length, 100);
    assert.deepEqual(
      sample.filter((value) => !all.has(value)),
      [],
    );
  });

  test('uninstalled, every process has ended in order', async () => {
    await release.uninstall();
    await until(() => pods().length === 0, 'all have ended');
    const processes = COMPONENTS.reduce((sum, component) => sum + REPLICAS[component], 0);
    await until(() => node.ends.length >= 3 * processes, 'the ends of all are known');
    assert.deepEqual(new Set(node.ends), new Set([SUCCESS]), node.logs());
    assert.deepEqual(node.failed(), []);
  });
});
