/** Models with random weights, of every method, activation and normalisation, without training. */
import type { Matrix } from '../../models/axes.ts';
import { METHOD_DEFINITIONS } from '../../models/methods/catalogue.ts';
import { initialParameters } from '../../models/networks/initial.ts';
import type { LayerParameters, NetworkShape } from '../../models/networks/network.ts';
import { stream } from '../../models/random.ts';
import type { Scaling } from '../../models/scaling.ts';
import { fitScaling } from '../../models/standardisation.ts';
import { packModel, type StoredModel } from '../../models/stored/model-file.ts';
import type { TrialConfiguration } from '../../models/training/configuration.ts';
import type { TrialTask } from '../../models/training/task.ts';
import { matrixOf, noise, smoothData, taskOf } from './data.ts';

/**
 * Returns data of very different scales: energies of 11 keV that shift by 0.05 eV, values of 1e-3,
 * a constant descriptor and a constant target.
 */
export function createUnevenData(rows: number): { readonly x: Matrix; readonly y: Matrix; readonly scaling: Scaling } {
  const drawn = noise(rows, 4, 'uneven x');
  const at = (row: number, column: number) => drawn.data[row * 4 + column] as number;
  const x = matrixOf(rows, 5, (row, column) => {
    return [11093 + 0.05 * at(row, 0), 1e-3 + 1e-5 * at(row, 1), 2.5, 40 * at(row, 2), at(row, 3)][column] as number;
  });
  const y = matrixOf(rows, 6, (row, column) => (column === 2 ? 7 : 3 * column + Math.sin(at(row, column % 4) + column)));
  const every = Uint32Array.from({ length: rows }, (_, row) => row);
  return { x, y, scaling: fitScaling(x, y, every, { x: 'zscore', y: 'centre' }) };
}

type RandomModelOptions = Pick<TrialConfiguration, 'method' | 'k' | 'activation' | 'layerNorm'>;

export function createRandomModel({ method, k, activation, layerNorm }: RandomModelOptions, scaling: Scaling): StoredModel {
  const [D, E] = [scaling.x.kept.length, scaling.y.kept.length];
  const architecture = { k, activation, layerNorm, hidden: [12, 8], dropout: 0.1 };
  const shape = METHOD_DEFINITIONS[method].layers(D, E, architecture);
  const { normal } = stream(3, `${method}/${activation}/${layerNorm}`);
  const around = (centre: number, length: number) => Float32Array.from({ length }, () => centre + 0.3 * normal());
  const parameters = initialParameters(shape, 5).map((layer, at): LayerParameters => {
    const { outputs, normalised } = shape[at] as NetworkShape[number];
    return { ...layer, ...(normalised && { gain: around(1, outputs), shift: around(0, outputs) }) };
  });
  return {
    method,
    k,
    shape,
    parameters,
    components: method === 'eca' ? orthonormal(k, D, normal) : new Float32Array(0),
    scaling,
    latentRange: Array.from({ length: k }, () => [-2, 2] as const),
  };
}

/**
 * Returns a trial on smooth data of three descriptors that starts warm from a random model with
 * another standardisation.
 */
export function warmTask(
  changes: Partial<TrialConfiguration> & Pick<TrialConfiguration, 'method' | 'k'>,
  task: Partial<TrialTask> = {},
): TrialTask {
  const drawn = { activation: 'gelu', layerNorm: false, ...changes } as const;
  const initial = packModel(createRandomModel(drawn, smoothData(120).scaling));
  return taskOf({ ...drawn, hidden: [12, 8], start: 'warm', warm: 'searlier-0' }, { initial, ...task });
}

/** Returns random orthonormal rows [k, D] by Gram-Schmidt orthogonalisation. */
function orthonormal(k: number, D: number, normal: () => number): Float32Array {
  const rows: number[][] = [];
  while (rows.length < k) {
    let row = Array.from({ length: D }, normal);
    for (const other of rows) {
      const along = row.reduce((sum, value, d) => sum + value * (other[d] as number), 0);
      row = row.map((value, d) => value - along * (other[d] as number));
    }
    const length = Math.hypot(...row);
    rows.push(row.map((value) => value / length));
  }
  return Float32Array.from(rows.flat());
}
