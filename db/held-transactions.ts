/**
 * Transactions that hold locks while work runs on other connections of the same pool. A few at a
 * time: if they had all connections, none of them could go on.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createTurns } from '../turns.ts';
import type { Queryable, Sql } from './client.ts';

/** Pools on which this work holds a transaction already. */
const held = new AsyncLocalStorage<ReadonlySet<Sql>>();

const turnsByPool = new WeakMap<Sql, ReturnType<typeof createTurns>>();

/** Fewer than half of the connections: each may hold another one, and their work needs some. */
function turnsOf(sql: Sql): ReturnType<typeof createTurns> {
  const turns = turnsByPool.get(sql) ?? createTurns(Math.max(1, Math.floor((sql.options.max - 1) / 2)));
  turnsByPool.set(sql, turns);
  return turns;
}

/**
 * Runs work while its transaction is open, as long as that takes. Work that holds one already does
 * not wait for its turn to hold another.
 */
export function holdTransaction<T>(sql: Sql, work: (transaction: Queryable) => Promise<T>): Promise<T> {
  const pools = held.getStore() ?? new Set();
  const hold = () =>
    held.run(new Set([...pools, sql]), () =>
      sql.begin(async (transaction) => {
        // The server may end sessions that are idle in a transaction, as this one is meanwhile.
        await transaction`set local idle_in_transaction_session_timeout = 0`;
        return work(transaction);
      }),
    ) as Promise<T>;
  return pools.has(sql) ? hold() : turnsOf(sql)(hold);
}
