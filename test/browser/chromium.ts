/** The browser that the tests look through: the machine's own, or one installed for them. */
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const PACKAGES = ['chromium', 'fonts-dejavu-core'] as const;

/** A path, or why tests that need one are to be skipped. */
export type Found = { readonly path: string; readonly skip: false } | { readonly path: null; readonly skip: string };

/** CHROME_PATH, then `chromium` on PATH, then Debian's packages where this is root. */
export async function findChromium(): Promise<Found> {
  const named = process.env.CHROME_PATH;
  if (named !== undefined && named !== '') {
    if (!(await isExecutable(named))) throw new Error(`CHROME_PATH is ${named}, which cannot be run`);
    return { path: named, skip: false };
  }
  const there = await onPath('chromium');
  if (there !== null) return { path: there, skip: false };
  if (process.getuid?.() !== 0 || (await onPath('apt-get')) === null)
    return { path: null, skip: `there is no Chromium: set CHROME_PATH, or install ${PACKAGES.join(' and ')}` };
  console.error(`installing ${PACKAGES.join(' and ')} for the browser tests, once`);
  try {
    // One file at a time: apt knows no waiting, and another test file wants the same.
    const install = `command -v chromium || (apt-get update && apt-get install -y --no-install-recommends ${PACKAGES.join(' ')})`;
    await run('flock', [join(tmpdir(), 'narrows-test-chromium.lock'), 'sh', '-c', install], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      maxBuffer: 2 ** 24,
      timeout: 240_000,
    });
  } catch (error) {
    const told = (error as { stderr?: string }).stderr?.trim().split('\n').at(-1) ?? (error as Error).message;
    return { path: null, skip: `Chromium cannot be installed here: ${told}` };
  }
  const installed = await onPath('chromium');
  return installed === null
    ? { path: null, skip: 'Chromium was installed, and is not on PATH' }
    : { path: installed, skip: false };
}

async function onPath(name: string): Promise<string | null> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name);
    if (folder !== '' && (await isExecutable(path))) return path;
  }
  return null;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
