/** Learning curve of a trial: covered variance of training and validation rows by epoch. */
import { METHOD_DEFINITIONS, type Method } from '../models/methods/catalogue.ts';
import { formatScore } from '../text/names.ts';
import { curveMark, type Figure, lineSample } from './model.ts';

export interface CurveData {
  readonly trialId: string;
  /** By epoch; null for a value that is not a number. */
  readonly train: readonly (number | null)[];
  readonly validation: readonly (number | null)[];
  /** The epoch whose weights were kept, from 0. */
  readonly best: number;
}

export function learningCurveFigure({ trialId, train, validation, best }: CurveData, method: Method): Figure {
  const epochs = train.map((_, epoch) => epoch + 1);
  const kept = validation[best] ?? null;
  // The first epochs may be far below zero, where nothing is decided.
  const low = Math.max(-1, Math.min(0, ...[...train, ...validation].filter((value) => value !== null)));
  return {
    id: `trial-${trialId}-curve`,
    title: 'Learning curve',
    caption: `Covered variance ${METHOD_DEFINITIONS[method].trainsEmulator ? 'of the full emulator, ' : ''}after each epoch; of training rows during it, by the loss. The weights of epoch ${best + 1} of ${epochs.length} were kept${kept === null ? '' : `: ${formatScore(kept)} on validation rows`}.`,
    panels: [
      {
        description: 'Covered variance of training and validation rows against epoch',
        height: 280,
        x: { label: 'epoch', domain: [1, Math.max(2, epochs.length)], ticks: Math.min(6, epochs.length) },
        y: { label: 'covered variance', domain: [low - 0.03, 1.03] },
        marks: [
          { kind: 'rule', axis: 'x', at: best + 1, colour: 'ink', width: 1, dash: '4 3', label: 'kept' },
          curveMark(epochs, train, { colour: 'soft', dash: '5 3', label: 'training' }),
          curveMark(epochs, validation, { colour: method, width: 2.25, label: 'validation' }),
        ],
      },
    ],
    legend: [lineSample('training rows', 'soft', '5 3'), lineSample('validation rows', method)],
    panelWidth: 700,
    table: () => ({
      head: ['epoch', 'training', 'validation', 'kept'],
      rows: epochs.map((epoch, i) => [epoch, train[i] ?? null, validation[i] ?? null, i === best ? 'kept' : '']),
    }),
  };
}
