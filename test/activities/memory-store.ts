import type { SweepRecord, SweepStore } from '../../activities/ports.ts';
import type { TrialEntry } from '../../db/queries/trials/report-details.ts';
import type { EndedTrial, TrialState } from '../../db/queries/trials/trials.ts';
import { NarrowsError } from '../../errors.ts';
import type { Method } from '../../models/methods/catalogue.ts';
import type { TrialReport } from '../../models/training/report.ts';
import type { PackData } from '../../models/training/task.ts';
import { beginPoints, NOTHING_SPENT, type Spending } from '../../search/budget/spending.ts';
import { addLimits, type CellLimits } from '../../search/limits/limits.ts';
import { observePoints, type PointKey, type Proposal } from '../../search/proposals.ts';
import type { SweepSpec } from '../../search/spec.ts';
import type { SweepState } from '../../search/states.ts';
import type { SeedScore, WidthScores } from '../../search/widths/answer.ts';

interface Row extends TrialState {
  readonly promoted: number;
  /** By rung, how many trials had been promoted past it before, where rungs overlap. */
  readonly promotions: readonly number[];
  readonly entry: TrialEntry;
  /** Name of the engine that reported last. */
  readonly engine: string;
  /** Validation scores by rung. */
  readonly validation: readonly number[];
}

/** Storage in memory with the database's rules for replacing rows. */
export interface MemoryStore extends SweepStore {
  readonly states: (SweepState | `${SweepState}: ${string}`)[];
  readonly closed: string[];
  /** In their order. */
  readonly proposals: Proposal[];
  /** As the null engine writes them: each holds its epoch. */
  readonly checkpoints: Map<string, Uint8Array>;
  /** Numbers of the trials that the extended sweep has. */
  readonly adoptable: Set<number>;
  /** Points that cells train. */
  cellLimits: CellLimits | null;
  spending: Spending;
  /** Time for which the sweep has run. */
  seconds: number;
  /** Kept models of earlier trials. */
  readonly models: Map<string, Uint8Array>;
  /** Ids that loadModel was called with. */
  readonly asked: string[];
  rows(): Row[];
  /** Errors of the next calls of recordReports, one each. */
  readonly writeErrors: Error[];
  /** Rows that a second report tried to change. */
  refused: number;
}

