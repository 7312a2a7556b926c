/** The filter language of search/columns/where.ts as SQL. Values are bound, never written into the text. */
import { type Condition, isNumeric, type WhereColumn } from '../../../search/columns/where.ts';
import type { Queryable } from '../../client.ts';

/** How each column reads in SQL: text of our own, over a table `t` of trials. */
export type WhereExpressions = Readonly<Record<WhereColumn, string>>;

const parameter = (name: string) => `t.configuration ->> '${name}'`;

export const TRIAL_COLUMNS: WhereExpressions = {
  index: 't.index',
  method: 't.method',
  k: 't.k',
  seed: 't.seed',
  outcome: 't.outcome',
  rung: 't.rung',
  validation: 't.validation',
  epochs: 't.epochs',
  seconds: 't.seconds',
  engine: 't.engine',
  trial: 't.id',
  learningRate: parameter('learningRate'),
  weightDecay: parameter('weightDecay'),
  optimiser: parameter('optimiser'),
  schedule: parameter('schedule'),
  dropout: parameter('dropout'),
  layerNorm: parameter('layerNorm'),
  activation: parameter('activation'),
  hidden: `translate(${parameter('hidden')}, ',[] ', '-')`,
  start: `coalesce(${parameter('start')}, 'scratch')`,
  warm: parameter('warm'),
};

/** ` and ...` for every condition; nothing where there is none. */
export function whereSql(sql: Queryable, conditions: readonly Condition[], columns: WhereExpressions = TRIAL_COLUMNS) {
  return conditions.map((condition) => sql`and ${conditionSql(sql, condition, columns)}`).reduce((a, b) => sql`${a} ${b}`, sql``);
}

function conditionSql(sql: Queryable, condition: Condition, columns: WhereExpressions) {
  const numeric = isNumeric(condition.column);
  const value = sql.unsafe(`(${columns[condition.column]})::${numeric ? 'float8' : 'text'}`);
  switch (condition.op) {
    case '<':
      return sql`${value} < ${condition.value}::float8`;
    case '<=':
      return sql`${value} <= ${condition.value}::float8`;
    case '>':
      return sql`${value} > ${condition.value}::float8`;
    case '>=':
      return sql`${value} >= ${condition.value}::float8`;
  }
  const named = condition.values.filter((one) => one !== null);
  const list = numeric ? sql`${named as number[]}::float8[]` : sql`${named as string[]}::text[]`;
  const isOne = condition.values.includes(null)
    ? sql`(${value} is null or ${value} = any(${list}))`
    : sql`(${value} is not null and ${value} = any(${list}))`;
  return condition.op === '=' ? isOne : sql`not ${isOne}`;
}
