/** Engines behind the rows of a comparison, in words. */
import type { ComparisonRow } from '../models/evaluation/comparison.ts';
import { cellLabel } from './methods.ts';

type TrainedRow = Pick<ComparisonRow, 'method' | 'k' | 'engines'>;

/** Returns a warning for each row whose mean is over trials of several engines. */
export const warnOfMixedEngines = (rows: readonly TrainedRow[]): string[] =>
  rows.flatMap((row) => {
    const engines = Object.entries(row.engines ?? {});
    if (engines.length < 2) return [];
    const counts = engines.map(([engine, trials]) => `${trials} by ${engine}`).join(', ');
    return [`${cellLabel(row)} mixes engines (trials: ${counts}): its interval includes differences between them.`];
  });

/** Describes which engine trained which rows, in a sentence, where there are several engines. */
export function describeEngines(rows: readonly TrainedRow[]): string[] {
  const trained = rows.flatMap((row) => Object.keys(row.engines ?? {}).map((engine) => ({ engine, label: cellLabel(row) })));
  const byEngine = Map.groupBy(trained, ({ engine }) => engine);
  if (byEngine.size < 2) return [];
  const parts = [...byEngine].map(([engine, own]) => `${engine} (${own.map(({ label }) => label).join('; ')})`);
  return [`Engines that trained: ${parts.join(', ')}.`];
}
