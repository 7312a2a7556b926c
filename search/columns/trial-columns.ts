/**
 * The columns of a sweep's trials, one row each: filters, SQL, columns over HTTP, sorting and the
 * labels of pages follow from it. A light module: no numerics, no validation library.
 */
import { METHODS } from '../../models/methods/catalogue.ts';
import { ACTIVATIONS } from '../../models/networks/activations.ts';
import { OPTIMISERS } from '../../models/networks/network.ts';
import { STARTS } from '../../models/training/configuration.ts';
import { SCHEDULES } from '../../models/training/schedule.ts';
import { PARAMETERS, type ParameterName } from '../parameters.ts';
import { OUTCOMES } from '../states.ts';

/** `share`: best value 1; `time`: ms since 1970; `category`: of a closed set; `text`: any. */
export type ColumnType =
  | { readonly type: 'number' | 'integer' | 'share' | 'time' | 'text' }
  | { readonly type: 'category'; readonly categories: readonly string[] };

/** The type of a column sent over HTTP; see dashboards/contract/columns.ts. */
export type WireType = 'u8' | 'u16' | 'u32' | 'f32' | 'f64';

/** Known before a trial starts, or read from its row in the database. */
type ColumnSource =
  | { readonly source: 'plan' }
  /** `wire` null: not among the columns of outcomes that are sent to pages. */
  | { readonly source: 'outcome'; readonly wire: WireType | null };

export type TrialColumn = ColumnType &
  ColumnSource & {
    /** As pages name it. */
    readonly label: string;
    readonly unit?: string;
    /** An expression over a table `t` of trials. */
    readonly sql: string;
    /** Filters cannot name the column. */
    readonly unfiltered?: true;
  };

/** Returns the SQL of a key of the configuration. */
const configured = (key: string) => `t.configuration ->> '${key}'`;

/** Columns of parameters: epochs are planned, and trained until training stops early. */
export type PlannedParameter = Exclude<ParameterName, 'epochs'> | 'maxEpochs';

/** Returns the column of a parameter. */
export const columnOf = (name: ParameterName): PlannedParameter => (name === 'epochs' ? 'maxEpochs' : name);

/** Returns the parameter of a column. */
export const parameterOf = (column: PlannedParameter): ParameterName => (column === 'maxEpochs' ? 'epochs' : column);

