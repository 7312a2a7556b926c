/** The filter language of search/columns/where.ts as SQL. Values are bound, never spliced in. */
import { COLUMN_NAMES, type ColumnName, isNumeric, trialColumn } from '../../../search/columns/trial-columns.ts';
import type { Condition } from '../../../search/columns/where.ts';
import type { Queryable } from '../../client.ts';

/** The expression of each column over a table `t` of trials: fixed text, no user's input. */
export type ColumnExpressions = Readonly<Record<ColumnName, string>>;

export const TRIAL_EXPRESSIONS = Object.fromEntries(
  COLUMN_NAMES.map((name) => [name, trialColumn(name).sql]),
) as ColumnExpressions;

/** Returns ` and ...` for every condition; nothing where there is none. */
export function whereSql(sql: Queryable, conditions: readonly Condition[], expressions: ColumnExpressions = TRIAL_EXPRESSIONS) {
  return conditions
    .map((condition) => sql`and ${conditionSql(sql, condition, expressions)}`)
    .reduce((a, b) => sql`${a} ${b}`, sql``);
}

function conditionSql(sql: Queryable, condition: Condition, expressions: ColumnExpressions) {
  const numeric = isNumeric(condition.column);
  const value = sql.unsafe(`(${expressions[condition.column]})::${numeric ? 'float8' : 'text'}`);
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
