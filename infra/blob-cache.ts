/** The cache of blobs in the home folder. */
import { join } from 'node:path';
import { type BlobCache, createBlobCache } from '../db/blob-cache.ts';
import { readCacheLimit } from './env.ts';
import { resolveHome } from './home.ts';

/** Returns the folder of the cache. */
export const blobCacheFolder = (home: string): string => join(resolveHome(home).cache, 'blobs');

/** Returns the cache, within the limit that the environment sets; `warn` receives its faults. */
export const openBlobCache = (home: string, warn: (text: string) => void): BlobCache =>
  createBlobCache({ directory: blobCacheFolder(home), mostBytes: readCacheLimit(), onNote: warn });
