/** Plans of the statements behind the API, by EXPLAIN. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sql } from '../../db/client.ts';

export interface RecordedStatement {
  readonly statement: string;
  readonly parameters: readonly unknown[];
}

/** Returns the plan and time of each distinct statement, slowest first. */
export async function explainStatements(
  sql: Sql,
  statements: readonly RecordedStatement[],
): Promise<{ milliseconds: number; text: string }[]> {
  const reads = new Map(
    statements
      .filter(({ statement }) => /^\s*(select|with)\b/i.test(statement))
      .map((recorded) => [recorded.statement, recorded]),
  );
  const plans: { milliseconds: number; text: string }[] = [];
  for (const { statement, parameters } of reads.values()) {
    const rows = await sql.unsafe<{ 'QUERY PLAN': string }[]>(`explain (analyze, buffers) ${statement}`, parameters as never[]);
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    const milliseconds = Number(/Execution Time: ([\d.]+) ms/.exec(plan)?.[1] ?? 0);
    plans.push({ milliseconds, text: `${statement.trim()}\n\n${plan}\n` });
  }
  return plans.sort((a, b) => b.milliseconds - a.milliseconds);
}

/** Writes the first `count` plans into the folder, as `1.txt`, `2.txt`, … */
export function writeSlowestPlans(folder: string, plans: readonly { readonly text: string }[], count: number): void {
  mkdirSync(folder, { recursive: true });
  for (const [i, { text }] of plans.slice(0, count).entries()) writeFileSync(join(folder, `${i + 1}.txt`), text);
}
