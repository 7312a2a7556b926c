/**
 * Stored models as ONNX graphs: the same functions as models/stored/model.ts, in physical units.
 * Where predict rounds to float32, so do they: the standardisation is computed in float64 (a mean
 * of 11093 eV would leave few digits of a shift by 0.05 eV), the network in float32.
 */
import { NarrowsError } from '../errors.ts';
import { isMethod, METHOD_DEFINITIONS } from '../models/methods/catalogue.ts';
import type { Stage } from '../models/methods/method.ts';
import { ACTIVATION_DEFINITIONS, type Activation } from '../models/networks/activations.ts';
import { NORM_EPSILON } from '../models/networks/forward.ts';
import type { DenseLayer, LayerParameters, NetworkShape, Parameters } from '../models/networks/network.ts';
import type { AxisScaling } from '../models/scaling.ts';
import { stagesOf } from '../models/stored/model.ts';
import type { StoredModel } from '../models/stored/model-file.ts';
import { encodeOnnx, ONNX_TYPES, type OnnxAttribute, type OnnxNode, type OnnxTensor } from './onnx-format.ts';

/** Input, output and description of each part; x and y in physical units, t the latents. */
const PARTS = {
  predict: ['x', 'y', 'Spectra from structures, through the bottleneck: x -> y, in physical units.'],
  encoder: ['x', 't', 'Latents from structures: x in physical units -> t.'],
  decoder: ['t', 'y', 'Spectra from latents: t -> y in physical units.'],
  emulator: ['x', 'y', 'Spectra from structures, without a bottleneck: x -> y, in physical units.'],
} as const;

export type OnnxPart = keyof typeof PARTS;

interface OnnxModel {
  readonly part: OnnxPart;
  readonly bytes: Uint8Array;
}

