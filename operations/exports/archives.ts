/** Exports as archives of NumPy: weights and latents of each trial. */
import { streamTrials, type TrialRecord } from '../../db/queries/trials/export.ts';
import { loadModelBytes } from '../../db/queries/trials/models.ts';
import { loadLatents } from '../../db/queries/trials/results.ts';
import { type LatentArray, trialArchive } from '../../export/npz.ts';
import { SPLITS, type SplitName } from '../../models/axes.ts';
import { unpackModel } from '../../models/stored/model-file.ts';
import type { OutputFolder } from '../output-folder.ts';
import { axesOf, type ExportSource, nothingToExport, partitionsOf, type WrittenFile } from './source.ts';

/**
 * Writes an archive for each trial whose weights are kept, or with `all` for each completed one.
 * Throws NarrowsError `nothing-to-export`, `weights-dropped`.
 */
export async function writeArchives(source: ExportSource, folder: OutputFolder): Promise<WrittenFile[]> {
  const { sql, sweep, trial, all, signal } = source;
  const records: TrialRecord[] = [];
  for await (const block of streamTrials(sql, sweep.id, trial)) {
    records.push(
      ...block.filter(({ weightsKept, outcome }) => weightsKept || trial !== null || (all && outcome === 'completed')),
    );
  }
  if (records.length === 0) throw nothingToExport(sweep, all ? 'completed trial' : 'trial whose weights are kept');
  const [rowsOf, axes] = [await partitionsOf(source), await axesOf(source)];
  const files: WrittenFile[] = [];
  for (const record of records) {
    signal.throwIfAborted();
    const model = record.weightsKept || !all ? unpackModel(await loadModelBytes(sql, record.trial)) : null;
    const latents: Partial<Record<SplitName, LatentArray>> = {};
    for (const split of SPLITS) {
      const found = await loadLatents(sql, record.trial, split);
      if (found) latents[split] = found;
    }
    const about = {
      narrowsVersion: source.narrowsVersion,
      sweep: sweep.name,
      sweepId: sweep.id,
      dataset: sweep.dataset,
      target: sweep.target,
      ...record,
      ...(model && { layers: model.shape, scaleY: model.scaling.scaleY }),
      ...axes,
    };
    const archive = trialArchive({ model, latents, rows: rowsOf(record.partition), about });
    const file = `${record.trial}.npz`;
    const bytes = await folder.write(file, (append) => append(archive));
    files.push({ file, bytes, trialId: record.trial, method: record.method, k: record.k });
  }
  return files;
}
