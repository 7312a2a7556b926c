/** Version of the code, which is part of a result's provenance. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the checkout, or of the published package's dist folder, which has the same tree. */
export const CODE_ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** Folders whose code determines results. */
const RESULT_FOLDERS = ['activities', 'datasets', 'db', 'models', 'search', 'workflows'] as const;

let known: string | undefined;

/** Returns the package's version and a hash of the code behind results: `0.1.0+3f2a9c01b7de`. */
export function readCodeVersion(): string {
  known ??= `${readPackageVersion()}+${hashSources(RESULT_FOLDERS).slice(0, 12)}`;
  return known;
}

/** Whether the package of build `a` is newer than that of `b`; null is older than every build. */
export function isNewerBuild(a: string | null, b: string | null): boolean {
  if (a === null || b === null) return b === null && a !== null;
  const [ours, theirs] = [a, b].map((build) => (build.split(/[-+]/)[0] ?? '').split('.').map(Number)) as [number[], number[]];
  const at = ours.findIndex((part, i) => part !== (theirs[i] ?? 0));
  return at >= 0 && (ours[at] ?? 0) > (theirs[at] ?? 0);
}

export function readPackageVersion(): string {
  for (const folder of [CODE_ROOT, dirname(CODE_ROOT)]) {
    try {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
        name: string;
        version: string;
      };
      if (name === 'narrows') return version;
    } catch {
      // The dist folder has no package.json: the package's is one level up.
    }
  }
  return '0.0.0';
}

/** Returns the SHA-256 of paths and contents of all files below the folders whose names match. */
export function hashSources(folders: readonly string[], names = /\.(ts|js|wasm|sql)$/): string {
  const hash = createHash('sha256');
  for (const folder of folders) {
    const files = readdirSync(join(CODE_ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && names.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
    for (const file of files) hash.update(file.slice(CODE_ROOT.length)).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}
