import type { Command } from 'commander';
import { withServers, withStorage } from '../../infra/sessions.ts';
import { parseMethod } from '../../operations/methods.ts';
import { type ChampionRow, listChampions, readChampionHistory, rollBackChampion } from '../../operations/retraining/champions.ts';
import { formatVersion } from '../../text/format.ts';
import { METHOD_STYLES } from '../../text/methods.ts';
import { addCommand, option, parseCount, printTable } from '../command.ts';
import { localTime } from '../output/table.ts';

export function register(program: Command): void {
  const champion = program.command('champion').description('The models in use of each retraining, and their predecessors.');

  addCommand(champion, {
    name: 'ls',
    description: 'List the champions in use.',
    examples: ['narrows champion ls'],
    run: (context) =>
      withStorage(context, async (storage) =>
        printTable(
          context,
          await listChampions(storage),
          {
            name: ({ name }) => name,
            data: ({ dataset, datasetVersion, target }) => `${formatVersion(dataset, datasetVersion)} ${target}`,
            method: ({ method }) => METHOD_STYLES[method].label,
            k: ({ k }) => k,
            validation: ({ validation }) => Number(validation.toFixed(5)),
            trial: ({ trialId }) => trialId,
            by: ({ origin }) => origin,
            since: ({ since }) => localTime(since),
          },
          'no champion yet: see "narrows retrain start --help"',
        ),
      ),
  });

  addCommand<{ name: string }>(champion, {
    name: 'show',
    arguments: [['<name>', 'the retraining']],
    description: 'Show every champion of a retraining, newest first, with data, configuration, seed and code.',
    examples: ['narrows champion show water-waist'],
    run: (context, { name }) =>
      withStorage(context, async (storage) => {
        const rows = await readChampionHistory(storage, name);
        context.printList(rows, () => rows.map(formatChampion).join('\n\n'));
      }),
  });

  addCommand<{ name: string; method: string; k: number }>(champion, {
    name: 'rollback',
    arguments: [['<name>', 'the retraining']],
    options: [
      option('--method <method>', 'the method', { mandatory: true }),
      option('--k <k>', 'the width or rank', { parse: parseCount, mandatory: true }),
    ],
    description: 'Put the previous champion in use again.',
    examples: ['narrows champion rollback water-waist --method ednn --k 2'],
    run: async (context, { name, method, k }) => {
      const known = parseMethod(method);
      await withServers(context, async (servers) => {
        const row = await rollBackChampion(servers, name, known, k);
        context.print(row, () => formatChampion(row));
      });
    },
  });
}

function formatChampion(row: ChampionRow): string {
  const { method, k, origin, since, until, endedBy, configuration, seed, runId } = row;
  const { hidden, activation, learningRate, epochs, warm } = configuration;
  return [
    `${METHOD_STYLES[method].label} at k = ${k}, by ${origin}, since ${localTime(since)}, ${until ? `until ${localTime(until)}, ended by ${endedBy}` : 'in use'}`,
    `  trial ${row.trialId} of sweep ${row.sweepId}, seed ${seed}, validation ${row.validation.toFixed(5)}`,
    `  data ${formatVersion(row.dataset, row.datasetVersion)}, target ${row.target}`,
    `  hidden ${hidden.join('-')}, ${activation}, learning rate ${learningRate}, ${epochs} epochs${warm ? `, from the weights of ${warm}` : ''}`,
    `  code ${row.codeVersion}, engine ${row.engine} ${row.engineBuild}`,
    ...(runId ? [`  run ${runId}`] : []),
  ].join('\n');
}
