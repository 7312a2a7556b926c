/** What became of a sweep's trials since a revision, as columns: a hundred thousand rows come as some bytes each, not as objects. */

import { OUTCOMES } from '../../../search/states.ts';
import type { Queryable } from '../../client.ts';

/** One entry per trial that was written after the revision asked for, by rising number of the trial. */
export interface OutcomeColumns {
  readonly rows: number;
  /** Highest among the rows; 0 where there is none. Every row up to it is among those that were asked for, then or before. */
  readonly revision: number;
  readonly index: Uint32Array;
  /** Place in OUTCOMES. */
  readonly outcome: Uint8Array;
  readonly rung: Uint8Array;
  /** NaN where there is none. */
  readonly validation: Float64Array;
  readonly epochs: Uint32Array;
  readonly seconds: Float64Array;
  /** Milliseconds since 1970. */
  readonly finishedAt: Float64Array;
  readonly revisions: Float64Array;
  readonly engine: readonly string[];
}

interface Sent {
  readonly rows: number;
  readonly revision: number;
  readonly index: Buffer | null;
  readonly outcome: Buffer | null;
  readonly rung: Buffer | null;
  readonly validation: Buffer | null;
  readonly epochs: Buffer | null;
  readonly seconds: Buffer | null;
  readonly finished: Buffer | null;
  readonly revisions: Buffer | null;
  readonly engine: string | null;
}

/** `since` 0: every trial that has a row. One statement, hence one state of the sweep. */
export async function outcomesSince(sql: Queryable, sweepId: string, since: number): Promise<OutcomeColumns> {
  const [sent] = await sql<[Sent]>`
    select count(*)::int as rows, coalesce(max(revision), 0)::float8 as revision,
           string_agg(int4send(index), null) as index,
           string_agg(int2send(array_position(${[...OUTCOMES]}::text[], outcome)::int2), null) as outcome,
           string_agg(int2send(rung::int2), null) as rung,
           string_agg(float8send(coalesce(validation, 'NaN')), null) as validation,
           string_agg(int4send(epochs), null) as epochs,
           string_agg(float8send(seconds), null) as seconds,
           string_agg(float8send((extract(epoch from finished_at) * 1000)::float8), null) as finished,
           string_agg(float8send(revision::float8), null) as revisions,
           string_agg(engine, ',') as engine
    from (select * from trials where sweep_id = ${sweepId} and revision > ${since} order by index) as written`;
  return {
    rows: sent.rows,
    revision: sent.revision,
    index: Uint32Array.from(signed4(sent.index)),
    outcome: Uint8Array.from(signed2(sent.outcome), (place) => place - 1),
    rung: Uint8Array.from(signed2(sent.rung)),
    validation: float8(sent.validation),
    epochs: Uint32Array.from(signed4(sent.epochs)),
    seconds: float8(sent.seconds),
    finishedAt: float8(sent.finished),
    revisions: float8(sent.revisions),
    engine: sent.engine === null ? [] : sent.engine.split(','),
  };
}

/** Postgres sends numbers with their highest byte first. A copy, as the driver's bytes lie at any offset. */
function ownBytes(sent: Buffer | null): Buffer {
  return Buffer.from(new Uint8Array(sent ?? []).buffer);
}
const signed2 = (sent: Buffer | null): Int16Array => {
  const { buffer } = ownBytes(sent).swap16();
  return new Int16Array(buffer);
};
const signed4 = (sent: Buffer | null): Int32Array => {
  const { buffer } = ownBytes(sent).swap32();
  return new Int32Array(buffer);
};
const float8 = (sent: Buffer | null): Float64Array => {
  const { buffer } = ownBytes(sent).swap64();
  return new Float64Array(buffer as ArrayBuffer);
};
