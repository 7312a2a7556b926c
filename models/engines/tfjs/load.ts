/** Loads TensorFlow: on a GPU, native on the CPU, or in plain JavaScript. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import nodeUtil from 'node:util';
import type * as Tensors from '@tensorflow/tfjs';

export type Tf = typeof Tensors;

/** From the fastest to the slowest. */
export const FLAVOURS = ['tfjs-node-gpu', 'tfjs-node', 'tfjs'] as const;
export type Flavour = (typeof FLAVOURS)[number];

/** Flavours with a native library; plain JavaScript is for checks and never the faster engine. */
export const NATIVE_FLAVOURS: readonly Flavour[] = ['tfjs-node-gpu', 'tfjs-node'];

export interface Tensorflow {
  readonly tf: Tf;
  readonly flavour: Flavour;
  readonly version: string;
  /** Whether it uses a GPU. */
  readonly gpu: boolean;
  /** Reasons against faster flavours, one line each. */
  readonly passedOver: readonly string[];
}

/** Thrown where no flavour is installed. */
export class NoTensorflow extends Error {
  constructor(passedOver: readonly string[]) {
    super(`TensorFlow is not available: ${passedOver.join('; ')}`);
    this.name = 'NoTensorflow';
  }
}

/** Loads the fastest flavour that works, the binding in `folder` first. Throws NoTensorflow. */
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
        // Suppresses the greeting at the first operation.
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

/** Restores functions that tfjs-node 4.22 calls and Node removed in version 23, or deprecates. */
function restoreUtil(): void {
  const util = nodeUtil as unknown as Record<string, unknown>;
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray = Array.isArray;
}

/** tfjs writes a greeting to the console, partly to stdout, which is for data. */
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
