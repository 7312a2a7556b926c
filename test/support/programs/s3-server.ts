/** An S3 server for tests, which checks keys and keeps objects in files. */
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ObjectStoreSettings } from '../../../db/objects/store.ts';
import { freePort } from '../../../infra/processes/ports.ts';

interface S3rver {
  configureBuckets(): Promise<unknown>;
  run(): Promise<unknown>;
  readonly httpServer: Server;
}

type NewS3rver = new (options: Readonly<Record<string, unknown>>) => S3rver;

const BUCKET = 'blobs';
/** The only account of the server. */
export const KEY = 'S3RVER';

export interface TestS3 {
  readonly endpoint: string;
  /** Variables that lead a process of narrows to the bucket. */
  readonly variables: Readonly<Record<string, string>>;
  /** Folder with the files of the bucket. */
  readonly folder: string;
  settings(changes?: Partial<ObjectStoreSettings>): ObjectStoreSettings;
  /** Answers requests, again after `stop`. */
  start(): Promise<void>;
  /** Ends the connections, and accepts no other. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

/**
 * `checksSecrets`: whether it refuses wrong secrets. It then refuses lists, too, since it expects
 * the path of a bucket without a final slash in their signatures.
 */
export async function startS3({ bucket = BUCKET, checksSecrets = false } = {}): Promise<TestS3> {
  const directory = mkdtempSync(join(tmpdir(), 'narrows-s3-'));
  const port = await freePort();
  const S3rver = createRequire(import.meta.url)('@20minutes/s3rver') as NewS3rver;
  let server: S3rver | null = null;
  const s3: TestS3 = {
    endpoint: `http://127.0.0.1:${port}`,
    variables: {
      NARROWS_BLOBS: `s3://${bucket}`,
      NARROWS_BLOBS_ENDPOINT: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: KEY,
      AWS_SECRET_ACCESS_KEY: KEY,
    },
    folder: join(directory, bucket),
    settings: (changes) => ({
      bucket,
      prefix: '',
      endpoint: s3.endpoint,
      region: 'us-east-1',
      isPathStyle: true,
      credentials: { accessKeyId: KEY, secretAccessKey: KEY, sessionToken: null },
      ...changes,
    }),
    async start() {
      server = new S3rver({
        ...{ port, directory, address: '127.0.0.1', silent: true },
        ...{ configureBuckets: [{ name: bucket }], allowMismatchedSignatures: !checksSecrets },
      });
      await server.configureBuckets();
      await server.run();
    },
    async stop() {
      const stopping = server?.httpServer;
      server = null;
      if (stopping === undefined) return;
      // It would end its log, which requests at work still write to.
      stopping.removeAllListeners('close');
      await new Promise<void>((resolve) => {
        stopping.close(() => resolve());
        stopping.closeAllConnections();
      });
    },
    async close() {
      await s3.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  await s3.start();
  return s3;
}
