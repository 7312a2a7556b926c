/** Differences between methods on the same seeds, as a figure and in sentences. */
import { contrastSentence, contrastsFigure } from '../../../figures/contrasts.ts';
import type { Compare } from '../../contract/compare.ts';
import { FigureView } from '../charts/figure-view.tsx';

export interface ContrastsProps {
  readonly contrasts: Compare['contrasts'];
  readonly of: string;
  readonly name: string;
}

export function Contrasts({ contrasts, of, name }: ContrastsProps) {
  if (contrasts.length === 0) return null;
  return (
    <FigureView
      figure={contrastsFigure(contrasts, of, name)}
      below={
        <ul class="small">
          {contrasts.map((contrast) => (
            <li key={`${contrast.k} ${contrast.a} ${contrast.b}`}>{contrastSentence(contrast)}</li>
          ))}
        </ul>
      }
    />
  );
}
