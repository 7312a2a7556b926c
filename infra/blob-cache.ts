/** The cache of blobs in the home folder. */
import { join } from 'node:path';
import { type BlobCache, createBlobCache } from '../db/blob-cache.ts';
import { readCacheLimit } from './env.ts';
import { resolveHome } from './home.ts';
import { printNote } from './output.ts';

/** Returns the folder of the cache. */
export const blobCacheFolder = (home: string): string => join(resolveHome(home).cache, 'blobs');

/** Returns the cache, within the limit that the environment sets. */
export const openBlobCache = (home: string): BlobCache =>
  createBlobCache({ directory: blobCacheFolder(home), mostBytes: readCacheLimit(), onNote: printNote });
