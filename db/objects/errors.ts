/** Errors of an object store as errors that a person can act on. */
import { NarrowsError } from '../../errors.ts';

/** The fields of the SDK's errors, and of Node's, that say what happened. */
interface RequestError {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

export const statusOf = (error: unknown): number | null => (error as RequestError).$metadata?.httpStatusCode ?? null;

/** Whether an error of a request for an object means that there is none. */
export const isMissingObject = (error: unknown): boolean => (error as RequestError).name === 'NoSuchKey';

/** Whether an answer is about the course of a request, which may be repeated, not its settings. */
const isPassing = (name: string, status: number): boolean =>
  status >= 500 || status === 408 || status === 429 || name === 'RequestTimeout' || name === 'NoSuchUpload';

/** Returns the error to show for a request to the store at an address. */
export function objectStoreError(address: string, bucket: string, error: unknown): NarrowsError {
  if (error instanceof NarrowsError) return error;
  const { name = '', code = '', message = '' } = error as RequestError;
  const status = statusOf(error);
  if (name === 'NoSuchBucket') {
    return new NarrowsError('bucket-missing', `the object store at ${address} has no bucket "${bucket}"`, {
      path: 'NARROWS_BLOBS',
      fix: 'make the bucket, or correct its name',
      kind: 'unreachable',
      cause: error,
    });
  }
  if (name === 'CredentialsProviderError' || (status !== null && !isPassing(name, status))) {
    const reason = name === 'CredentialsProviderError' ? 'no credentials were found' : `${name || status} ${message}`.trim();
    return new NarrowsError('blobs-refused', `the object store at ${address} refuses the request: ${reason}`, {
      path: 'NARROWS_BLOBS',
      fix: `check ${fixOf(name, status)}; "narrows doctor" tries them`,
      kind: 'unreachable',
      cause: error,
    });
  }
  const reason = status === null ? describeConnection(name, code, message) : `it answers with ${status} ${name}`.trim();
  return new NarrowsError('blobs-unreachable', `the object store at ${address} does not answer: ${reason}`, {
    path: 'NARROWS_BLOBS_ENDPOINT',
    fix: 'check the store and its address; sweeps wait for it, and go on by themselves',
    kind: 'unreachable',
    cause: error,
  });
}

/** Names what a refusal is about. */
function fixOf(name: string, status: number | null): string {
  if (/Redirect|AuthorizationHeaderMalformed|IllegalLocationConstraint/.test(name) || status === 301)
    return 'NARROWS_BLOBS_REGION and NARROWS_BLOBS_ENDPOINT';
  if (name === 'RequestTimeTooSkewed') return 'the clocks of this machine and of the store';
  return 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and what they may do with the bucket';
}

function describeConnection(name: string, code: string, message: string): string {
  if (code === 'ECONNREFUSED') return 'connection refused';
  if (code === 'ENOTFOUND') return 'no such host';
  if (name === 'TimeoutError' || name === 'AbortError') return 'no answer in time';
  if (/^(ECONNRESET|EPIPE)$/.test(code)) return 'the connection was lost';
  return message || code || name;
}
