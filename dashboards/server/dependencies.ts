/** Dependencies of the API, passed in by the process that runs it. */
import type { Client } from '@temporalio/client';
import type { BoxOptions } from '../../datasets/box/process.ts';
import type { InstallationBlobs } from '../../db/blobs.ts';
import type { Database } from '../../db/client.ts';
import type { Health } from '../../operations/health.ts';
import type { PageBundle } from './assets.ts';
import type { EventHub } from './event-hub.ts';
import type { Limits } from './limits.ts';
import type { Access } from './middleware/auth.ts';
import type { MeasuredResponse } from './middleware/measure.ts';
import type { IsProxy } from './middleware/peer.ts';
import type { RateLimiter } from './middleware/rate-limit.ts';
import type { RequestTracer } from './middleware/trace.ts';

export interface ServerDependencies {
  readonly db: Database;
  readonly temporal: Client;
  readonly blobs: InstallationBlobs;
  /** Folder for uploads, on a disk with enough space. */
  readonly scratch: string;
  /** Version of the running code, recorded with every sweep that is started. */
  readonly version: string;
  /** URL of a workflow in the Temporal UI; absent if no UI runs. */
  readonly workflowUrl?: (workflowId: string) => string | null;
  /** Receives unexpected errors only. */
  readonly log: (error: unknown) => void;
  readonly access: Access;
  /** Host names of the server, besides those of this machine. */
  readonly hosts: readonly string[];
  readonly isProxy: IsProxy;
  readonly signInLimiter: RateLimiter;
  /** Default: LIMITS. */
  readonly limits?: Limits;
  readonly events: EventHub;
  /** Interval of the heartbeats on an event stream, in milliseconds. */
  readonly beatMilliseconds?: number;
  readonly pages: PageBundle;
  readonly health: Pick<Health, 'live' | 'ready'>;
  /** Called with each response, before its body is sent. */
  readonly onResponse?: (response: MeasuredResponse) => void;
  /** Answers requests within spans; absent: they are not traced. */
  readonly traceRequest?: RequestTracer;
  /** Called when a process that reads what was sent has ended. */
  readonly onBoxEnd?: BoxOptions['onEnd'];
  /** Asks the processes of the embedded stack whether they answer; absent without one. */
  readonly askProcesses?: () => Promise<readonly { readonly name: string; readonly answers: boolean }[]>;
  /** Address of Temporal as shown to users; `url` is that of its UI. */
  readonly temporalServer: { readonly address: string; readonly namespace: string; readonly url: string | null };
}
