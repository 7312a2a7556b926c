/** Settings of the store of blobs, as the environment has them. */
import { type ObjectStoreCredentials, type ObjectStoreSettings, parseLocation } from '../db/objects/store.ts';
import { NarrowsError } from '../errors.ts';
import { readSecret } from './secrets.ts';

type Variables = Readonly<Record<string, string | undefined>>;

const DEFAULT_REGION = 'us-east-1';

const invalid = (path: string, message: string, fix: string): NarrowsError =>
  new NarrowsError('environment-invalid', message, { path, fix });

/** Returns the location that NARROWS_BLOBS names; null: Postgres. Throws `environment-invalid`. */
export function parseBlobLocation(text: string | undefined): string | null {
  if (!text || text === 'postgres') return null;
  if (parseLocation(text) !== null) return text.replace(/\/$/, '');
  // Where a key was written into the address, it must not be shown.
  throw invalid(
    'NARROWS_BLOBS',
    'NARROWS_BLOBS is not a valid location of blobs',
    'write s3://bucket or s3://bucket/folder, or postgres',
  );
}

/**
 * Returns how the store of a location is reached. Throws NarrowsError `environment-invalid`,
 * without values.
 */
export function readObjectStore(location: string, variables: Variables): ObjectStoreSettings {
  const parsed = parseLocation(location);
  if (parsed === null) throw invalid('location', `not a valid location of blobs: ${location}`, 'write s3://bucket/folder');
  const endpoint = readEndpoint(
    variables.NARROWS_BLOBS_ENDPOINT || variables.AWS_ENDPOINT_URL_S3 || variables.AWS_ENDPOINT_URL || null,
  );
  return {
    ...parsed,
    endpoint,
    region: variables.NARROWS_BLOBS_REGION || variables.AWS_REGION || variables.AWS_DEFAULT_REGION || DEFAULT_REGION,
    // Servers of one's own seldom have a host name for each bucket.
    isPathStyle: readFlag(variables, 'NARROWS_BLOBS_PATH_STYLE') ?? endpoint !== null,
    credentials: readCredentials(variables),
  };
}

function readEndpoint(text: string | null): string | null {
  if (text === null) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '')
    return url.href.replace(/\/$/, '');
  throw invalid(
    'NARROWS_BLOBS_ENDPOINT',
    'NARROWS_BLOBS_ENDPOINT is not a valid address',
    'write https://host:9000, without keys',
  );
}

function readFlag(variables: Variables, name: string): boolean | null {
  const text = variables[name] || null;
  if (text === null) return null;
  if (text === 'true' || text === 'false') return text === 'true';
  throw invalid(name, `${name} is not true or false: ${text}`, 'write true or false, or unset it');
}

function readCredentials(variables: Variables): ObjectStoreCredentials | null {
  const [accessKeyId, secretAccessKey, sessionToken] = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'].map(
    (name) => readSecret(variables, name),
  ) as [string | null, string | null, string | null];
  if (accessKeyId === null && secretAccessKey === null) return null;
  if (accessKeyId !== null && secretAccessKey !== null) return { accessKeyId, secretAccessKey, sessionToken };
  const [missing, set] =
    accessKeyId === null ? ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] : ['AWS_SECRET_ACCESS_KEY', 'AWS_ACCESS_KEY_ID'];
  throw invalid(missing, `${set} is set, and ${missing} is not`, `set ${missing} as well, or ${missing}_FILE`);
}