export const TRIAL_COLUMNS = {
  index: { label: 'trial', type: 'integer', source: 'plan', sql: 't.index' },
  method: { label: 'method', type: 'category', categories: METHODS, source: 'plan', sql: 't.method' },
  k: { label: 'k', type: 'integer', source: 'plan', sql: 't.k' },
  seed: { label: 'seed', type: 'integer', source: 'plan', sql: 't.seed' },
  partition: { label: 'partition', type: 'integer', source: 'plan', sql: 't.partition' },
  outcome: { label: 'outcome', type: 'category', categories: OUTCOMES, source: 'outcome', wire: 'u8', sql: 't.outcome' },
  rung: { label: 'rung', type: 'integer', source: 'outcome', wire: 'u8', sql: 't.rung' },
  validation: { label: 'covered variance (validation)', type: 'share', source: 'outcome', wire: 'f32', sql: 't.validation' },
  epochs: { label: 'epochs', type: 'integer', source: 'outcome', wire: 'u32', sql: 't.epochs' },
  seconds: { label: 'seconds', unit: 's', type: 'number', source: 'outcome', wire: 'f32', sql: 't.seconds' },
  engine: { label: 'engine', type: 'text', source: 'outcome', wire: null, sql: 't.engine' },
  trial: { label: 'id', type: 'text', source: 'plan', sql: 't.id' },
  learningRate: { label: 'learning rate', type: 'number', source: 'plan', sql: configured('learningRate') },
  weightDecay: { label: 'weight decay', type: 'number', source: 'plan', sql: configured('weightDecay') },
  optimiser: { label: 'optimiser', type: 'category', categories: OPTIMISERS, source: 'plan', sql: configured('optimiser') },
  momentum: { label: 'momentum', type: 'number', source: 'plan', sql: configured('momentum') },
  schedule: { label: 'schedule', type: 'category', categories: SCHEDULES, source: 'plan', sql: configured('schedule') },
  warmUp: { label: 'warm-up', type: 'share', source: 'plan', sql: configured('warmUp') },
  targetWeighting: { label: 'target weighting', type: 'number', source: 'plan', sql: configured('targetWeighting') },
  dropout: { label: 'dropout', type: 'number', source: 'plan', sql: configured('dropout') },
  layerNorm: {
    label: 'layer norm',
    type: 'category',
    categories: ['true', 'false'],
    source: 'plan',
    sql: configured('layerNorm'),
  },
  patience: { label: 'patience', type: 'integer', source: 'plan', sql: configured('patience') },
  /** Epochs of the configuration; the column `epochs` has those that were trained. */
  maxEpochs: { label: 'epochs at most', type: 'integer', source: 'plan', sql: configured('epochs') },
  batch: { label: 'batch', type: 'integer', source: 'plan', sql: configured('batch') },
  activation: { label: 'activation', type: 'category', categories: ACTIVATIONS, source: 'plan', sql: configured('activation') },
  /** Widths of the hidden layers as '64-64'. */
  hidden: { label: 'hidden layers', type: 'text', source: 'plan', sql: `translate(${configured('hidden')}, ',[] ', '-')` },
  start: {
    label: 'start',
    type: 'category',
    categories: STARTS,
    source: 'plan',
    sql: `coalesce(${configured('start')}, 'scratch')`,
  },
  /** The trial whose weights a warm one began from. */
  warm: { label: 'warm start from', type: 'text', source: 'plan', sql: configured('warm') },
  finishedAt: {
    label: 'ended',
    unit: 'ms',
    type: 'time',
    source: 'outcome',
    wire: 'f64',
    sql: 'extract(epoch from t.finished_at) * 1000',
    unfiltered: true,
  },
} as const satisfies Readonly<Record<string, TrialColumn>> & Readonly<Record<PlannedParameter, TrialColumn>>;

export type ColumnName = keyof typeof TRIAL_COLUMNS;
type NameWhere<Part> = { [Name in ColumnName]: (typeof TRIAL_COLUMNS)[Name] extends Part ? Name : never }[ColumnName];
export type OutcomeColumnName = NameWhere<{ readonly source: 'outcome' }>;
export type FilterColumnName = Exclude<ColumnName, NameWhere<{ readonly unfiltered: true }>>;

export const COLUMN_NAMES = Object.keys(TRIAL_COLUMNS) as ColumnName[];

export const trialColumn = (name: ColumnName): TrialColumn => TRIAL_COLUMNS[name];

const PARAMETER_COLUMNS: ReadonlySet<string> = new Set(PARAMETERS.map(columnOf));

/** Whether the column is that of a parameter. */
export const isParameterColumn = (name: ColumnName): name is PlannedParameter => PARAMETER_COLUMNS.has(name);

/** The column of this name; null where there is none. */
export const findColumn = (name: string): TrialColumn | null =>
  Object.hasOwn(TRIAL_COLUMNS, name) ? TRIAL_COLUMNS[name as ColumnName] : null;

export const FILTER_COLUMNS = COLUMN_NAMES.filter((name) => !trialColumn(name).unfiltered) as FilterColumnName[];

/** Columns that come from the rows of the database, in the order in which they are sent. */
export const OUTCOME_COLUMNS = COLUMN_NAMES.filter((name) => trialColumn(name).source === 'outcome') as OutcomeColumnName[];

export const isNumeric = (name: ColumnName): boolean => !['category', 'text'].includes(trialColumn(name).type);

/** Returns the label of a column; a column without a row is named as it is. */
export const labelOf = (name: string): string => findColumn(name)?.label ?? name;
