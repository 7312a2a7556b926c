/** The file of a trained model: network, components and standardisation. */
import type { Method } from '../methods/catalogue.ts';
import type { TrainedNetwork } from '../methods/method.ts';
import type { AxisScaling, Scaling } from '../scaling.ts';
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

interface PlainAxis extends Pick<AxisScaling, 'columns' | 'constants'> {
  readonly kept: number[];
  readonly mean: number[];
  readonly deviation: number[];
}

interface ModelHeader extends Pick<StoredModel, 'method' | 'k' | 'shape' | 'latentRange'>, Pick<Scaling, 'scaleY'> {
  readonly x: PlainAxis;
  readonly y: PlainAxis;
}

const axisToJson = ({ kept, mean, deviation, columns, constants }: AxisScaling): PlainAxis => ({
  kept: [...kept],
  mean: [...mean],
  deviation: [...deviation],
  columns,
  constants,
});

const axisFromJson = (axis: PlainAxis): AxisScaling => ({
  ...axis,
  kept: Uint32Array.from(axis.kept),
  mean: Float64Array.from(axis.mean),
  deviation: Float64Array.from(axis.deviation),
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
  const { x, y, scaleY, ...rest } = header;
  return {
    ...rest,
    parameters: unflatten(rest.shape, blocks.parameters ?? new Float32Array(0)),
    components: blocks.components ?? new Float32Array(0),
    scaling: { x: axisFromJson(x), y: axisFromJson(y), scaleY },
  };
}
