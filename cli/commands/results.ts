import type { Command } from 'commander';
import { findSweep } from '../../db/queries/sweeps/sweeps.ts';
import { type ResultRow, streamResults } from '../../db/queries/trials/results.ts';
import { NarrowsError } from '../../errors.ts';
import { SPLITS } from '../../models/axes.ts';
import { parseWhere } from '../../search/columns/where.ts';
import { METHOD_STYLES } from '../../text/methods.ts';
import { action, example } from '../command.ts';
import { withDatabase } from '../servers.ts';

export function registerResults(program: Command): void {
  example(
    program
      .command('results')
      .argument('<sweep>', 'id or name')
      .option('--split <split>', 'train, validation, test or all', 'test')
      .option('--where <conditions>', 'e.g. method=eca|nnca,k=2,learningRate<0.01; also outcome, validation, engine, trial')
      .description('One row per trial, width or rank, and split.')
      .action(
        action<{ split: string; where?: string }>(async (context, { split, where }, id) => {
          if (split !== 'all' && !(SPLITS as readonly string[]).includes(split)) {
            throw new NarrowsError('split-unknown', `there is no split "${split}"`, {
              path: 'split',
              fix: `use ${SPLITS.join(', ')} or all`,
            });
          }
          const conditions = parseWhere(where ?? '');
          await withDatabase(context, async ({ db }) => {
            const sweep = await findSweep(db.sql, id as string);
            const rows = streamResults(db.sql, sweep.id, { split: split === 'all' ? null : split, where: conditions });
            await print(rows, context.output, context.line);
          });
        }),
      ),
    "narrows results demo --where 'method=eca,k=2'",
    'narrows results demo --split all --output jsonl',
  );
}

async function print(rows: AsyncIterable<ResultRow[]>, output: string, line: (text: string) => void): Promise<void> {
  const all: ResultRow[] = [];
  if (output === 'text') line('trial             method  k  seed  split       covered  structure  outcome    start    hidden');
  for await (const block of rows) {
    for (const row of block) {
      if (output === 'jsonl') line(JSON.stringify(row));
      else if (output === 'json') all.push(row);
      else line(textRow(row));
    }
  }
  if (output === 'json') line(JSON.stringify(all));
}

function textRow({
  trialId,
  method,
  k,
  seed,
  split,
  coveredVariance,
  structureCoveredVariance,
  outcome,
  config,
}: ResultRow): string {
  const number = (value: number | null, width: number) => (value === null ? '-' : value.toFixed(4)).padStart(width);
  return [
    trialId.padEnd(16),
    METHOD_STYLES[method].label.padEnd(6),
    String(k).padStart(2),
    String(seed).padStart(5),
    (split ?? '-').padEnd(10),
    number(coveredVariance, 8),
    number(structureCoveredVariance, 10),
    outcome.padEnd(9),
    (config.start ?? 'scratch').padEnd(7),
    config.hidden.join('-'),
  ].join('  ');
}
