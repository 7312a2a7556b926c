/** Engines of a worker, by its choice. */
import { NarrowsError } from '../../errors.ts';
import { createAutoEngine, describeChoice } from '../../models/engines/auto-engine.ts';
import type { Engine } from '../../models/engines/engine.ts';
import { createKernelEngine } from '../../models/engines/kernel/engine.ts';
import { createNullEngine } from '../../models/engines/null-engine.ts';
import { createTfjsEngine } from '../../models/engines/tfjs/engine.ts';
import { NATIVE_FLAVOURS, NoTensorflow } from '../../models/engines/tfjs/load.ts';
import { isEngine } from '../../search/trainer-classes.ts';
import { readKernelBuild } from '../env.ts';
import type { Logger } from '../logger.ts';
import type { WorkerEngine, WorkerRole } from './role.ts';

export interface EngineOptions {
  readonly role: WorkerRole;
  /** A choice, or the engine itself, which the worker closes. */
  readonly engine: WorkerEngine | Engine;
  /** Folder of the TensorFlow binding that `npm run gpu:setup` builds. */
  readonly tensorflow: string;
  /** Threads of the kernel; null or absent: one for each processor that the process may use. */
  readonly threads?: number | null;
}

export interface WorkerEngines {
  /** Trains what asks for no engine; closing it closes all. */
  readonly engine: Engine;
  /** Engines that a sweep can ask for by their names. */
  readonly named: readonly Engine[];
}

/**
 * Creates the engines. An orchestrator needs one although it trains nothing: its rows name the
 * engine, whose threads start with the first pack. Throws NarrowsError `tensorflow-missing`.
 */
export async function createEngines(
  { role, engine, threads, tensorflow }: EngineOptions,
  logger: Logger,
): Promise<WorkerEngines> {
  const kernel = () => createKernelEngine({ build: readKernelBuild(), ...(typeof threads === 'number' && { threads }) });
  const alone = (one: Engine): WorkerEngines => ({ engine: one, named: [one].filter(({ name }) => isEngine(name)) });
  if (typeof engine !== 'string') return alone(engine);
  switch (engine) {
    case 'null':
      return alone(createNullEngine());
    case 'kernel':
      return alone(kernel());
    case 'tfjs':
      return alone(await createNativeOrPlainTfjs(tensorflow, logger));
    case 'auto': {
      // An orchestrator does not train.
      const device = role === 'orchestrator' ? null : await createNativeTfjs(tensorflow);
      const candidates: readonly [Engine, ...Engine[]] = device ? [kernel(), device] : [kernel()];
      const fastest = createAutoEngine(candidates, (choice) =>
        logger.info(
          `engine: ${choice.engine.build}, measured on the first pack in trials x epochs per second: ${describeChoice(choice)}`,
        ),
      );
      return { engine: fastest, named: candidates };
    }
  }
}

/** Creates the native engine, or else the one in plain JavaScript. Throws `tensorflow-missing`. */
async function createNativeOrPlainTfjs(folder: string, logger: Logger): Promise<Engine> {
  try {
    const engine = await createTfjsEngine({ folder });
    const slower = engine.flavour === 'tfjs' ? '; plain JavaScript is slow: "npm run gpu:setup" builds a native one' : '';
    logger.info(`engine: ${engine.build}${slower}`);
    return engine;
  } catch (error) {
    if (!(error instanceof NoTensorflow)) throw error;
    throw new NarrowsError('tensorflow-missing', error.message, {
      fix: 'run "npm run gpu:setup" in the checkout, or use --engine kernel',
      kind: 'failure',
    });
  }
}

/** Creates the native engine; null where TensorFlow is not installed. */
async function createNativeTfjs(folder: string): Promise<Engine | null> {
  try {
    return await createTfjsEngine({ folder, flavours: NATIVE_FLAVOURS });
  } catch (error) {
    if (error instanceof NoTensorflow) return null;
    throw error;
  }
}
