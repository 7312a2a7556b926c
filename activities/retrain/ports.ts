import type { Database } from '../../db/client.ts';
import type { Channel } from '../../db/enums.ts';
import type { Rows } from '../../models/drift/hold-outs.ts';
import type { Notification } from '../../operations/webhook.ts';
import type { SplitSpec } from '../../search/spec.ts';

/** A run of a retraining: the input of every step. */
export interface RetrainRun {
  readonly runId: string;
  readonly name: string;
}

/** A dataset version as a sequence of shards. */
export interface ShardedVersion {
  readonly version: string;
  /** Oldest first; `to` counts the rows up to and including this shard. */
  readonly shards: readonly { readonly version: string; readonly to: number }[];
}

export interface Appended {
  readonly version: string;
  /** False where every row had been there. */
  readonly created: boolean;
  readonly added: number;
  readonly duplicates: number;
}

/** Datasets as retraining uses them. */
export interface DatasetVersions {
  /** Throws NarrowsError `dataset-missing`. */
  newest(dataset: string): Promise<ShardedVersion>;
  at(dataset: string, version: string): Promise<ShardedVersion>;
  /** Appends the new rows of a shard; `as`: the folder to remember. Throws its faults. */
  append(
    dataset: string,
    folder: string,
    options: { readonly as: string; readonly signal?: AbortSignal | undefined },
  ): Promise<Appended>;
  /** Loads all rows in physical units, the split of sweeps, and the descriptors' names. */
  rows(
    dataset: string,
    version: string,
    target: string,
    split: SplitSpec,
  ): Promise<Rows & { readonly descriptors: readonly string[] }>;
}

/** A channel over which people are notified. */
export interface Messenger {
  readonly channel: Channel;
  /** Throws where the other side does not accept it. */
  send(notification: Notification): Promise<void>;
}

export interface RetrainPorts {
  readonly db: Database;
  readonly data: DatasetVersions;
  readonly messengers: readonly Messenger[];
  /** Address of the dashboards, without a trailing slash; null: not known. */
  readonly publicUrl: string | null;
  /** Folder for copies of shards, which are removed after use. */
  readonly scratch: string;
  readonly codeVersion: string;
}
