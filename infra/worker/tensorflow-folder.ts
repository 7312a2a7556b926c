import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { requirePrivate } from '../ownership.ts';
import type { UserCache } from '../user-cache.ts';

/** Version of tfjs and of its bindings. */
export const TFJS_VERSION = '4.22.0';

/**
 * Folder that `npm run gpu:setup` builds, shared by all projects of this user. Throws NarrowsError
 * `not-private` where another user may have put it there: its library would be loaded.
 */
export function tensorflowFolder({ userCache }: UserCache): string {
  const folder = join(userCache, `tfjs-${TFJS_VERSION}`);
  if (existsSync(folder)) requirePrivate(folder);
  return folder;
}
