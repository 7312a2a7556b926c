/** Small synthetic data, equal in every run. */
import type { SourceRows } from '../../datasets/files/chunks.ts';
import type { Matrix } from '../../models/axes.ts';
import type { TrainHooks } from '../../models/engines/engine.ts';
import { shuffle, stream } from '../../models/random.ts';
import type { ScaleY } from '../../models/scaling.ts';
import { fitScaling, standardize } from '../../models/standardisation.ts';
import type { TrialConfiguration } from '../../models/training/configuration.ts';
import type { PackData, TrialTask } from '../../models/training/task.ts';

export function matrixOf(rows: number, columns: number, value: (row: number, column: number) => number): Matrix {
  const data = new Float32Array(new SharedArrayBuffer(rows * columns * 4));
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) data[row * columns + column] = value(row, column);
  return { rows, columns, data };
}

/** Returns independent standard normal numbers [rows, columns]. */
export function noise(rows: number, columns: number, name: string, seed = 1): Matrix {
  const { normal } = stream(seed, name);
  return matrixOf(rows, columns, () => normal());
}

/** Splits rows 70 / 15 / 15 at random and standardises them. */
export function packDataOf(x: Matrix, y: Matrix, seed = 1, scaleY: ScaleY = 'centre'): PackData {
  const order = shuffle(
    Uint32Array.from({ length: x.rows }, (_, i) => i),
    seed,
    'test split',
  );
  const train = Math.round(0.7 * x.rows);
  const validation = Math.round(0.85 * x.rows);
  const rows = {
    train: order.slice(0, train).sort(),
    validation: order.slice(train, validation).sort(),
    test: order.slice(validation).sort(),
  };
  const scaling = fitScaling(x, y, rows.train, { x: 'zscore', y: scaleY });
  return { x: standardize(x, scaling.x), y: standardize(y, scaling.y), rows, scaling };
}

/** Returns spectra [rows, energies] that are a smooth function of three descriptors. */
export function smoothData(rows = 300, descriptors = 3, energies = 9): PackData {
  const x = noise(rows, descriptors, 'x');
  const at = (row: number, d: number) => x.data[row * descriptors + (d % descriptors)] as number;
  const y = matrixOf(
    rows,
    energies,
    (row, e) => Math.sin(at(row, 0) + e / 3) + 0.5 * at(row, 1) * Math.cos(e) + 0.2 * at(row, 2) ** 2,
  );
  return packDataOf(x, y);
}

export function taskOf(
  configuration: Partial<TrialConfiguration> & Pick<TrialConfiguration, 'method' | 'k'>,
  changes: Partial<TrialTask> = {},
): TrialTask {
  const whole: TrialConfiguration = {
    hidden: [16, 16],
    activation: 'elu',
    layerNorm: false,
    dropout: 0,
    optimiser: 'adam',
    weightDecay: 0,
    learningRate: 0.01,
    schedule: 'one-cycle',
    epochs: 6,
    batch: 32,
    patience: 0,
    ...configuration,
  };
  return {
    trialId: `${whole.method}/${whole.k}`,
    configuration: whole,
    seed: 1,
    untilEpoch: whole.epochs,
    checkpoint: null,
    initial: null,
    ...changes,
  };
}

export const quietHooks = { stop: () => false, progress: () => {}, checkpoint: () => {}, now: () => 0, checkpointSeconds: 60 };

/** Hooks that ignore everything. */
export const unwatched = (): TrainHooks => ({
  signal: new AbortController().signal,
  onReport: () => {},
  onProgress: () => {},
  onCheckpoint: () => {},
  checkpointSeconds: 60,
});

/** Concatenates chunks of rows. */
export async function wholeMatrix(chunks: AsyncIterable<SourceRows>): Promise<Matrix> {
  const parts: SourceRows[] = [];
  for await (const chunk of chunks) parts.push({ ...chunk, data: chunk.data.slice() });
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  const { columns } = parts[0] as SourceRows;
  return { rows: parts.reduce((sum, { rows }) => sum + rows, 0), columns, data };
}
