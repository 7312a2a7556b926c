/** The file of a trained model: network, components and standardisation. */

import type { Method } from '../methods/catalogue.ts';
import type { TrainedNetwork } from '../methods/method.ts';
import type { NetworkShape } from '../networks/network.ts';
import type { AxisScaling, ScaleY, Scaling } from '../scaling.ts';
import { flatten, unflatten } from '../training/train-network.ts';
import { packContainer, unpackContainer } from './container.ts';

export interface StoredModel extends TrainedNetwork {
  readonly method: Method;
  /** Width, or the highest rank. */
  readonly k: number;
  readonly scaling: Scaling;
  /** Smallest and largest latent over the training rows, per unit. */
  readonly latentRange: readonly (readonly [number, number])[];
}

interface PlainAxis {
  readonly kept: number[];
  readonly mean: number[];
  readonly deviation: number[];
  readonly columns: number;
  readonly constants: AxisScaling['constants'];
}

interface ModelHeader {
  readonly method: Method;
  readonly k: number;
  readonly shape: NetworkShape;
  readonly x: PlainAxis;
  readonly y: PlainAxis;
  readonly scaleY: ScaleY;
  readonly latentRange: StoredModel['latentRange'];
}

const axisToJson = ({ kept, mean, deviation, columns, constants }: AxisScaling): PlainAxis => ({
  kept: [...kept],
  mean: [...mean],
  deviation: [...deviation],
  columns,
  constants,
});

const axisFromJson = ({ kept, mean, deviation, columns, constants }: PlainAxis): AxisScaling => ({
  kept: Uint32Array.from(kept),
  mean: Float64Array.from(mean),
  deviation: Float64Array.from(deviation),
  columns,
  constants,
});

export function packModel({ method, k, shape, parameters, components, scaling, latentRange }: StoredModel): Uint8Array {
  const header: ModelHeader = {
    method,
    k,
    shape,
    x: axisToJson(scaling.x),
    y: axisToJson(scaling.y),
    scaleY: scaling.scaleY,
    latentRange,
  };
  return packContainer({ kind: 'model', header, blocks: { parameters: flatten(parameters), components } });
}

/** Throws NarrowsError `model-damaged`. */
export function unpackModel(bytes: Uint8Array): StoredModel {
  const { header, blocks } = unpackContainer<ModelHeader>(bytes, 'model');
  return {
    method: header.method,
    k: header.k,
    shape: header.shape,
    parameters: unflatten(header.shape, blocks.parameters ?? new Float32Array(0)),
    components: blocks.components ?? new Float32Array(0),
    scaling: { x: axisFromJson(header.x), y: axisFromJson(header.y), scaleY: header.scaleY },
    latentRange: header.latentRange,
  };
}
