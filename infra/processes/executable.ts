/** Files that can be run, and folders of which files can be run. */
import { accessSync, constants, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whether a file can be run: its rights allow it, and its disk is not mounted noexec. */
export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Whether programs can be stored in a folder and run. */
export function allowsPrograms(folder: string): boolean {
  const probe = join(folder, `.probe-${process.pid}`);
  try {
    writeFileSync(probe, '', { mode: 0o700 });
    return isExecutable(probe);
  } catch {
    return false;
  } finally {
    rmSync(probe, { force: true });
  }
}
