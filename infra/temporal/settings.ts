/** Settings of a Temporal server by which sweeps share trainers; settings.yaml is their file. */
export const SETTINGS = {
  // Sweeps share trainers by weight, instead of first come, first served.
  'matching.enableFairness': true,
  // In one queue: each partition would divide by itself. Tasks in others are still read.
  'matching.numTaskqueueWritePartitions': 1,
} as const;
