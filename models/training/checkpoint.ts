/** Checkpoints: the whole state of a training between two epochs, or between two components. */
import type { NetworkShape } from '../networks/network.ts';
import { packContainer, unpackContainer } from '../stored/container.ts';
import { flatten, type TrainingState, unflatten } from './train-network.ts';

export interface Checkpoint {
  readonly training: TrainingState;
  /** [found, D]: the components found so far. */
  readonly components: Float32Array;
}

interface CheckpointHeader {
  readonly epoch: number;
  readonly step: number;
  readonly best: { readonly epoch: number; readonly validation: number | null };
  readonly curve: TrainingState['curve'];
}

export function packCheckpoint(training: TrainingState, components: Float32Array = new Float32Array(0)): Uint8Array {
  const { epoch, parameters, optimiserState, best, curve } = training;
  // JSON has no -Infinity: null means "no score yet".
  const validation = Number.isFinite(best.validation) ? best.validation : null;
  const header: CheckpointHeader = { epoch, step: optimiserState.step, best: { epoch: best.epoch, validation }, curve };
  return packContainer({
    kind: 'checkpoint',
    header,
    blocks: {
      parameters: flatten(parameters),
      first: flatten(optimiserState.first),
      second: flatten(optimiserState.second),
      best: flatten(best.parameters),
      components,
    },
  });
}

/** Returns the epochs trained before a checkpoint. Throws NarrowsError `model-damaged`. */
export const checkpointEpoch = (bytes: Uint8Array): number => unpackContainer<CheckpointHeader>(bytes, 'checkpoint').header.epoch;

/** Throws NarrowsError `model-damaged`, or RangeError where the parameters do not fit the shape. */
export function unpackCheckpoint(shape: NetworkShape, bytes: Uint8Array): Checkpoint {
  const { header, blocks } = unpackContainer<CheckpointHeader>(bytes, 'checkpoint');
  const parameters = (name: string) => unflatten(shape, blocks[name] ?? new Float32Array(0));
  return {
    training: {
      epoch: header.epoch,
      parameters: parameters('parameters'),
      optimiserState: { step: header.step, first: parameters('first'), second: parameters('second') },
      best: {
        epoch: header.best.epoch,
        validation: header.best.validation ?? Number.NEGATIVE_INFINITY,
        parameters: parameters('best'),
      },
      curve: header.curve,
    },
    components: blocks.components ?? new Float32Array(0),
  };
}
