/** Components of trials, and the stored interpretation of a sweep with its fields. */
import { NarrowsError } from '../../../errors.ts';
import { sha256Of } from '../../../platform.ts';
import type { Queryable, Sql } from '../../client.ts';
import type { interpretations } from '../../schema.ts';
import { reviseSweep } from './revision.ts';

/** Returns V [k, D], row-major, by trial id, for trials that have components. */
export async function loadComponents(sql: Queryable, trialIds: readonly string[]): Promise<Map<string, Float32Array>> {
  const rows = await sql<{ trialId: string; coefficients: number[][] }[]>`
    select trial_id as "trialId", jsonb_agg(to_jsonb(coefficients) order by component) as coefficients
    from components where trial_id = any(${[...trialIds]}::text[]) group by trial_id`;
  return new Map(rows.map(({ trialId, coefficients }) => [trialId, Float32Array.from(coefficients.flat())]));
}

/** One axis of a field, in physical units. */
export interface FieldAxis {
  readonly name: string;
  readonly unit: string;
  readonly from: number;
  readonly to: number;
  readonly points: number;
}

/** A scalar over three descriptors; the last axis runs fastest, NaN outside the data's hull. */
export interface StoredField {
  readonly name: string;
  readonly axes: readonly [FieldAxis, FieldAxis, FieldAxis];
  readonly values: Float32Array;
}

export interface StoredInterpretation extends Readonly<Omit<typeof interpretations.$inferSelect, 'sweepId'>> {
  readonly fields: readonly StoredField[];
}

/** Replaces result and fields in one transaction. */
export async function saveInterpretation(
  sql: Sql,
  sweepId: string,
  { result, codeVersion, fields }: Pick<StoredInterpretation, 'result' | 'codeVersion' | 'fields'>,
): Promise<void> {
  await reviseSweep(sql, sweepId, async (own) => {
    await own`delete from interpretations where sweep_id = ${sweepId}`;
    await own`
      insert into interpretations (sweep_id, result, code_version) values (${sweepId}, ${own.json(result as never)}, ${codeVersion})
      on conflict (sweep_id) do nothing`;
    for (const { name, axes, values } of fields) {
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      await own`
        insert into fields (sweep_id, name, axes, dtype, sha256, bytes)
        values (${sweepId}, ${name}, ${own.json(axes as never)}, 'float32le', ${sha256Of(bytes)}, ${bytes})
        on conflict (sweep_id, name) do nothing`;
    }
    return 'other';
  });
}

/** Reads the interpretation; null before the first one. Throws NarrowsError `field-corrupt`. */
export async function findInterpretation(sql: Queryable, sweepId: string): Promise<StoredInterpretation | null> {
  const [row] = await sql<Omit<StoredInterpretation, 'fields'>[]>`
    select result, code_version as "codeVersion", interpreted_at as "interpretedAt" from interpretations where sweep_id = ${sweepId}`;
  if (!row) return null;
  const stored = await sql<StoredFieldRow[]>`
    select name, axes, sha256, bytes from fields where sweep_id = ${sweepId} order by name`;
  const fields = stored.map(toStoredField);
  return { ...row, fields };
}

export async function hasInterpretation(sql: Queryable, sweepId: string): Promise<boolean> {
  const [row] = await sql<[{ there: boolean }]>`select exists (select from interpretations where sweep_id = ${sweepId}) as there`;
  return row.there;
}

/** Returns the result as JSON text, with its fields' names under `fields`; null without one. */
export async function findInterpretationJson(sql: Queryable, sweepId: string): Promise<string | null> {
  const [row] = await sql<{ text: string }[]>`
    select (i.result || jsonb_build_object('fields', coalesce((
      select jsonb_agg(f.name order by f.name) from fields f where f.sweep_id = i.sweep_id
    ), '[]')))::text as text from interpretations i where i.sweep_id = ${sweepId}`;
  return row?.text ?? null;
}

/** Reads a field; null where it does not exist. Throws NarrowsError `field-corrupt`. */
export async function findField(sql: Queryable, sweepId: string, name: string): Promise<StoredField | null> {
  const [row] = await sql<StoredFieldRow[]>`
    select name, axes, sha256, bytes from fields where sweep_id = ${sweepId} and name = ${name}`;
  return row ? toStoredField(row) : null;
}

interface StoredFieldRow extends Omit<StoredField, 'values'> {
  readonly sha256: string;
  readonly bytes: Uint8Array;
}

function toStoredField({ name, axes, sha256, bytes }: StoredFieldRow): StoredField {
  if (sha256Of(bytes) !== sha256) {
    throw new NarrowsError('field-corrupt', `the stored field "${name}" is corrupt: its hash differs`, {
      path: 'sweep',
      fix: 'interpret the sweep again: "narrows report SWEEP --fresh"',
      kind: 'failure',
    });
  }
  // Copies the bytes, because the driver's may not be aligned.
  return { name, axes, values: new Float32Array(new Uint8Array(bytes).buffer) };
}
