/**
 * The exact SQL of the queries that pages wait for, so that reviewers see what changes: one file
 * per query in test/db/golden/, with every statement that it sends and the parameters. `node
 * test/db/golden.ts --write` updates the files.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectTo, type Sql } from '../../db/client.ts';
import { migrate } from '../../db/migrate.ts';
import { listDatasets } from '../../db/queries/datasets/dataset-list.ts';
import { findDatasetVersion } from '../../db/queries/datasets/datasets.ts';
import { listChampionHistory, listCurrentChampions } from '../../db/queries/retraining/champions.ts';
import * as retrainingPages from '../../db/queries/retraining/pages.ts';
import { listRetrainings } from '../../db/queries/retraining/retrainings.ts';
import { listRecentRevisions } from '../../db/queries/sweeps/change-feed.ts';
import { listBaselineScores, listComparisonTrials } from '../../db/queries/sweeps/comparison.ts';
import { listScoredConfigurations } from '../../db/queries/sweeps/configurations.ts';
import * as coverage from '../../db/queries/sweeps/coverage.ts';
import { findInterpretationJson } from '../../db/queries/sweeps/interpretation.ts';
import { computeSweepStatistics, listSweepPage } from '../../db/queries/sweeps/sweep-list.ts';
import { findSweep } from '../../db/queries/sweeps/sweeps.ts';
import { listModels } from '../../db/queries/trials/models.ts';
import { outcomesSince } from '../../db/queries/trials/outcomes.ts';
import { streamResults } from '../../db/queries/trials/results.ts';
import { scoresSince } from '../../db/queries/trials/scores.ts';
import * as trialPages from '../../db/queries/trials/trial-pages.ts';
import { parseWhere } from '../../search/columns/where.ts';
import { emptyDatabase } from './database.ts';
import { seedSweep } from './fixtures.ts';

export const GOLDEN = fileURLToPath(new URL('./golden/', import.meta.url));

const SWEEP = 's1';
const CURSOR = { at: '2026-01-02 03:04:05.678901+00', id: 'r1' } as const;
const SWEEP_CURSOR = { startedAt: CURSOR.at, id: SWEEP } as const;
const EVENT_CURSOR = { at: CURSOR.at, id: '00000000-0000-4000-8000-000000000001' } as const;
const PAGE = { name: 'waist', limit: 20 } as const;
const CELL = { method: 'nnca', k: 2 } as const;
const UNTIL = new Date('2100-01-01T00:00:00Z');

type Query = (sql: Sql) => Promise<unknown>;

/** Queries by the name of their file. */
const QUERIES: Readonly<Record<string, Query>> = {
  'champions/current': (sql) => listCurrentChampions(sql, 'waist'),
  'champions/history': (sql) => listChampionHistory(sql, 'waist'),
  'comparison/baselines': (sql) => listBaselineScores(sql, [SWEEP, 's2']),
  'comparison/trials': (sql) => listComparisonTrials(sql, [SWEEP, 's2']),
  'coverage/baselines': (sql) => coverage.listLinearBaselines(sql, SWEEP, 'validation'),
  'coverage/cells': (sql) => coverage.summariseCells(sql, SWEEP, [{ ...CELL, configurationHash: 'abc' }]),
  'datasets/list': (sql) => listDatasets(sql),
  'datasets/one': (sql) => findDatasetVersion(sql, 'water@abab'),
  'retraining/champion-scores': (sql) => retrainingPages.loadTestScores(sql, [{ trialId: 's1-0', k: 2 }]),
  'retraining/concluded-runs': (sql) => retrainingPages.listConcludedRuns(sql, 'waist'),
  'retraining/events': (sql) => retrainingPages.listEventPage(sql, { ...PAGE, after: EVENT_CURSOR }),
  'retraining/list': (sql) => listRetrainings(sql),
  'retraining/messages': (sql) => retrainingPages.listMessagesOfEvents(sql, [EVENT_CURSOR.id]),
  'retraining/runs': (sql) => retrainingPages.listRunPage(sql, { ...PAGE, after: CURSOR, outcomes: ['kept', 'promoted'] }),
  'retraining/shards': (sql) => retrainingPages.listShardPage(sql, { ...PAGE, after: CURSOR }),
  'retraining/summaries': (sql) => retrainingPages.summariseRetrainings(sql, ['waist', 'other']),
  'retraining/version-ancestors': (sql) => retrainingPages.listVersionsWithAncestors(sql, 'water', ['abc']),
  'retraining/versions': (sql) => retrainingPages.listVersionGrowth(sql, 'water'),
  'retraining/versions-newest': (sql) => retrainingPages.findNewestVersions(sql, ['water']),
  'sweep/configurations': (sql) => listScoredConfigurations(sql, SWEEP, { partition: 0, where: parseWhere('k=2') }),
  'sweep/interpretation': (sql) => findInterpretationJson(sql, SWEEP),
  'sweep/list': (sql) =>
    listSweepPage(sql, { state: 'running', search: 'wai', dataset: 'water@ab', limit: 20, after: SWEEP_CURSOR }),
  'sweep/list-all': (sql) => listSweepPage(sql, { state: null, search: null, dataset: null, limit: 20, after: null }),
  'sweep/models': (sql) => listModels(sql, SWEEP),
  'sweep/one': (sql) => findSweep(sql, 'waist'),
  'sweep/revisions': (sql) => listRecentRevisions(sql),
  'sweep/statistics': async (sql) => computeSweepStatistics(sql, await findSweep(sql, SWEEP), UNTIL),
  'trial/one': (sql) => trialPages.findTrial(sql, 's1-0').catch(() => null),
  'trial/page': (sql) => trialPages.trialsNumbered(sql, SWEEP, [3, 1]),
  'trial/results': async (sql) => {
    const where = parseWhere('method=eca|nnca,k=2,validation>=0.9,outcome!=failed,dropout=none');
    for await (const _ of streamResults(sql, SWEEP, { split: 'test', where }));
  },
  'trial/scores': (sql) => trialPages.figuresOf(sql, 's1-0', ['train', 'validation']),
  'trial/scores-since': (sql) => scoresSince(sql, SWEEP, 41),
  'trial/since': (sql) => outcomesSince(sql, SWEEP, 41),
};

