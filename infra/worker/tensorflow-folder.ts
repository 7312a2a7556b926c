import { join } from 'node:path';
import type { Environment } from '../env.ts';

/** The version of tfjs and of its bindings. */
export const TFJS_VERSION = '4.22.0';

/** Where `npm run gpu:setup` puts what it built, for all projects of this user. */
export const tensorflowFolder = ({ userCache }: Pick<Environment, 'userCache'>): string =>
  join(userCache, `tfjs-${TFJS_VERSION}`);
