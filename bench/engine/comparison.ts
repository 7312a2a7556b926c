/** Ratios of peers' times to those of narrows, the best peer of a case, and rates. */
import { PEERS, type PeerName } from '../peers/peer.ts';
import { digits, geometricMean } from '../statistics.ts';
import { type Case, isReference, operationsPerRow } from './cases.ts';

export type PeersMs = Record<PeerName, number | null>;

export interface Row {
  readonly workload: Case;
  readonly narrowsMs: number;
  readonly peersMs: PeersMs;
  readonly compileSeconds: Partial<PeersMs>;
}

export const noPeers = (): PeersMs => Object.fromEntries(PEERS.map(({ name }) => [name, null])) as PeersMs;

/** Peers without `jaxMap`, which needs a process per core and is compared on its own as well. */
export const EXCEPT_MAP: readonly PeerName[] = PEERS.map(({ name }) => name).filter((name) => name !== 'jaxMap');

export interface Best {
  readonly peer: PeerName;
  /** Its time divided by that of narrows. */
  readonly ratio: number;
}

/** Returns the fastest of the named peers on a case, or null when none was measured. */
export function bestPeer({ narrowsMs, peersMs }: Row, names: readonly PeerName[] = PEERS.map(({ name }) => name)): Best | null {
  const measured = names.flatMap((peer) => (peersMs[peer] === null ? [] : [{ peer, ms: peersMs[peer] }]));
  const [first] = measured.sort((a, b) => a.ms - b.ms);
  return first === undefined ? null : { peer: first.peer, ratio: digits(first.ms / narrowsMs, 3) };
}

/** Returns the geometric mean of a ratio over the 64-wide cases; null unless all have one. */
export function geomeanOf(rows: readonly Row[], ratio: (row: Row) => number | null): number | null {
  const ratios = rows.filter(({ workload }) => isReference(workload)).map(ratio);
  const known = ratios.filter((value) => value !== null);
  return known.length > 0 && known.length === ratios.length ? digits(geometricMean(known), 3) : null;
}

export const peerRatio = (name: PeerName) => (row: Row) => {
  const ms = row.peersMs[name];
  return ms === null ? null : ms / row.narrowsMs;
};

/** Returns the GFLOP/s of a core in a training that takes `ms` per step and trial on all cores. */
export const gigaflopsPerCore = (workload: Case, ms: number, cores: number): number =>
  (operationsPerRow(workload) * workload.batch) / (ms * 1e6) / cores;