/**
 * Runs every query on a database with one sweep and returns the content of its file, by file name.
 */
export async function describeQueries(): Promise<ReadonlyMap<string, string>> {
  const database = await emptyDatabase();
  const statements: string[] = [];
  try {
    await migrate(database.url);
    const sql = connectTo(database.url, 1, { onStatement: (text, parameters) => statements.push(describe(text, parameters)) });
    try {
      await seedSweep(sql, SWEEP);
      await sql`update sweeps set started_at = '2026-01-02T03:04:05Z'`;
      const files = new Map<string, string>();
      for (const [name, query] of Object.entries(QUERIES)) {
        statements.length = 0;
        await query(sql);
        files.set(`${name}.sql`, statements.join('\n'));
      }
      return files;
    } finally {
      await sql.end();
    }
  } finally {
    await database.close();
  }
}

/**
 * Returns the statement less the indentation of its place in the code, and its parameters as
 * comments.
 */
function describe(text: string, parameters: readonly unknown[]): string {
  const lines = text.trim().split('\n');
  const indents = lines.slice(1).flatMap((line) => (line.trim() === '' ? [] : [line.search(/\S/)]));
  const indent = Math.min(...indents, Number.POSITIVE_INFINITY);
  const dedented = lines.map((line, i) => (i === 0 ? line : line.slice(Number.isFinite(indent) ? indent : 0)).trimEnd());
  const values = parameters.map((value, i) => `-- $${i + 1} = ${JSON.stringify(value)}`);
  return `${[...dedented.filter((line) => line !== ''), ';', ...values].join('\n').replace('\n;', ';')}\n`;
}

if (process.argv.includes('--write')) {
  const queries = await describeQueries();
  rmSync(GOLDEN, { recursive: true, force: true });
  for (const [file, content] of queries) {
    mkdirSync(dirname(join(GOLDEN, file)), { recursive: true });
    writeFileSync(join(GOLDEN, file), content);
  }
}