export function memoryStore(sweepId: string, spec: SweepSpec, data: PackData = tinyData()): MemoryStore {
  const rows = new Map<number, Row>();
  const record: SweepRecord = { sweepId, spec, datasetVersion: 'v' };
  const promotedInto = (rung: number, methods?: readonly Method[]) =>
    [...rows.values()]
      .filter(({ promoted, entry }) => promoted >= rung && (methods?.includes(entry.trial.configuration.method) ?? true))
      .sort((a, b) => (a.promotions[rung - 1] ?? -1) - (b.promotions[rung - 1] ?? -1) || a.index - b.index);

  let extending: Promise<void> = Promise.resolve();
  const store: MemoryStore = {
    proposals: [],
    states: [],
    closed: [],
    checkpoints: new Map(),
    adoptable: new Set(),
    cellLimits: null,
    spending: NOTHING_SPENT,
    seconds: 0,
    models: new Map(),
    asked: [],
    writeErrors: [],
    refused: 0,
    rows: () => [...rows.values()].sort((a, b) => a.index - b.index),
    async sweep(id) {
      if (id !== sweepId) throw new NarrowsError('sweep-unknown', `no sweep ${id}`);
      return record;
    },
    limits: async () => store.cellLimits,
    spentMethods: async () => store.spending.spent,
    async spendOnPoints(_, points) {
      const trials = [...rows.values()].map(({ entry }) => entry);
      const byMethod = Map.groupBy(trials, ({ trial }) => trial.configuration.method);
      const coreSeconds = Object.fromEntries(
        [...byMethod].map(([method, own]) => [method, own.reduce((sum, { report }) => sum + report.seconds, 0)]),
      );
      const sweep = { spec, limits: store.cellLimits, spending: { ...store.spending, coreSeconds } };
      const { spending, limits } = beginPoints(sweep, store.seconds, points);
      store.spending = spending;
      store.cellLimits = addLimits(spec, store.cellLimits, limits);
    },
    async leaveOut(_, { closed, opened }) {
      const kept = Object.entries(store.cellLimits ?? {}).filter(([cell]) => !opened.includes(cell));
      store.cellLimits = Object.fromEntries([...kept, ...closed.map((cell) => [cell, 0] as const)]);
    },
    async trialsByCell() {
      const cells = Map.groupBy(rows.values(), ({ entry }) => entry.trial.cell);
      return new Map([...cells].map(([cell, own]) => [cell, own.length]));
    },
    widthScores: async () => scoresOf([...rows.values()]),
    async setState(_, state, message) {
      store.states.push(message === undefined ? state : `${state}: ${message}`);
    },
    async counts() {
      const count = (outcome: string) => [...rows.values()].filter((row) => row.outcome === outcome).length;
      return { completed: count('completed'), pruned: count('pruned'), diverged: count('diverged'), failed: count('failed') };
    },
    failureReason: async () => 'it broke',
    async points(_, keys) {
      return store.proposals.filter(({ cell, point }) => keys.some((key) => key.cell === cell && key.point === point));
    },
    async extendProposals(_, wanted, propose) {
      const extend = async () => {
        const isProposed = (key: PointKey) => store.proposals.some(({ cell, point }) => key.cell === cell && key.point === point);
        const open = wanted.filter((key) => !isProposed(key));
        const pending = store.proposals.filter(({ observed }) => observed === null);
        const scores = new Map([...rows.values()].map(({ index, validation }) => [index, validation[0] ?? null]));
        const observations = store.proposals.length - pending.length;
        const observed = observePoints(spec, pending, scores, observations);
        for (const one of observed) store.proposals[one.position] = one;
        const counts = { position: store.proposals.length, observations: observations + observed.length, revision: 0 };
        store.proposals.push(...(await propose({ ...counts, known: [...store.proposals] }, open)));
      };
      extending = extending.then(extend);
      await extending;
      return store.points(sweepId, wanted);
    },
    async adoptTrials(_, trials) {
      return new Set(trials.map(({ index }) => index).filter((index) => store.adoptable.has(index)));
    },
    async trialStates(_, indices) {
      return indices.flatMap((index) => rows.get(index) ?? []);
    },
    async survivors(_, rung, { offset, limit, methods }) {
      return promotedInto(rung, methods)
        .slice(offset, offset + limit)
        .map(({ index }) => index);
    },
    async survivorCount(_, rung, methods) {
      return promotedInto(rung, methods).length;
    },
    async scoresAtRung(_, rung) {
      return [...rows.values()].flatMap((row) => {
        const validation = row.validation[rung];
        if (validation === undefined) return [];
        const decided = decidedAt(row, rung);
        const { cell, configurationHash, partition } = row.entry.trial;
        return [{ index: row.index, cell, partition, configurationHash, validation, decided }];
      });
    },
    async curvesAtRung(_, rung, epochs) {
      return [...rows.values()].flatMap((row) => {
        const { report, trial } = row.entry;
        if (!('curve' in report) || row.validation[rung] === undefined) return [];
        const decided = decidedAt(row, rung);
        const { cell, configurationHash, partition } = trial;
        const curve = report.curve.validation.slice(0, epochs);
        return [{ index: row.index, cell, partition, configurationHash, curve, decided }];
      });
    },
    async entrants(_, rung, methods) {
      return [...rows.values()]
        .filter(({ promoted, entry }) => promoted >= rung && (methods?.includes(entry.trial.configuration.method) ?? true))
        .map((row) => {
          const { cell, configurationHash, partition } = row.entry.trial;
          const decided = decidedAt(row, rung);
          const isPending = row.outcome === 'rung' && row.rung < rung;
          return {
            index: row.index,
            cell,
            partition,
            configurationHash,
            decided,
            isPending,
            validation: row.validation[rung] ?? null,
          };
        });
    },
    async decideRung(_, rung, { promoted, pruned }, order) {
      const row = (index: number) => rows.get(index) as Row;
      const earlier = [...rows.values()].filter(({ promotions }) => promotions[rung] !== undefined).length;
      for (const [i, index] of promoted.entries()) {
        const promotions = [...row(index).promotions];
        if (order === 'one after another') promotions[rung] = earlier + i;
        rows.set(index, { ...row(index), promoted: rung + 1, promotions });
      }
      for (const index of pruned) rows.set(index, { ...row(index), outcome: 'pruned' });
      return pruned.map((index) => {
        const { configuration } = (rows.get(index) as Row).entry.trial;
        return { outcome: 'pruned', method: configuration.method, engine: 'null' };
      });
    },
    async recordReports(_, engine, entries) {
      const error = store.writeErrors.shift();
      if (error) throw error;
      const ended: EndedTrial[] = [];
      for (const entry of entries) {
        const { trial, rung, report } = entry;
        const before = rows.get(trial.index);
        if (before && before.outcome !== 'failed' && !(before.outcome === 'rung' && before.rung < rung)) {
          store.refused += 1;
          continue;
        }
        const validation = [...(before?.validation ?? [])];
        if (report.outcome === 'completed') validation[rung] = scoreOf(report, trial.configuration.k);
        if (report.outcome === 'rung') {
          validation[rung] = report.validation;
          store.checkpoints.set(entry.trialId, report.checkpoint);
        } else if (report.outcome !== 'failed') {
          store.checkpoints.delete(entry.trialId);
        }
        rows.set(trial.index, {
          index: trial.index,
          outcome: report.outcome,
          rung,
          promoted: before?.promoted ?? 0,
          promotions: before?.promotions ?? [],
          entry,
          engine: engine.name,
          validation,
        });
        if (report.outcome !== 'rung')
          ended.push({ outcome: report.outcome, method: trial.configuration.method, engine: 'null' });
      }
      return ended;
    },
    async saveCheckpoint(trialId, _, bytes) {
      store.checkpoints.set(trialId, bytes);
    },
    async loadCheckpoints(trialIds) {
      return new Map(
        trialIds.flatMap((id) => (store.checkpoints.has(id) ? [[id, store.checkpoints.get(id) as Uint8Array]] : [])),
      );
    },
    async sumCheckpoints(trialIds) {
      const sizes = trialIds.map((id) => store.checkpoints.get(id)).filter((bytes) => bytes !== undefined);
      const epochs = sizes.reduce((sum, bytes) => sum + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0), 0);
      return { epochs, bytes: sizes.reduce((sum, { length }) => sum + length, 0) };
    },
    async loadModel(trialId) {
      store.asked.push(trialId);
      const bytes = store.models.get(trialId);
      if (bytes) return bytes;
      throw new NarrowsError('weights-dropped', `trial "${trialId}" has no weights`);
    },
    async packData() {
      return data;
    },
    async baselines() {
      store.closed.push('baselines');
    },
    async keepBestModels() {
      store.closed.push('keepBestModels');
    },
    async compare() {
      store.closed.push('compare');
    },
    async interpret() {
      store.closed.push('interpret');
    },
  };
  return store;
}

