/** Finds TensorFlow for this process: with a GPU, native on the CPU, or in plain JavaScript; says which, and why not a better one. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import nodeUtil from 'node:util';
import type * as Tensors from '@tensorflow/tfjs';

export type Tf = typeof Tensors;

/** From the fastest to the slowest. */
export const FLAVOURS = ['tfjs-node-gpu', 'tfjs-node', 'tfjs'] as const;
export type Flavour = (typeof FLAVOURS)[number];

/** Those with a native library: plain JavaScript is for checks, it is never the faster engine. */
export const NATIVE_FLAVOURS: readonly Flavour[] = ['tfjs-node-gpu', 'tfjs-node'];

export interface Tensorflow {
  readonly tf: Tf;
  readonly flavour: Flavour;
  readonly version: string;
  /** Does it see a GPU? */
  readonly gpu: boolean;
  /** Why faster flavours were passed over, one line each. */
  readonly passedOver: readonly string[];
}

/** Thrown where not even plain tfjs is installed. */
export class NoTensorflow extends Error {
  constructor(passedOver: readonly string[]) {
    super(`TensorFlow is not available: ${passedOver.join('; ')}`);
    this.name = 'NoTensorflow';
  }
}

/**
 * Loads the best flavour that works. `folder` is looked into first: where `npm run gpu:setup` puts a binding that it built (null: nowhere).
 * Throws NoTensorflow.
 */
export async function loadTensorflow(folder: string | null, flavours: readonly Flavour[] = FLAVOURS): Promise<Tensorflow> {
  restoreUtil();
  const passedOver: string[] = [];
  const places = folder === null ? [] : [createRequire(join(folder, 'package.json'))];
  const here = createRequire(import.meta.url);
  for (const [flavour, require] of [
    ...places.map((place) => ['tfjs-node-gpu', place] as const),
    ...flavours.map((flavour) => [flavour, here] as const),
  ]) {
    try {
      const tf = await withSilentConsole(async () => {
        const found = require(`@tensorflow/${flavour}`) as Tf;
        // Without the greeting at the first operation.
        found.enableProdMode();
        await found.ready();
        return found;
      });
      return { tf, flavour, version: tf.version['tfjs-core'] ?? '', gpu: isGpu(tf), passedOver };
    } catch (error) {
      passedOver.push(`${flavour}: ${firstLine(error)}`);
    }
  }
  throw new NoTensorflow(passedOver);
}

/** tfjs-node 4.22 calls what Node dropped in version 23, or warns of. */
function restoreUtil(): void {
  const util = nodeUtil as unknown as Record<string, unknown>;
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray = Array.isArray;
}

/** tfjs greets on the console, part of it on stdout, which belongs to data. */
async function withSilentConsole<T>(load: () => Promise<T>): Promise<T> {
  const { log, warn, info } = console;
  const silent = () => {};
  Object.assign(console, { log: silent, warn: silent, info: silent });
  try {
    return await load();
  } finally {
    Object.assign(console, { log, warn, info });
  }
}

function isGpu(tf: Tf): boolean {
  const backend = tf.backend() as { isUsingGpuDevice?: boolean };
  return backend.isUsingGpuDevice ?? false;
}

function firstLine(error: unknown): string {
  const { code, message } = error as { code?: string; message: string };
  return code === 'MODULE_NOT_FOUND' ? 'not installed' : (message.split('\n')[0] ?? '').slice(0, 200);
}
