/**
 * How Postgres goes about the statements behind the API: EXPLAIN of what the routes have asked, the
 * slowest kept as files.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sql } from '../../db/client.ts';

export interface Heard {
  readonly statement: string;
  readonly parameters: readonly unknown[];
}

/** Of each different statement the plan, with its time; slowest first. */
export async function explain(sql: Sql, heard: readonly Heard[]): Promise<{ milliseconds: number; text: string }[]> {
  const reads = new Map(
    heard.filter(({ statement }) => /^\s*(select|with)\b/i.test(statement)).map((one) => [one.statement, one]),
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

/** Writes the slowest as `1.txt`, `2.txt`, … into the folder. */
export function keepSlowest(folder: string, plans: readonly { readonly text: string }[], count: number): void {
  mkdirSync(folder, { recursive: true });
  for (const [i, { text }] of plans.slice(0, count).entries()) writeFileSync(join(folder, `${i + 1}.txt`), text);
}
