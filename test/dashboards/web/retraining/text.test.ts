/** Labels, tables and lineage of retrainings. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Champion, ChampionDetail, RetrainHistory } from '../../../../dashboards/contract/retraining.ts';
import { runPath } from '../../../../dashboards/web/parts/paths.ts';
import { buildLineage, versionAncestry } from '../../../../dashboards/web/retraining/lineage-graph.ts';
import { historyTable, pointSentence, predictCommand, stepLabels } from '../../../../dashboards/web/retraining/text.ts';

const step = (kind: RetrainHistory['steps'][number]['kind'], rows: number | null): RetrainHistory['steps'][number] => ({
  ...{ kind, rows, at: '2026-01-01T00:00:00.000Z', runId: null, version: 'abcdef'.padEnd(64, '0'), verdict: null },
});

const champion = (championId: number, changes: Partial<Champion> = {}): Champion => ({
  ...{ championId, retraining: 'waist', dataset: 'water', datasetVersion: `v${championId}`, target: 'xes', method: 'eca', k: 2 },
  ...{ trialId: `s${championId}-7`, sweepId: `s${championId}`, runId: `r${championId}`, origin: 'promotion', previous: null },
  ...{ since: `2026-01-0${championId}T00:00:00.000Z`, until: null, endedBy: null, validation: 0.9, seed: 1, warm: null },
  ...changes,
});

const detailOf = (champions: readonly Champion[], asked: Champion): ChampionDetail => ({
  ...asked,
  ...{ test: 0.9, configuration: {}, engine: 'kernel', engineBuild: '1', codeVersion: '1' },
  lineage: {
    versions: [1, 2, 3].map((n) => ({
      ...{ version: `v${n}`, parent: n === 1 ? null : `v${n - 1}`, rows: 1000 * n, added: 1000 },
      importedAt: `2026-01-0${n}T00:00:00.000Z`,
    })),
    runs: champions.flatMap(({ runId, since }) =>
      runId === null
        ? []
        : [
            {
              ...{ runId, retraining: 'waist', outcome: 'promoted' as const, fromVersion: null, toVersion: null, sweeps: [] },
              ...{ verdict: null, challenged: 6, promoted: 2, message: null, startedAt: since, finishedAt: since },
            },
          ],
    ),
    sweeps: [],
    champions: [...champions],
  },
});

describe('a lineage', () => {
  const past = [
    champion(1, { origin: 'first', until: '2026-01-03T00:00:00.000Z', endedBy: 'promotion' }),
    champion(3, { until: '2026-01-04T00:00:00.000Z', endedBy: 'rollback', warm: 's1-7' }),
    champion(4, { origin: 'rollback', runId: null, trialId: 's1-7', sweepId: 's1', datasetVersion: 'v1' }),
  ] as const;

  it('has a path from the data over the run to the champion', () => {
    const { nodes, edges } = buildLineage(detailOf(past, past[1]));
    assert.deepEqual(
      nodes.filter(({ own }) => own).map(({ id, column }) => [column, id]),
      [
        [0, 'version v3'],
        [1, 'run r3'],
        [2, 'sweep s3'],
        [3, 'trial s3-7'],
        [4, 'champion 3'],
      ],
    );
    assert.deepEqual(
      edges.filter(({ own }) => own).map(({ from, to }) => `${from} > ${to}`),
      ['version v3 > run r3', 'run r3 > sweep s3', 'sweep s3 > trial s3-7', 'trial s3-7 > champion 3'],
    );
  });
  it('shows shared nodes once, each in its own position', () => {
    const { nodes, edges, rows } = buildLineage(detailOf(past, past[2]));
    assert.equal(nodes.filter(({ id }) => id === 'trial s1-7').length, 1);
    assert.ok(edges.some(({ from, to }) => from === 'trial s1-7' && to === 'champion 4'));
    assert.equal(new Set(nodes.map(({ column, row }) => `${column} ${row}`)).size, nodes.length);
    assert.equal(rows, 3);
  });
  it('connects data versions across gaps, and initial weights', () => {
    const { edges } = buildLineage(detailOf(past, past[0]));
    assert.ok(edges.some(({ from, to }) => from === 'version v1' && to === 'version v3'));
    assert.ok(edges.some(({ from, to }) => from === 'trial s1-7' && to === 'trial s3-7'));
    assert.deepEqual(
      versionAncestry(detailOf(past, past[1])).map(({ version }) => version),
      ['v1', 'v2', 'v3'],
    );
  });
  it('is limited to the newest champions and the requested one', () => {
    const many = Array.from({ length: 30 }, (_, i) => champion(i + 1));
    const { shown, of, nodes } = buildLineage(detailOf(many, many[2] as Champion));
    assert.deepEqual([shown, of], [8, 30]);
    assert.ok(nodes.some(({ id, own }) => id === 'champion 3' && own));
    assert.ok(nodes.some(({ id }) => id === 'champion 30'));
  });
});

describe('a history', () => {
  const history: RetrainHistory = {
    steps: [step('first', 8000), step('promoted', 9000)],
    cells: [
      {
        method: 'eca',
        k: 2,
        points: [
          {
            step: 0,
            kind: 'first',
            championId: 1,
            trialId: 'a',
            coveredVariance: null,
            rows: null,
            measuredOn: null,
            other: null,
          },
          {
            ...{ step: 1, kind: 'promoted', championId: 2, trialId: 'b', coveredVariance: 0.9, rows: 150 },
            measuredOn: 'fedcba'.padEnd(64, '0'),
            other: { trialId: 'a', coveredVariance: 0.8 },
          },
        ],
      },
      { method: 'ednn', k: 1, points: [] },
    ],
  };
  it('describes every point, measured or not', () => {
    const [cell] = history.cells;
    assert.ok(cell);
    assert.deepEqual(
      cell.points.map((point) => pointSentence(cell, point, history.steps[point.step] as RetrainHistory['steps'][number])),
      [
        'ECA, k = 2 on 8\u202f000 rows (abcdef000000): first champion, not measured',
        'ECA, k = 2 on 9\u202f000 rows (abcdef000000): promoted, covers 0.900 of 150 hold-out rows (of fedcba000000); previous champion 0.800',
      ],
    );
    const { head, rows } = historyTable(history);
    assert.deepEqual([rows.length, new Set(rows.map((row) => row.length))], [2, new Set([head.length])]);
  });
  it('has a limited number of labels, including the newest', () => {
    const steps = [...Array.from({ length: 19 }, (_, i) => step('kept', 100 + i)), step('rollback', 119)];
    const labels = stepLabels(steps, 7);
    assert.equal(labels.length, 20);
    assert.deepEqual(labels.filter((label) => label !== '').at(-1), 'rollback');
    assert.equal(labels.filter((label) => label !== '').length, 7);
  });
});

it('names of a making of one’s own are safe in commands and paths', () => {
  assert.equal(
    predictCommand({ retraining: "it's mine", method: 'eca', k: 2 }),
    "narrows predict --champion 'it'\\''s mine' --method eca --k 2 --input X.npy --out Y.npy",
  );
  assert.equal(runPath('a/b', 'r:1'), '/retrainings/a%2Fb/runs/r%3A1');
});
