import type { Command } from 'commander';
import { NarrowsError } from '../../errors.ts';
import { withStorage } from '../../infra/sessions.ts';
import { parseResultQuery, type ResultRow, readResults } from '../../operations/results.ts';
import { readSufficientWidths } from '../../operations/sweeps/widths.ts';
import { weighedObjectives } from '../../search/samplers/table.ts';
import { partitionCount, type SweepSpec } from '../../search/spec.ts';
import { isFinished } from '../../search/states.ts';
import { METHOD_STYLES } from '../../text/methods.ts';
import { describeWidths } from '../../text/widths.ts';
import { addCommand, option, parsePartition } from '../command.ts';
import type { CliContext } from '../context.ts';

interface ResultInputs {
  readonly sweep: string;
  readonly split?: string | undefined;
  readonly where?: string | undefined;
  readonly pareto?: string;
  readonly partition?: number | undefined;
  readonly plot?: string | undefined;
}

export function register(program: Command): void {
  addCommand<ResultInputs>(program, {
    name: 'results',
    arguments: [['<sweep>', 'id or name']],
    options: [
      option('--split <split>', 'train, validation, test or all (default: test; with --pareto: validation)'),
      option('--where <conditions>', 'e.g. method=eca|nnca,k=2,learningRate<0.01; also outcome, validation, engine, trial'),
      option(
        '--pareto <objectives>',
        'the Pareto front of covered variance and one or two of k, parameters, seconds, structureCoveredVariance, in place of trials',
      ),
      option('--partition <number>', 'with --pareto: whose validation rows (default: 0)', { parse: parsePartition }),
      option('--plot <file>', 'with --pareto: write the figure as SVG'),
    ],
    description: 'One row per trial, width or rank, and split; or the Pareto front of the configurations.',
    examples: [
      "narrows results demo --where 'method=eca,k=2'",
      'narrows results demo --split all --output jsonl',
      'narrows results demo --pareto parameters,seconds',
    ],
    async run(context, { sweep, split, where = '', pareto, partition, plot }) {
      if (pareto !== undefined) {
        // Most calls list trials, which need none of it.
        const { printFront } = await import('../front.ts');
        return printFront(context, sweep, { objectives: pareto, split, where, partition, plot });
      }
      requirePareto({ partition, plot });
      const query = parseResultQuery(split ?? 'test', where);
      await withStorage(context, async (storage) => {
        const { sweep: found, rows } = await readResults(storage, sweep, query);
        await printRows(context, rows, partitionCount(found.spec) > 1);
        const { sufficientWidths = [] } = await readSufficientWidths(storage.db.sql, found);
        for (const sentence of describeWidths(sufficientWidths, isFinished(found.state))) context.note(sentence);
        if (found.message !== null) context.note(`${found.name} is ${found.state}: ${found.message}`);
        noteFront(context, found.name, found.spec);
      });
    },
  });
}

/** Names the command for the front, where the sampler searched for one. */
function noteFront({ note }: CliContext, name: string, { sampler }: SweepSpec): void {
  const others = weighedObjectives(sampler)?.filter((one) => one !== 'coveredVariance');
  if (others) note(`its Pareto front: narrows results ${name} --pareto ${others.join()}`);
}

/** Throws NarrowsError `option-unfit` for options that only a Pareto front has. */
function requirePareto(options: Pick<ResultInputs, 'partition' | 'plot'>): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    throw new NarrowsError('option-unfit', `--${name} belongs to a Pareto front, and no objectives are named`, {
      path: name,
      fix: 'add --pareto, e.g. --pareto parameters,seconds',
    });
  }
}

/** Prints rows as they come; JSON, one array, once all are there. */
async function printRows({ output, line }: CliContext, rows: AsyncIterable<ResultRow[]>, hasPartitions: boolean): Promise<void> {
  const all: ResultRow[] = [];
  const partition = hasPartitions ? '  partition' : '';
  if (output === 'text')
    line(`trial             method  k  seed${partition}  split       covered  structure  outcome    start    hidden`);
  for await (const block of rows) {
    for (const row of block) {
      if (output === 'jsonl') line(JSON.stringify(row));
      else if (output === 'json') all.push(row);
      else line(formatRow(row, hasPartitions));
    }
  }
  if (output === 'json') line(JSON.stringify(all));
}

function formatRow(row: ResultRow, hasPartitions: boolean): string {
  const { trialId, method, k, seed, partition, split, coveredVariance, structureCoveredVariance, outcome, config } = row;
  const number = (value: number | null, width: number) => (value === null ? '-' : value.toFixed(4)).padStart(width);
  return [
    trialId.padEnd(16),
    METHOD_STYLES[method].label.padEnd(6),
    String(k).padStart(2),
    String(seed).padStart(5),
    ...(hasPartitions ? [String(partition).padStart(9)] : []),
    (split ?? '-').padEnd(10),
    number(coveredVariance, 8),
    number(structureCoveredVariance, 10),
    outcome.padEnd(9),
    (config.start ?? 'scratch').padEnd(7),
    config.hidden.join('-'),
  ].join('  ');
}
