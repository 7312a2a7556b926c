/** Valid texts of the smaller languages. */
/** Valid sweep specs, which together use every part of one. */
export const SPECS: readonly string[] = [
  `name: water-waist
dataset: water
target: [xes, xas]
split: { train: 0.7, validation: 0.15, test: 0.15, seed: 1, by: random }
scale: { x: zscore, y: centre }
methods: [ednn, eca, nnca]
space:
  k: [1, 2, 3]
  hidden: { choice: [[64, 64], [128]] }
  activation: elu
  dropout: { uniform: [0, 0.3] }
  learningRate: { log: [0.0005, 0.01] }
seeds: 5
sampler: { grid: { steps: 3 } }
training: { epochs: 200, batch: 256, patience: 20 }
halving: { reduction: 3, rungs: 3, brackets: 2 }
`,
  `base: &base { epochs: 10, batch: 32 }
name: warm
dataset: water@0123456789ab
target: xes
space: { k: 2, hidden: [16], layerNorm: { choice: [true, false] } }
seeds: [1, 2, 3]
sampler: { random: { trials: 200 } }
warm: { eca-2: 0123456789abcdef }
training: { <<: *base, patience: 3 }
`,
];

/** Valid conditions on trials. */
export const FILTERS: readonly string[] = [
  'method=eca|nnca,k=2,learningRate<0.01,outcome!=failed',
  'validation>=0.9,engine=kernel,trial!=none',
  'k=1|2|3,hidden=64-64,seed<=4',
];

/** Valid addresses of databases. */
export const ADDRESSES: readonly string[] = [
  'postgres://user:p%40ss@[::1]:5432,host2:5433/name?sslmode=require&target_session_attrs=read-write',
  'postgresql:///name?host=/var/run/postgresql&connect_timeout=10',
];
