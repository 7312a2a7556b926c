/** Diagnoses the machine: every finding has a fix. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { measureBlobCache } from '../db/blob-cache.ts';
import { redactUrl } from '../db/connection-url.ts';
import { listTrainers } from '../db/queries/trainers.ts';
import { NarrowsError } from '../errors.ts';
import { loadKernel } from '../models/engines/kernel/loader.ts';
import { availableProcessors } from '../models/engines/processors.ts';
import { rolesWithoutWorker } from '../operations/queues.ts';
import { toTemporalError } from '../operations/servers.ts';
import { findLostSweeps } from '../operations/sweeps/lost.ts';
import { listWaitingSweeps } from '../operations/sweeps/status.ts';
import { formatBytes } from '../text/format.ts';
import { describeTrainers, describeWaiting } from '../text/trainers.ts';
import { blobCacheFolder, openBlobs, tryBlobStore } from './blob-store.ts';
import { type Connections, connect } from './connect.ts';
import { type Environment, readCacheLimit, readKernelBuild, selectExternalVariables } from './env.ts';
import { findFolderAbove, inspectHome, readFreeBytes, requireFreeSpace, toMegabytes } from './home.ts';
import { locatePostgresBinaries } from './postgres/binaries.ts';
import { findUnprivilegedAccount, runAsAccount } from './postgres/unprivileged.ts';
import { KNOWS_PEERS } from './processes/peer-user.ts';
import { freePorts } from './processes/ports.ts';
import { findPrivateNetworks } from './processes/private-network.ts';
import { readExternalServers } from './servers.ts';
import { askStack, silentProcesses } from './stack/stack.ts';
import { locateTemporalCli } from './temporal/cli.ts';
import { tensorflowFolder } from './worker/tensorflow-folder.ts';

const execFileAsync = promisify(execFile);

export interface Finding {
  readonly check: string;
  /** `warning`: works with limitations, or after a download. */
  readonly result: 'ok' | 'warning' | 'failed';
  readonly detail: string;
  readonly fix: string | null;
}

type Verdict = Omit<Finding, 'check'>;

const ok = (detail: string): Verdict => ({ result: 'ok', detail, fix: null });
const warning = (detail: string, fix: string): Verdict => ({ result: 'warning', detail, fix });
const failed = (detail: string, fix: string): Verdict => ({ result: 'failed', detail, fix });

const MINIMUM_NODE = [24, 4] as const;
/** Space for latents, weights and curves of a large sweep. */
const RECOMMENDED_DISK_BYTES = 2 * 2 ** 30;
/** Memory of the servers, orchestrator and trainer of the demo, with room for a second sweep. */
const RECOMMENDED_MEMORY_BYTES = 2.5 * 2 ** 30;

/** Runs every check, even where others fail. Nothing stays that was created. */
export async function runChecks(environment: Environment): Promise<Finding[]> {
  const embedded = environment.databaseUrl === null && !environment.externalTemporal;
  const checks: readonly (readonly [string, () => Verdict | Promise<Verdict>])[] = [
    ['node', checkNode],
    ['kernel', checkKernel],
    ['engine', () => checkEngine(environment)],
    ['memory', checkMemory],
    ['home', () => checkHome(environment)],
    ['disk', () => checkDisk(environment)],
    ['cache', () => checkCache(environment)],
    ['blobs', checkBlobs],
    ...(embedded
      ? ([
          ['postgres', checkPostgres],
          ['temporal', () => checkTemporal(environment)],
          ['ports', checkPorts],
          ['local-users', checkLocalUsers],
        ] as const)
      : []),
    ['servers', () => checkServers(environment)],
  ];
  return Promise.all(checks.map(async ([check, run]) => ({ check, ...(await runCheck(run)) })));
}

async function runCheck(run: () => Verdict | Promise<Verdict>): Promise<Verdict> {
  try {
    return await run();
  } catch (error) {
    const { message } = error as Error;
    return failed(
      message,
      error instanceof NarrowsError && error.fix ? error.fix : 'run it again with NARROWS_DEBUG=1 and report it',
    );
  }
}

