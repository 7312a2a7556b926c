/** A store of objects by key: what narrows needs of an S3-compatible one. */

export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
}

/**
 * All methods throw NarrowsError `blobs-unreachable` during an outage, `blobs-refused` where the
 * store does not accept the credentials or the request, and `bucket-missing`.
 */
export interface ObjectStore {
  /** 's3://bucket/prefix'. */
  readonly location: string;
  /** Where it is reached: the URL of its server, or 'AWS in REGION'. */
  readonly address: string;
  /** Stores an object, in place of an earlier one, as a whole or not at all. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /**
   * Stores an object from parts of `partBytes` each, but for the last, which are read one after the
   * other; it exists when all have been stored. Nothing is stored where the parts throw.
   */
  putParts(key: string, parts: AsyncIterable<Uint8Array>): Promise<void>;
  /** Size of a part; one object has at most 10,000. */
  readonly partBytes: number;
  /** Yields the bytes of an object; throws MissingObject where there is none. */
  read(key: string): AsyncIterable<Uint8Array>;
  /** Deletes objects, those that do not exist among them. */
  remove(keys: readonly string[]): Promise<void>;
  /** Yields all objects in the order of their keys, in blocks. */
  list(): AsyncIterable<readonly StoredObject[]>;
}

export class MissingObject extends Error {}

/** Where objects are, and how they are reached. */
export interface ObjectStoreSettings {
  readonly bucket: string;
  /** Beginning of all keys; '' or 'folder/'. */
  readonly prefix: string;
  /** URL of the server; null: that of AWS in the region. */
  readonly endpoint: string | null;
  readonly region: string;
  /** Whether the bucket is in the path of URLs, rather than in the name of the host. */
  readonly isPathStyle: boolean;
  /** Null: those that the AWS SDK finds, such as a profile, or the role of the machine. */
  readonly credentials: ObjectStoreCredentials | null;
}

export interface ObjectStoreCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | null;
}

/** Returns the location, as the database records it. */
export const locationOf = ({ bucket, prefix }: Pick<ObjectStoreSettings, 'bucket' | 'prefix'>): string =>
  `s3://${bucket}${prefix === '' ? '' : `/${prefix.slice(0, -1)}`}`;

/** Bucket names of S3, and keys without characters that URLs or XML would have to escape. */
const LOCATION = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])((?:\/[A-Za-z0-9._=-]+)*)\/?$/;

/** Reads 's3://bucket/prefix'; null where that is not a location. */
export function parseLocation(text: string): Pick<ObjectStoreSettings, 'bucket' | 'prefix'> | null {
  const [, bucket, path = ''] = LOCATION.exec(text) ?? [];
  if (bucket === undefined || path.split('/').some((part) => part === '.' || part === '..')) return null;
  return { bucket, prefix: path === '' ? '' : `${path.slice(1)}/` };
}
