/** Fields of a sweep over three descriptors: slices, 3-D level sets; the URL holds the choices. */
import { useState } from 'preact/hooks';
import { fieldLabel, fieldTable, type NamedField, slicesCaption } from '../../../figures/slices.ts';
import { getColumns } from '../api/http.ts';
import { decodeField, findCentre, type Structure } from '../charts/fields/field.ts';
import { Slices, type SlicesProps, Solid } from '../charts/fields/isosurface.tsx';
import { Figure } from '../parts/figure.tsx';
import { Show } from '../parts/load-states.tsx';
import { sweepPath } from '../parts/paths.ts';
import { useDebouncedUrl } from '../state/debounce.ts';
import { useLoad } from '../state/load.ts';
import { useUrl } from '../state/url.ts';
import { Choice } from '../trial/choice.tsx';

export interface FieldsProps {
  readonly sweep: string;
  readonly names: readonly string[];
  /** The field shown where the address names none. */
  readonly prefer?: string;
  /** A level of one field, drawn above the others. */
  readonly level?: { readonly field: string; readonly value: number };
}

export function Fields({ sweep, names, prefer, level }: FieldsProps) {
  const { parameters, change } = useUrl();
  const wanted = [parameters.field, prefer].find((name) => name !== undefined && names.includes(name));
  const name = wanted ?? (names[0] as string);
  const loaded = useLoad(`field ${sweep} ${name}`, async (signal) =>
    decodeField(name, await getColumns(`${sweepPath(sweep)}/fields/${encodeURIComponent(name)}`, {}, signal)),
  );
  return (
    <Show of={loaded} what="the field" height="34rem">
      {(field) => (
        <Figure title="Isosurfaces" name={`${sweep}-${name}`} caption={slicesCaption([name])} table={() => fieldTable([field])}>
          <Choice
            name="field"
            label="Field"
            value={name}
            options={names.map((one) => ({ value: one, label: fieldLabel(one) }))}
            onChange={(value) => change({ field: value })}
          />
          <PlacedSlices
            key={name}
            field={field}
            label={fieldLabel(name)}
            start={parameters.at}
            {...(level?.field === name && { level: level.value })}
          />
          <button
            type="button"
            aria-expanded={parameters.solid === 'yes'}
            onClick={() => change({ solid: parameters.solid === 'yes' ? null : 'yes' })}
          >
            {parameters.solid === 'yes' ? 'Hide the view in space' : 'Show it in space (3-D)'}
          </button>
          {parameters.solid === 'yes' && <Solid key={name} field={field} label={fieldLabel(name)} />}
        </Figure>
      )}
    </Show>
  );
}

/** Slices where the address says, until they are moved. */
function PlacedSlices({ start, ...slices }: Omit<SlicesProps, 'at' | 'onAt'> & { readonly start: string | undefined }) {
  const [at, setAt] = useState(() => structureFrom(start, slices.field));
  const changeUrl = useDebouncedUrl();
  return (
    <Slices
      {...slices}
      at={at}
      onAt={(next) => {
        setAt(next);
        changeUrl({ at: next.map((value) => Number(value.toPrecision(6))).join(',') });
      }}
    />
  );
}

/** Parses `at=104.5,0.99,0.93`, clamped to the axes; the centre of the data without a valid one. */
function structureFrom(text: string | undefined, field: NamedField): Structure {
  const asked = text?.split(',').map(Number) ?? [];
  if (asked.length !== 3 || !asked.every(Number.isFinite)) return findCentre(field);
  return field.axes.map(({ from, to }, i) => Math.min(to, Math.max(from, asked[i] as number))) as unknown as Structure;
}