function checkNode(): Verdict {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [oldest, oldestMinor] = MINIMUM_NODE;
  if (major < oldest || (major === oldest && minor < oldestMinor))
    return failed(process.version, `use Node ${MINIMUM_NODE.join('.')} or newer; "npm ci" brings one on Linux`);
  return ok(process.version);
}

function checkKernel(): Verdict {
  const { name } = loadKernel(readKernelBuild());
  if (!name.startsWith('wasm-simd/')) return ok(name);
  return warning(`${name}: this CPU has no fused multiply-add, training takes longer`, 'use a CPU with FMA');
}

/** Checks which engine "auto" will use, and why. */
async function checkEngine(environment: Environment): Promise<Verdict> {
  // Lazy import: TensorFlow is large.
  const { loadTensorflow, NATIVE_FLAVOURS, NoTensorflow } = await import('../models/engines/tfjs/load.ts');
  try {
    const { flavour, version, gpu } = await loadTensorflow(tensorflowFolder(environment), NATIVE_FLAVOURS);
    return ok(
      `the faster of kernel and ${flavour} ${version} (${gpu ? 'on the GPU' : 'on the processor'}), measured on a worker's first pack`,
    );
  } catch (error) {
    if (!(error instanceof NoTensorflow)) throw error;
    return ok('kernel: native TensorFlow is not installed ("npm run gpu:setup" builds it, for GPUs)');
  }
}

function checkMemory(): Verdict {
  const [cores, ofMachine] = [availableProcessors(), availableParallelism()];
  const limit = cores < ofMachine ? ` of ${ofMachine}, by the quota of a control group` : '';
  const detail = `${cores} cores${limit}, ${toMegabytes(totalmem())} MB`;
  return totalmem() < RECOMMENDED_MEMORY_BYTES ? warning(detail, 'give this machine 3 GB or more') : ok(detail);
}

function checkHome({ home }: Environment): Verdict {
  const rights = inspectHome(home);
  if (rights === null) return ok(`${home}, which the first start creates`);
  const detail = `${home}, rights ${rights.toString(8)}`;
  return rights === 0o700
    ? ok(detail)
    : warning(`${detail}: others can look into it`, `chmod 700 ${home}; the next start does so`);
}

function checkDisk({ home }: Environment): Verdict {
  const folder = existsSync(home) ? home : findFolderAbove(home);
  requireFreeSpace(folder);
  const free = readFreeBytes(folder);
  const detail = `${toMegabytes(free)} MB free at ${home}`;
  return free < RECOMMENDED_DISK_BYTES
    ? warning(detail, 'large sweeps need more: free some space or set NARROWS_HOME')
    : ok(detail);
}

/** Shows the size of the cache of arrays on this machine. */
async function checkCache({ home }: Environment): Promise<Verdict> {
  const limit = readCacheLimit();
  const taken = await measureBlobCache(blobCacheFolder(home));
  return ok(`copies of arrays take ${formatBytes(taken)} of at most ${formatBytes(limit)} (NARROWS_CACHE_LIMIT)`);
}

/** Checks that this machine may write, read and delete in the bucket of the arrays. */
async function checkBlobs(): Promise<Verdict> {
  const store = await tryBlobStore();
  return ok(store === null ? 'arrays are in Postgres' : `${store}: an object was written, read and deleted`);
}

async function checkPostgres(): Promise<Verdict> {
  const account = findUnprivilegedAccount();
  const { postgres, isPrepared } = locatePostgresBinaries();
  if (!isPrepared) return ok(`${postgres}, which the first start makes executable and links to its libraries`);
  const [command, ...args] = runAsAccount(account, postgres, ['--version']);
  const { stdout } = await execFileAsync(command, args, { env: selectExternalVariables() });
  return ok(`${stdout.trim()}${account ? `, as user ${account.name}` : ''}`);
}

