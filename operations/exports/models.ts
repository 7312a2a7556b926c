/** Exports as models of ONNX: the parts of each network. */
import { listModels, loadModelBytes, type ModelRow } from '../../db/queries/trials/models.ts';
import type { OnnxAbout, OnnxPart } from '../../export/onnx.ts';
import { unpackModel } from '../../models/stored/model-file.ts';
import type { OutputFolder } from '../output-folder.ts';
import { axesOf, type ExportSource, nothingToExport, type WrittenFile } from './source.ts';

/**
 * Writes the parts of the chosen models. Throws NarrowsError `nothing-to-export`,
 * `weights-dropped`.
 */
export async function writeModels(source: ExportSource, folder: OutputFolder): Promise<WrittenFile[]> {
  const { bottleneckGraphs, emulatorGraph } = await import('../../export/onnx.ts');
  const { sql, sweep, signal } = source;
  const chosen = await chosenModels(source);
  const axes = await axesOf(source);
  const files: WrittenFile[] = [];
  const emulators = new Set<string>();
  for (const { trialId, method, k, seed } of chosen) {
    signal.throwIfAborted();
    const stored = unpackModel(await loadModelBytes(sql, trialId));
    const about: OnnxAbout = {
      narrowsVersion: source.narrowsVersion,
      metadata: {
        sweep: sweep.name,
        sweep_id: sweep.id,
        trial: trialId,
        seed: String(seed),
        dataset: sweep.dataset,
        dataset_version: sweep.datasetVersion,
        target: sweep.target,
        x_columns: JSON.stringify(axes.descriptors),
        ...(axes.targetColumns ? { y_columns: JSON.stringify(axes.targetColumns) } : { y_unit: axes.unit }),
        ...(axes.energies && { y_energies: JSON.stringify(axes.energies), y_energy_unit: axes.energyUnit }),
      },
    };
    const save = async (file: string, part: OnnxPart, content: Uint8Array) => {
      const bytes = await folder.write(file, (append) => append(content));
      files.push({ file, bytes, trialId, method, ...(part !== 'emulator' && { k }), part });
    };
    for (const { part, bytes } of bottleneckGraphs(stored, k, about)) {
      await save(`${method}-k${k}-${trialId}-${part}.onnx`, part, bytes);
    }
    const emulator = emulators.has(trialId) ? null : emulatorGraph(stored, about);
    if (emulator) {
      emulators.add(trialId);
      await save(`${method}-${trialId}-emulator.onnx`, 'emulator', emulator.bytes);
    }
  }
  return files;
}

/** Returns the best kept models of each cell, with `all` every one, or those of one trial. */
async function chosenModels({ sql, sweep, trial, all }: ExportSource): Promise<ModelRow[]> {
  // Best first within method and width or rank.
  const kept = await listModels(sql, sweep.id);
  if (trial !== null) {
    const own = kept.filter(({ trialId }) => trialId === trial);
    // Throws the error that names the reason.
    if (own.length === 0) await loadModelBytes(sql, trial);
    return own;
  }
  if (kept.length === 0) throw nothingToExport(sweep, 'trial whose weights are kept');
  if (all) return kept;
  return kept.filter((row, i) => kept.findIndex(({ method, k }) => method === row.method && k === row.k) === i);
}