/** Returns the scores of the first partition, of sweeps with one configuration per cell. */
function scoresOf(rows: readonly Row[]): WidthScores {
  const cells = new Map<string, { method: Method; k: number; scores: SeedScore[] }>();
  const emulator: SeedScore[] = [];
  for (const { entry } of rows) {
    const { trial, report } = entry;
    if (report.outcome !== 'completed' || trial.partition > 0) continue;
    const { method } = trial.configuration;
    for (const { k, coveredVariance } of report.scores.filter(({ split }) => split === 'validation')) {
      const cell = cells.get(`${method}/${k}`) ?? { method, k, scores: [] };
      cell.scores.push({ seed: trial.seed, validation: coveredVariance });
      cells.set(`${method}/${k}`, cell);
    }
    for (const { coveredVariance } of report.emulator.filter(({ split }) => split === 'validation'))
      emulator.push({ seed: trial.seed, validation: coveredVariance });
  }
  return { emulator, cells: [...cells.values()] };
}

const decidedAt = ({ promoted, outcome }: Row, rung: number): 'promoted' | 'pruned' | null =>
  promoted > rung ? 'promoted' : outcome === 'pruned' ? 'pruned' : null;

const scoreOf = ({ scores }: Extract<TrialReport, { readonly outcome: 'completed' }>, own: number): number =>
  scores.find(({ split, k }) => split === 'validation' && k === own)?.coveredVariance ?? 0;

/** Three rows of one descriptor and one energy, one in each part. */
export function tinyData(): PackData {
  const matrix = () => ({ rows: 3, columns: 1, data: new Float32Array(new SharedArrayBuffer(12)) });
  const axis = {
    kept: Uint32Array.of(0),
    mean: Float64Array.of(0),
    deviation: Float64Array.of(1),
    columns: 1,
    constants: [],
  };
  return {
    x: matrix(),
    y: matrix(),
    rows: { train: Uint32Array.of(0), validation: Uint32Array.of(1), test: Uint32Array.of(2) },
    scaling: { x: axis, y: axis, scaleY: 'centre' },
  };
}
