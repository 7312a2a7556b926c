/** Objects in a bucket of S3, or of a server that speaks its protocol. */
import { setTimeout } from 'node:timers/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import { isMissingObject, objectStoreError, statusOf } from './errors.ts';
import { locationOf, MissingObject, type ObjectStore, type ObjectStoreSettings, type StoredObject } from './store.ts';

type Library = typeof import('@aws-sdk/client-s3');

/** Parts of up to 10,000 make objects of at most 160 GB. */
const PART_BYTES = 16 * 2 ** 20;

/** Attempts of a request; the pauses between them grow to some seconds. */
const MOST_ATTEMPTS = 5;
const CONNECT_MS = 3000;
/** Longest silence of a server within a request. */
const SILENCE_MS = 20_000;
/** Time for all attempts of a request, but for those that carry the bytes of an object. */
const REQUEST_MS = 90_000;
/** Time for a store to make one object of up to 10,000 parts. */
const COMPLETE_MS = 600_000;
/** Pause before an interrupted read goes on. */
const RESUME_MS = 500;

const DELETES_AT_ONCE = 8;

const OUT_OF_RANGE = 416;

export interface S3Options {
  readonly partBytes?: number;
  readonly attempts?: number;
}

/** Creates the store; the library is loaded with the first request. */
export function createS3Store(
  settings: ObjectStoreSettings,
  { partBytes = PART_BYTES, attempts = MOST_ATTEMPTS }: S3Options = {},
): ObjectStore {
  const { bucket, prefix, endpoint, region } = settings;
  const address = endpoint ?? `AWS in ${region}`;
  const nameOf = (key: string) => ({ Bucket: bucket, Key: `${prefix}${key}` });
  const limit = (ms = REQUEST_MS) => ({ abortSignal: AbortSignal.timeout(ms) });
  let opened: Promise<{ readonly s3: Library; readonly client: S3Client }> | null = null;

  /** Runs requests; their errors become those that a person can act on. */
  async function request<T>(work: (client: S3Client, s3: Library) => Promise<T>): Promise<T> {
    try {
      opened ??= open(settings, attempts);
      const { s3, client } = await opened;
      return await work(client, s3);
    } catch (error) {
      throw objectStoreError(address, bucket, error);
    }
  }

  /** Yields the bytes from an offset on, as far as one answer has them. */
  async function* readFrom(key: string, at: number): AsyncGenerator<Uint8Array> {
    const { s3, client } = await request(async (own, library) => ({ s3: library, client: own }));
    const range = at === 0 ? {} : { Range: `bytes=${at}-` };
    try {
      const { Body: body, ContentRange } = await client.send(new s3.GetObjectCommand({ ...nameOf(key), ...range }));
      const pieces = body as AsyncIterable<Uint8Array>;
      // A server may send the whole object instead.
      yield* ContentRange === undefined ? dropBytes(pieces, at) : pieces;
    } catch (error) {
      if (isMissingObject(error)) throw new MissingObject(key);
      throw error;
    }
  }

  return {
    location: locationOf(settings),
    address,
    partBytes,

    put: (key, bytes) =>
      request(async (client, s3) => {
        await client.send(new s3.PutObjectCommand({ ...nameOf(key), Body: bytes }));
      }),

    async putParts(key, parts) {
      const begin = request((client, s3) => client.send(new s3.CreateMultipartUploadCommand(nameOf(key)), limit()));
      const upload = { ...nameOf(key), UploadId: (await begin).UploadId };
      try {
        const stored: { ETag: string | undefined; PartNumber: number }[] = [];
        for await (const part of parts) {
          const PartNumber = stored.length + 1;
          const sent = request((client, s3) => client.send(new s3.UploadPartCommand({ ...upload, PartNumber, Body: part })));
          stored.push({ ETag: (await sent).ETag, PartNumber });
        }
        await request((client, s3) =>
          client.send(
            new s3.CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: stored } }),
            limit(COMPLETE_MS),
          ),
        );
      } catch (error) {
        // What cannot be taken back now takes space only: a rule of the bucket ends such uploads.
        await request((client, s3) => client.send(new s3.AbortMultipartUploadCommand(upload), limit())).catch(() => {});
        throw error;
      }
    },

    async *read(key) {
      let [at, failures] = [0, 0];
      for (;;) {
        try {
          for await (const piece of readFrom(key, at)) {
            at += piece.length;
            failures = 0;
            yield piece;
          }
          return;
        } catch (error) {
          if (error instanceof MissingObject) throw error;
          // It was lost after the last byte.
          if (at > 0 && statusOf(error) === OUT_OF_RANGE) return;
          // The client repeats requests; a connection that is lost within an answer, it does not.
          failures += 1;
          if (statusOf(error) !== null || at === 0 || failures >= attempts) throw objectStoreError(address, bucket, error);
          await setTimeout(RESUME_MS);
        }
      }
    },

    remove: (keys) =>
      request(async (client, s3) => {
        // One by one: not every server deletes several at a time.
        for (let at = 0; at < keys.length; at += DELETES_AT_ONCE) {
          const some = keys.slice(at, at + DELETES_AT_ONCE);
          await Promise.all(some.map((key) => client.send(new s3.DeleteObjectCommand(nameOf(key)), limit())));
        }
      }),

    async *list() {
      let token: string | undefined;
      do {
        const page = await request((client, s3) =>
          client.send(
            new s3.ListObjectsV2Command({ Bucket: bucket, ...(prefix !== '' && { Prefix: prefix }), ContinuationToken: token }),
            limit(),
          ),
        );
        const objects: StoredObject[] = (page.Contents ?? []).map(({ Key = '', Size = 0 }) => ({
          key: Key.slice(prefix.length),
          bytes: Size,
        }));
        yield objects;
        token = page.IsTruncated ? page.NextContinuationToken : undefined;
      } while (token !== undefined);
    },
  };
}

/** Yields the pieces without their first bytes. */
async function* dropBytes(pieces: AsyncIterable<Uint8Array>, count: number): AsyncGenerator<Uint8Array> {
  let rest = count;
  for await (const piece of pieces) {
    const dropped = Math.min(rest, piece.length);
    rest -= dropped;
    if (dropped < piece.length) yield piece.subarray(dropped);
  }
}

async function open(
  { endpoint, region, isPathStyle, credentials }: ObjectStoreSettings,
  attempts: number,
): Promise<{ readonly s3: Library; readonly client: S3Client }> {
  const s3 = await import('@aws-sdk/client-s3');
  const client = new s3.S3Client({
    region,
    forcePathStyle: isPathStyle,
    ...(endpoint !== null && { endpoint }),
    ...(credentials !== null && {
      credentials: {
        accessKeyId: credentials.accessKeyId,
        secretAccessKey: credentials.secretAccessKey,
        ...(credentials.sessionToken !== null && { sessionToken: credentials.sessionToken }),
      },
    }),
    maxAttempts: attempts,
    requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: SILENCE_MS },
    // Other servers than that of AWS may not know them; contents are hashed by narrows.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  return { s3, client };
}
