/** Limits of requests, with their reasons. */

const SECOND = 1000;

export const LIMITS = {
  /** Enough for a spec, which has 200,000 characters at most. */
  bodyBytes: 256_000,
  /** Enough for a token. */
  signInBytes: 4000,
  /** Pause within a body after which the client is taken to be gone; slow lines pause for less. */
  bodyIdleMs: 10 * SECOND,
  /** Time for a whole body: 256 kB over a line of 10 kB/s. */
  bodyTotalMs: 30 * SECOND,
  /** A page sends about twenty requests at once, a script seldom more than its cores. */
  requestsPerCaller: 128,
  /** Requests to sign in from one address whose body has not arrived. */
  signInsPerAddress: 16,
  /** One per open page: a token may be shared by a group. */
  streamsPerCaller: 128,
  streams: 1000,
  /** Archives that are received at once; each may take 4 GiB of disk. */
  uploadsPerCaller: 4,
  /** Uploads with those that wait for their turn. */
  waitingUploadsPerCaller: 32,
  /**
   * Archives of callers whose last archive was refused are read one after the other, and take this
   * share of the time: a reader is a process, and starting many slows down everything on a machine.
   */
  slowLaneShare: 1 / 20,
  /** Long enough for the share after turns of 1.5 s; most take half a second. */
  slowLaneRestMs: 30 * SECOND,
  /** Proxies give up after a minute. */
  slowLaneWaitMs: 50 * SECOND,
  refusalForgetMs: 600 * SECOND,
  refusedCallers: 10_000,
  /** Appending holds one connection and needs others: too many at once would deadlock. */
  appends: 3,
  /** Fewer than `appends`, so that no caller blocks the others. */
  appendsPerCaller: 2,
  /** Time to read or plan a spec, a thousand times that of a usual one. */
  specMs: 10 * SECOND,
  specMegabytes: 256,
  /** More than one, so that a costly spec of a caller blocks no other. */
  specThreads: 2,
} as const;

export type Limits = { readonly [Name in keyof typeof LIMITS]: number };
