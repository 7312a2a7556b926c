import { join } from 'node:path';
import type { Environment } from '../env.ts';

/** Version of tfjs and of its bindings. */
export const TFJS_VERSION = '4.22.0';

/** Folder that `npm run gpu:setup` builds, shared by all projects of this user. */
export const tensorflowFolder = ({ userCache }: Pick<Environment, 'userCache'>): string =>
  join(userCache, `tfjs-${TFJS_VERSION}`);
