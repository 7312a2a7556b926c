/** Finds Chromium for the browser tests: the installed one, or a package installed for them. */
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The shell has no windows of its own to draw, and takes half of the processor time. */
const PROGRAMS = ['chromium-headless-shell', 'chromium'] as const;

/** A path, or the reason for skipping the tests that need one. */
export type ChromiumPath = { readonly path: string; readonly skip: false } | { readonly path: null; readonly skip: string };

/**
 * Returns CHROME_PATH, else Chromium on PATH, else a Debian package, installed where this process
 * is root. Throws where CHROME_PATH is not executable.
 */
export async function findChromium(): Promise<ChromiumPath> {
  const named = process.env.CHROME_PATH;
  if (named !== undefined && named !== '') {
    if (!(await isExecutable(named)))
      throw new Error(`CHROME_PATH is not a valid executable: ${named}. Set it to the path of Chromium`);
    return { path: named, skip: false };
  }
  const existing = await findProgram();
  if (existing !== null) return { path: existing, skip: false };
  if (process.getuid?.() !== 0 || (await findOnPath('apt-get')) === null)
    return { path: null, skip: `Chromium was not found: set CHROME_PATH, or install ${PROGRAMS.join(' or ')}` };
  console.error('installing Chromium for the browser tests');
  try {
    // One at a time: apt fails rather than waits, and other test files install the same packages.
    const install = (name: string) => `apt-get install -y --no-install-recommends ${name} fonts-dejavu-core`;
    const isInstalled = PROGRAMS.map((name) => `command -v ${name}`).join(' || ');
    const script = `${isInstalled} || (apt-get update && (${PROGRAMS.map(install).join(' || ')}))`;
    await run('flock', [join(tmpdir(), 'narrows-test-chromium.lock'), 'sh', '-c', script], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      maxBuffer: 2 ** 24,
      timeout: 240_000,
    });
  } catch (error) {
    const reason = (error as { stderr?: string }).stderr?.trim().split('\n').at(-1) ?? (error as Error).message;
    return { path: null, skip: `Chromium cannot be installed here: ${reason}` };
  }
  const installed = await findProgram();
  return installed === null
    ? { path: null, skip: 'Chromium was installed but is not on PATH' }
    : { path: installed, skip: false };
}

async function findProgram(): Promise<string | null> {
  for (const name of PROGRAMS) {
    const path = await findOnPath(name);
    if (path !== null) return path;
  }
  return null;
}

async function findOnPath(name: string): Promise<string | null> {
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
