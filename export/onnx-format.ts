/**
 * The part of the ONNX format in use, named as in onnx/onnx.proto (github.com/onnx/onnx). Operator
 * set 17, the first with LayerNormalization, is read by every onnxruntime since 1.12.
 */
import protobuf from 'protobufjs/light.js';
import { toLittleEndian } from '../datasets/formats/npy.ts';

const IR_VERSION = 8;
const OPSET_VERSION = 17;

export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array | Float64Array | BigInt64Array;
}

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

export type OnnxAttribute = { readonly int: number } | { readonly float: number };

/** A float32 matrix with any number of rows. */
interface OnnxMatrix {
  readonly name: string;
  readonly columns: number;
}

interface OnnxGraph {
  readonly name: string;
  readonly description: string;
  readonly input: OnnxMatrix;
  readonly output: OnnxMatrix;
  readonly nodes: readonly OnnxNode[];
  readonly tensors: readonly OnnxTensor[];
}

/** Types of the values of tensors, and targets of the operator Cast. */
export const ONNX_TYPES = { float: 1, int64: 7, double: 11 } as const;
const ATTRIBUTE_TYPES = { float: 1, int: 2 } as const;

const one = (id: number, type: string) => ({ id, type });
const many = (id: number, type: string) => ({ id, type, rule: 'repeated' as const });

const SCHEMA = protobuf.Root.fromJSON({
  nested: {
    ModelProto: {
      fields: {
        irVersion: one(1, 'int64'),
        producerName: one(2, 'string'),
        producerVersion: one(3, 'string'),
        docString: one(6, 'string'),
        graph: one(7, 'GraphProto'),
        opsetImport: many(8, 'OperatorSetIdProto'),
        metadataProps: many(14, 'StringStringEntryProto'),
      },
    },
    OperatorSetIdProto: { fields: { domain: one(1, 'string'), version: one(2, 'int64') } },
    StringStringEntryProto: { fields: { key: one(1, 'string'), value: one(2, 'string') } },
    GraphProto: {
      fields: {
        node: many(1, 'NodeProto'),
        name: one(2, 'string'),
        initializer: many(5, 'TensorProto'),
        docString: one(10, 'string'),
        input: many(11, 'ValueInfoProto'),
        output: many(12, 'ValueInfoProto'),
      },
    },
    NodeProto: {
      fields: {
        input: many(1, 'string'),
        output: many(2, 'string'),
        name: one(3, 'string'),
        opType: one(4, 'string'),
        attribute: many(5, 'AttributeProto'),
      },
    },
    AttributeProto: { fields: { name: one(1, 'string'), f: one(2, 'float'), i: one(3, 'int64'), type: one(20, 'int32') } },
    TensorProto: {
      fields: { dims: many(1, 'int64'), dataType: one(2, 'int32'), name: one(8, 'string'), rawData: one(9, 'bytes') },
    },
    ValueInfoProto: { fields: { name: one(1, 'string'), type: one(2, 'TypeProto') } },
    TypeProto: { fields: { tensorType: one(1, 'TensorTypeProto') } },
    TensorTypeProto: { fields: { elemType: one(1, 'int32'), shape: one(2, 'TensorShapeProto') } },
    TensorShapeProto: { fields: { dim: many(1, 'DimensionProto') } },
    DimensionProto: { fields: { dimValue: one(1, 'int64'), dimParam: one(2, 'string') } },
  },
});
const MODEL = SCHEMA.lookupType('ModelProto');

export function encodeOnnx(graph: OnnxGraph, narrowsVersion: string, metadata: Readonly<Record<string, string>>): Uint8Array {
  return MODEL.encode(
    MODEL.fromObject({
      irVersion: IR_VERSION,
      producerName: 'narrows',
      producerVersion: narrowsVersion,
      docString: graph.description,
      opsetImport: [{ domain: '', version: OPSET_VERSION }],
      metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
      graph: {
        name: graph.name,
        docString: graph.description,
        input: [valueInfo(graph.input)],
        output: [valueInfo(graph.output)],
        initializer: graph.tensors.map(tensorProto),
        node: graph.nodes.map(nodeProto),
      },
    }),
  ).finish();
}

const valueInfo = ({ name, columns }: OnnxMatrix) => ({
  name,
  type: { tensorType: { elemType: ONNX_TYPES.float, shape: { dim: [{ dimParam: 'batch' }, { dimValue: columns }] } } },
});

const tensorProto = ({ name, dims, data }: OnnxTensor) => ({
  name,
  dims,
  dataType: ONNX_TYPES[data instanceof Float32Array ? 'float' : data instanceof Float64Array ? 'double' : 'int64'],
  rawData: toLittleEndian(data),
});

const nodeProto = ({ op, inputs, output, attributes }: OnnxNode) => ({
  name: `${op}_${output}`,
  opType: op,
  input: inputs,
  output: [output],
  attribute: Object.entries(attributes).map(([name, value]) =>
    'int' in value ? { name, i: value.int, type: ATTRIBUTE_TYPES.int } : { name, f: value.float, type: ATTRIBUTE_TYPES.float },
  ),
});