export interface OnnxAbout {
  readonly narrowsVersion: string;
  /** Written into every file in addition to method, k and part. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** predict, encoder and decoder at a width or rank. Throws NarrowsError `onnx-unsupported`. */
export function bottleneckGraphs(stored: StoredModel, k: number, about: OnnxAbout): OnnxModel[] {
  if (!isMethod(stored.method)) throw unsupported(`the method "${stored.method}"`);
  const { x, y } = stored.scaling;
  const { encoder, decoder } = stagesOf(stored, k);
  const encode = (graph: Graph, value: string) => addStages(graph, encoder, k, addStandardisation(graph, value, x));
  const decode = (graph: Graph, value: string) => addDestandardisation(graph, addStages(graph, decoder, k, value), y);
  return [
    writePart('predict', stored, k, about, (graph, value) => decode(graph, encode(graph, value))),
    writePart('encoder', stored, k, about, encode),
    writePart('decoder', stored, k, about, decode),
  ];
}

/** The full emulator; null for networks with a bottleneck. Throws `onnx-unsupported`. */
export function emulatorGraph(stored: StoredModel, about: OnnxAbout): OnnxModel | null {
  if (!METHOD_DEFINITIONS[stored.method]?.trainsEmulator) return null;
  const { scaling, shape, parameters, k } = stored;
  return writePart('emulator', stored, k, about, (graph, value) => {
    const output = addLayers(graph, addStandardisation(graph, value, scaling.x), shape, parameters, 1);
    return addDestandardisation(graph, output, scaling.y);
  });
}

function writePart(
  part: OnnxPart,
  { method, scaling }: StoredModel,
  k: number,
  { narrowsVersion, metadata }: OnnxAbout,
  build: (graph: Graph, input: string) => string,
): OnnxModel {
  const [from, to, description] = PARTS[part];
  const columns = { x: scaling.x.columns, t: k, y: scaling.y.columns };
  const graph = createGraph();
  graph.rename(build(graph, from), to);
  const bytes = encodeOnnx(
    {
      name: `${method}-${part}`,
      description,
      input: { name: from, columns: columns[from] },
      output: { name: to, columns: columns[to] },
      nodes: graph.nodes,
      tensors: graph.tensors,
    },
    narrowsVersion,
    // The emulator is the same at every rank.
    { ...metadata, narrows_version: narrowsVersion, method, part, ...(part !== 'emulator' && { k: String(k) }) },
  );
  return { part, bytes };
}

/** A graph under construction; every node computes one named value. */
interface Graph {
  readonly nodes: OnnxNode[];
  readonly tensors: OnnxTensor[];
  node(op: string, inputs: readonly string[], attributes?: Readonly<Record<string, OnnxAttribute>>): string;
  tensor(name: string, dims: readonly number[], data: OnnxTensor['data']): string;
  /** Renames the value of a node. */
  rename(value: string, name: string): void;
}

function createGraph(): Graph {
  const nodes: OnnxNode[] = [];
  const tensors: OnnxTensor[] = [];
  return {
    nodes,
    tensors,
    node(op, inputs, attributes = {}) {
      const output = `value_${nodes.length + 1}`;
      nodes.push({ op, inputs, output, attributes });
      return output;
    },
    tensor(name, dims, data) {
      if (!tensors.some((tensor) => tensor.name === name)) tensors.push({ name, dims, data });
      return name;
    },
    rename(value, name) {
      const at = nodes.findIndex(({ output }) => output === value);
      nodes[at] = { ...(nodes[at] as OnnxNode), output: name };
    },
  };
}

/** Adds the stages of a model to the graph. */
function addStages(graph: Graph, stages: readonly Stage[], k: number, input: string): string {
  return stages.reduce((value, stage) => {
    if (stage.kind === 'layers') return addLayers(graph, value, stage.shape, stage.parameters, stage.first + 1);
    const { basis, kind } = stage;
    const components = graph.tensor('components', [k, basis.length / k], basis);
    return kind === 'expand'
      ? graph.node('MatMul', [value, components])
      : graph.node('Gemm', [value, components], { transB: { int: 1 } });
  }, input);
}

/** z = (value - mean) / deviation on the kept columns. */
function addStandardisation(graph: Graph, x: string, { kept, mean, deviation, columns }: AxisScaling): string {
  const n = kept.length;
  const chosen =
    n === columns
      ? x
      : graph.node('Gather', [x, graph.tensor('x_kept', [n], BigInt64Array.from(kept, BigInt))], { axis: { int: 1 } });
  const wide = graph.node('Cast', [chosen], { to: { int: ONNX_TYPES.double } });
  const centred = graph.node('Sub', [wide, graph.tensor('x_mean', [n], mean)]);
  const scaled = graph.node('Div', [centred, graph.tensor('x_deviation', [n], deviation)]);
  return graph.node('Cast', [scaled], { to: { int: ONNX_TYPES.float } });
}

/** value = z deviation + mean; a constant column is a kept one times zero, plus the constant. */
function addDestandardisation(graph: Graph, z: string, { kept, mean, deviation, columns, constants }: AxisScaling): string {
  const from = new BigInt64Array(columns);
  const factor = new Float64Array(columns);
  const offset = new Float64Array(columns);
  kept.forEach((column, i) => {
    from[column] = BigInt(i);
    factor[column] = deviation[i] as number;
    offset[column] = mean[i] as number;
  });
  for (const { column, value } of constants) offset[column] = value;
  const placed =
    kept.length === columns ? z : graph.node('Gather', [z, graph.tensor('y_from', [columns], from)], { axis: { int: 1 } });
  const wide = graph.node('Cast', [placed], { to: { int: ONNX_TYPES.double } });
  const scaled = graph.node('Mul', [wide, graph.tensor('y_deviation', [columns], factor)]);
  const shifted = graph.node('Add', [scaled, graph.tensor('y_mean', [columns], offset)]);
  return graph.node('Cast', [shifted], { to: { int: ONNX_TYPES.float } });
}

/** Adds layers; `first` is the number of the first. Dropout is used in training only. */
function addLayers(graph: Graph, x: string, shape: NetworkShape, parameters: Parameters, first: number): string {
  return shape.reduce((value, layer, i) => {
    const number = first + i;
    const z = addPreactivation(graph, value, layer, parameters[i] as LayerParameters, `layer_${number}`);
    return addActivation(graph, z, layer.activation, number);
  }, x);
}

/** x W + b, normalised over the units where the layer is. */
function addPreactivation(
  graph: Graph,
  x: string,
  { inputs, outputs }: DenseLayer,
  { weights, bias, gain, shift }: LayerParameters,
  name: string,
): string {
  const z = graph.node('Gemm', [
    x,
    graph.tensor(`${name}_weights`, [inputs, outputs], weights),
    graph.tensor(`${name}_bias`, [outputs], bias),
  ]);
  if (!gain || !shift) return z;
  const scale = [graph.tensor(`${name}_gain`, [outputs], gain), graph.tensor(`${name}_shift`, [outputs], shift)];
  return graph.node('LayerNormalization', [z, ...scale], { axis: { int: -1 }, epsilon: { float: NORM_EPSILON } });
}

function addActivation(graph: Graph, z: string, activation: Activation, layer: number): string {
  const definition = ACTIVATION_DEFINITIONS[activation];
  if (!definition) throw unsupported(`the activation "${activation}" of layer ${layer}`);
  return definition.apply(
    {
      constant: (name, value) => graph.tensor(name, [], Float32Array.of(value)),
      add: (a, b) => graph.node('Add', [a, b]),
      multiply: (a, b) => graph.node('Mul', [a, b]),
      relu: (value) => graph.node('Relu', [value]),
      elu: (value) => graph.node('Elu', [value], { alpha: { float: 1 } }),
      tanh: (value) => graph.node('Tanh', [value]),
      sigmoid: (value) => graph.node('Sigmoid', [value]),
    },
    z,
  );
}

/** Models trained by a newer version may have methods and activations unknown here. */
function unsupported(what: string): NarrowsError {
  return new NarrowsError('onnx-unsupported', `${what} has no ONNX form here`, {
    path: 'format',
    fix: 'export the weights with --format npz',
  });
}
