/** The state of the whole installation in a few numbers. */
import { SWEEP_STATES, type SweepState } from '../../search/states.ts';
import type { Sql } from '../client.ts';
import { CHANNELS, type Channel, type MessageState } from '../enums.ts';
import { listTrainers } from './trainers.ts';

/** Number of notifications that are not delivered, by channel and state. */
export interface UndeliveredMessages {
  readonly channel: Channel;
  readonly state: Exclude<MessageState, 'delivered'>;
  readonly count: number;
}

export interface InstallationFacts {
  readonly sweeps: Readonly<Record<SweepState, number>>;
  /**
   * Seconds since a running sweep wrote a result or a checkpoint, or was resumed, of the one that
   * has been silent the longest; 0 where none runs.
   */
  readonly silenceSeconds: number;
  /** Packs that the trainers at work train at a time. */
  readonly slots: number;
  readonly messages: readonly UndeliveredMessages[];
  /** Age of the oldest pending notification; 0 without one. */
  readonly messageAgeSeconds: number;
  readonly databaseBytes: number;
}

/** Maximum time of a statement. */
const STATEMENT_TIMEOUT = '2s';

/** Running sweeps whose silence is measured: those that began first. */
const MOST_SWEEPS = 500;

/** Reads them in one transaction; throws where a statement takes longer than 2 s. */
export const readInstallationFacts = (sql: Sql): Promise<InstallationFacts> =>
  sql.begin('read only', async (transaction) => {
    await transaction`select set_config('statement_timeout', ${STATEMENT_TIMEOUT}, true)`;
    const states = await transaction<{ state: SweepState; count: number }[]>`
      select state, count(*)::int as count from sweeps where removed_at is null group by state`;
    const [{ silence }] = await transaction<[{ silence: number }]>`
      select coalesce(max(extract(epoch from now() - greatest(s.state_since, w.at, c.at))), 0)::float8 as silence
      from (
        select id, state_since from sweeps where state = 'running' and removed_at is null order by started_at limit ${MOST_SWEEPS}
      ) as s
      left join lateral (
        select written_at as at from writes where sweep_id = s.id and revision is not null order by revision desc limit 1
      ) as w on true
      left join lateral (select max(saved_at) as at from checkpoints where sweep_id = s.id) as c on true`;
    const trainers = await listTrainers(transaction);
    const messages = await transaction<UndeliveredMessages[]>`
      select channel, state, count(*)::int as count from messages where state <> 'delivered' group by channel, state`;
    const [{ age, bytes }] = await transaction<[{ age: number; bytes: number }]>`
      select pg_database_size(current_database())::float8 as bytes, (
        select coalesce(extract(epoch from now() - min(e.at)), 0)::float8
        from messages m join events e on e.id = m.event_id where m.state = 'pending'
      ) as age`;
    return {
      sweeps: Object.fromEntries(SWEEP_STATES.map((state) => [state, countOf(states, { state })])) as Record<SweepState, number>,
      // The clock of a server that was set back must not make a time negative.
      silenceSeconds: Math.max(0, silence),
      slots: trainers.reduce((sum, { slots }) => sum + slots, 0),
      messages: CHANNELS.flatMap((channel) =>
        UNDELIVERED.map((state) => ({ channel, state, count: countOf(messages, { channel, state }) })),
      ),
      messageAgeSeconds: Math.max(0, age),
      databaseBytes: bytes,
    };
  }) as Promise<InstallationFacts>;

const UNDELIVERED = ['pending', 'failed'] as const satisfies readonly MessageState[];

/** Returns the count of the row with these values; 0 without one. */
function countOf<Row extends { readonly count: number }>(rows: readonly Row[], values: Partial<Row>): number {
  const keys = Object.keys(values) as (keyof Row)[];
  return rows.find((row) => keys.every((key) => row[key] === values[key]))?.count ?? 0;
}
