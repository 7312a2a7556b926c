/** Champions: the models in use of each retraining, and their predecessors. */
import {
  type ChampionRow,
  findChampion,
  findChampionById,
  findRollbackReplacement,
  listChampionHistory,
  listCurrentChampions,
  restorePreviousChampion,
} from '../../db/queries/retraining/champions.ts';
import { recordEvent } from '../../db/queries/retraining/notifications.ts';
import { NarrowsError } from '../../errors.ts';
import type { Method } from '../../models/methods/catalogue.ts';
import { formatVersion } from '../../text/format.ts';
import { METHOD_STYLES } from '../../text/methods.ts';
import type { Servers } from '../servers.ts';
import { startNotify } from './run-ends.ts';

export type { ChampionRow };

/** Returns the champions in use, of every retraining. */
export const listChampions = ({ db }: Pick<Servers, 'db'>): Promise<ChampionRow[]> => listCurrentChampions(db.sql, null);

/** Returns the champions of a retraining, newest first. Throws `champion-unknown`. */
export async function readChampionHistory({ db }: Pick<Servers, 'db'>, name: string): Promise<ChampionRow[]> {
  const rows = await listChampionHistory(db.sql, name);
  if (rows.length > 0) return rows;
  throw new NarrowsError('champion-unknown', `"${name}" has no champion`, {
    path: 'name',
    fix: 'see "narrows champion ls"',
    kind: 'not-found',
  });
}

/** Restores the predecessor of the champion in use. Throws as rollBackFrom. */
export async function rollBackChampion(servers: Servers, name: string, method: Method, k: number): Promise<ChampionRow> {
  const { id } = await findChampion(servers.db.sql, name, method, k);
  return rollBackFrom(servers, id);
}

/**
 * Restores the predecessor of this champion, and notifies. A second call changes nothing and
 * returns the same. Throws NarrowsError `champion-unknown`, `champion-ended` where another was
 * promoted in its place, `nothing-to-roll-back`.
 */
export async function rollBackFrom({ db, temporal }: Servers, id: number): Promise<ChampionRow> {
  const current = await findChampionById(db.sql, id);
  const champion =
    (await findRollbackReplacement(db.sql, current)) ??
    (await restorePreviousChampion(db.sql, current, async (sql, to, replacement) => {
      const { name, method, k } = current;
      const text = `${name}: ${METHOD_STYLES[method].label} at k = ${k} was rolled back\nTrial ${to.trialId}, trained on ${formatVersion(to.dataset, to.datasetVersion)}, is in use again; ${current.trialId}, trained on ${formatVersion(current.dataset, current.datasetVersion)}, is not.`;
      const payload = { method, k, trialId: to.trialId, instead: current.trialId };
      await recordEvent(sql, { kind: 'rollback', name, runId: rollBackId(name, replacement), subject: '', text, payload });
    }));
  const runId = rollBackId(champion.name, champion.id);
  await startNotify({ db, temporal }, { runId, name: champion.name });
  return champion;
}

/** Returns the id that the event of a roll-back has in place of a run's. */
const rollBackId = (name: string, replacement: number): string => `rollback-${name}-${replacement}`;
