import type { Command } from 'commander';
import { type ChampionRow, listChampionHistory, listCurrentChampions } from '../../db/queries/retraining/champions.ts';
import { NarrowsError } from '../../errors.ts';
import { isMethod, METHODS, type Method } from '../../models/methods/catalogue.ts';
import { rollBackChampion } from '../../operations/retraining.ts';
import { METHOD_STYLES } from '../../text/methods.ts';
import { action, example, wholeNumber } from '../command.ts';
import { localTime, table } from '../output/table.ts';
import { withDatabase, withServers } from '../servers.ts';

export function registerChampion(program: Command): void {
  const champion = program.command('champion').description('The models in use of each retraining, and those before them.');

  example(
    champion
      .command('ls')
      .description('List the champions in use.')
      .action(
        action(async (context) => {
          await withDatabase(context, async ({ db }) => {
            const rows = await listCurrentChampions(db.sql, null);
            context.printList(rows, () =>
              rows.length === 0 ? 'no champion yet: see "narrows retrain start --help"' : list(rows),
            );
          });
        }),
      ),
    'narrows champion ls',
  );

  example(
    champion
      .command('show')
      .argument('<name>', 'the retraining')
      .description('Show every champion that a retraining had, newest first, with data, configuration, seed and code.')
      .action(
        action(async (context, _options, name) => {
          await withDatabase(context, async ({ db }) => {
            const rows = await listChampionHistory(db.sql, name as string);
            if (rows.length === 0) {
              throw new NarrowsError('champion-unknown', `"${name}" has no champion`, {
                path: 'name',
                fix: 'see "narrows champion ls"',
                kind: 'not-found',
              });
            }
            context.printList(rows, () => rows.map(lineage).join('\n\n'));
          });
        }),
      ),
    'narrows champion show water-waist',
  );

  example(
    champion
      .command('rollback')
      .argument('<name>', 'the retraining')
      .requiredOption('--method <method>', 'the method')
      .requiredOption('--k <k>', 'the width or rank', wholeNumber)
      .description('Put the champion before in use again.')
      .action(
        action<{ method: string; k: number }>(async (context, { method, k }, name) => {
          if (!isMethod(method)) {
            throw new NarrowsError('method-unknown', `there is no method "${method}"`, {
              path: 'method',
              fix: `use one of ${METHODS.join(', ')}`,
            });
          }
          await withServers(context, async (servers) => {
            const row = await rollBackChampion(servers, name as string, method as Method, k);
            context.print(row, () => lineage(row));
          });
        }),
      ),
    'narrows champion rollback water-waist --method ednn --k 2',
  );
}

function list(rows: readonly ChampionRow[]): string {
  return table(rows, [
    { title: 'name', value: ({ name }) => name },
    { title: 'data', value: ({ dataset, datasetVersion, target }) => `${dataset}@${datasetVersion.slice(0, 12)} ${target}` },
    { title: 'method', value: ({ method }) => METHOD_STYLES[method].label },
    { title: 'k', value: ({ k }) => k },
    { title: 'validation', value: ({ validation }) => Number(validation.toFixed(5)) },
    { title: 'trial', value: ({ trialId }) => trialId },
    { title: 'by', value: ({ origin }) => origin },
    { title: 'since', value: ({ since }) => localTime(since) },
  ]);
}

function lineage(row: ChampionRow): string {
  const { method, k, origin, since, until, endedBy, configuration, seed, runId } = row;
  const over = until ? `until ${localTime(until)}, ended by ${endedBy}` : 'in use';
  return [
    `${METHOD_STYLES[method].label} at k = ${k}, by ${origin}, since ${localTime(since)}, ${over}`,
    `  trial ${row.trialId} of sweep ${row.sweepId}, seed ${seed}, validation ${row.validation.toFixed(5)}`,
    `  data ${row.dataset}@${row.datasetVersion.slice(0, 12)}, target ${row.target}`,
    `  hidden ${configuration.hidden.join('-')}, ${configuration.activation}, learning rate ${configuration.learningRate}, ${configuration.epochs} epochs${configuration.warm ? `, from the weights of ${configuration.warm}` : ''}`,
    `  code ${row.codeVersion}, engine ${row.engine} ${row.engineBuild}`,
    ...(runId ? [`  run ${runId}`] : []),
  ].join('\n');
}
