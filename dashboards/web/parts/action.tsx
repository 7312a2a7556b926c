/** Buttons and links of actions that require a role. */
import type { ButtonHTMLAttributes, ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import type { Role } from '../../contract/system.ts';
import { denialReason, session } from '../state/session.ts';

interface ActionLinkProps {
  readonly href: string;
  readonly needs?: Role;
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** A link to a page; without the role that it needs, a disabled button that says so. */
export function ActionLink({ href, needs = 'submit', class: name = '', children }: ActionLinkProps) {
  if (denialReason(session.value, needs) === null)
    return (
      <a class={`button ${name}`} href={href}>
        {children}
      </a>
    );
  return (
    <Action needs={needs} class={name} onClick={() => {}}>
      {children}
    </Action>
  );
}

type ActionProps = Omit<ButtonHTMLAttributes, 'type' | 'disabled' | 'onClick'> & {
  /** The least role that may press it. */
  readonly needs?: Role;
  /** Another reason why it is disabled; null if there is none. */
  readonly because?: string | null;
  readonly onClick: () => void;
};

/** A button that states why it is disabled; focusable then (`aria-disabled`), to be read. */
export function Action({ needs = 'submit', because = null, onClick, children, ...rest }: ActionProps) {
  const id = useId();
  const reason = denialReason(session.value, needs) ?? because;
  return (
    <>
      <button
        {...rest}
        type="button"
        aria-disabled={reason !== null ? 'true' : undefined}
        aria-describedby={reason !== null ? id : undefined}
        title={reason ?? undefined}
        onClick={() => reason === null && onClick()}
      >
        {children}
      </button>
      {reason !== null && (
        <span id={id} class="unseen">
          {reason}
        </span>
      )}
    </>
  );
}