async function checkTemporal(environment: Environment): Promise<Verdict> {
  const found = await locateTemporalCli(environment);
  if ('path' in found) return ok(`${found.version} from ${found.origin}: ${found.path}`);
  return warning(
    `the CLI is not on this machine (${found.reasons.join('; ')}); the first start downloads it`,
    'without a network: install the Temporal CLI (https://docs.temporal.io/cli) or set NARROWS_TEMPORAL_CLI',
  );
}

async function checkPorts(): Promise<Verdict> {
  const ports = await freePorts(2);
  return ok(`free ports on loopback, e.g. ${ports.join(' and ')}`);
}

/** Checks that other users of this machine reach none of the embedded servers. */
async function checkLocalUsers(): Promise<Verdict> {
  const networks = await findPrivateNetworks();
  if (!('missing' in networks)) return ok('only this user and root reach the embedded servers and the dashboards');
  const reached = KNOWS_PEERS ? 'the embedded Temporal' : 'the embedded Temporal and the dashboards';
  return warning(
    `other users of this machine reach ${reached}: ${networks.missing}`,
    `${KNOWS_PEERS ? 'allow unprivileged user namespaces, or ' : ''}on a shared machine use servers of your own ` +
      '(NARROWS_DATABASE_URL, TEMPORAL_ADDRESS) and "narrows serve --tokens"',
  );
}

async function checkServers(environment: Environment): Promise<Verdict> {
  const external = readExternalServers(environment);
  const status = await askStack(environment);
  const { state, leftBehind, heldBy } = status;
  const silent = silentProcesses(status);
  if (!external && heldBy !== null)
    return warning(
      `embedded, in use by process ${heldBy.pid} on ${heldBy.host}`,
      'work there, or set NARROWS_HOME to another folder',
    );
  if (!external && leftBehind.length > 0)
    return warning(`processes left by a crash: ${leftBehind.join(', ')}`, 'run "narrows down"');
  if (!external && silent.length > 0)
    return failed(
      `${silent.join(' and ')} ${silent.length === 1 ? 'runs, and does' : 'run, and do'} not answer`,
      silent.includes('supervisor')
        ? 'continue the process if it was stopped; else run "narrows down", and "narrows up"'
        : 'wait a minute, in which the supervisor replaces what hangs; then see the logs in the home folder',
    );
  if (!external && state !== 'up') {
    return state === 'degraded'
      ? warning('some processes are restarting', 'see the logs in the home folder')
      : ok(`embedded, ${state}`);
  }
  const connections = await connect(environment);
  try {
    return await checkWork(connections, environment);
  } finally {
    await connections.close();
  }
}

/** Checks that the servers answer, workers poll them, and every sweep has its workflow. */
async function checkWork({ db, temporal, servers }: Connections, environment: Environment): Promise<Verdict> {
  const { databaseUrl, namespace, temporal: connection } = servers;
  const address = connection.address ?? '';
  const lost = await findLostSweeps({ db, temporal }).catch((error: unknown) => {
    throw toTemporalError(error, { address, namespace });
  });
  const answers = `Temporal ${address} and Postgres ${redactUrl(databaseUrl)} answer`;
  await openBlobs(db.sql, environment.home, () => {}).check();
  const missing = await rolesWithoutWorker({ db, temporal });
  if (missing.length > 0) return warning(`${answers}; no worker (${missing.join(', ')}) takes work`, 'start "narrows worker"');
  if (lost.length > 0)
    return warning(
      `${answers}; no workflow works on ${lost.join(', ')}`,
      'continue them with "narrows sweep retry", or end them with "narrows sweep cancel"',
    );
  const [trainers, waiting] = await Promise.all([listTrainers(db.sql), listWaitingSweeps(db)]);
  const found = `${answers}; ${describeTrainers(trainers)}`;
  if (waiting.length === 0) return ok(found);
  const reasons = waiting.flatMap((sweep) => sweep.waiting.map((trials) => `${sweep.name}: ${describeWaiting(trials)}`));
  return warning(`${found}; ${reasons.join('; ')}`, 'start such a trainer');
}
