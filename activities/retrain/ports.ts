import type { PrivateHosts } from '../../datasets/sources/addresses.ts';
import type { BlobStore } from '../../db/blobs.ts';
import type { Database } from '../../db/client.ts';
import type { Channel } from '../../db/enums.ts';
import type { Notification } from '../../operations/retraining/webhook-body.ts';
import type { createDatasetVersions } from './dataset-versions.ts';

/** A run of a retraining: the input of every step. */
export interface RetrainRun {
  readonly runId: string;
  readonly name: string;
}

/** A channel over which people are notified. */
export interface Messenger {
  readonly channel: Channel;
  /** Throws where the other side does not accept it. */
  send(notification: Notification): Promise<void>;
}

export interface RetrainPorts {
  readonly db: Database;
  readonly blobs: BlobStore;
  readonly data: ReturnType<typeof createDatasetVersions>;
  readonly messengers: readonly Messenger[];
  /** Address of the dashboards, without a trailing slash; null: not known. */
  readonly publicUrl: string | null;
  /** Hosts of URL sources that may be inside a network: see datasets/sources/addresses.ts. */
  readonly privateHosts: PrivateHosts;
  /** Folder for copies of shards, which are removed after use. */
  readonly scratch: string;
  readonly codeVersion: string;
}
